/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Addresses of the internet and their prefixes.
 */

#ifndef RTEMS_RUMP_REMOTE_PREFIX_H
#define RTEMS_RUMP_REMOTE_PREFIX_H

#include <sys/socket.h>

#define prefix_match rtems_rump_prefix_match

/**
 * Looks whether an address begins so.  One of IPv4 that is in an address of
 * IPv6 is one of IPv4.
 *
 * @param address Or NULL, which has none.
 * @param text As 10.0.0.0/8, 2001:db8::/32, or a whole address.
 *
 * @retval 0 It does.
 * @retval ENOENT It does not.
 * @retval EINVAL The text is not understood.
 */
int prefix_match(const struct sockaddr *address, const char *text);

#endif /* RTEMS_RUMP_REMOTE_PREFIX_H */
