/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Messages of DHCP, RFC 2131, without the network.
 */

#ifndef RTEMS_RUMP_NET_DHCP_MESSAGE_H
#define RTEMS_RUMP_NET_DHCP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The size of what is sent, and the most that is read. */
#define DHCP_SENT 300
#define DHCP_RECEIVED 1472

#define DHCP_NAME_SERVERS 3

enum dhcp_type {
  /** Not for this client, or malformed. */
  DHCP_FOREIGN = 0,
  DHCP_DISCOVER = 1,
  DHCP_OFFER = 2,
  DHCP_REQUEST = 3,
  DHCP_DECLINE = 4,
  DHCP_ACK = 5,
  DHCP_NAK = 6,
  DHCP_RELEASE = 7
};

/** What a server gives; addresses in the order of the network, times in s. */
struct dhcp_lease {
  uint8_t address[4];
  uint8_t mask[4];
  uint8_t router[4];
  uint8_t server[4];
  uint8_t name_servers[DHCP_NAME_SERVERS][4];
  unsigned name_server_count;
  bool has_router;
  uint32_t seconds;
  uint32_t renew;
  uint32_t rebind;
};

/** Whose messages these are. */
struct dhcp_client {
  uint32_t id;
  uint8_t link_address[6];
};

/**
 * Makes a message.
 *
 * @param lease What is asked for, or NULL.
 * @param is_own The address is the client's already.
 */
void dhcp_make(
  uint8_t                   message[DHCP_SENT],
  const struct dhcp_client *client,
  enum dhcp_type            type,
  const struct dhcp_lease  *lease,
  bool                      is_own
);

/**
 * Reads what may be an answer; no byte of it is trusted.
 *
 * @param[out] lease Right if it is DHCP_OFFER or DHCP_ACK.
 */
enum dhcp_type dhcp_read(
  const uint8_t            *message,
  size_t                    size,
  const struct dhcp_client *client,
  struct dhcp_lease        *lease
);

#endif /* RTEMS_RUMP_NET_DHCP_MESSAGE_H */
