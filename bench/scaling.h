/* SPDX-License-Identifier: BSD-2-Clause */

/** @file @brief The kernels of the benchmark scaling.c. */

#ifndef RTEMS_RUMP_BENCH_SCALING_H
#define RTEMS_RUMP_BENCH_SCALING_H

#include <stdint.h>

/** What is counted. */
enum scaling_operation {
  SCALING_GETPID,
  SCALING_WRITE,
  SCALING_CREATE,
  SCALING_OPERATIONS
};

/** Operations of one region: few, so that most have no clock tick. */
#define SCALING_TIMES 2

/** The memory of a kernel, in bytes. */
#define SCALING_MEMORY (16u << 20)

/** One kernel, and what can be done in it.  Calls come from tasks. */
struct scaling_kernel {
  /**
   * @param processors As virtual CPUs.
   * @param affinity A bit for each processor of RTEMS that it may use.
   */
  void (*start)(unsigned processors, uint32_t affinity);

  /** Makes ready for a task with this number, before and after. */
  void (*enter)(unsigned task);
  void (*leave)(unsigned task);

  /** Does it SCALING_TIMES times, between bench_begin() and bench_end(). */
  void (*operate)(unsigned task, enum scaling_operation operation);
};

extern const struct scaling_kernel scaling_k1, scaling_k2, scaling_k3,
  scaling_k4, scaling_k5;

#endif /* RTEMS_RUMP_BENCH_SCALING_H */
