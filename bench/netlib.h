/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What programs on rtems-libbsd have in common, with which this
 * project's are compared; included once, by the file with Init().
 */

#ifndef RTEMS_RUMP_BENCH_NETLIB_H
#define RTEMS_RUMP_BENCH_NETLIB_H

#include <bsp.h>
#include <machine/rtems-bsd-commands.h>

#include "bench.h"

static inline void
netlib_add_interface(const char *name, const char *address)
{
  char *arguments[] = {
    "ifconfig", (char *)name, "inet", (char *)address,
    "netmask", "255.255.255.0", NULL
  };

  bench_check("ifconfig", rtems_bsd_command_ifconfig(
    RTEMS_BSD_ARGC(arguments), arguments) == 0);
}

#define RTEMS_BSD_CONFIG_INIT
#include <machine/rtems-bsd-config.h>

/* What rtems-libbsd's own tests have. */
#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_STUB_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_ZERO_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 220
#define CONFIGURE_MAXIMUM_USER_EXTENSIONS 1
#define CONFIGURE_UNLIMITED_ALLOCATION_SIZE 32
#define CONFIGURE_UNLIMITED_OBJECTS
#define CONFIGURE_UNIFIED_WORK_AREAS
#define CONFIGURE_INIT_TASK_STACK_SIZE (32 * 1024)
#define CONFIGURE_INIT_TASK_INITIAL_MODES RTEMS_DEFAULT_MODES
#define CONFIGURE_INIT_TASK_ATTRIBUTES RTEMS_FLOATING_POINT
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems/confdefs.h>

#endif /* RTEMS_RUMP_BENCH_NETLIB_H */
