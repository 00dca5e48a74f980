/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The calls of <sys/socket.h> that make sockets and connect them.
 */

#include "socket.h"

#define TYPE_FLAGS (SOCK_CLOEXEC | SOCK_NONBLOCK)

/* RTEMS has no exec(), and no task expects a signal. */
static int
type_to_netbsd(int type)
{
  return (type & ~TYPE_FLAGS) | NETBSD_SOCK_NOSIGPIPE
    | ((type & SOCK_NONBLOCK) != 0 ? NETBSD_SOCK_NONBLOCK : 0);
}

/* What a new socket has but its descriptor; a kernel may not be there. */
static int
prepare(struct socket *socket, int domain, int type, int protocol)
{
  socket->stack = socket_stack();
  if (socket->stack == NULL || family_to_netbsd(domain) < 0) {
    errno = EAFNOSUPPORT;
    return -1;
  }
  if ((type & ~TYPE_FLAGS) < 0 || (type & ~TYPE_FLAGS) > SOCK_SEQPACKET) {
    errno = EPROTOTYPE;
    return -1;
  }
  socket->life = (*socket->stack->life)();
  socket->domain = domain;
  socket->protocol = protocol;
  return 0;
}

int
socket(int domain, int type, int protocol)
{
  struct socket new;
  int fd;

  if (prepare(&new, domain, type, protocol) != 0) {
    return -1;
  }
  fd = (*new.stack->socket)(
    new.life,
    family_to_netbsd(domain),
    type_to_netbsd(type),
    protocol
  );
  return fd < 0 ? -1 : socket_open(&new, fd, (type & SOCK_NONBLOCK) != 0);
}

int
socketpair(int domain, int type, int protocol, int *result)
{
  bool is_nonblocking = (type & SOCK_NONBLOCK) != 0;
  struct socket new;
  int fds[2];

  if (prepare(&new, domain, type, protocol) != 0
      || (*new.stack->socketpair)(
        new.life,
        family_to_netbsd(domain),
        type_to_netbsd(type),
        protocol,
        fds
      ) != 0) {
    return -1;
  }
  result[0] = socket_open(&new, fds[0], is_nonblocking);
  if (result[0] < 0) {
    int error = errno;

    (void)(*new.stack->close)(new.life, fds[1]);
    errno = error;
    return -1;
  }
  result[1] = socket_open(&new, fds[1], is_nonblocking);
  if (result[1] < 0) {
    int error = errno;

    (void)close(result[0]);
    errno = error;
    return -1;
  }
  return 0;
}

/* What the kernel would take for an address of size 0 is none for it. */
static int
take_address(
  int                    fd,
  const struct sockaddr *from,
  socklen_t              size,
  struct address        *to,
  rtems_libio_t        **iop
)
{
  *iop = socket_get(fd);
  if (*iop == NULL) {
    return -1;
  }
  if (address_to_netbsd(from, size, to) != 0) {
    return (int)socket_put(*iop, -1);
  }
  return 0;
}

static int
bind_or_connect(
  int fd, const struct sockaddr *address, socklen_t size, bool connects)
{
  struct address netbsd;
  rtems_libio_t *iop;
  const struct socket *socket;

  if (take_address(fd, address, size, &netbsd, &iop) != 0) {
    return -1;
  }
  socket = socket_of(iop);
  return (int)socket_put(iop, connects
    ? SOCKET_CALL(socket, connect, netbsd.bytes, netbsd.size)
    : SOCKET_CALL(socket, bind, netbsd.bytes, netbsd.size));
}

int
bind(int fd, const struct sockaddr *address, socklen_t size)
{
  return bind_or_connect(fd, address, size, false);
}

int
connect(int fd, const struct sockaddr *address, socklen_t size)
{
  return bind_or_connect(fd, address, size, true);
}

int
listen(int fd, int backlog)
{
  rtems_libio_t *iop = socket_get(fd);

  return iop == NULL
    ? -1 : (int)socket_put(iop, SOCKET_CALL(socket_of(iop), listen, backlog));
}

int
shutdown(int fd, int how)
{
  rtems_libio_t *iop = socket_get(fd);

  return iop == NULL
    ? -1 : (int)socket_put(iop, SOCKET_CALL(socket_of(iop), shutdown, how));
}

static int
accept_in(
  const struct socket *listener,
  struct sockaddr     *address,
  socklen_t           *size,
  bool                 is_nonblocking
)
{
  struct address netbsd;
  int fd;

  netbsd.size = NETBSD_SOCKADDR_MAX;
  fd = SOCKET_CALL(
    listener,
    accept,
    netbsd.bytes,
    &netbsd.size,
    NETBSD_SOCK_NOSIGPIPE | (is_nonblocking ? NETBSD_SOCK_NONBLOCK : 0)
  );

  if (fd < 0) {
    return -1;
  }
  fd = socket_open(listener, fd, is_nonblocking);
  if (fd >= 0) {
    address_to_rtems(&netbsd, address, size);
  }
  return fd;
}

/* A connection that has been accepted is that also if it has the number 0. */
static int
accept_from(
  rtems_libio_t   *iop,
  struct sockaddr *address,
  socklen_t       *size,
  bool             is_nonblocking
)
{
  int fd = accept_in(socket_of(iop), address, size, is_nonblocking);
  ssize_t rv = socket_put(iop, fd < 0 ? -1 : 1);

  return rv < 0 ? -1 : fd;
}

int
accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
  rtems_libio_t *iop;

  if ((flags & ~TYPE_FLAGS) != 0) {
    errno = EINVAL;
    return -1;
  }
  iop = socket_get(fd);
  return iop == NULL
    ? -1 : accept_from(iop, address, size, (flags & SOCK_NONBLOCK) != 0);
}

/* As in BSD, the new socket waits or not as the listener does. */
int
accept(int fd, struct sockaddr *address, socklen_t *size)
{
  rtems_libio_t *iop = socket_get(fd);

  return iop == NULL
    ? -1
    : accept_from(
        iop,
        address,
        size,
        (rtems_libio_iop_flags(iop) & LIBIO_FLAGS_NO_DELAY) != 0
      );
}

static int
name(int fd, struct sockaddr *address, socklen_t *size, bool of_peer)
{
  struct address netbsd;
  rtems_libio_t *iop = socket_get(fd);
  struct socket *socket;
  int rv;

  if (iop == NULL) {
    return -1;
  }
  netbsd.size = NETBSD_SOCKADDR_MAX;
  socket = socket_of(iop);
  rv = of_peer
    ? SOCKET_CALL(socket, getpeername, netbsd.bytes, &netbsd.size)
    : SOCKET_CALL(socket, getsockname, netbsd.bytes, &netbsd.size);
  if (rv == 0) {
    address_to_rtems(&netbsd, address, size);
  }
  return (int)socket_put(iop, rv);
}

int
getsockname(int fd, struct sockaddr *address, socklen_t *size)
{
  return name(fd, address, size, false);
}

int
getpeername(int fd, struct sockaddr *address, socklen_t *size)
{
  return name(fd, address, size, true);
}
