/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A socket of RTEMS that listens to the host.
 */

#ifndef TEST_TARGET_LISTEN_H
#define TEST_TARGET_LISTEN_H

#include "target.h"

#include <netinet/in.h>
#include <sys/socket.h>

/** To what QEMU, or the host's network, hands on to port 7. */
static inline int
target_listen(void)
{
  static const struct sockaddr_in any = {
    .sin_len = sizeof(any), .sin_family = AF_INET, .sin_port = htons(7)
  };
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  CHECK(fd >= 0);
  CHECK(bind(fd, (const struct sockaddr *)&any, sizeof(any)) == 0);
  CHECK(listen(fd, 1) == 0);
  return fd;
}

#endif /* TEST_TARGET_LISTEN_H */
