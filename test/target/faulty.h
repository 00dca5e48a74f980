/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Failures on demand of what a kernel and its hypercall layer ask for.
 *
 * A kernel linked with faulty.c has functions of its own for this: those of
 * the kernel that RTEMS_RUMP_KERNEL names.
 */

#ifndef TARGET_FAULTY_H
#define TARGET_FAULTY_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <rtems-rump/name.h>

enum fault {
  FAULT_HEAP,    /**< RTEMS's, of which the arena is made. */
  FAULT_TASK,    /**< rtems_task_create() */
  FAULT_NODE,    /**< malloc() and calloc(), for RTEMS's files. */
  FAULT_MEMORY,  /**< rumpuser_malloc() */
  FAULT_OBJECT,  /**< Memory for the layer's own objects. */
  FAULT_OPEN,
  FAULT_CLOSE,   /**< It fails and closes. */
  FAULT_STAT,    /**< stat() and fstat() */
  FAULT_SEEK,
  FAULT_READ,
  FAULT_WRITE,
  FAULTS
};

/** For a count: this and all later ones. */
#define FAULT_FOREVER UINT_MAX

/** Of these calls from now on the first-th fails, and count in all. */
void fault_start(enum fault fault, unsigned first, unsigned count)
  RTEMS_RUMP_SYMBOL("fault_start");

/** All succeed again.  Returns whether one has failed. */
bool fault_stop(void) RTEMS_RUMP_SYMBOL("fault_stop");

/** When calls of one kind fail; no first one: never. */
struct fault_plan {
  atomic_uint first, count, calls;
};

static inline void
fault_plan(struct fault_plan *plan, unsigned first, unsigned count)
{
  atomic_store(&plan->first, 0);
  atomic_store(&plan->calls, 0);
  atomic_store(&plan->count, count);
  atomic_store(&plan->first, first);
}

/** Forgets the plan.  Returns whether a call has failed. */
static inline bool
fault_unplan(struct fault_plan *plan)
{
  unsigned first = atomic_exchange(&plan->first, 0);

  return first != 0 && atomic_load(&plan->calls) >= first;
}

/** Of the call at hand. */
static inline bool
fault_is_due(struct fault_plan *plan)
{
  unsigned first = atomic_load(&plan->first);
  unsigned call;

  if (first == 0) {
    return false;
  }
  call = atomic_fetch_add(&plan->calls, 1) + 1;
  return call >= first && call - first < atomic_load(&plan->count);
}

#endif /* TARGET_FAULTY_H */
