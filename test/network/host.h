/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What a test does with the network of one of several kernels; host.c
 * is compiled for each.
 *
 * The kernel number N has the addresses 10.0.B.N and fd00:B::N on the
 * bus B.  All functions are for tasks that do not call another kernel.
 */

#ifndef TEST_NETWORK_HOST_H
#define TEST_NETWORK_HOST_H

#include <rtems-rump/link.h>

#include "target.h"

struct network_host {
  /** With a link to each bus, and virt0 on the first, and so on. */
  void (*start)(const struct rtems_rump_link *links, unsigned count);
  void (*add_interface)(unsigned interface, unsigned bus, unsigned number);
  void (*add_gateway)(const char *address);
  void (*forward)(bool does);

  /** Whether a socket can have the kernel's address of IPv4. */
  bool (*has_address)(unsigned bus, unsigned number);

  int (*create)(const char *interface);
  int (*destroy)(const char *interface);
  void (*end)(void);

  /** How many of so many echo requests were answered in so many seconds. */
  unsigned (*ping)(
    unsigned bus, unsigned number, size_t size, unsigned count,
    unsigned timeout);

  /**
   * Datagrams that are sent back; a server tells when it receives, serves so
   * many and returns.
   */
  void (*udp_serve)(
    int family, unsigned count, rtems_binary_semaphore *bound);
  void (*udp_call)(
    int family, unsigned bus, unsigned number, unsigned count);

  /** One connection, with as many bytes in both directions. */
  void (*tcp_serve)(uint32_t size);
  void (*tcp_call)(unsigned bus, unsigned number, uint32_t size);

  /** Segments that TCP has received. */
  unsigned (*tcp_received)(void);

  void (*get_usage)(unsigned interface, struct rtems_rump_link_usage *usage);
};

extern const struct network_host
  network_host_k1, network_host_k2, network_host_k3;

#endif /* TEST_NETWORK_HOST_H */
