/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The set-up of NetBSD's network interfaces.
 *
 * The kernel is linked with the host libraries `filesystem` and `netconfig`,
 * with the components net_config and net_netinet or net_netinet6, and for DHCP
 * with dev_bpf; the application with the library `sockets`.
 *
 * In an image with several kernels define RTEMS_RUMP_KERNEL as the name of one
 * before this header is included, and the functions are that kernel's.
 */

#ifndef RTEMS_RUMP_NETCONFIG_H
#define RTEMS_RUMP_NETCONFIG_H

#include <stdbool.h>

#include <rtems-rump/name.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What an interface gets; what is zero or NULL it does not get. */
struct rtems_rump_interface {
  /** Of NetBSD, as "wm0". */
  const char *name;

  /** IPv4 address and length of its prefix, as "10.0.2.15/24". */
  const char *address;

  /** Default router for IPv4, as "10.0.2.2". */
  const char *gateway;

  /** IPv6 address and length of its prefix, as "fd00::15/64". */
  const char *address6;

  /** Default router for IPv6. */
  const char *gateway6;

  /** IPv4 address and routes by DHCP.  The lease is not renewed. */
  bool dhcp;

  /**
   * IPv6 addresses and routes as routers announce them, later.  They are asked
   * to when the interface's own address is known to be unique, for which this
   * waits up to five seconds.
   */
  bool autoconf6;
};

/**
 * @brief Brings an interface up and gives it addresses and routes.
 *
 * The texts are checked before anything is done; an error later leaves what
 * has been done.  With DHCP it waits for the server.  The kernel takes packets
 * to a new address some seconds later, when it knows that no other host has
 * it.  Only from a task.
 *
 * @retval 0 It is done.
 * @retval EINVAL A text is no address, or there is no name.
 * @retval ENXIO There is no such interface.
 * @retval EAFNOSUPPORT The kernel has no IPv4 or no IPv6.
 * @retval EEXIST There is such a route.
 * @retval EIO The kernel does not run, or has ended meanwhile.
 * @retval EPERM The task is not root's, or its priority is above that of
 *   callers.
 * @retval other What the kernel says.
 */
int rtems_rump_interface_configure(
  const struct rtems_rump_interface *interface)
  RTEMS_RUMP_SYMBOL("rtems_rump_interface_configure");

/** @brief Brings an interface down; errors as above. */
int rtems_rump_interface_down(const char *name)
  RTEMS_RUMP_SYMBOL("rtems_rump_interface_down");

/**
 * @brief Makes an interface that is not hardware, as "virt0"; errors as above.
 *
 * @retval EEXIST There is such an interface.
 */
int rtems_rump_interface_create(const char *name)
  RTEMS_RUMP_SYMBOL("rtems_rump_interface_create");

/** @brief Destroys what rtems_rump_interface_create() has made. */
int rtems_rump_interface_destroy(const char *name)
  RTEMS_RUMP_SYMBOL("rtems_rump_interface_destroy");

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_NETCONFIG_H */
