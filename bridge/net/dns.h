/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Messages of the domain name system, RFC 1035, without the network.
 */

#ifndef RTEMS_RUMP_NET_DNS_H
#define RTEMS_RUMP_NET_DNS_H

#include <stddef.h>
#include <stdint.h>

/** The longest message by UDP. */
#define DNS_MESSAGE_MAX 512

/** Addresses of one name that are kept. */
#define DNS_ADDRESSES 8

enum dns_type {
  DNS_A = 1,
  DNS_AAAA = 28
};

enum dns_status {
  /** There are addresses. */
  DNS_FOUND,
  /** The name has none of that type. */
  DNS_NO_DATA,
  /** There is no such name. */
  DNS_NO_NAME,
  /** The server cannot tell, or the answer is malformed. */
  DNS_FAILED,
  /** This is not the answer to that query: the right one may still come. */
  DNS_FOREIGN
};

struct dns_addresses {
  unsigned count;
  /** In the order of the network; of IPv4 the first four bytes. */
  uint8_t bytes[DNS_ADDRESSES][16];
};

/**
 * Makes a query.
 *
 * @return Its size, or 0 if the name can be none.
 */
size_t dns_query(
  uint8_t       message[DNS_MESSAGE_MAX],
  uint16_t      id,
  const char   *name,
  enum dns_type type
);

/** Reads what may be the answer to a query; no byte of it is trusted. */
enum dns_status dns_answer(
  const uint8_t        *message,
  size_t                size,
  const uint8_t        *query,
  size_t                query_size,
  struct dns_addresses *addresses
);

#endif /* RTEMS_RUMP_NET_DNS_H */
