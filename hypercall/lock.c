/* SPDX-License-Identifier: BSD-2-Clause */

#include "lock.h"

#include <errno.h>

/*
 * Makes a held lock contended, with the queue locked.
 *
 * Returns false if the lock was given back meanwhile and is now ours.
 */
static bool
lock_contend(struct lock *lock, waitq_task *self)
{
  uintptr_t word =
    atomic_load_explicit(&lock->word, memory_order_relaxed);

  while (word != LOCK_CONTENDED) {
    uintptr_t next = word == LOCK_FREE ? (uintptr_t)self : LOCK_CONTENDED;

    if (atomic_compare_exchange_weak_explicit(
          &lock->word,
          &word,
          next,
          memory_order_acquire,
          memory_order_relaxed
        )) {
      if (word == LOCK_FREE) {
        return false;
      }
      waitq_set_owner(
        &lock->queue,
        (waitq_task *)(word & ~(uintptr_t)LOCK_WAKES)
      );
      return true;
    }
  }
  return true;
}

void
lock_wait(struct lock *lock)
{
  struct waitq_context ctx;
  waitq_task *self = hypercall_task();
  int error;

  do {
    waitq_lock(&lock->queue, &ctx);
    if (!lock_contend(lock, self)) {
      waitq_unlock(&lock->queue, &ctx);
      return;
    }
    error = occupant_wait_owner(&lock->queue, &ctx);
    if (error == EDEADLK) {
      hypercall_die("dead-lock: a lock is taken by a task that holds it");
    }
  } while (error != 0);
}

void
lock_wake_later(struct lock *lock, waitq_task *task)
{
  uintptr_t word = (uintptr_t)hypercall_known_task();

  lock->to_wake = task;
  if (!atomic_compare_exchange_strong_explicit(
        &lock->word,
        &word,
        word | LOCK_WAKES,
        memory_order_relaxed,
        memory_order_relaxed
      )) {
    lock->to_wake = NULL;
    waitq_resume(task);
  }
}

/* The queue is locked, so that no other task changes the word of a holder. */
static void
lock_free(struct lock *lock, struct waitq_context *ctx)
{
  waitq_set_owner(&lock->queue, NULL);
  atomic_store_explicit(&lock->word, LOCK_FREE, memory_order_release);
  waitq_unlock(&lock->queue, ctx);
}

/* The caller had the lock and nobody waited for it.  False: now one does. */
static bool
lock_free_and_wake(struct lock *lock, waitq_task *self)
{
  uintptr_t word = (uintptr_t)self | LOCK_WAKES;
  waitq_task *task = lock->to_wake;

  lock->to_wake = NULL;
  if (atomic_compare_exchange_strong_explicit(
        &lock->word,
        &word,
        LOCK_FREE,
        memory_order_release,
        memory_order_relaxed
      )) {
    waitq_resume(task);
    return true;
  }
  lock->to_wake = task;
  return false;
}

/* The lock is contended; its queue is unlocked. */
static SLOW_PATH void
wake_and_pass(struct lock *lock, struct waitq_context *ctx)
{
  waitq_task *task = lock->to_wake;

  lock->to_wake = NULL;
  waitq_unlock(&lock->queue, ctx);
  waitq_resume(task);
  lock_pass(lock);
}

/* Nobody leaves the kernel here: the lock may be the layer's own. */
void
lock_pass(struct lock *lock)
{
  struct waitq_context ctx;
  waitq_task *self = hypercall_known_task();
  uintptr_t word;

  if (PREDICT_FALSE(self == NULL)) {
    self = waitq_self();
  }
  word = atomic_load_explicit(&lock->word, memory_order_relaxed);
  if (word == ((uintptr_t)self | LOCK_WAKES)
      && lock_free_and_wake(lock, self)) {
    return;
  }
  waitq_lock(&lock->queue, &ctx);
  word = atomic_load_explicit(&lock->word, memory_order_relaxed);
  if (word == (uintptr_t)self) {
    lock_free(lock, &ctx);
  } else if (word != LOCK_CONTENDED || waitq_owner(&lock->queue) != self) {
    waitq_unlock(&lock->queue, &ctx);
    hypercall_die("a lock is given back by a task that does not hold it");
  } else if (lock->to_wake != NULL) {
    wake_and_pass(lock, &ctx);
  } else if (waitq_is_empty(&lock->queue)) {
    lock_free(lock, &ctx);
  } else {
    waitq_surrender(&lock->queue, &ctx);
  }
}
