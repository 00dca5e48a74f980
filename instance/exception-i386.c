/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * i386.  The handler runs on the stack of the task, with interrupts off; the
 * processor keeps nothing else of an exception.
 */

#include "exception.h"

#ifdef __i386__

#include <rtems/score/threadimpl.h>

#include "hypercall.h"

#define INTERRUPTS_ON 0x200u

/* What has no instruction to blame, or leaves nothing to go on with. */
#define NOT_CONTAINED (1u << 2 | 1u << 8 | 1u << 18)

/* The program's code; without it is none, and nobody has jumped out of it. */
extern const char etext[] __attribute__((__weak__));

struct exception
exception_read(rtems_fatal_code code)
{
  const CPU_Exception_frame *frame = (const CPU_Exception_frame *)code;

  return (struct exception) {
    .pc = frame->eip,
    /* Without a change of privilege the processor stores no stack pointer. */
    .sp = (uintptr_t)(frame + 1),
    .ra = *(const uint32_t *)(frame + 1),
    .vector = frame->idtIndex,
    .in_task = (frame->eflags & INTERRUPTS_ON) != 0
      && frame->idtIndex < 32
      && (NOT_CONTAINED >> frame->idtIndex & 1) == 0,
    .jumped = etext != NULL && frame->eip >= (uintptr_t)etext
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
  uintptr_t *stack =
    (uintptr_t *)((exception->sp - 32) & ~(uintptr_t)15) - 1;

  /* In the place of the frame; what is in use now lies below. */
  (void)code;
  stack[0] = 0;
  stack[1] = exception->pc;
  stack[2] = exception->sp;
  stack[3] = exception->ra;
  stack[4] = exception->vector;
  __asm__ volatile (
    "mov %0, %%esp\n"
    "cld\n"
    "fninit\n"
    "sti\n"
    "jmp *%1\n"
    :
    : "r" (stack), "r" (function)
    : "memory"
  );
  __builtin_unreachable();
}

/* What the processor stores for an interrupt: instruction, segment, flags. */
bool
exception_divert(
  waitq_task *task,
  const void *end,
  void      (*function)(void),
  uintptr_t  *pc
)
{
  uint32_t *p = (uint32_t *)_CPU_Context_Get_SP(&task->Registers);
  uint32_t segment;

  if (!exception_is_interrupted(task)) {
    return false;
  }
  __asm__ ("mov %%cs, %0" : "=r" (segment));
  for (; p + 2 < (const uint32_t *)end; ++p) {
    if (is_kernel_code(p[0]) && (p[1] & 0xffff) == (segment & 0xffff)
        && (p[2] & INTERRUPTS_ON) != 0) {
      *pc = p[0];
      p[0] = (uintptr_t)function;
      return true;
    }
  }
  return false;
}

#endif
