/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What the kernel has counted, for the command "netstat".  Results are
 * those of a command.
 */

#ifndef RTEMS_RUMP_NET_STATISTICS_H
#define RTEMS_RUMP_NET_STATISTICS_H

struct rtems_rump_kernel;

/** The counters of all protocols that are not 0. */
int statistics_of_protocols(const struct rtems_rump_kernel *kernel);

/** Mbufs in use, and what there was no memory for. */
int statistics_of_memory(const struct rtems_rump_kernel *kernel);

#endif /* RTEMS_RUMP_NET_STATISTICS_H */
