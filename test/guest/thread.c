/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test guest: kernel threads.
 */

#include "guest.h"

struct start {
  void (*function)(void *);
  void *argument;
  struct lwp *lwp;
};

static struct rumpuser_mtx *start_mutex;
static struct rumpuser_cv *start_cv;
static int allowed;

void guest_thread_init(void)
{
  rumpuser_mutex_init(&start_mutex, RUMPUSER_MTX_SPIN);
  rumpuser_cv_init(&start_cv);
}

/* Threads made before all CPUs are attached have waited for this. */
void guest_thread_allow(void)
{
  rumpuser_mutex_enter(start_mutex);
  allowed = 1;
  rumpuser_cv_broadcast(start_cv);
  rumpuser_mutex_exit(start_mutex);
}

static void *thread_body(void *argument)
{
  struct start *start = argument;
  void (*function)(void *) = start->function;
  void *function_argument = start->argument;
  struct lwp *l = start->lwp;

  rumpuser_mutex_enter_nowrap(start_mutex);
  while (!allowed) {
    rumpuser_cv_wait_nowrap(start_cv, start_mutex);
  }
  rumpuser_mutex_exit(start_mutex);

  rumpuser_curlwpop(RUMPUSER_LWP_SET, l);
  guest_schedule();
  kmem_free(start, sizeof(*start));
  if ((l->flags & LWP_MPSAFE) == 0) {
    giant_lock(1);
  }
  atomic_fetch_add(&guest_counters.threads, 1);
  function(function_argument);
  kthread_exit();
}

int kthread_create(int priority, int flags, struct cpu *cpu,
  void (*function)(void *), void *argument, void **join, const char *name)
{
  static void *untouched;
  struct start *start;
  struct lwp *l;
  int error;

  if (!guest_threads_enabled) {
    panic("threads are not available");
  }
  start = kmem_alloc(sizeof(*start));
  l = lwp_alloc(&process0);
  start->function = function;
  start->argument = argument;
  start->lwp = l;
  l->flags |= (flags & KTHREAD_MPSAFE) != 0 ? LWP_MPSAFE : 0;
  l->flags |= (flags & KTHREAD_INTERRUPT) != 0 ? LWP_INTERRUPT : 0;
  if (cpu != NULL) {
    l->flags |= LWP_BOUND;
    l->target = cpu;
  }
  format_text(l->name, sizeof(l->name), "%s", name);
  /*
   * NetBSD gives the address of a cookie also where nobody will join, and
   * NULL for threads of user priority.
   */
  if (join == NULL && priority != PRIORITY_USER) {
    join = &untouched;
  }
  error = rumpuser_thread_create(thread_body, start, name,
    (flags & KTHREAD_JOIN) != 0, priority,
    cpu != NULL ? (int)cpu->index : -1, join);
  ASSERT(untouched == NULL);
  if (error != 0) {
    lwp_discard(l);
    kmem_free(start, sizeof(*start));
  }
  return error;
}

void kthread_exit(void)
{
  struct lwp *l = rumpuser_curlwp();

  if ((l->flags & LWP_MPSAFE) == 0) {
    giant_unlock(1, NULL);
  }
  lwp_release();
  guest_unschedule(); /* frees the lwp */
  rumpuser_thread_exit();
}
