/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The table that rtems/confdefs.h fills.
 */

#ifndef SIMULATOR_CONFIGURATION_H
#define SIMULATOR_CONFIGURATION_H

#include <rtems.h>
#include <rtems/libio_.h>

struct sim_configuration {
  uint32_t maximum_tasks;
  uint32_t maximum_processors;
  uint32_t maximum_priority;
  uint32_t microseconds_per_tick;
  rtems_name scheduler_name;
  rtems_extensions_table extension;
  struct {
    rtems_name name;
    rtems_task_priority priority;
    size_t stack_size;
    rtems_task_entry entry;
    rtems_task_argument argument;
  } init;
};

extern const struct sim_configuration sim_configuration;

#endif /* SIMULATOR_CONFIGURATION_H */
