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

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <rtems-rump/instance.h>
#include <rtems-rump/netbsd.h>

/* The process in which NetBSD's own clients start. */
#define BENCH_INIT_PROCESS 1

int rump_init(void);

/* The null system call. */
int bench_getpid(void) NETBSD_SYSTEM_CALL("getpid");

static inline void
bench_check(const char *what, bool ok)
{
  if (!ok) {
    printf("bench: %s failed\n", what);
    exit(1);
  }
}

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

#endif /* RTEMS_RUMP_BENCH_KERNEL_H */
