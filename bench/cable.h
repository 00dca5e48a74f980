/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A cable between two serial ports that are there only for it: what one
 * sends the other receives, by interrupts that software raises.
 */

#ifndef RTEMS_RUMP_BENCH_CABLE_H
#define RTEMS_RUMP_BENCH_CABLE_H

#include <stdbool.h>

/**
 * Makes the ports /dev/cable0 and /dev/cable1.
 *
 * @return false if software can raise no interrupts on this machine.
 */
bool cable_install(void);

#endif /* RTEMS_RUMP_BENCH_CABLE_H */
