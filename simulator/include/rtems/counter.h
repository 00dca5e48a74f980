/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Free-running counter; the simulator's counts nanoseconds.
 */

#ifndef _RTEMS_SAPI_COUNTER_H
#define _RTEMS_SAPI_COUNTER_H

#include <stdint.h>

typedef uint32_t rtems_counter_ticks;

rtems_counter_ticks rtems_counter_read(void);

static inline uint32_t
rtems_counter_frequency(void)
{
  return 1000000000;
}

static inline rtems_counter_ticks
rtems_counter_difference(rtems_counter_ticks second, rtems_counter_ticks first)
{
  return second - first;
}

static inline uint64_t
rtems_counter_ticks_to_nanoseconds(rtems_counter_ticks ticks)
{
  return ticks;
}

static inline rtems_counter_ticks
rtems_counter_nanoseconds_to_ticks(uint32_t nanoseconds)
{
  return nanoseconds;
}

/** Busy-waits. */
void rtems_counter_delay_ticks(rtems_counter_ticks ticks);

#define rtems_counter_delay_nanoseconds(ns) rtems_counter_delay_ticks(ns)

#endif /* _RTEMS_SAPI_COUNTER_H */
