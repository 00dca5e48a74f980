/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Exceptions in a kernel end the kernel alone.
 *
 * RTEMS hands them to a fatal extension of the application (see
 * rtems-rump/confdefs.h), which asks each kernel whether it was one of its
 * tasks.  If it was, the exception is left and the task goes on as one that
 * has called panic().
 */

#include "instance.h"

#include <rtems/score/threaddispatch.h>

#include <rtems-rump/guard.h>

#include "exception.h"
#include "lock.h"

/* In an application without rtems-rump/confdefs.h there is none. */
extern struct rtems_rump_guard *rtems_rump_guards __attribute__((__weak__));

static void
end_by_exception(uintptr_t pc, uintptr_t sp, uintptr_t ra, unsigned vector)
{
  struct place place = {
    .pc = pc,
    .ra = ra,
    .sp = sp,
    .occupant = hypercall_self.occupant,
    .vector = vector
  };

  rumpuser_dprintf(
    "rump kernel exception: vector %u at %p\n",
    vector,
    (void *)pc
  );
  hypercall_end_kernel(RTEMS_RUMP_EXCEPTION, &place);
}

/* Code of RTEMS may hold a lock of RTEMS. */
static bool
is_by_kernel(const struct exception *e)
{
  return is_kernel_code(e->pc) || (e->jumped && is_return_address(e->ra));
}

bool
exception_leaves_lock(const struct occupant *occupant, waitq_task *task)
{
  return atomic_load(&occupant->queue) != NULL
    || thread_is_locked_by(task) || memory_is_locked_by(task);
}

static void
contain(uintptr_t code)
{
  struct occupant *self = hypercall_self.occupant;
  struct exception e;

  if (!hypercall_config.restartable || self == NULL
      || rtems_interrupt_is_in_progress() || !_Thread_Dispatch_is_enabled()
      || exception_leaves_lock(self, waitq_self())) {
    return;
  }
  e = exception_read(code);
  if (e.in_task && is_by_kernel(&e)) {
    exception_leave(code, &e, end_by_exception);
  }
}

void
exception_guard(void)
{
  static struct rtems_rump_guard guard OUTLIVES_KERNEL = {
    .contain = contain
  };
  static bool stands OUTLIVES_KERNEL;

  if (&rtems_rump_guards == NULL || stands) {
    return;
  }
  guard.next = __atomic_load_n(&rtems_rump_guards, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(
    &rtems_rump_guards,
    &guard.next,
    &guard,
    true,
    __ATOMIC_RELEASE,
    __ATOMIC_RELAXED
  )) {
  }
  stands = true;
}
