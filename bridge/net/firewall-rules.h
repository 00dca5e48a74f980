/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Rules of the packet filter as NetBSD reads them: a property list with
 * programs for its filter of packets.
 */

#ifndef RTEMS_RUMP_NET_FIREWALL_RULES_H
#define RTEMS_RUMP_NET_FIREWALL_RULES_H

#include <stddef.h>

#include <rtems-rump/firewall.h>

/**
 * Makes the property list.
 *
 * @param[out] text To be freed by the caller.
 * @return 0, or EINVAL, E2BIG or ENOMEM.
 */
int firewall_rules(
  const struct rtems_rump_firewall_rule *rules, unsigned count, char **text);

/** The error number of NetBSD in its answer, which ends at a 0. */
int firewall_answer(const char *text);

#endif /* RTEMS_RUMP_NET_FIREWALL_RULES_H */
