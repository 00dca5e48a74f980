/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Queues of blocked tasks: the one place below RTEMS's public API.
 *
 * RTEMS's public primitives cost more than an uncontended lock may, so the
 * locks of this layer are atomic words whose contended cases end here
 * (waitq.c; the simulator has its own, simulator/waitq.c).
 *
 * A queue is used either with an owner or without.  With an owner, the owner
 * inherits the priorities of those who wait: a thread queue of RTEMS's score.
 * Without, tasks wait in the order of the priorities that they had when they
 * came and, among equals, of their arrival; to leave out inheritance makes it
 * cost much less.
 *
 * A task that waits without an owner must not be deleted, but together with
 * all that could wake it.
 */

#ifndef RTEMS_RUMP_WAITQ_H
#define RTEMS_RUMP_WAITQ_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/** A task, as an identity to compare and to hand to this interface. */
struct _Thread_Control;
typedef struct _Thread_Control waitq_task;

#ifdef __rtems__
#include <rtems/score/threadqimpl.h>
#include <rtems/score/rbtree.h>

struct waitq {
  /** Its lock is that of the whole; its waiters are those with an owner. */
  Thread_queue_Queue queue;

  /** Who waits without an owner. */
  RBTree_Control waiters;

  /** Counts arrivals. */
  unsigned arrivals;
};

/** Lives on the stack from waitq_lock() to the call that unlocks. */
struct waitq_context {
  Thread_queue_Context base;
};

#define WAITQ_INITIALIZER(queue_name) { .queue = { .name = (queue_name) } }
#else
#include <simulator/waitq.h>
#endif

/** Cannot fail, allocates nothing, needs no counterpart. */
static inline void
waitq_init(struct waitq *q, const char *name)
{
  *q = (struct waitq)WAITQ_INITIALIZER(name);
}

/** The calling task. */
waitq_task *waitq_self(void);

/** What RTEMS knows a task by. */
uint32_t waitq_task_id(const waitq_task *task);

/**
 * Names the calling task for RTEMS's reports; the name of an object has only
 * four characters.
 */
void waitq_name_self(const char *name);

/** Processor time that a task has used, in nanoseconds. */
uint64_t waitq_cpu_time(waitq_task *task);

/**
 * Locks the queue, with interrupts off until one of the calls that unlock it.
 */
void waitq_lock(struct waitq *q, struct waitq_context *ctx);

void waitq_unlock(struct waitq *q, struct waitq_context *ctx);

/**
 * Waits until nobody is in a call that unlocks the queue, so that its memory
 * can be freed: what tells the caller that the queue is idle may have been
 * stored under its lock.  The caller has read that with acquire semantics.
 */
static inline void waitq_settle(struct waitq *q);

/**
 * Whether somebody waits without an owner.  Exact while the queue is locked;
 * without the lock, what was true at some moment since the caller's last
 * acquire operation.
 */
static inline bool waitq_has_waiters(const struct waitq *q);

/** The same for all who wait: whether there are none. */
static inline bool waitq_is_empty(const struct waitq *q);

/** The queue is locked. */
waitq_task *waitq_owner(const struct waitq *q);

/** Names the owner; the queue is locked and empty. */
void waitq_set_owner(struct waitq *q, waitq_task *owner);

/**
 * Blocks until the calling task is made owner by waitq_surrender().  Until
 * then the present owner inherits the caller's priority.  Unlocks.
 *
 * @retval 0 The caller is the owner.
 * @retval EDEADLK Waiting would close a circle of owners that wait for each
 *   other; the caller has not waited.
 * @retval EINTR The caller does not wait any more, and is not the owner: by
 *   waitq_expel(), or for no reason of its own.
 */
int waitq_wait_owner(struct waitq *q, struct waitq_context *ctx);

/**
 * Makes the first waiting task the owner and wakes it; what the caller
 * inherited through this queue is gone.  The queue is not empty and the
 * caller is its owner.  Unlocks.
 */
void waitq_surrender(struct waitq *q, struct waitq_context *ctx);

/**
 * Blocks until the calling task is woken.  Unlocks.
 *
 * @param deadline On the monotonic clock; NULL: wait without limit.
 * @param then Called with @a arg, if not NULL, as soon as the caller stands in
 *   the queue and before it blocks, with thread dispatching disabled and the
 *   queue unlocked: it may unlock, surrender and wake, but not block.
 *
 * @retval 0 Woken.
 * @retval ETIMEDOUT The deadline has passed.  It never passes early.
 */
int waitq_wait(
  struct waitq          *q,
  struct waitq_context  *ctx,
  const struct timespec *deadline,
  void                 (*then)(void *arg),
  void                  *arg
);

/** Wakes the first waiting task, if there is one.  Unlocks. */
void waitq_wake_one(struct waitq *q, struct waitq_context *ctx);

/** Locks, and wakes the first waiting task, if there is one. */
void waitq_signal(struct waitq *q);

/**
 * Takes the first waiting task out of the queue without waking it: that does
 * waitq_resume(), soon.  Locks.
 *
 * @return NULL if none waits, or if it waits with a deadline.
 */
waitq_task *waitq_take(struct waitq *q);

/** Wakes a task that waitq_take() has returned, once. */
void waitq_resume(waitq_task *task);

/** Wakes all tasks that wait at the moment of the call.  Unlocks. */
void waitq_wake_all(struct waitq *q, struct waitq_context *ctx);

/**
 * Wakes a task if it waits here; a wait for ownership fails.  Tasks that wait
 * without an owner may all be woken.  The task does not end meanwhile.  Locks.
 */
void waitq_expel(struct waitq *q, waitq_task *task);

/**
 * Waits until no other processor has to do with the calling task, which can
 * end then.
 */
void waitq_retire(void);

#ifdef __rtems__
#ifdef RTEMS_SMP
static inline unsigned
waitq_now_serving(const struct waitq *q)
{
  return _Atomic_Load_uint(&q->queue.Lock.now_serving, ATOMIC_ORDER_ACQUIRE);
}
#endif

/*
 * Who is inside has drawn a ticket; without SMP nobody is.  Others may come
 * and go between two loads.
 */
static inline void
waitq_settle(struct waitq *q)
{
#ifdef RTEMS_SMP
  unsigned next =
    _Atomic_Load_uint(&q->queue.Lock.next_ticket, ATOMIC_ORDER_RELAXED);

  while ((int)(waitq_now_serving(q) - next) < 0) {
  }
#else
  (void)q;
#endif
}

static inline bool
waitq_has_waiters(const struct waitq *q)
{
  return *(RBTree_Node *const volatile *)&q->waiters.rbh_root != NULL;
}

static inline bool
waitq_is_empty(const struct waitq *q)
{
  return *(Thread_queue_Heads *const volatile *)&q->queue.heads == NULL
    && !waitq_has_waiters(q);
}
#endif

#endif /* RTEMS_RUMP_WAITQ_H */
