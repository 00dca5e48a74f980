/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A kernel on this project's hypercall layer, or on another one.
 *
 * With BENCH_OTHER_LIBRUMPUSER there is no rtems_rump_start() and its like,
 * and a program has to do with what NetBSD itself offers.
 */

#ifndef RTEMS_RUMP_BENCH_KERNEL_H
#define RTEMS_RUMP_BENCH_KERNEL_H

#include <rtems-rump/instance.h>
#include <rtems-rump/netbsd.h>

#include "bench.h"

/* The process in which NetBSD's own clients start. */
#define BENCH_INIT_PROCESS 1

int rump_init(void);

/* The null system call. */
int bench_getpid(void) NETBSD_SYSTEM_CALL("getpid");

#ifndef BENCH_OTHER_LIBRUMPUSER

#define bench_start rtems_rump_start
#define bench_leave rtems_rump_leave

static inline void
bench_enter(void)
{
  bench_check("enter", rtems_rump_enter() == 0);
}

#else

static inline int
bench_start(const struct rtems_rump_config *config)
{
  (void)config;
  return rump_init();
}

static inline void
bench_enter(void)
{
  bench_check("enter", rump_pub_lwproc_newlwp(BENCH_INIT_PROCESS) == 0);
}

#define bench_leave rump_pub_lwproc_releaselwp

#endif

/* For struct calls. */
#define BENCH_NETBSD_CALLS \
  rump_sys_socket, rump_sys_bind, rump_sys_listen, rump_sys_connect, \
  rump_sys_accept, rump_sys_read, rump_sys_write, rump_sys_sendto, \
  rump_sys_recvfrom, rump_sys_close, rump_sys_setsockopt

#endif /* RTEMS_RUMP_BENCH_KERNEL_H */
