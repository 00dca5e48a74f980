/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief TCP with the host's program check-net.
 */

#ifndef TEST_DRIVERS_NETWORK_H
#define TEST_DRIVERS_NETWORK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** What network_talk() calls; by default NetBSD's system calls. */
struct network_calls {
  /** Makes a socket that listens to what QEMU hands on, port 7. */
  int (*listen)(void);
  int (*accept)(int listener);
  ssize_t (*read)(int fd, void *buffer, size_t size);
  ssize_t (*write)(int fd, const void *buffer, size_t size);
  int (*close)(int fd);
};

void network_use(const struct network_calls *others);

/** Gives a card another address of Ethernet. */
void network_set_link_address(
  const char *interface, const uint8_t address[6]);

/** Gets an address by DHCP, the one that QEMU gives first. */
void network_up(const char *interface);

/**
 * Sends what the host wants, receives as much, and compares it, as the host
 * does.
 */
void network_talk(void);

#endif /* TEST_DRIVERS_NETWORK_H */
