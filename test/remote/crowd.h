/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Several tasks that share a client.
 */

#ifndef TEST_REMOTE_CROWD_H
#define TEST_REMOTE_CROWD_H

#include "../target/target.h"

#include <stdatomic.h>

static atomic_uint crowd_running;
static rtems_binary_semaphore crowd_has_ended =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("crowd");

/** So many tasks will be started. */
static inline void
crowd_expect(unsigned count)
{
  atomic_store(&crowd_running, count);
}

/** The last thing that each of them does. */
static inline void
crowd_leave(void)
{
  if (atomic_fetch_sub(&crowd_running, 1) == 1) {
    rtems_binary_semaphore_post(&crowd_has_ended);
  }
  rtems_task_exit();
}

/** Waits until all have left. */
static inline void
crowd_wait(void)
{
  rtems_binary_semaphore_wait(&crowd_has_ended);
  target_sleep(20);
}

/** Runs so many tasks, each with its number. */
static inline void
crowd_run(unsigned count, rtems_task_entry entry)
{
  unsigned i;

  crowd_expect(count);
  for (i = 0; i < count; ++i) {
    (void)target_task(TARGET_PRIORITY + i % 2, entry, i);
  }
  crowd_wait();
}

#endif /* TEST_REMOTE_CROWD_H */
