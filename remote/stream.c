/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Sockets that listen, and ones that are connected.
 */

#include "stream.h"

#include <errno.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define BACKLOG 16

/*
 * A peer that is gone without a word is missed within half a minute, as a
 * kernel that has ended with its own stack.
 */
static const struct {
  int level, option, value;
} options[] = {
  { IPPROTO_TCP, TCP_NODELAY, 1 },
  { SOL_SOCKET, SO_KEEPALIVE, 1 },
  { IPPROTO_TCP, TCP_KEEPIDLE, 10 },
  { IPPROTO_TCP, TCP_KEEPINTVL, 5 },
  { IPPROTO_TCP, TCP_KEEPCNT, 3 }
};

void
stream_set_options(int fd)
{
  size_t i;

  for (i = 0; i < sizeof(options) / sizeof(options[0]); ++i) {
    (void)setsockopt(
      fd,
      options[i].level,
      options[i].option,
      &options[i].value,
      sizeof(options[i].value)
    );
  }
}

static int
fail(int fd, int error)
{
  (void)close(fd);
  return error;
}

int
stream_listen(
  const struct sockaddr *address, socklen_t size, struct transport **listener)
{
  int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int yes = 1;

  if (fd < 0) {
    return errno;
  }
  (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (address->sa_family == AF_INET6) {
    (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
  }
  if (bind(fd, address, size) != 0 || listen(fd, BACKLOG) != 0) {
    return fail(fd, errno);
  }
  return stream_of_listener(fd, listener);
}

int
stream_connect(
  const struct sockaddr *address, socklen_t size,
  struct transport **connection)
{
  int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0) {
    return errno;
  }
  while (connect(fd, address, size) != 0) {
    if (errno != EINTR) {
      return fail(fd, errno == ENOENT ? ECONNREFUSED : errno);
    }
  }
  if (address->sa_family == AF_INET || address->sa_family == AF_INET6) {
    stream_set_options(fd);
  }
  return stream_of_connection(fd, connection);
}
