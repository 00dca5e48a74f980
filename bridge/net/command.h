/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What the shell's commands for the network share.
 */

#ifndef RTEMS_RUMP_NET_COMMAND_H
#define RTEMS_RUMP_NET_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "control.h"

/** Says what has failed, with errno's text; returns 1. */
int command_failed(const char *command, const char *what);

/** How a command is called; returns 1. */
int command_usage(const char *usage);

/**
 * A variable of the kernel that has the sockets, or a list of that kind.
 *
 * @param[out] size What there is, at most what was allocated.
 * @return To be freed by the caller; NULL, and errno.
 */
void *command_value(const struct control_name *name, size_t *size);

/** Room for an address as text. */
#define COMMAND_TEXT 64

/**
 * An address of NetBSD as text, or "-"; those of the link layer in hex.
 *
 * @param size What there is of it; the address tells how much it has.
 */
const char *command_address(
  const uint8_t *address, unsigned size, char text[COMMAND_TEXT]);

/** The length of a mask's prefix; a mask can be shorter than an address. */
unsigned command_prefix(const uint8_t *mask, unsigned size, bool is_ipv4);

/** Splits "address/length" at the slash; false if that is no IPv4 prefix. */
bool command_parse(const char *text, uint8_t address[4], unsigned *length);

/** A mask of so many bits. */
void command_mask(uint8_t to[4], unsigned length);

#endif /* RTEMS_RUMP_NET_COMMAND_H */
