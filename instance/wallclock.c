/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD asks for the wall clock once, when it boots, and counts on from
 * there.  So when RTEMS's clock is set, a task of the instance sets the
 * kernel's.
 *
 * RTEMS calls its hooks just before it sets the clock, and with interrupts
 * off.  So nobody may be woken there: the kernel's next clock tick wakes the
 * task.  And the task works out the time itself: what the clock is set to, and
 * what has passed since on the monotonic clock.
 */

#include "instance.h"

#include <rtems.h>
#include <rtems/score/todimpl.h>

#include <rtems-rump/netbsd.h>

#include "clock.h"

#define NSEC_PER_SEC 1000000000

static struct waitq guard = WAITQ_INITIALIZER("rump wall clock");

/* The last setting of the clock, and when; under the guard. */
static struct timespec set_to, set_at;

static Status_Control
clock_is_set(TOD_Action action, const struct timespec *time)
{
  struct waitq_context ctx;
  struct timespec now;

  if (action == TOD_ACTION_SET_CLOCK) {
    rtems_clock_get_monotonic(&now);
    waitq_lock(&guard, &ctx);
    set_to = *time;
    set_at = now;
    waitq_unlock(&guard, &ctx);
    clock_note_setting();
  }
  return STATUS_SUCCESSFUL;
}

static TOD_Hook hook = { .handler = clock_is_set };
static bool follows;

static void
wall_time(struct netbsd_timespec *time)
{
  struct waitq_context ctx;
  struct timespec now;
  int64_t nsec;

  rtems_clock_get_monotonic(&now);
  waitq_lock(&guard, &ctx);
  nsec = (int64_t)set_to.tv_nsec + now.tv_nsec - set_at.tv_nsec;
  time->tv_sec = set_to.tv_sec + now.tv_sec - set_at.tv_sec;
  waitq_unlock(&guard, &ctx);

  if (nsec < 0) {
    nsec += NSEC_PER_SEC;
    --time->tv_sec;
  }
  time->tv_sec += nsec / NSEC_PER_SEC;
  time->tv_nsec = (long)(nsec % NSEC_PER_SEC);
}

static void *
wallclock_task(void *arg)
{
  (void)arg;
  (void)rump_pub_lwproc_newlwp(1);
  for (;;) {
    struct netbsd_timespec time;

    clock_wait_for_setting();
    wall_time(&time);
    if (rump_sys_clock_settime(NETBSD_CLOCK_REALTIME, &time) != 0) {
      rumpuser_dprintf("rump: the kernel refuses to set its clock\n");
    }
  }
  return NULL;
}

int
wallclock_follow(void)
{
  int error =
    thread_start(wallclock_task, NULL, "rumptod", 1, -1, false, NULL);
  if (error == 0) {
    _TOD_Hook_Register(&hook);
    follows = true;
  }
  return hypercall_errno_from_netbsd(error);
}

void
wallclock_leave(void)
{
  if (follows) {
    _TOD_Hook_Unregister(&hook);
    follows = false;
  }
}
