/* SPDX-License-Identifier: BSD-2-Clause */

/** @file @brief A kernel of three; node.c is made for each. */

#ifndef NODE_H
#define NODE_H

#include <rtems-rump/link.h>

struct node {
  /** With an interface on each link, and its addresses; 0 or an error. */
  int (*start)(
    const struct rtems_rump_link *links, unsigned count,
    const char *const *addresses, const char *gateway);

  /** A socket for UDP at port 7 of the node, or -1. */
  int (*open)(void);

  /** Sends back one datagram that comes; 0 if it did. */
  int (*serve)(int fd);

  /** Sends a text and waits for it to come back; 0 if it did. */
  int (*call)(int fd, const uint8_t address[4], const char *text);

  int (*end)(void);
};

extern const struct node node_left, node_middle, node_right;

#endif /* NODE_H */
