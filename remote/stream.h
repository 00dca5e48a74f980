/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Sockets as transports: their set-up, which is the same on POSIX and
 * on RTEMS, and what carries their bytes, which is not.
 */

#ifndef RTEMS_RUMP_REMOTE_STREAM_H
#define RTEMS_RUMP_REMOTE_STREAM_H

#include <sys/socket.h>

#include "media.h"

#define stream_listen rtems_rump_stream_listen
#define stream_connect rtems_rump_stream_connect
#define stream_set_options rtems_rump_stream_set_options
#define stream_of_listener rtems_rump_stream_of_listener
#define stream_of_connection rtems_rump_stream_of_connection

/** 0 or an errno value, as of the calls for sockets. */
int stream_listen(
  const struct sockaddr *address, socklen_t size,
  struct transport **listener);

/** Waits until there is a connection, or none. */
int stream_connect(
  const struct sockaddr *address, socklen_t size,
  struct transport **connection);

/** For a connection by TCP. */
void stream_set_options(int fd);

/* Of the platform.  They take the descriptor in any case. */
int stream_of_listener(int fd, struct transport **listener);
int stream_of_connection(int fd, struct transport **connection);

#endif /* RTEMS_RUMP_REMOTE_STREAM_H */
