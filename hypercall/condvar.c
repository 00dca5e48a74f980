/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Condition variables.
 *
 * A waiter stands in the queue before it gives back the mutex, so that whoever
 * takes the mutex next sees it there: a signal finds either no waiter, which
 * costs a load, or one that it wakes.
 *
 * Mutexes of NetBSD's scheduler are given back some instructions after a
 * signal, and who is woken is often more urgent and wants the mutex at once:
 * it is woken when the mutex is given back.
 */

#include "mutex.h"

#include "clock.h"

struct rumpuser_cv {
  struct waitq queue;

  /* With which the scheduler's tasks wait here; else NULL. */
  struct rumpuser_mtx *_Atomic scheduler;
};

FAST_PATH void
rumpuser_cv_init(struct rumpuser_cv **cvp)
{
  struct rumpuser_cv *cv = memory_allocate_or_die(sizeof(*cv));

  waitq_init(&cv->queue, "rump condvar");
  atomic_init(&cv->scheduler, NULL);
  *cvp = cv;
}

void
rumpuser_cv_destroy(struct rumpuser_cv *cv)
{
  if (PREDICT_FALSE(waitq_has_waiters(&cv->queue))) {
    hypercall_die("a condition variable is destroyed that is waited for");
  }
  waitq_settle(&cv->queue);
  memory_release(cv, sizeof(*cv));
}

static void
give_back_mutex(void *mtx)
{
  mutex_exit(mtx);
}

/* Gives back the mutex and blocks; the mutex is not taken again. */
static inline __attribute__((__always_inline__)) int
cv_block(
  struct rumpuser_cv    *cv,
  struct rumpuser_mtx   *mtx,
  const struct timespec *deadline
)
{
  struct waitq_context ctx;

  if (mtx->flags == RUMPUSER_MTX_SPIN) {
    atomic_store_explicit(&cv->scheduler, mtx, memory_order_relaxed);
  }
  occupants_urge();
  waitq_lock(&cv->queue, &ctx);
  if (hypercall_self.occupant == NULL) {
    return waitq_wait(&cv->queue, &ctx, deadline, give_back_mutex, mtx);
  }
  return occupant_wait(&cv->queue, &ctx, deadline, give_back_mutex, mtx);
}

static FAST_PATH int
cv_wait_scheduled(
  struct rumpuser_cv    *cv,
  struct rumpuser_mtx   *mtx,
  const struct timespec *deadline
)
{
  int nlocks = hypercall_unschedule(mtx);
  int error = cv_block(cv, mtx, deadline);

  /*
   * Who holds a spin mutex keeps its virtual CPU while it waits for another,
   * so the CPU comes first.  The scheduler's own mutex is given back by the
   * upcall itself and has to be held by then.
   */
  if (mtx->flags == (RUMPUSER_MTX_SPIN | RUMPUSER_MTX_KMUTEX)) {
    hypercall_schedule(nlocks, mtx);
    mutex_enter(mtx);
  } else {
    mutex_enter(mtx);
    hypercall_schedule(nlocks, mtx);
  }
  return error;
}

void
rumpuser_cv_wait(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx)
{
  (void)cv_wait_scheduled(cv, mtx, NULL);
}

void
rumpuser_cv_wait_nowrap(struct rumpuser_cv *cv, struct rumpuser_mtx *mtx)
{
  (void)cv_block(cv, mtx, NULL);
  mutex_enter(mtx);
}

int
rumpuser_cv_timedwait(
  struct rumpuser_cv  *cv,
  struct rumpuser_mtx *mtx,
  int64_t              sec,
  int64_t              nsec
)
{
  struct timespec deadline;

  clock_deadline(&deadline, sec, nsec);
  return cv_wait_scheduled(cv, mtx, &deadline) == 0 ? 0 : NETBSD_ETIMEDOUT;
}

static inline __attribute__((__always_inline__)) bool
is_scheduler(struct rumpuser_cv *cv)
{
  return atomic_load_explicit(&cv->scheduler, memory_order_relaxed) != NULL;
}

/* Whether the first who waits will be woken with the mutex given back. */
static bool
wake_later(struct rumpuser_cv *cv)
{
  struct rumpuser_mtx *mtx =
    atomic_load_explicit(&cv->scheduler, memory_order_relaxed);
  waitq_task *task;

  if (!lock_is_alone(&mtx->lock)) {
    return false;
  }
  occupants_urge();
  task = waitq_take(&cv->queue);
  if (task == NULL) {
    return false;
  }
  lock_wake_later(&mtx->lock, task);
  return true;
}

static __attribute__((__noinline__)) void
signal_scheduler(struct rumpuser_cv *cv)
{
  if (!wake_later(cv)) {
    waitq_signal(&cv->queue);
  }
}

FAST_PATH void
rumpuser_cv_signal(struct rumpuser_cv *cv)
{
  if (PREDICT_FALSE(waitq_has_waiters(&cv->queue))) {
    if (is_scheduler(cv)) {
      signal_scheduler(cv);
    } else {
      waitq_signal(&cv->queue);
    }
  }
}

static SLOW_PATH void
cv_broadcast(struct rumpuser_cv *cv)
{
  struct waitq_context ctx;

  if (is_scheduler(cv) && wake_later(cv)
      && !waitq_has_waiters(&cv->queue)) {
    return;
  }
  waitq_lock(&cv->queue, &ctx);
  waitq_wake_all(&cv->queue, &ctx);
}

FAST_PATH void
rumpuser_cv_broadcast(struct rumpuser_cv *cv)
{
  if (PREDICT_FALSE(waitq_has_waiters(&cv->queue))) {
    cv_broadcast(cv);
  }
}

void
rumpuser_cv_has_waiters(struct rumpuser_cv *cv, int *waiters)
{
  *waiters = waitq_has_waiters(&cv->queue);
}
