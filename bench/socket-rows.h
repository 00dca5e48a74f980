/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief TCP, UDP and ICMP between two sockets, measured at both ends together,
 * by whatever calls and network library a program has.
 */

#ifndef RTEMS_RUMP_BENCH_SOCKET_ROWS_H
#define RTEMS_RUMP_BENCH_SOCKET_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calls.h"

/** The way from one socket to the other. */
struct socket_path {
  const char *name;

  /** Bytes of a transfer. */
  size_t transfer;

  uint8_t address[4];

  /** By which calls the other end serves; NULL: those of the client. */
  const struct calls *server;
};

extern const struct socket_path socket_rows_lo0;

/** Starts the task that receives, once, before any of those below. */
void socket_rows_start(void);

/** Prints the rows of a path, all of them. */
void socket_rows_measure(
  const struct socket_path *path, const struct calls *client);

/** Prints the row of a transfer over lo0, with @a kind behind its name. */
void socket_rows_transfer(const struct calls *client, const char *kind);

/** Memory of a connection, both ends, idle, in bytes, by RTEMS's calls. */
size_t socket_rows_connection_memory(
  const struct calls *client, size_t (*memory_used)(void));

#endif /* RTEMS_RUMP_BENCH_SOCKET_ROWS_H */
