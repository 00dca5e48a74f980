/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief TCP with the host's program check-net.
 */

#ifndef TEST_DRIVERS_NETWORK_H
#define TEST_DRIVERS_NETWORK_H

#include <stdint.h>

/** Gives a card another address of Ethernet. */
void network_set_link_address(
  const char *interface, const uint8_t address[6]);

/** Gets an address by DHCP. */
void network_up(const char *interface);

/**
 * Sends what the host wants, receives as much, and compares it, as the host
 * does.
 */
void network_talk(void);

#endif /* TEST_DRIVERS_NETWORK_H */
