/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What a test does in one of several kernels; kernel-user.c is compiled
 * for each.
 */

#ifndef TARGET_KERNELS_H
#define TARGET_KERNELS_H

#include "target.h"

struct kernel_user {
  /** Starts the kernel and makes files that tell its number. */
  void (*start)(unsigned number);
  /** The kernel has its own files, and none of the others'. */
  void (*check_alone)(unsigned number, unsigned kernels);
  /** Makes, checks and removes files. */
  void (*work)(unsigned number);
  void (*end)(void);
};

extern const struct kernel_user
  kernel_user_k1, kernel_user_k2, kernel_user_k3, kernel_user_k4;

#endif /* TARGET_KERNELS_H */
