/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test guest: locks.  The host has them; here is what the kernel knows about
 * them, and the giant lock.  Every function that may sleep checks that the
 * caller has its lwp and its virtual CPU afterwards.
 */

#include "guest.h"

static struct rumpuser_mtx *giant;
static _Atomic(struct lwp *) giant_owner;
static int giant_depth;

/* A spin mutex keeps the virtual CPU, so the holder must not sleep. */
struct rumpuser_mtx *kmutex_new(int spin)
{
  struct rumpuser_mtx *mutex;

  rumpuser_mutex_init(
    &mutex, RUMPUSER_MTX_KMUTEX | (spin ? RUMPUSER_MTX_SPIN : 0));
#ifdef GUEST_LATER_VINTAGE
  ASSERT(!rumpuser_mutex_spin_p(mutex) == !spin);
#endif
  return mutex;
}

struct rumpuser_rw *krw_new(void)
{
  struct rumpuser_rw *rw;

  rumpuser_rw_init(&rw);
  return rw;
}

struct rumpuser_cv *kcv_new(void)
{
  struct rumpuser_cv *cv;

  rumpuser_cv_init(&cv);
  return cv;
}

static void check_context(const struct lwp *l)
{
  ASSERT(rumpuser_curlwp() == l && l->cpu->current == l);
}

int kmutex_owned(struct rumpuser_mtx *mutex)
{
  struct lwp *owner;

  rumpuser_mutex_owner(mutex, &owner);
  return owner == rumpuser_curlwp();
}

void kmutex_enter(struct rumpuser_mtx *mutex)
{
  struct lwp *l = rumpuser_curlwp();

  ASSERT(!kmutex_owned(mutex));
  rumpuser_mutex_enter(mutex);
  check_context(l);
  ASSERT(kmutex_owned(mutex));
}

void kmutex_exit(struct rumpuser_mtx *mutex)
{
  ASSERT(kmutex_owned(mutex));
  rumpuser_mutex_exit(mutex);
}

int krw_write_held(struct rumpuser_rw *rw)
{
  int held;

  rumpuser_rw_held(RUMPUSER_RW_WRITER, rw, &held);
  return held;
}

void krw_enter(int how, struct rumpuser_rw *rw)
{
  struct lwp *l = rumpuser_curlwp();

  rumpuser_rw_enter(how, rw);
  check_context(l);
  ASSERT(!krw_write_held(rw) == (how == RUMPUSER_RW_READER));
}

void krw_exit(struct rumpuser_rw *rw)
{
  rumpuser_rw_exit(rw);
}

void kcv_wait(struct rumpuser_cv *cv, struct rumpuser_mtx *mutex)
{
  struct lwp *l = rumpuser_curlwp();

  ASSERT(kmutex_owned(mutex) && guest_threads_enabled);
  rumpuser_cv_wait(cv, mutex);
  check_context(l);
  ASSERT(kmutex_owned(mutex));
}

int kcv_timedwait(
  struct rumpuser_cv *cv, struct rumpuser_mtx *mutex, int ticks)
{
  struct lwp *l = rumpuser_curlwp();
  int error;

  ASSERT(kmutex_owned(mutex) && guest_threads_enabled);
  error = rumpuser_cv_timedwait(
    cv, mutex, ticks / HZ, ticks % HZ * (1000000000 / HZ));
  check_context(l);
  ASSERT(kmutex_owned(mutex));
  return error != 0 ? NB_EWOULDBLOCK : 0;
}

void giant_init(void)
{
  rumpuser_mutex_init(&giant, RUMPUSER_MTX_SPIN);
}

/* Waits without a virtual CPU, and takes one while it holds the lock. */
void giant_lock(int count)
{
  struct lwp *l = rumpuser_curlwp();

  if (count == 0) {
    return;
  }
  if (atomic_load(&giant_owner) == l) {
    giant_depth += count;
    return;
  }
  if (rumpuser_mutex_tryenter(giant) != 0) {
    release_cpu(l, NULL);
    rumpuser_mutex_enter_nowrap(giant);
    schedule_cpu(l, NULL);
  }
  ASSERT(atomic_load(&giant_owner) == NULL);
  atomic_store(&giant_owner, l);
  giant_depth = count;
}

/* A count of 0 means all; says how many there were. */
void giant_unlock(int count, int *held)
{
  int depth = giant_owned() ? giant_depth : 0;

  if (held != NULL) {
    *held = depth;
  }
  if (depth == 0) {
    ASSERT(count == 0);
    return;
  }
  ASSERT(count <= depth);
  giant_depth -= count != 0 ? count : depth;
  if (giant_depth == 0) {
    atomic_store(&giant_owner, NULL);
    rumpuser_mutex_exit(giant);
  }
}

int giant_owned(void)
{
  return atomic_load(&giant_owner) == rumpuser_curlwp();
}
