/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What select() and poll() are made of.
 */

#ifndef RTEMS_RUMP_NET_POLL_H
#define RTEMS_RUMP_NET_POLL_H

#include <poll.h>
#include <time.h>

/** Descriptors for which no memory is allocated. */
#define POLL_FEW 16

/**
 * poll() with another time-out.
 *
 * @param timeout NULL: none.
 */
int poll_until(
  struct pollfd *fds, nfds_t count, const struct timespec *timeout);

#endif /* RTEMS_RUMP_NET_POLL_H */
