/* SPDX-License-Identifier: BSD-2-Clause */

/* The simulator: the handler of a signal runs on the stack of the task. */

#include "exception.h"

#ifndef __rtems__

#include <simulator/simulator.h>

#include "hypercall.h"

struct exception
exception_read(rtems_fatal_code code)
{
  const CPU_Exception_frame *frame = (const CPU_Exception_frame *)code;

  return (struct exception) {
    .pc = frame->pc,
    .sp = frame->sp,
    .ra = frame->no_code ? *(const uintptr_t *)frame->sp : 0,
    .vector = frame->vector,
    .in_task = true,
    .jumped = frame->no_code
  };
}

void
exception_leave(
  rtems_fatal_code         code,
  const struct exception  *exception,
  void                   (*function)(
    uintptr_t pc, uintptr_t sp, uintptr_t ra, unsigned vector)
)
{
  (void)code;
  sim_leave_exception();
  (*function)(
    exception->pc, exception->sp, exception->ra, exception->vector);
  __builtin_unreachable();
}

bool
exception_divert(
  waitq_task *task,
  const void *end,
  void      (*function)(void),
  uintptr_t  *pc
)
{
  uintptr_t *at = sim_interrupted_at(task);

  (void)end;
  if (at == NULL || !is_kernel_code(*at)) {
    return false;
  }
  *pc = *at;
  *at = (uintptr_t)function;
  return true;
}

#endif
