/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief How visitors, who are in the list of occupants all the time, come in
 * and go out: without a lock, and inline, as it is done in each call.
 */

#ifndef RTEMS_RUMP_VISITOR_H
#define RTEMS_RUMP_VISITOR_H

#include <limits.h>

#include "hypercall.h"

/* Lives count from 1; 0 is that of a kernel that has not started yet. */
#define VISITED_NEVER UINT_MAX

/** The life in which visitors may come, or VISITED_NEVER. */
extern atomic_uint visited_life;

/** True if all occupants must leave. */
extern atomic_bool occupants_must_leave;

/**
 * The calling task goes out.
 *
 * @return Whether it was low and has now the priority of callers, which it has
 *   to give back.
 */
bool visitor_go(struct occupant *visitor);

/**
 * The same for a task that did not come in as low, if there is nothing else to
 * do; else false, and it is still in.
 */
static inline __attribute__((__always_inline__)) bool
visitor_go_at_once(struct occupant *visitor)
{
  if (PREDICT_FALSE(
        hypercall_has_deferred()
          || atomic_load_explicit(&occupants_must_leave, memory_order_relaxed)
      )) {
    return false;
  }
  hypercall_self.occupant = NULL;
  atomic_store_explicit(&visitor->state, OCCUPANT_OUT, memory_order_release);
  return true;
}

/**
 * The calling task comes in, unless the kernel does not run in this life any
 * more: either who expels sees the task, or the task sees that.
 *
 * @param is_low It has a lower priority than callers; see occupants_urge().
 *   Then it is counted before it takes anything that others may wait for.
 */
static inline __attribute__((__always_inline__)) bool
visitor_come(struct occupant *visitor, bool is_low, unsigned life)
{
  atomic_store_explicit(&visitor->watched, false, memory_order_relaxed);
  if (is_low) {
    (void)atomic_fetch_add(&occupants_low, 1);
  }
  hypercall_self.occupant = visitor;
  atomic_store_explicit(
    &visitor->state,
    is_low ? OCCUPANT_LOW : OCCUPANT_IN,
    memory_order_relaxed
  );
#ifdef __SANITIZE_THREAD__
  /* It knows no fences. */
  (void)atomic_fetch_add(&visitor->state, 0);
#else
  atomic_thread_fence(memory_order_seq_cst);
#endif
  if (PREDICT_FALSE(atomic_load_explicit(&visited_life, memory_order_acquire)
        != life)) {
    (void)visitor_go(visitor);
    return false;
  }
  return true;
}

#endif /* RTEMS_RUMP_VISITOR_H */
