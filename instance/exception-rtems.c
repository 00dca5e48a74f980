/* SPDX-License-Identifier: BSD-2-Clause */

/* What the architectures of RTEMS have in common. */

#include "exception.h"

#ifdef __rtems__

#include <rtems/score/threadimpl.h>

/* Its context says by what it was switched away, and when that is done. */
bool
exception_is_interrupted(const waitq_task *task)
{
#ifdef RTEMS_SMP
  if (_CPU_Context_Get_is_executing(&task->Registers)) {
    return false;
  }
#endif
  return task->Registers.isr_dispatch_disable != 0;
}

#endif
