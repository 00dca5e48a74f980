/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Keeps a kernel running: starts it again when it has ended itself.
 */

#include "instance.h"

#include <errno.h>

#include <rtems.h>

static rtems_interval
ticks_from_msec(unsigned msec)
{
  return (rtems_interval)(
    ((uint64_t)msec * rtems_clock_get_ticks_per_second() + 999) / 1000
  );
}

/* Twice the delay, up to the limit. */
static unsigned
next_delay(const struct rtems_rump_policy *policy, unsigned delay)
{
  return delay > policy->delay_max / 2 ? policy->delay_max : 2 * delay;
}

/*
 * One life.  Returns false if it was the last: the application has ended it,
 * or it cannot start for a reason that will not go away.
 */
static bool
live(
  const struct rtems_rump_config *config,
  const struct rtems_rump_policy *policy,
  int                            *error,
  bool                           *started
)
{
  int status = RTEMS_RUMP_PANIC;
  int result;
  bool again;

  *error = rtems_rump_start(config);
  *started = *error == 0;
  if (*started) {
    if (policy->on_start != NULL) {
      (void)rtems_rump_call(policy->on_start, policy->arg, &result);
    }
    (void)rtems_rump_wait(&status);
    again = instance_runs();
    *error = again ? rtems_rump_end() : 0;
  } else {
    again = *error == EIO;
  }
  if (policy->on_end != NULL && (*started || again)) {
    (*policy->on_end)(status, policy->arg);
  }
  return again && (*error == 0 || !*started);
}

int
rtems_rump_supervise(
  const struct rtems_rump_config *config,
  const struct rtems_rump_policy *policy
)
{
  unsigned delay = policy->delay;
  unsigned restarts = 0;
  bool started;
  int error;

  if (config == NULL || !config->restartable) {
    return EINVAL;
  }
  while (live(config, policy, &error, &started)) {
    if (policy->restarts_max != 0 && restarts == policy->restarts_max) {
      return EIO;
    }
    ++restarts;
    if (delay > 0) {
      (void)rtems_task_wake_after(ticks_from_msec(delay));
    }
    delay = next_delay(policy, delay);
  }
  return error;
}
