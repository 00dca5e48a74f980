/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * ARMv7-A.  The handler runs in a mode and on a stack of the exception, and
 * RTEMS's tasks in supervisor mode, whose stack pointer is untouched.
 */

#include "exception.h"

#ifdef __arm__

#include <rtems/score/threadimpl.h>

#include "hypercall.h"

#define MODE 0x1fu
#define MODE_SUPERVISOR 0x13u
#define INTERRUPTS_OFF 0x80u
#define THUMB 0x20u

/* Always zero in a task's status, and in no address of code. */
#define RESERVED 0x00f00200u

/* The place in a conditional block of Thumb. */
#define IN_BLOCK 0x0600fc00u

/* RTEMS keeps the return address as it is, which is beyond the instruction. */
static uintptr_t
instruction_of(const CPU_Exception_frame *frame)
{
  uintptr_t pc = (uintptr_t)frame->register_pc;

  switch (frame->vector) {
    case ARM_EXCEPTION_DATA_ABORT:
      return pc - 8;
    case ARM_EXCEPTION_UNDEF:
      return (frame->register_cpsr & THUMB) != 0 ? pc - 2 : pc - 4;
    default:
      return pc - 4;
  }
}

struct exception
exception_read(rtems_fatal_code code)
{
  const CPU_Exception_frame *frame = (const CPU_Exception_frame *)code;
  uint32_t status = frame->register_cpsr;

  return (struct exception) {
    .pc = instruction_of(frame),
    .sp = frame->register_sp,
    .ra = (uintptr_t)frame->register_lr,
    .vector = frame->vector,
    .in_task = (status & (MODE | INTERRUPTS_OFF)) == MODE_SUPERVISOR
      && frame->vector != ARM_EXCEPTION_SWI
      && frame->vector < ARM_EXCEPTION_IRQ,
    .jumped = frame->vector == ARM_EXCEPTION_PREF_ABORT
  };
}

/*
 * The frame is the last thing on the exception's stack, which is given back.
 * Data aborts that come late are allowed again, too.
 */
void
exception_leave(
  rtems_fatal_code         code,
  const struct exception  *exception,
  void                   (*function)(
    uintptr_t pc, uintptr_t sp, uintptr_t ra, unsigned vector)
)
{
  register uintptr_t r0 __asm__("r0") = exception->pc;
  register uintptr_t r1 __asm__("r1") = exception->sp;
  register uintptr_t r2 __asm__("r2") = exception->ra;
  register uintptr_t r3 __asm__("r3") = exception->vector;
  register uintptr_t r4 __asm__("r4") = exception->sp & ~(uintptr_t)7;
  register uintptr_t r5 __asm__("r5") = (uintptr_t)function;
  register uintptr_t r6 __asm__("r6") = code + sizeof(CPU_Exception_frame);

  __asm__ volatile (
    "mov sp, %6\n"
    "cps #0x13\n"
    "mov sp, %4\n"
    "mov lr, #0\n"
    "cpsie ai\n"
    "bx %5\n"
    :
    : "r" (r0), "r" (r1), "r" (r2), "r" (r3), "r" (r4), "r" (r5), "r" (r6)
    : "memory"
  );
  __builtin_unreachable();
}

/* The frame that an interrupt leaves ends with the pc and the status. */
bool
exception_divert(
  waitq_task *task,
  const void *end,
  void      (*function)(void),
  uintptr_t  *pc
)
{
  uint32_t *p = (uint32_t *)_CPU_Context_Get_SP(&task->Registers);

  if (!exception_is_interrupted(task)) {
    return false;
  }
  for (; p + 1 < (const uint32_t *)end; ++p) {
    if (is_kernel_code(p[0])
        && (p[1] & (MODE | INTERRUPTS_OFF | RESERVED)) == MODE_SUPERVISOR) {
      *pc = p[0];
      p[0] = (uintptr_t)function & ~(uintptr_t)1;
      p[1] &= ~(IN_BLOCK | THUMB);
      p[1] |= ((uintptr_t)function & 1) != 0 ? THUMB : 0;
      return true;
    }
  }
  return false;
}

#endif
