/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Queues of blocked tasks, as hypercall/waitq.h wants them.
 *
 * That header describes the functions; this one has the objects.
 */

#ifndef SIMULATOR_WAITQ_H
#define SIMULATOR_WAITQ_H

#include <stdbool.h>

struct _Thread_Control;

/** All zero but for the name is a valid empty queue. */
struct waitq {
  const char *name;
  struct _Thread_Control *owner;

  /** The waiting tasks, the next to be woken first. */
  struct _Thread_Control *first;

  /** Whether there is a first, readable without the lock (atomic access). */
  bool occupied;

  /** The next of the queues that this one's owner inherits from. */
  struct waitq *next_owned;
};

struct waitq_context {
  struct _Thread_Control *self;
};

#define WAITQ_INITIALIZER(queue_name) { .name = (queue_name) }

void waitq_lock(struct waitq *q, struct waitq_context *ctx);
void waitq_unlock(struct waitq *q, struct waitq_context *ctx);

static inline void
waitq_settle(struct waitq *q)
{
  struct waitq_context ctx;

  waitq_lock(q, &ctx);
  waitq_unlock(q, &ctx);
}

static inline bool
waitq_has_waiters(const struct waitq *q)
{
  return __atomic_load_n(&q->occupied, __ATOMIC_ACQUIRE);
}

static inline bool
waitq_is_empty(const struct waitq *q)
{
  return !waitq_has_waiters(q);
}

#endif /* SIMULATOR_WAITQ_H */
