/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The kernel's current thread, which NetBSD asks for on nearly every path.
 */

#include "hypercall.h"

__thread struct lwp *hypercall_lwp;
__thread struct hypercall_self hypercall_self;

waitq_task *
hypercall_self_init(void)
{
  waitq_task *task = waitq_self();

  occupant_check();
  atomic_store_explicit(&hypercall_self.task, task, memory_order_relaxed);
  return task;
}

struct lwp *
rumpuser_curlwp(void)
{
  return hypercall_lwp;
}

static SLOW_PATH void
die_of_curlwp(void)
{
  hypercall_die(
    "the lwp %p is set or cleared out of turn",
    (void *)hypercall_lwp
  );
}

/* Threads of the kernel are not the host's: it need not know of a new one. */
void
rumpuser_curlwpop(int op, struct lwp *l)
{
  if (op == RUMPUSER_LWP_SET) {
    if (PREDICT_TRUE(hypercall_lwp == NULL)) {
      hypercall_lwp = l;
    } else {
      die_of_curlwp();
    }
  } else if (op == RUMPUSER_LWP_CLEAR) {
    if (PREDICT_TRUE(hypercall_lwp == l)) {
      hypercall_lwp = NULL;
    } else {
      die_of_curlwp();
    }
  }
}
