/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A sleeping lock: one atomic operation to take it and one to give it
 * back, and priority inheritance as soon as a task waits.
 *
 * The word is 0 while the lock is free and the owner's identity while it is
 * held and nobody has had to wait.  The first task that waits replaces it by
 * LOCK_CONTENDED; from then on until nobody waits, the owner stands in the
 * queue, and both taking and giving back go through the queue's lock.
 *
 * The owner can put off the wake-up of a task that will want the lock until it
 * gives the lock back: else a more urgent one would run only to wait again.
 */

#ifndef RTEMS_RUMP_LOCK_H
#define RTEMS_RUMP_LOCK_H

#include <stdatomic.h>

#include "hypercall.h"

#define LOCK_FREE 0u
#define LOCK_CONTENDED 1u

/* Beside the owner's identity: a wake-up has been put off. */
#define LOCK_WAKES 2u

struct lock {
  atomic_uintptr_t word;
  struct waitq queue;

  /* The owner's: who is woken when the lock is given back. */
  waitq_task *to_wake;
};

#define LOCK_INITIALIZER(name) { LOCK_FREE, WAITQ_INITIALIZER(name), NULL }

static inline void
lock_init(struct lock *lock, const char *name)
{
  atomic_init(&lock->word, LOCK_FREE);
  waitq_init(&lock->queue, name);
  lock->to_wake = NULL;
}

/**
 * Takes the lock if it is free.  It may also fail for no reason: for those who
 * go on with lock_wait().
 */
static inline bool
lock_try_once(struct lock *lock)
{
  waitq_task *task = hypercall_known_task();
  uintptr_t word = LOCK_FREE;

  return PREDICT_TRUE(task != NULL)
    && atomic_compare_exchange_weak_explicit(
      &lock->word,
      &word,
      (uintptr_t)task,
      memory_order_acquire,
      memory_order_relaxed
    );
}

/** Takes the lock if it is free. */
static inline bool
lock_try(struct lock *lock)
{
  uintptr_t word = LOCK_FREE;

  return atomic_compare_exchange_strong_explicit(
    &lock->word,
    &word,
    (uintptr_t)hypercall_task(),
    memory_order_acquire,
    memory_order_relaxed
  );
}

/** Takes the lock, after lock_try_once() has failed. */
void lock_wait(struct lock *lock);

/** Gives the lock back, after that has failed for lock_exit(). */
void lock_pass(struct lock *lock);

/**
 * Whether the caller holds the lock, nobody else waits for it, and no wake-up
 * has been put off.
 */
static inline bool
lock_is_alone(const struct lock *lock)
{
  waitq_task *task = hypercall_known_task();

  return task != NULL
    && atomic_load_explicit(&lock->word, memory_order_relaxed)
      == (uintptr_t)task;
}

/**
 * Wakes a task that waitq_take() has returned when the lock is given back, or
 * now, if another waits for the lock meanwhile; after lock_is_alone().
 */
void lock_wake_later(struct lock *lock, waitq_task *task);

static inline void
lock_enter(struct lock *lock)
{
  if (PREDICT_FALSE(!lock_try_once(lock))) {
    lock_wait(lock);
  }
}

static inline void
lock_exit(struct lock *lock)
{
  uintptr_t word = (uintptr_t)hypercall_known_task();

  if (PREDICT_FALSE(!atomic_compare_exchange_weak_explicit(
        &lock->word,
        &word,
        LOCK_FREE,
        memory_order_release,
        memory_order_relaxed
      ))) {
    lock_pass(lock);
  }
}

/** True if the task holds the lock; it does not run, or is the caller. */
static inline bool
lock_is_held_by(struct lock *lock, waitq_task *task)
{
  uintptr_t word = atomic_load_explicit(&lock->word, memory_order_relaxed);

  return (word == LOCK_CONTENDED ? waitq_owner(&lock->queue)
    : (waitq_task *)(word & ~(uintptr_t)LOCK_WAKES)) == task;
}

/** True if the lock is free at this moment; see waitq_settle(). */
static inline bool
lock_is_free(struct lock *lock)
{
  return atomic_load_explicit(&lock->word, memory_order_acquire) == LOCK_FREE;
}

#endif /* RTEMS_RUMP_LOCK_H */
