/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The RTEMS configuration of the tests; last in a test's source file, which
 * may have set some of it.
 */

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#if defined(RTEMS_SMP) && !defined(CONFIGURE_MAXIMUM_PROCESSORS)
#define CONFIGURE_MAXIMUM_PROCESSORS 4
#endif
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
