/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The names of services in RTEMS's file /etc/services.
 */

#ifndef RTEMS_RUMP_NET_SERVICES_H
#define RTEMS_RUMP_NET_SERVICES_H

/**
 * Reads the file; in any task, may block.
 *
 * @param protocol "tcp" or "udp"; NULL: the first one that is found.
 *
 * @return The port, in the host's byte order; 0 if there is no such service,
 *   or no file.
 */
unsigned services_port(const char *name, const char *protocol);

#endif /* RTEMS_RUMP_NET_SERVICES_H */
