/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief How a test program ends RTEMS.
 */

#ifndef TEST_EXIT_H
#define TEST_EXIT_H

#include <stdlib.h>

#include <rtems.h>

/**
 * Ends RTEMS from the first processor, which has the clock tick.
 *
 * On the PC that tick waits for all processors, and a processor that has
 * already been shut down by another one makes it a fatal error.
 */
static inline RTEMS_NO_RETURN void
test_exit(int status)
{
  cpu_set_t first;

  CPU_ZERO(&first);
  CPU_SET(0, &first);
  (void)rtems_task_set_affinity(RTEMS_SELF, sizeof(first), &first);
  exit(status);
}

#endif /* TEST_EXIT_H */
