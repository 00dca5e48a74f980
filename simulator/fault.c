/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Failures on demand.
 */

#include "fault.h"

#include <errno.h>
#include <stdatomic.h>

static rtems_interrupt_lock lock = RTEMS_INTERRUPT_LOCK_INITIALIZER("faults");

/* Kinds with faults under way: for most calls there is nothing to do. */
static atomic_uint active;

static struct {
  uint32_t until_first; /* calls */
  uint32_t count;       /* of those that still have to fail */
  uint32_t failed;
  int error;
} faults[SIM_FAULT_COUNT];

static int
default_error(enum sim_fault fault)
{
  switch (fault) {
    case SIM_FAULT_ALLOCATE:
      return ENOMEM;
    case SIM_FAULT_TASK_CREATE:
      return RTEMS_UNSATISFIED;
    case SIM_FAULT_BLOCK_REQUEST:
      return RTEMS_IO_ERROR;
    default:
      return EIO;
  }
}

void
sim_fault_start(
  enum sim_fault fault,
  uint32_t       first,
  uint32_t       count,
  int            error
)
{
  rtems_interrupt_lock_context context;

  rtems_interrupt_lock_acquire(&lock, &context);
  atomic_fetch_or(&active, 1u << fault);
  faults[fault].until_first = first;
  faults[fault].count = count;
  faults[fault].failed = 0;
  faults[fault].error = error != 0 ? error : default_error(fault);
  rtems_interrupt_lock_release(&lock, &context);
}

uint32_t
sim_fault_stop(enum sim_fault fault)
{
  rtems_interrupt_lock_context context;
  uint32_t failed;

  rtems_interrupt_lock_acquire(&lock, &context);
  atomic_fetch_and(&active, ~(1u << fault));
  faults[fault].count = 0;
  failed = faults[fault].failed;
  rtems_interrupt_lock_release(&lock, &context);
  return failed;
}

bool
sim_fault_next(enum sim_fault fault, int *error)
{
  rtems_interrupt_lock_context context;
  bool fail = false;

  if ((atomic_load(&active) & 1u << fault) == 0) {
    return false;
  }
  rtems_interrupt_lock_acquire(&lock, &context);
  if (faults[fault].until_first > 1) {
    --faults[fault].until_first;
  } else if (faults[fault].count > 0) {
    fail = true;
    faults[fault].count -= faults[fault].count != SIM_FAULT_FOREVER;
    ++faults[fault].failed;
    *error = faults[fault].error;
  }
  rtems_interrupt_lock_release(&lock, &context);
  return fail;
}
