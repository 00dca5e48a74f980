/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Interfaces and routes of the kernel, by its sockets.
 */

#ifndef RTEMS_RUMP_NET_ROUTE_H
#define RTEMS_RUMP_NET_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/net.h"

/** Addresses of all interfaces together. */
#define INTERFACE_ADDRESSES 32

/**
 * Tells the addresses of all interfaces.
 *
 * @param[out] entries INTERFACE_ADDRESSES of them, those of one interface one
 *   after the other.
 * @return How many there are, or -1 and errno.
 */
int interface_list(int fd, struct netbsd_ifreq *entries);

/** Sets an IPv4 address; 0, or -1 and errno. */
int interface_add(
  int fd, const char *name, const uint8_t address[4], const uint8_t mask[4]);

/**
 * Whether packets to an address are taken: NetBSD asks by ARP for some seconds
 * whether another host has it.
 *
 * @return 1 if it is so, 0 if not yet, or -1, and EADDRINUSE if another has.
 */
int interface_is_ready(int fd, const char *name, const uint8_t address[4]);

int interface_delete(int fd, const char *name, const uint8_t address[4]);

int interface_set_up(int fd, const char *name, bool up);

/**
 * Adds a route by a gateway, or deletes it; 0, or -1 and errno.
 *
 * @param type NETBSD_RTM_ADD or NETBSD_RTM_DELETE.
 */
int route_change(
  int            type,
  const uint8_t  address[4],
  const uint8_t  mask[4],
  const uint8_t  gateway[4]
);

/** An IPv4 address of NetBSD. */
void address_set(uint8_t to[16], const uint8_t address[4]);

#endif /* RTEMS_RUMP_NET_ROUTE_H */
