/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The kernels of an application, by name.
 *
 * An application declares each of its kernels once, with what it is started
 * with.  Then the kernel is found by its name, also by the shell command of
 * <rtems-rump/shell.h>.  An application with one kernel needs none of this.
 *
 * The functions are in a library of their own, for the application and not for
 * rump-link.  Errors are RTEMS's errno values.
 */

#ifndef RTEMS_RUMP_KERNELS_H
#define RTEMS_RUMP_KERNELS_H

#include <rtems-rump/instance.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How the application wants a kernel to live. */
struct rtems_rump_declaration {
  const struct rtems_rump_kernel *kernel;

  /** What it is started with; NULL for all defaults. */
  const struct rtems_rump_config *config;

  /** When it is started again; NULL: never.  Else it must be restartable. */
  const struct rtems_rump_policy *policy;

  /** Set by rtems_rump_declare(): the one declared before, or NULL. */
  struct rtems_rump_declaration *next;
};

/**
 * @brief Declares a kernel.  Only from a task.
 *
 * @param declaration Kept for ever.
 *
 * @retval 0 The kernel can be found by its name.
 * @retval EINVAL There is no kernel in it, or a policy without a restartable
 *   configuration.
 * @retval EEXIST A kernel of this name is declared already.
 */
int rtems_rump_declare(struct rtems_rump_declaration *declaration);

/**
 * @brief Finds a declaration.  Only from a task.
 *
 * @return That of the kernel @a name, or the last that was made if @a name is
 *   NULL, from which rtems_rump_declaration::next leads to all others; NULL if
 *   there is none.
 */
const struct rtems_rump_declaration *rtems_rump_declared(const char *name);

/** @brief The declared kernel of that name, or NULL.  Only from a task. */
const struct rtems_rump_kernel *rtems_rump_kernel_by_name(const char *name);

/**
 * @brief Starts a kernel as declared.  Only from a task.
 *
 * A kernel with a policy is started and supervised by a task of its own, which
 * has the priority of the caller and ends with the supervision; then this
 * returns before the kernel runs.
 *
 * @retval 0 The kernel runs, or with a policy: is about to.
 * @retval ENOENT No kernel of this name is declared.
 * @retval EBUSY It runs.
 * @retval EAGAIN There is no task to supervise the kernel.
 * @retval other As of rtems_rump_start().
 */
int rtems_rump_start_by_name(const char *name);

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_KERNELS_H */
