/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Kernels for sockets.c; sockets-kernel.c is compiled for each of two.
 */

#ifndef RTEMS_RUMP_BENCH_SOCKETS_H
#define RTEMS_RUMP_BENCH_SOCKETS_H

#include <stddef.h>

#include <rtems-rump/link.h>

#include "socket-rows.h"

struct sockets_kernel {
  /** By rump_sys_*, of tasks that have entered. */
  struct calls direct;

  void (*start)(const struct rtems_rump_link *links, unsigned count);
  void (*register_sockets)(void);
  void (*add_interface)(const char *name, const char *address);

  /** What the kernel leaves unused of its memory, in bytes. */
  size_t (*unused)(void);
};

extern const struct sockets_kernel sockets_k1, sockets_k2;

#endif /* RTEMS_RUMP_BENCH_SOCKETS_H */
