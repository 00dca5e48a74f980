/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What differs between architectures when a processor has an exception.
 */

#ifndef RTEMS_RUMP_EXCEPTION_H
#define RTEMS_RUMP_EXCEPTION_H

#include <stdbool.h>
#include <stdint.h>

#include <rtems.h>

#include "occupant.h"

/** What RTEMS's exception frame tells. */
struct exception {
  uintptr_t pc, sp;

  /** The return address of the innermost call, if it has not been stored. */
  uintptr_t ra;

  unsigned vector;

  /** It was a task with interrupts enabled, and one can go on in it. */
  bool in_task;

  /** There was no code at the pc: what counts is who has jumped there. */
  bool jumped;
};

/** @param code As RTEMS's fatal extensions get it. */
struct exception exception_read(rtems_fatal_code code);

/**
 * Goes on in the task that had the exception, on its stack and with interrupts
 * enabled, as if it had called a function which does not return.
 */
void exception_leave(
  rtems_fatal_code         code,
  const struct exception  *exception,
  void                   (*function)(
    uintptr_t pc, uintptr_t sp, uintptr_t ra, unsigned vector)
) __attribute__((__noreturn__));

/**
 * Whether the task, if it did not go on, would leave a lock of the hypercall
 * layer behind that others need to end the kernel.
 */
bool exception_leaves_lock(
  const struct occupant *occupant, waitq_task *task);

/**
 * Whether a task, which is suspended, has lost its processor by an interrupt
 * and runs nowhere any more.
 */
bool exception_is_interrupted(const waitq_task *task);

/**
 * Makes a task, which is suspended, go on in a function.  Only if it was
 * interrupted in code of the kernel.
 *
 * @param end No frame of the interrupt is at this address of the stack or
 *   above.
 * @param[out] pc Where the task was.
 */
bool exception_divert(
  waitq_task *task,
  const void *end,
  void      (*function)(void),
  uintptr_t  *pc
);

#endif /* RTEMS_RUMP_EXCEPTION_H */
