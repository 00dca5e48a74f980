/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Mutexes.  "Spin" to the kernel means that the virtual CPU is kept while the
 * caller waits; here the caller sleeps in either case.
 */

#include "mutex.h"

void
rumpuser_mutex_init(struct rumpuser_mtx **mtxp, int flags)
{
  struct rumpuser_mtx *mtx = memory_allocate_or_die(sizeof(*mtx));

  lock_init(&mtx->lock, "rump mutex");
  atomic_init(&mtx->owner, NULL);
  mtx->flags = flags;
  *mtxp = mtx;
}

static SLOW_PATH void
die_of_destroying(void)
{
  hypercall_die("a mutex is destroyed that is held");
}

void
rumpuser_mutex_destroy(struct rumpuser_mtx *mtx)
{
  if (PREDICT_TRUE(lock_is_free(&mtx->lock))) {
    waitq_settle(&mtx->lock.queue);
    memory_release(mtx, sizeof(*mtx));
  } else {
    die_of_destroying();
  }
}

int
rumpuser_mutex_spin_p(struct rumpuser_mtx *mtx)
{
  return (mtx->flags & RUMPUSER_MTX_SPIN) != 0;
}

static SLOW_PATH void
mutex_enter_and_wait(struct rumpuser_mtx *mtx)
{
  lock_wait(&mtx->lock);
  mutex_set_owner(mtx, hypercall_lwp);
}

static SLOW_PATH void
mutex_enter_slow(struct rumpuser_mtx *mtx)
{
  if ((mtx->flags & RUMPUSER_MTX_SPIN) != 0) {
    mutex_enter_and_wait(mtx);
  } else if (lock_try(&mtx->lock)) {
    mutex_set_owner(mtx, hypercall_lwp);
  } else {
    int nlocks = hypercall_unschedule(NULL);

    mutex_enter_and_wait(mtx);
    hypercall_schedule(nlocks, NULL);
  }
}

/* The lwp is read first: so no register has to be saved. */

void
rumpuser_mutex_enter(struct rumpuser_mtx *mtx)
{
  struct lwp *l = hypercall_lwp;

  if (PREDICT_TRUE(lock_try_once(&mtx->lock))) {
    mutex_set_owner(mtx, l);
  } else {
    mutex_enter_slow(mtx);
  }
}

void
rumpuser_mutex_enter_nowrap(struct rumpuser_mtx *mtx)
{
  struct lwp *l = hypercall_lwp;

  if (PREDICT_TRUE(lock_try_once(&mtx->lock))) {
    mutex_set_owner(mtx, l);
  } else {
    mutex_enter_and_wait(mtx);
  }
}

int
rumpuser_mutex_tryenter(struct rumpuser_mtx *mtx)
{
  if (!lock_try(&mtx->lock)) {
    return NETBSD_EBUSY;
  }
  mutex_set_owner(mtx, hypercall_lwp);
  return 0;
}

void
rumpuser_mutex_exit(struct rumpuser_mtx *mtx)
{
  mutex_exit(mtx);
}

void
rumpuser_mutex_owner(struct rumpuser_mtx *mtx, struct lwp **lwpp)
{
  if (PREDICT_FALSE((mtx->flags & RUMPUSER_MTX_KMUTEX) == 0)) {
    hypercall_die("owner asked of a mutex that is not a kernel mutex");
  }
  *lwpp = atomic_load_explicit(&mtx->owner, memory_order_relaxed);
}
