/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief An IPv4 address by DHCP that is renewed.
 *
 * For interfaces of the kernel that has called rtems_rump_socket_register().
 * The application is linked with the library `sockets`; the kernel needs
 * neither net_config nor dev_bpf for it.
 */

#ifndef RTEMS_RUMP_DHCP_H
#define RTEMS_RUMP_DHCP_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is asked for; times in seconds. */
struct rtems_rump_dhcp {
  /** Of NetBSD, as "wm0". */
  const char *interface;

  /** For the first lease; 0: 30. */
  unsigned timeout;

  /** Renew the lease at the latest after that time; 0: as the server says. */
  unsigned renew_after;

  /** Leave the name servers that rtems_rump_resolver_set() has set. */
  bool keep_name_servers;
};

/** A lease: addresses as text, empty if there is none. */
struct rtems_rump_lease {
  char address[16];
  char router[16];
  char server[16];
  char name_servers[3][16];

  /** For so many seconds from when it was given last. */
  unsigned seconds;

  /** How often it has been renewed. */
  unsigned renewals;
};

/**
 * @brief Gets an address for an interface, with routes and name servers, and
 * starts a task that keeps it.
 *
 * The interface is brought up.  It should have no address; its network and the
 * default route are set.  Returns when the kernel takes packets to the address,
 * which it does after it has asked for some seconds whether another host has
 * it; such an address is declined.  Takes a task of RTEMS with the priority of the
 * caller and a stack of 16 KiB, and two descriptors.  The task ends when the
 * kernel ends, or by rtems_rump_dhcp_stop().  When a lease is over without
 * having been renewed the address is taken away and a new one is asked for.
 * Only from a task.
 *
 * @retval 0 The interface has an address.
 * @retval EINVAL There is no name, or it is too long.
 * @retval ENXIO There is no such interface, or it is no Ethernet.
 * @retval ETIMEDOUT No server has given an address in time.
 * @retval EBUSY The interface has a task already.
 * @retval EAGAIN RTEMS has no task left.
 * @retval ENOMEM RTEMS has no memory left.
 * @retval other What a call of a socket fails with.
 */
int rtems_rump_dhcp_start(const struct rtems_rump_dhcp *dhcp);

/**
 * @brief Gives the address back to the server and takes it from the interface.
 *
 * Returns before the task has ended.
 *
 * @retval 0 It will.
 * @retval ENOENT There is no task for that interface.
 */
int rtems_rump_dhcp_stop(const char *interface);

/**
 * @brief Tells the lease of an interface.  From any task.
 *
 * @retval 0 It is told.
 * @retval ENOENT There is no task for that interface.
 */
int rtems_rump_dhcp_get(
  const char *interface, struct rtems_rump_lease *lease);

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_DHCP_H */
