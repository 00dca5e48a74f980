/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Rules for NetBSD's packet filter, NPF.
 *
 * The kernel is linked with the host library `firewall` and with the components
 * net_npf and vfs; the application with the library `sockets`.
 *
 * In an image with several kernels define RTEMS_RUMP_KERNEL as the name of one
 * before this header is included, and the functions are that kernel's.
 */

#ifndef RTEMS_RUMP_FIREWALL_H
#define RTEMS_RUMP_FIREWALL_H

#include <stdbool.h>
#include <stdint.h>

#include <rtems-rump/name.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What becomes of a packet. */
enum rtems_rump_firewall_action {
  /** It is dropped. */
  RTEMS_RUMP_BLOCK,

  /** So it is, and who sent it is told: by TCP's reset, or by ICMP. */
  RTEMS_RUMP_REFUSE,

  RTEMS_RUMP_PASS,

  /** So it does, and all of its connection, both ways. */
  RTEMS_RUMP_PASS_CONNECTION
};

/** Which packets; what is zero or NULL holds for all. */
struct rtems_rump_firewall_rule {
  enum rtems_rump_firewall_action action;

  /** Received, or sent; neither: both. */
  bool in, out;

  /** Of NetBSD, as "wm0". */
  const char *interface;

  /** The number of the protocol above IP: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6. */
  uint8_t protocol;

  /** Addresses of IPv4 or IPv6, as "10.0.0.0/8"; both of one kind. */
  const char *from, *to;

  /** Ports that TCP or UDP goes to, from the first to the last. */
  uint16_t first_port, last_port;
};

/** The most rules. */
#define RTEMS_RUMP_FIREWALL_RULES 500

/**
 * @brief Replaces all rules, and has the packet filter apply them.
 *
 * The first rule that is for a packet decides; one that no rule is for passes.
 * Connections that passed before go on.  The rules are copied.  Each time takes
 * a page of the kernel's memory for NetBSD's answer, which it does not take
 * back.  Only from a task.
 *
 * @retval 0 The rules hold.
 * @retval EINVAL A rule is wrong, or names a port of neither TCP nor UDP; the
 *   rules before hold.
 * @retval E2BIG There are too many.
 * @retval ENOMEM RTEMS has no memory for them.
 * @retval ENOENT The kernel has no packet filter.
 * @retval other Of rtems_rump_call(), or what NetBSD refuses them with.
 */
int rtems_rump_firewall_set(
  const struct rtems_rump_firewall_rule *rules, unsigned count)
  RTEMS_RUMP_SYMBOL("rtems_rump_firewall_set");

/**
 * @brief Has all packets pass again.
 *
 * @return As rtems_rump_firewall_set().
 */
int rtems_rump_firewall_off(void)
  RTEMS_RUMP_SYMBOL("rtems_rump_firewall_off");

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_FIREWALL_H */
