/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Asks the name servers that are set.
 */

#ifndef RTEMS_RUMP_NET_RESOLVE_H
#define RTEMS_RUMP_NET_RESOLVE_H

#include "dns.h"

/**
 * The addresses of a name; DNS_FAILED also if no server answers, or none is
 * set.
 */
enum dns_status resolve(
  const char *name, enum dns_type type, struct dns_addresses *addresses);

#endif /* RTEMS_RUMP_NET_RESOLVE_H */
