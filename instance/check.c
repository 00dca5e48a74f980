/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Checks of the RTEMS configuration, so that what is missing has a name and is
 * not a hang or a panic later.
 */

#include "instance.h"

#include <errno.h>

#include <rtems.h>
#include <rtems/libio_.h>

/* Tasks of a kernel without disks; measured, see doc/configuration.md. */
#define TASKS_BASE 12u
#define TASKS_PER_PROCESSOR 8u

/* Other kernels have taken theirs. */
static int
check_tasks(void)
{
  rtems_object_api_class_information tasks;
  uint32_t need = TASKS_BASE
    + TASKS_PER_PROCESSOR * hypercall_config.processors
    + (hypercall_config.watchdog > 0)
    + hypercall_config.link_count;

  (void)rtems_object_get_class_information(
    OBJECTS_CLASSIC_API,
    OBJECTS_RTEMS_TASKS,
    &tasks
  );
  if (tasks.auto_extend || tasks.unallocated >= need) {
    return 0;
  }
  rumpuser_dprintf(
    "rump: of CONFIGURE_MAXIMUM_TASKS %lu are left, a kernel with %u virtual "
    "CPUs needs %lu: raise it, or set CONFIGURE_UNLIMITED_OBJECTS\n",
    (unsigned long)tasks.unallocated,
    hypercall_config.processors,
    (unsigned long)need
  );
  return EAGAIN;
}

static int
check_descriptors(void)
{
  if (rtems_libio_number_iops >= 4) {
    return 0;
  }
  rumpuser_dprintf(
    "rump: CONFIGURE_MAXIMUM_FILE_DESCRIPTORS is %lu, a kernel needs one for "
    "each disk beside the application's own: raise it\n",
    (unsigned long)rtems_libio_number_iops
  );
  return EAGAIN;
}

static int
check_clock(void)
{
  uint32_t ticks = rtems_clock_get_ticks_per_second();

  if (ticks >= 100) {
    return 0;
  }
  rumpuser_dprintf(
    "rump: the clock has %lu ticks a second, NetBSD's has 100: set "
    "CONFIGURE_MICROSECONDS_PER_TICK to 10000 or less\n",
    (unsigned long)ticks
  );
  return EINVAL;
}

int
check_rtems(void)
{
  int error = check_tasks();

  if (error == 0) {
    error = check_descriptors();
  }
  if (error == 0) {
    error = check_clock();
  }
  return error;
}
