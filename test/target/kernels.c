/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Several kernels in one image, each named, at work at the same time.  When
 * one ends, the others do not notice.
 */

#include "kernels.h"

#define JOIN_MSEC 30000

static const struct kernel_user *const users[] = {
  &kernel_user_k1,
  &kernel_user_k2,
#if KERNELS == 4
  &kernel_user_k3,
  &kernel_user_k4,
#endif
};

static rtems_counting_semaphore ended =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("ended", 0);

static rtems_task
work(rtems_task_argument i)
{
  users[i]->work((unsigned)i);
  rtems_counting_semaphore_post(&ended);
  rtems_task_exit();
}

/* All kernels from one on work at the same time, two tasks in each. */
static void
work_in_all(unsigned first)
{
  unsigned i;

  for (i = first; i < KERNELS; ++i) {
    (void)target_task(TARGET_PRIORITY, work, i);
    (void)target_task(TARGET_PRIORITY, work, i);
  }
  for (i = 2 * first; i < 2 * KERNELS; ++i) {
    CHECK(
      rtems_counting_semaphore_wait_timed_ticks(
        &ended,
        JOIN_MSEC / 1000 * rtems_clock_get_ticks_per_second()
      ) == 0
    );
  }
}

static rtems_task
Init(rtems_task_argument arg)
{
  unsigned i;

  (void)arg;
  TARGET_BEGIN("KERNELS");
  for (i = 0; i < KERNELS; ++i) {
    users[i]->start(i);
  }
  for (i = 0; i < KERNELS; ++i) {
    users[i]->check_alone(i, KERNELS);
  }
  for (i = 0; i < KERNELS; ++i) {
    work_in_all(i);
    users[i]->end();
  }
  TARGET_END("KERNELS");
}

#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
