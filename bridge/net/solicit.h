/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief IPv6 addresses and routes as routers announce them.
 */

#ifndef RTEMS_RUMP_NET_SOLICIT_H
#define RTEMS_RUMP_NET_SOLICIT_H

/**
 * Has the kernel listen to routers, and asks those of an interface that is up
 * to announce themselves, when its own address is known to be unique.
 *
 * @return 0, or -1 and errno.
 */
int solicit_routers(const char *interface);

#endif /* RTEMS_RUMP_NET_SOLICIT_H */
