/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Low visitors keep their priority until somebody has to wait: then they have
 * that of callers until they leave, and never after.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "visitor.h"

#include "../exit.h"

#define VISITORS 3
#define URGES 100
#define LIFE 1
#define CEILING 10
#define OWN(i) (20 + (i))

static rtems_id visitors[VISITORS];
static atomic_bool is_inside, stop;
static atomic_int running = VISITORS, raised;

static void
check(const char *what, bool holds)
{
  if (!holds) {
    printf("not ok: %s\n", what);
    test_exit(1);
  }
}

static rtems_task_priority
priority_of(rtems_id task)
{
  rtems_task_priority priority;

  (void)rtems_task_set_priority(task, RTEMS_CURRENT_PRIORITY, &priority);
  return priority;
}

static struct occupant occupants[VISITORS];

/* As bridge/fs/visit.c does. */
static void
visit(rtems_task_argument i, void (*inside)(void))
{
  rtems_task_priority old;

  check("comes", visitor_come(&occupants[i], true, LIFE));
  (*inside)();
  if (visitor_go(&occupants[i])) {
    atomic_fetch_add(&raised, 1);
    (void)rtems_task_set_priority(RTEMS_SELF, OWN(i), &old);
  }
  check("own priority", priority_of(RTEMS_SELF) == OWN(i));
}

static void
stay(void)
{
  atomic_store(&is_inside, true);
  (void)rtems_task_suspend(RTEMS_SELF);
}

static void
pass(void)
{
  for (volatile int i = 0; i < 200; ++i) {
  }
}

static rtems_task
visitor(rtems_task_argument i)
{
  occupant_add(&occupants[i]);
  if (i == 0) {
    visit(i, stay);
  }
  while (!atomic_load(&stop)) {
    visit(i, pass);
  }
  occupant_remove(&occupants[i]);
  atomic_fetch_sub(&running, 1);
  (void)rtems_task_suspend(RTEMS_SELF);
}

static void
start(rtems_task_argument i)
{
  check("task", rtems_task_create(
      rtems_build_name('V', 'I', 'S', '0' + (char)i),
      OWN(i),
      RTEMS_MINIMUM_STACK_SIZE * 4,
      RTEMS_DEFAULT_MODES,
      RTEMS_DEFAULT_ATTRIBUTES,
      &visitors[i]
    ) == RTEMS_SUCCESSFUL
    && rtems_task_start(visitors[i], visitor, i) == RTEMS_SUCCESSFUL);
}

/* One that stays is raised, once, and has its own priority back. */
static void
urge_one(void)
{
  start(0);
  while (!atomic_load(&is_inside)
      || rtems_task_is_suspended(visitors[0]) != RTEMS_ALREADY_SUSPENDED) {
    (void)rtems_task_wake_after(1);
  }
  check("nobody waits", priority_of(visitors[0]) == OWN(0));
  check("is low", atomic_load(&occupants_low) == 1);
  occupants_urge();
  check("is raised", priority_of(visitors[0]) == CEILING + CALLER_LEVEL);
  check("none is low", atomic_load(&occupants_low) == 0);
  (void)rtems_task_resume(visitors[0]);
}

/* Others come and go at any moment of that. */
static void
urge_many(void)
{
  rtems_task_argument i;
  int urges;

  for (i = 1; i < VISITORS; ++i) {
    start(i);
  }
  for (urges = 0; urges < URGES; ++urges) {
    occupants_urge();
    (void)rtems_task_wake_after(1);
    occupants_urge();
  }
  atomic_store(&stop, true);
  while (atomic_load(&running) > 0) {
    (void)rtems_task_wake_after(1);
  }
  printf("%d visits were urged\n", atomic_load(&raised));
  check("urged", atomic_load(&raised) > 1);
  check("none is left", atomic_load(&occupants_low) == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  puts("*** BEGIN OF TEST URGE ***");
  hypercall_config.ceiling = CEILING;
  occupants_admit();
  occupants_invite(LIFE);
  urge_one();
  urge_many();
  puts("*** END OF TEST URGE ***");
  test_exit(0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_MAXIMUM_PROCESSORS 4
#define CONFIGURE_MAXIMUM_TASKS (VISITORS + 1)
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT_TASK_PRIORITY 2
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
