/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Self-contained objects and interrupt locks.
 */

#include "scheduler.h"

#include <errno.h>

#include <rtems/thread.h>

#include "../hypercall/waitq.h"

void
rtems_mutex_lock(rtems_mutex *mutex)
{
  struct waitq_context ctx;

  waitq_lock(&mutex->queue, &ctx);
  if (mutex->queue.owner == NULL) {
    mutex->queue.owner = ctx.self;
    waitq_unlock(&mutex->queue, &ctx);
  } else if (waitq_wait_owner(&mutex->queue, &ctx) != 0) {
    rtems_fatal(INTERNAL_ERROR_CORE, 28); /* thread queue deadlock */
  }
}

int
rtems_mutex_try_lock(rtems_mutex *mutex)
{
  struct waitq_context ctx;
  bool free;

  waitq_lock(&mutex->queue, &ctx);
  free = mutex->queue.owner == NULL;
  if (free) {
    mutex->queue.owner = ctx.self;
  }
  waitq_unlock(&mutex->queue, &ctx);
  return free ? 0 : EBUSY;
}

/* Ends the directive. */
static void
surrender(struct waitq *q, struct waitq_context *ctx)
{
  if (q->first != NULL && q->owner != NULL) {
    waitq_surrender(q, ctx);
  } else {
    q->owner = NULL;
    waitq_unlock(q, ctx);
  }
}

void
rtems_mutex_unlock(rtems_mutex *mutex)
{
  struct waitq_context ctx;

  waitq_lock(&mutex->queue, &ctx);
  surrender(&mutex->queue, &ctx);
}

static bool
is_mine(const rtems_recursive_mutex *mutex)
{
  struct waitq *q = RTEMS_DECONST(struct waitq *, &mutex->mutex.queue);
  struct waitq_context ctx;
  bool mine;

  waitq_lock(q, &ctx);
  mine = q->owner == ctx.self;
  waitq_unlock(q, &ctx);
  return mine;
}

void
rtems_recursive_mutex_lock(rtems_recursive_mutex *mutex)
{
  if (is_mine(mutex)) {
    ++mutex->nest_level;
  } else {
    rtems_mutex_lock(&mutex->mutex);
  }
}

int
rtems_recursive_mutex_try_lock(rtems_recursive_mutex *mutex)
{
  if (is_mine(mutex)) {
    ++mutex->nest_level;
    return 0;
  }
  return rtems_mutex_try_lock(&mutex->mutex);
}

void
rtems_recursive_mutex_unlock(rtems_recursive_mutex *mutex)
{
  if (mutex->nest_level > 0) {
    --mutex->nest_level;
  } else {
    rtems_mutex_unlock(&mutex->mutex);
  }
}

/* In the order of arrival, whatever the priorities. */
void
rtems_condition_variable_wait(
  rtems_condition_variable *condition_variable,
  rtems_mutex              *mutex
)
{
  struct waitq_context ctx;

  waitq_lock(&condition_variable->queue, &ctx);
  sim_enqueue(&condition_variable->queue, ctx.self, true);
  ++ctx.self->dispatch_disabled;
  surrender(&mutex->queue, &ctx);
  sim_enter();
  --ctx.self->dispatch_disabled;
  sim_block(ctx.self);
  rtems_mutex_lock(mutex);
}

void
rtems_condition_variable_signal(rtems_condition_variable *condition_variable)
{
  struct waitq_context ctx;

  waitq_lock(&condition_variable->queue, &ctx);
  waitq_wake_one(&condition_variable->queue, &ctx);
}

void
rtems_condition_variable_broadcast(
  rtems_condition_variable *condition_variable
)
{
  struct waitq_context ctx;

  waitq_lock(&condition_variable->queue, &ctx);
  waitq_wake_all(&condition_variable->queue, &ctx);
}

/*
 * A post hands over to who waits first, so a count that somebody waits for is
 * 0.  A binary semaphore is one whose count has a maximum.
 */

int
rtems_counting_semaphore_try_wait(rtems_counting_semaphore *semaphore)
{
  struct waitq_context ctx;
  bool available;

  waitq_lock(&semaphore->queue, &ctx);
  available = semaphore->count > 0;
  semaphore->count -= available;
  waitq_unlock(&semaphore->queue, &ctx);
  return available ? 0 : EAGAIN;
}

static int
wait(rtems_counting_semaphore *semaphore, const uint32_t *ticks)
{
  struct waitq_context ctx;

  waitq_lock(&semaphore->queue, &ctx);
  if (semaphore->count > 0) {
    --semaphore->count;
    waitq_unlock(&semaphore->queue, &ctx);
    return 0;
  }
  sim_enqueue(&semaphore->queue, ctx.self, false);
  if (ticks != NULL) {
    sim_set_timeout(ctx.self, sim_deadline(*ticks));
  }
  return sim_block(ctx.self) == RTEMS_SUCCESSFUL ? 0 : ETIMEDOUT;
}

void
rtems_counting_semaphore_wait(rtems_counting_semaphore *semaphore)
{
  (void)wait(semaphore, NULL);
}

int
rtems_counting_semaphore_wait_timed_ticks(
  rtems_counting_semaphore *semaphore,
  uint32_t                  ticks
)
{
  return wait(semaphore, &ticks);
}

void
rtems_counting_semaphore_post(rtems_counting_semaphore *semaphore)
{
  struct waitq_context ctx;

  waitq_lock(&semaphore->queue, &ctx);
  if (
    semaphore->queue.first == NULL && semaphore->count < semaphore->maximum
  ) {
    ++semaphore->count;
  }
  waitq_wake_one(&semaphore->queue, &ctx);
}

/*
 * A lock keeps the caller on its processor, and others which want the lock
 * busy.
 */
void
rtems_interrupt_lock_acquire(
  rtems_interrupt_lock         *lock,
  rtems_interrupt_lock_context *context
)
{
  task *self = sim_self();

  (void)context;
  if (self != NULL) {
    ++self->dispatch_disabled;
  }
  while (__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE) != 0) {
    sched_yield();
  }
}

void
rtems_interrupt_lock_release(
  rtems_interrupt_lock         *lock,
  rtems_interrupt_lock_context *context
)
{
  task *self = sim_self();

  (void)context;
  __atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
  if (self != NULL) {
    --self->dispatch_disabled;
    if (sim_has_to_dispatch()) {
      sim_enter();
      sim_leave();
    }
  }
}
