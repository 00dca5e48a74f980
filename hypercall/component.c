/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * rumpuser_component_*: what the host side of a component may use, so that it
 * need not know the hypercall layer it runs on.
 */

#include "hypercall.h"

#include "lock.h"

void *rumpuser_component_unschedule(void);
void rumpuser_component_schedule(void *cookie);
struct lwp *rumpuser_component_curlwp(void);
void rumpuser_component_switchlwp(struct lwp *l);
int rumpuser_component_errtrans(int error);

void *
rumpuser_component_unschedule(void)
{
  return (void *)(intptr_t)hypercall_unschedule(NULL);
}

void
rumpuser_component_schedule(void *cookie)
{
  hypercall_schedule((int)(intptr_t)cookie, NULL);
}

void
rumpuser_component_kthread(void)
{
  (*hypercall_up.hyp_schedule)();
  (void)(*hypercall_up.hyp_lwproc_newlwp)(0);
  (*hypercall_up.hyp_unschedule)();
}

struct lwp *
rumpuser_component_curlwp(void)
{
  struct lwp *l;

  (*hypercall_up.hyp_schedule)();
  l = (*hypercall_up.hyp_lwproc_curlwp)();
  (*hypercall_up.hyp_unschedule)();
  return l;
}

void
rumpuser_component_switchlwp(struct lwp *l)
{
  (*hypercall_up.hyp_schedule)();
  (*hypercall_up.hyp_lwproc_switch)(l);
  (*hypercall_up.hyp_unschedule)();
}

void
rumpuser_component_kthread_release(void)
{
  (*hypercall_up.hyp_schedule)();
  (*hypercall_up.hyp_lwproc_release)();
  (*hypercall_up.hyp_unschedule)();
}

int
rumpuser_component_errtrans(int error)
{
  return hypercall_errno_to_netbsd(error);
}

static struct lock lock = LOCK_INITIALIZER("rump components");
static struct component *first;
static struct component **last = &first;

void
component_add(struct component *component)
{
  lock_enter(&lock);
  *last = component;
  last = &component->next;
  lock_exit(&lock);
}

void
component_fini(void)
{
  while (first != NULL) {
    (*first->end)();
    first = first->next;
  }
  last = &first;
}
