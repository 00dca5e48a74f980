/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * setsockopt() and getsockopt().
 */

#include "socket.h"

#include <string.h>
#include <sys/time.h>

static bool
is_time(const struct option *option)
{
  return option->level == SOL_SOCKET
    && (option->rtems == SO_SNDTIMEO || option->rtems == SO_RCVTIMEO);
}

static int
set_time(
  const struct socket *socket,
  const struct option *option,
  const void          *value,
  socklen_t            size
)
{
  struct timeval time;
  struct netbsd_timeval netbsd;

  if (size < sizeof(time)) {
    errno = EINVAL;
    return -1;
  }
  memcpy(&time, value, sizeof(time));
  netbsd = (struct netbsd_timeval){
    .tv_sec = time.tv_sec, .tv_usec = (int32_t)time.tv_usec
  };
  return SOCKET_CALL(
    socket, setsockopt, option->level, option->netbsd, &netbsd,
    sizeof(netbsd));
}

static int
set(
  const struct socket *socket,
  const struct option *option,
  const void          *value,
  socklen_t            size
)
{
  if (option == NULL) {
    errno = ENOPROTOOPT;
    return -1;
  }
  if (value == NULL && size > 0) {
    errno = EFAULT;
    return -1;
  }
  return is_time(option)
    ? set_time(socket, option, value, size)
    : SOCKET_CALL(
        socket, setsockopt, option->level, option->netbsd, value, size);
}

int
setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
  rtems_libio_t *iop = socket_get(fd);

  return iop == NULL
    ? -1
    : (int)socket_put(
        iop,
        set(socket_of(iop), option_find(level, option), value, size)
      );
}

static int
give(const void *from, size_t from_size, void *to, socklen_t *size)
{
  *size = *size < from_size ? *size : (socklen_t)from_size;
  memcpy(to, from, *size);
  return 0;
}

static int
get_time(
  const struct socket *socket,
  const struct option *option,
  void                *value,
  socklen_t           *size
)
{
  struct netbsd_timeval netbsd;
  uint32_t netbsd_size = sizeof(netbsd);
  struct timeval time;

  if (SOCKET_CALL(
        socket, getsockopt, option->level, option->netbsd, &netbsd,
        &netbsd_size) != 0) {
    return -1;
  }
  time = (struct timeval){
    .tv_sec = netbsd.tv_sec, .tv_usec = netbsd.tv_usec
  };
  return give(&time, sizeof(time), value, size);
}

/* The pending error is a number, too. */
static int
get_error(const struct socket *socket, void *value, socklen_t *size)
{
  uint32_t error_size = sizeof(int);
  int error = 0;

  if (SOCKET_CALL(
        socket, getsockopt, SOL_SOCKET, SO_ERROR, &error, &error_size) != 0) {
    return -1;
  }
  error = (*socket->stack->errno_to_rtems)(error);
  return give(&error, sizeof(error), value, size);
}

/* Two of them RTEMS's headers have, and NetBSD has not. */
static int
get(
  const struct socket *socket,
  int                  level,
  int                  number,
  void                *value,
  socklen_t           *size
)
{
  const struct option *option = option_find(level, number);

  if (value == NULL || size == NULL) {
    errno = EFAULT;
    return -1;
  }
  if (level == SOL_SOCKET && number == SO_DOMAIN) {
    return give(&socket->domain, sizeof(socket->domain), value, size);
  }
  if (level == SOL_SOCKET && number == SO_PROTOCOL) {
    return give(&socket->protocol, sizeof(socket->protocol), value, size);
  }
  if (level == SOL_SOCKET && number == SO_ERROR) {
    return get_error(socket, value, size);
  }
  if (option == NULL) {
    errno = ENOPROTOOPT;
    return -1;
  }
  return is_time(option)
    ? get_time(socket, option, value, size)
    : SOCKET_CALL(
        socket, getsockopt, option->level, option->netbsd, value, size);
}

int
getsockopt(int fd, int level, int option, void *value, socklen_t *size)
{
  rtems_libio_t *iop = socket_get(fd);

  return iop == NULL
    ? -1
    : (int)socket_put(iop, get(socket_of(iop), level, option, value, size));
}
