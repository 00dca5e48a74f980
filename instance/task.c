/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Tasks of the application in the kernel: a thread context of their own, and
 * the priority ceiling of callers while they have it.
 */

#include "instance.h"

#include <errno.h>

#include <rtems.h>

#include <rtems-rump/netbsd.h>

/* The process that owns all callers. */
#define INIT_PROCESS 1

static __thread struct {
  unsigned depth;
  rtems_task_priority priority;

  /* That of the kernel in which the task has its thread context. */
  unsigned life;
} entered;

static int
raise_priority(void)
{
  rtems_task_priority priority;

  (void)rtems_task_set_priority(
    RTEMS_SELF,
    RTEMS_CURRENT_PRIORITY,
    &priority
  );
  if (priority < caller_priority()) {
    rumpuser_dprintf(
      "rump: a task of priority %lu calls a kernel whose callers have %lu: "
      "give the task a lower one, or set rtems_rump_config::ceiling to %lu\n",
      (unsigned long)priority,
      (unsigned long)caller_priority(),
      priority > CALLER_LEVEL ? (unsigned long)(priority - CALLER_LEVEL) : 1UL
    );
    return EPERM;
  }
  entered.priority = priority;
  (void)rtems_task_set_priority(RTEMS_SELF, caller_priority(), &priority);
  return 0;
}

static void
restore_priority(void)
{
  rtems_task_priority old;

  (void)rtems_task_set_priority(RTEMS_SELF, entered.priority, &old);
}

/* What the task had in a kernel went with it. */
static void
forget_past_life(void)
{
  if (entered.life != instance_life()) {
    hypercall_lwp = NULL;
  }
}

/*
 * From any call into the kernel on, the task may not come back here: what has
 * to be undone is counted first.
 */
int
rtems_rump_enter(void)
{
  int error;

  if (!instance_runs()) {
    return EINVAL;
  }
  forget_past_life();
  if (entered.depth > 0 && hypercall_lwp != NULL) {
    ++entered.depth;
    return 0;
  }
  if (entered.depth == 0) {
    error = raise_priority();
    if (error != 0) {
      return error;
    }
  }
  ++entered.depth;
  error = rump_pub_lwproc_newlwp(INIT_PROCESS);
  if (error == 0) {
    entered.life = instance_life();
  } else if (--entered.depth == 0) {
    restore_priority();
  }
  return hypercall_errno_from_netbsd(error);
}

void
rtems_rump_leave(void)
{
  if (entered.depth > 1) {
    --entered.depth;
  } else if (entered.depth == 1) {
    forget_past_life();
    if (hypercall_lwp != NULL && instance_runs()) {
      rump_pub_lwproc_releaselwp();
    }
    entered.depth = 0;
    restore_priority();
  }
}

/* The kernel is gone, and nobody else undoes what the function began. */
static void
undo_entries(unsigned depth)
{
  if (entered.depth > depth) {
    entered.depth = depth;
    if (depth == 0) {
      restore_priority();
    }
  }
}

int
rtems_rump_call(int (*function)(void *arg), void *arg, int *result)
{
  struct occupant occupant;
  jmp_buf way_out;
  unsigned depth = entered.depth;

  if (hypercall_self.occupant != NULL) {
    *result = (*function)(arg);
    return 0;
  }
  occupant.way_out = &way_out;
  if (setjmp(way_out) != 0) {
    undo_entries(depth);
    occupant_leave(&occupant);
    return EIO;
  }
  if (!occupant_enter(&occupant, OCCUPANT_CALLER)) {
    return EIO;
  }
  if (!instance_runs()) {
    occupant_leave(&occupant);
    return EIO;
  }
  forget_past_life();
  *result = (*function)(arg);
  occupant_leave(&occupant);
  return 0;
}
