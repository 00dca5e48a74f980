/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief How the kernels of an image hear of exceptions; for confdefs.h.
 */

#ifndef RTEMS_RUMP_GUARD_H
#define RTEMS_RUMP_GUARD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One for each restartable kernel that was started. */
struct rtems_rump_guard {
  struct rtems_rump_guard *next;

  /**
   * Does not return if the exception with this frame was the kernel's.  In the
   * context of the exception.
   */
  void (*contain)(uintptr_t frame);
};

/** Defined in the source file that configures RTEMS. */
extern struct rtems_rump_guard *rtems_rump_guards;

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_GUARD_H */
