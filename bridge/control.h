/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A look into a kernel, by its handle: what the shell command shows.
 */

#ifndef RTEMS_RUMP_CONTROL_H
#define RTEMS_RUMP_CONTROL_H

#include <rtems-rump/instance.h>

#include "abi/control.h"

/** The name of a variable, or of some, in the numbers of NetBSD. */
struct control_name {
  int numbers[NETBSD_CTL_MAXNAME];
  unsigned depth;
};

/**
 * NetBSD's sysctl(3).
 *
 * @return 0 or RTEMS's error number.
 */
int control_value(
  const struct rtems_rump_kernel *kernel,
  const struct control_name      *name,
  void                           *value,
  size_t                         *size,
  const void                     *new_value,
  size_t                          new_size
);

/**
 * What is below a name.
 *
 * @param[out] nodes To be freed by the caller.
 * @return 0 or RTEMS's error number.
 */
int control_nodes(
  const struct rtems_rump_kernel *kernel,
  const struct control_name      *name,
  struct netbsd_sysctlnode      **nodes,
  size_t                         *count
);

/**
 * The name of a variable, or of what is above some, in numbers.
 *
 * @param text What it is called, as kern.ostype.
 * @return 0 or RTEMS's error number, ENOENT if there is none of that name.
 */
int control_find(
  const struct rtems_rump_kernel *kernel,
  const char                     *text,
  struct control_name            *name
);

/** NetBSD's modctl(2), as above. */
int control_modules(
  const struct rtems_rump_kernel *kernel,
  struct netbsd_modstat         **modules,
  size_t                         *count
);

/**
 * Shows variables of a kernel, or changes one.
 *
 * @param text What it is called, as kern.ostype, and maybe = and a value; or
 *   the name of what is above some; or NULL for all.
 * @return 0 or RTEMS's error number.
 */
int control_variables(
  const struct rtems_rump_kernel *kernel, const char *text);

#endif /* RTEMS_RUMP_CONTROL_H */
