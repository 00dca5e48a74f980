/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Turns an application's CONFIGURE_* into the simulator's table.
 *
 * What is not named here is accepted and has no effect.
 */

#include <rtems.h>
#include <simulator/configuration.h>

#ifdef CONFIGURE_INIT

#ifndef CONFIGURE_MAXIMUM_TASKS
#ifdef CONFIGURE_UNLIMITED_OBJECTS
#ifndef CONFIGURE_UNLIMITED_ALLOCATION_SIZE
#define CONFIGURE_UNLIMITED_ALLOCATION_SIZE 8
#endif
#define CONFIGURE_MAXIMUM_TASKS \
  rtems_resource_unlimited(CONFIGURE_UNLIMITED_ALLOCATION_SIZE)
#else
#define CONFIGURE_MAXIMUM_TASKS 0
#endif
#endif

#ifndef CONFIGURE_MAXIMUM_PROCESSORS
#define CONFIGURE_MAXIMUM_PROCESSORS 1
#endif

#ifndef CONFIGURE_MICROSECONDS_PER_TICK
#define CONFIGURE_MICROSECONDS_PER_TICK 10000
#endif

#ifndef CONFIGURE_MAXIMUM_FILE_DESCRIPTORS
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 3
#endif

#ifndef CONFIGURE_MAXIMUM_PRIORITY
#define CONFIGURE_MAXIMUM_PRIORITY \
  (CONFIGURE_MAXIMUM_PROCESSORS > 1 ? 0x7fffffff : 255)
#endif

#ifndef CONFIGURE_SCHEDULER_NAME
#define CONFIGURE_SCHEDULER_NAME \
  (CONFIGURE_MAXIMUM_PROCESSORS > 1 ? \
    rtems_build_name('M', 'E', 'D', 'F') : \
    rtems_build_name('U', 'P', 'D', ' '))
#endif

#ifndef CONFIGURE_INIT_TASK_NAME
#define CONFIGURE_INIT_TASK_NAME rtems_build_name('U', 'I', '1', ' ')
#endif

#ifndef CONFIGURE_INIT_TASK_PRIORITY
#define CONFIGURE_INIT_TASK_PRIORITY 1
#endif

#ifndef CONFIGURE_INIT_TASK_STACK_SIZE
#define CONFIGURE_INIT_TASK_STACK_SIZE RTEMS_MINIMUM_STACK_SIZE
#endif

#ifndef CONFIGURE_INIT_TASK_ARGUMENTS
#define CONFIGURE_INIT_TASK_ARGUMENTS 0
#endif

#ifndef CONFIGURE_INIT_TASK_ENTRY_POINT
#define CONFIGURE_INIT_TASK_ENTRY_POINT Init
rtems_task Init(rtems_task_argument);
#endif

#ifndef CONFIGURE_INITIAL_EXTENSIONS
#define CONFIGURE_INITIAL_EXTENSIONS { .fatal = NULL }
#endif

const struct sim_configuration sim_configuration = {
  .maximum_tasks = CONFIGURE_MAXIMUM_TASKS,
  .maximum_processors = CONFIGURE_MAXIMUM_PROCESSORS,
  .maximum_priority = CONFIGURE_MAXIMUM_PRIORITY,
  .microseconds_per_tick = CONFIGURE_MICROSECONDS_PER_TICK,
  .scheduler_name = CONFIGURE_SCHEDULER_NAME,
  .extension = CONFIGURE_INITIAL_EXTENSIONS,
  .init = {
    .name = CONFIGURE_INIT_TASK_NAME,
    .priority = CONFIGURE_INIT_TASK_PRIORITY,
    .stack_size = CONFIGURE_INIT_TASK_STACK_SIZE,
    .entry = CONFIGURE_INIT_TASK_ENTRY_POINT,
    .argument = CONFIGURE_INIT_TASK_ARGUMENTS
  }
};

const uint32_t rtems_libio_number_iops = CONFIGURE_MAXIMUM_FILE_DESCRIPTORS;

#endif /* CONFIGURE_INIT */
