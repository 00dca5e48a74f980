/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test guest: virtual CPUs.
 *
 * Who ran last on a CPU gets it back with one compare-and-swap.  Everybody
 * else takes the CPU's mutex, marks the CPU wanted and sleeps; the mark tells
 * who releases the CPU to wake the sleepers.
 */

#include "guest.h"

#define BUSY ((void *)-1)
#define WANTED ((void *)-2)

struct cpu guest_cpus[MAXIMUM_CPUS];
unsigned guest_cpu_count, guest_cpu_total;

static atomic_uint next_cpu;
static struct rumpuser_mtx *lwp0_mutex;
static struct rumpuser_cv *lwp0_cv;
static int lwp0_busy;

void guest_scheduler_init(void)
{
  unsigned i;

  rumpuser_mutex_init(&lwp0_mutex, RUMPUSER_MTX_SPIN);
  rumpuser_cv_init(&lwp0_cv);
  for (i = 0; i < guest_cpu_total; i++) {
    guest_cpus[i].index = i;
    rumpuser_mutex_init(&guest_cpus[i].mutex, RUMPUSER_MTX_SPIN);
    rumpuser_cv_init(&guest_cpus[i].cv);
  }
}

static struct cpu *wait_for_cpu(
  struct lwp *l, struct cpu *cpu, void *interlock)
{
  int migrate = guest_cpu_count > 1 && (l->flags & LWP_BOUND) == 0;
  int migrated = 0;

  if (interlock != cpu->mutex) {
    rumpuser_mutex_enter_nowrap(cpu->mutex);
  }
  for (;;) {
    void *old = atomic_exchange(&cpu->previous, WANTED);

    if (old != BUSY && old != WANTED) {
      void *expected = WANTED;

      if (atomic_compare_exchange_strong(&cpu->previous, &expected, BUSY)) {
        break;
      }
    }
    if (migrate) { /* once: then stay and wait */
      migrate = 0;
      migrated = 1;
      rumpuser_mutex_exit(cpu->mutex);
      cpu = &guest_cpus[atomic_fetch_add(&next_cpu, 1) % guest_cpu_count];
      rumpuser_mutex_enter_nowrap(cpu->mutex);
      continue;
    }
    cpu->waiters++;
    rumpuser_cv_wait_nowrap(cpu->cv, cpu->mutex);
    cpu->waiters--;
  }
  rumpuser_mutex_exit(cpu->mutex);
  cpu->slow++;
  cpu->migrated += (unsigned long)migrated;
  return cpu;
}

/* If the interlock is the CPU's mutex, it is held, and released here. */
void schedule_cpu(struct lwp *l, void *interlock)
{
  struct cpu *cpu = l->target;
  void *expected = l;

  if (atomic_compare_exchange_strong(&cpu->previous, &expected, BUSY)) {
    if (interlock == cpu->mutex) {
      rumpuser_mutex_exit(cpu->mutex);
    }
    cpu->fast++;
  } else {
    cpu = wait_for_cpu(l, cpu, interlock);
  }
  l->cpu = cpu;
  l->target = cpu;
  cpu->current = l;
}

/*
 * If the interlock is the CPU's mutex, it is taken before the CPU is released
 * and kept: whoever runs next cannot signal the caller's condition variable
 * under the mutex before the caller waits on it.
 */
void release_cpu(struct lwp *l, void *interlock)
{
  struct cpu *cpu = l->cpu;
  int interlocked = interlock == cpu->mutex;

  ASSERT(cpu->current == l);
  cpu->current = NULL;
  if (interlocked) {
    rumpuser_mutex_enter_nowrap(cpu->mutex);
  }
  if (atomic_exchange(&cpu->previous, l) == BUSY) {
    return;
  }
  if (!interlocked) {
    rumpuser_mutex_enter_nowrap(cpu->mutex);
  }
  if (cpu->waiters > 0) {
    rumpuser_cv_broadcast(cpu->cv);
  }
  if (!interlocked) {
    rumpuser_mutex_exit(cpu->mutex);
  }
}

void unschedule_cpu(struct lwp *l, void *interlock)
{
  if ((l->flags & LWP_INTERRUPT) == 0) {
    softint_run(l->cpu);
  }
  release_cpu(l, interlock);
}

static void take_lwp0(void)
{
  rumpuser_mutex_enter_nowrap(lwp0_mutex);
  while (lwp0_busy) {
    rumpuser_cv_wait_nowrap(lwp0_cv, lwp0_mutex);
  }
  lwp0_busy = 1;
  rumpuser_mutex_exit(lwp0_mutex);
}

static void give_lwp0(void)
{
  rumpuser_mutex_enter_nowrap(lwp0_mutex);
  lwp0_busy = 0;
  rumpuser_cv_signal(lwp0_cv);
  rumpuser_mutex_exit(lwp0_mutex);
}

/* A host thread without an lwp borrows lwp0 to make one for this visit. */
static void schedule_unbound(void)
{
  struct lwp *l;

  take_lwp0();
  schedule_cpu(&lwp0, NULL);
  rumpuser_curlwpop(RUMPUSER_LWP_SET, &lwp0);
  l = lwp_alloc(init_process);
  lwp_switch(l);
  give_lwp0();
  lwp_release(); /* dies when it leaves */
}

void guest_schedule(void)
{
  struct lwp *l = rumpuser_curlwp();

  if (l != NULL) {
    schedule_cpu(l, NULL);
  } else {
    schedule_unbound();
  }
}

/* Back to lwp0, because an lwp cannot free itself. */
static void unschedule_exiting(struct lwp *l)
{
  take_lwp0();
  schedule_cpu(l, NULL);
  lwp_switch(&lwp0); /* frees l */
  unschedule_cpu(&lwp0, NULL);
  atomic_store(&lwp0.running, 0);
  give_lwp0();
  rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, &lwp0);
}

void guest_unschedule(void)
{
  struct lwp *l = rumpuser_curlwp();
  int count;

  giant_unlock(0, &count);
  ASSERT(count == 0);
  unschedule_cpu(l, NULL);
  if ((l->flags & LWP_EXITING) != 0) {
    unschedule_exiting(l);
  } else if ((l->flags & LWP_CLEAR) != 0) {
    rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, l);
    l->flags &= ~LWP_CLEAR;
  }
}

/* The host takes and releases the CPU's mutex as interlock. */
void scheduler_cv_wait(struct rumpuser_cv *cv)
{
  struct lwp *l = rumpuser_curlwp();

  rumpuser_cv_wait(cv, l->cpu->mutex);
  ASSERT(rumpuser_curlwp() == l && l->cpu->current == l);
}

void yield_cpu(void)
{
  struct lwp *l = rumpuser_curlwp();
  int count;

  giant_unlock(0, &count);
  unschedule_cpu(l, NULL);
  schedule_cpu(l, NULL);
  giant_lock(count);
}

void backend_unschedule(int giant, int *count, void *interlock)
{
  giant_unlock(giant, count);
  unschedule_cpu(rumpuser_curlwp(), interlock);
}

void backend_schedule(int giant, void *interlock)
{
  schedule_cpu(rumpuser_curlwp(), interlock);
  giant_lock(giant);
}
