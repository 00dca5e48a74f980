/* SPDX-License-Identifier: BSD-2-Clause */

#ifndef RTEMS_RUMP_MUTEX_H
#define RTEMS_RUMP_MUTEX_H

#include "lock.h"

struct rumpuser_mtx {
  struct lock lock;
  /* Asked for also by those who do not hold the mutex. */
  _Atomic(struct lwp *) owner;
  int flags;
};

static inline void
mutex_set_owner(struct rumpuser_mtx *mtx, struct lwp *owner)
{
  atomic_store_explicit(&mtx->owner, owner, memory_order_relaxed);
}

/*
 * Taking and giving back, whatever the kind of mutex.  The owner is recorded
 * also where nobody may ask for it: that is cheaper than to find out.
 */

static inline void
mutex_enter(struct rumpuser_mtx *mtx)
{
  lock_enter(&mtx->lock);
  mutex_set_owner(mtx, hypercall_lwp);
}

static inline void
mutex_exit(struct rumpuser_mtx *mtx)
{
  mutex_set_owner(mtx, NULL);
  lock_exit(&mtx->lock);
}

#endif /* RTEMS_RUMP_MUTEX_H */
