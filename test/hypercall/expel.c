/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Tasks are taken out of the queue of a lock by another one, at any moment of
 * its passing on: the lock goes on to be held by one at a time, and nobody is
 * forgotten in its queue.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "lock.h"

#include "../exit.h"

#define LOCKERS 3
#define ROUNDS 30000
#define PRIORITY 2

static struct lock lock = LOCK_INITIALIZER("test");
static waitq_task *_Atomic lockers[LOCKERS];
static atomic_int inside, running = LOCKERS;
static atomic_bool is_shared;

/*
 * With one processor the lock is contended because its holder gives way to
 * others of its priority; else these differ, so that the holder inherits.
 */
static bool
is_alone(void)
{
  return rtems_scheduler_get_processor_maximum() == 1;
}

static void
hold(void)
{
  lock_enter(&lock);
  if (atomic_fetch_add(&inside, 1) != 0) {
    atomic_store(&is_shared, true);
  }
  if (is_alone()) {
    (void)rtems_task_wake_after(RTEMS_YIELD_PROCESSOR);
  } else {
    for (volatile int i = 0; i < 200; ++i) {
    }
  }
  atomic_fetch_sub(&inside, 1);
  lock_exit(&lock);
}

static rtems_task
locker(rtems_task_argument i)
{
  int round;

  atomic_store(&lockers[i], waitq_self());
  for (round = 0; round < ROUNDS; ++round) {
    hold();
  }
  /* It exists as long as it can be expelled. */
  atomic_fetch_sub(&running, 1);
  (void)rtems_task_suspend(RTEMS_SELF);
}

static void
start(rtems_task_argument i)
{
  rtems_id id;

  if (rtems_task_create(
        rtems_build_name('L', 'O', 'C', '0' + (char)i),
        is_alone() ? PRIORITY : PRIORITY + 1 + i,
        RTEMS_MINIMUM_STACK_SIZE * 4,
        RTEMS_DEFAULT_MODES,
        RTEMS_DEFAULT_ATTRIBUTES,
        &id
      ) != RTEMS_SUCCESSFUL
      || rtems_task_start(id, locker, i) != RTEMS_SUCCESSFUL) {
    puts("not ok: no tasks");
    exit(1);
  }
}

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_task_argument i;

  (void)arg;
  puts("*** BEGIN OF TEST EXPEL ***");
  for (i = 0; i < LOCKERS; ++i) {
    start(i);
  }
  while (atomic_load(&running) > 0) {
    for (i = 0; i < LOCKERS; ++i) {
      if (atomic_load(&lockers[i]) != NULL) {
        waitq_expel(&lock.queue, atomic_load(&lockers[i]));
      }
    }
    (void)rtems_task_wake_after(RTEMS_YIELD_PROCESSOR);
  }
  if (atomic_load(&is_shared)) {
    puts("not ok: two tasks had the lock");
    test_exit(1);
  }
  puts("*** END OF TEST EXPEL ***");
  test_exit(0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_MAXIMUM_PROCESSORS 4
#define CONFIGURE_MAXIMUM_TASKS (LOCKERS + 1)
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT_TASK_PRIORITY PRIORITY
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
