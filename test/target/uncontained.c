/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Exceptions that are not a kernel's, or cannot be contained, are RTEMS's
 * fatal errors.  Each ends RTEMS, so there is a program for each CASE.
 */

#include "failing.h"
#include "target.h"

#define IN_APPLICATION 1
#define IN_INTERRUPT 2
#define NOT_RESTARTABLE 3
#define OUTSIDE 4
#define IN_LIBRARY 5

static int
fail_in_application(void *arg)
{
  (void)arg;
  __builtin_trap();
}

static int
fail_in_kernel(void *arg)
{
  (void)arg;
  failing_fail_here(CASE == IN_LIBRARY ? BY_HOST : BY_INSTRUCTION);
  return 0;
}

static rtems_timer_service_routine
fail_in_interrupt(rtems_id timer, void *arg)
{
  (void)timer;
  (void)arg;
  failing_fail_here(BY_INSTRUCTION);
}

static int
be_interrupted(void *arg)
{
  rtems_id timer;

  (void)arg;
  CHECK(rtems_timer_create(rtems_build_name('F', 'A', 'I', 'L'), &timer)
    == RTEMS_SUCCESSFUL);
  CHECK(rtems_timer_fire_after(timer, 2, fail_in_interrupt, NULL)
    == RTEMS_SUCCESSFUL);
  failing_fail_here(BY_LOOP);
  return 0;
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = {
    .memory = 4 << 20,
    .restartable = CASE != NOT_RESTARTABLE
  };
  int result;

  (void)arg;
  TARGET_BEGIN("UNCONTAINED");
  CHECK(rtems_rump_start(&config) == 0);
  switch (CASE) {
    case IN_APPLICATION:
      CHECK(rtems_rump_call(fail_in_application, NULL, &result) == 0);
      break;
    case IN_INTERRUPT:
      CHECK(rtems_rump_call(be_interrupted, NULL, &result) == 0);
      break;
    case NOT_RESTARTABLE:
    case IN_LIBRARY:
      CHECK(rtems_rump_call(fail_in_kernel, NULL, &result) == 0);
      break;
    case OUTSIDE:
      (void)fail_in_kernel(NULL);
      break;
  }
  CHECK(false);
}

#define CONFIGURE_MAXIMUM_TIMERS 1
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
