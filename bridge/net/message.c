/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The calls of <sys/socket.h> that send and receive.
 */

#include "socket.h"

#include <netinet/in.h>
#include <string.h>

/* NetBSD's alignment of control messages. */
#ifdef __i386__
#define NETBSD_ALIGNMENT 4u
#else
#define NETBSD_ALIGNMENT 8u
#endif
#define NETBSD_ALIGN(size) \
  (((size) + NETBSD_ALIGNMENT - 1) & ~(size_t)(NETBSD_ALIGNMENT - 1))
#define HEADER NETBSD_ALIGN(sizeof(struct cmsghdr))

/* For all control messages of one call, either way. */
#define CONTROL_MAX 256

/* Both, or -1 and errno. */
static rtems_libio_t *
get(int fd, int *flags)
{
  if (*flags != 0) {
    *flags = flags_to_netbsd(*flags);
    if (*flags < 0) {
      errno = EOPNOTSUPP;
      return NULL;
    }
  }
  return socket_get(fd);
}

ssize_t
sendto(
  int                    fd,
  const void            *data,
  size_t                 size,
  int                    flags,
  const struct sockaddr *to,
  socklen_t              to_size
)
{
  rtems_libio_t *iop = get(fd, &flags);
  struct address address;
  struct socket *socket;

  if (iop == NULL) {
    return -1;
  }
  socket = socket_of(iop);
  if (to == NULL) {
    return socket_put(
      iop,
      SOCKET_CALL(socket, sendto, data, size, flags, NULL, 0)
    );
  }
  if (address_to_netbsd(to, to_size, &address) != 0) {
    return socket_put(iop, -1);
  }
  return socket_put(
    iop,
    SOCKET_CALL(
      socket, sendto, data, size, flags, address.bytes, address.size)
  );
}

ssize_t
send(int fd, const void *data, size_t size, int flags)
{
  return sendto(fd, data, size, flags, NULL, 0);
}

ssize_t
recvfrom(
  int                  fd,
  void                *data,
  size_t               size,
  int                  flags,
  struct sockaddr     *from,
  socklen_t           *from_size
)
{
  rtems_libio_t *iop = get(fd, &flags);
  struct address address;
  ssize_t n;

  if (iop == NULL) {
    return -1;
  }
  address.size = NETBSD_SOCKADDR_MAX;
  n = SOCKET_CALL(
    socket_of(iop),
    recvfrom,
    data,
    size,
    flags,
    from == NULL ? NULL : address.bytes,
    from == NULL ? NULL : &address.size
  );
  if (n >= 0 && from != NULL) {
    address_to_rtems(&address, from, from_size);
  }
  return socket_put(iop, n);
}

ssize_t
recv(int fd, void *data, size_t size, int flags)
{
  return recvfrom(fd, data, size, flags, NULL, NULL);
}

/* The bytes of control messages, aligned as both worlds need them. */
union control {
  uint8_t bytes[CONTROL_MAX];
  uint64_t alignment;
};

/* One control message; descriptors cannot be sent. */
static int
append_for_netbsd(
  const struct cmsghdr *from, size_t size, union control *to, size_t *used)
{
  const struct option *option =
    option_find(from->cmsg_level, from->cmsg_type);
  struct cmsghdr header = {
    .cmsg_len = (socklen_t)(HEADER + size),
    .cmsg_level = from->cmsg_level
  };

  if (option == NULL || from->cmsg_level == SOL_SOCKET) {
    return EOPNOTSUPP;
  }
  if (*used + HEADER + NETBSD_ALIGN(size) > CONTROL_MAX) {
    return EMSGSIZE;
  }
  header.cmsg_type = option->netbsd;
  memset(to->bytes + *used, 0, HEADER + NETBSD_ALIGN(size));
  memcpy(to->bytes + *used, &header, sizeof(header));
  memcpy(to->bytes + *used + HEADER, CMSG_DATA(from), size);
  *used += HEADER + NETBSD_ALIGN(size);
  return 0;
}

static int
control_to_netbsd(
  const struct msghdr *message, union control *to, size_t *used)
{
  const char *end = (const char *)message->msg_control
    + message->msg_controllen;
  struct cmsghdr *from;
  int error = 0;

  *used = 0;
  if (message->msg_control == NULL) {
    return 0;
  }
  for (from = CMSG_FIRSTHDR(message); from != NULL && error == 0;
      from = CMSG_NXTHDR(message, from)) {
    if (from->cmsg_len < CMSG_LEN(0)
        || from->cmsg_len > (size_t)(end - (const char *)from)) {
      return EINVAL;
    }
    error =
      append_for_netbsd(from, from->cmsg_len - CMSG_LEN(0), to, used);
  }
  return error;
}

static int
message_to_netbsd(
  const struct msghdr *from,
  struct address      *address,
  union control       *control,
  struct msghdr       *to
)
{
  size_t used;
  int error;

  *to = (struct msghdr){
    .msg_iov = from->msg_iov, .msg_iovlen = from->msg_iovlen
  };
  if (from->msg_name != NULL) {
    if (address_to_netbsd(from->msg_name, from->msg_namelen, address) != 0) {
      return -1;
    }
    to->msg_name = address->bytes;
    to->msg_namelen = address->size;
  }
  error = control_to_netbsd(from, control, &used);
  if (error != 0) {
    errno = error;
    return -1;
  }
  if (used > 0) {
    to->msg_control = control->bytes;
    to->msg_controllen = (socklen_t)used;
  }
  return 0;
}

ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
  rtems_libio_t *iop = get(fd, &flags);
  struct msghdr netbsd;
  struct address address;
  union control control;

  if (iop == NULL) {
    return -1;
  }
  if (message_to_netbsd(message, &address, &control, &netbsd) != 0) {
    return socket_put(iop, -1);
  }
  return socket_put(
    iop,
    SOCKET_CALL(socket_of(iop), sendmsg, &netbsd, flags)
  );
}

/* Descriptors that a peer outside of RTEMS has sent are the kernel's. */
static void
close_received(const struct socket *socket, const uint8_t *data, size_t size)
{
  int fd;

  for (; size >= sizeof(fd); size -= sizeof(fd), data += sizeof(fd)) {
    memcpy(&fd, data, sizeof(fd));
    (void)(*socket->stack->close)(socket->life, fd);
  }
}

/* RTEMS's number of what is received, or -1. */
static int
received_type(const struct cmsghdr *header)
{
  const struct option *option;

  if (header->cmsg_level == SOL_SOCKET) {
    return header->cmsg_type == NETBSD_SCM_TIMESTAMP ? SCM_TIMESTAMP : -1;
  }
  option = option_find_netbsd(header->cmsg_level, header->cmsg_type);
  return option == NULL ? -1 : option->rtems;
}

/* False if there is no room for it. */
static bool
append_for_rtems(
  const struct cmsghdr *header,
  const uint8_t        *data,
  size_t                size,
  struct msghdr        *message,
  size_t               *used
)
{
  struct cmsghdr *to =
    (struct cmsghdr *)(void *)((char *)message->msg_control + *used);

  if (message->msg_controllen < *used + CMSG_SPACE(size)) {
    return false;
  }
  memset(to, 0, CMSG_SPACE(size));
  to->cmsg_len = (socklen_t)CMSG_LEN(size);
  to->cmsg_level = header->cmsg_level;
  to->cmsg_type = received_type(header);
  memcpy(CMSG_DATA(to), data, size);
  *used += CMSG_SPACE(size);
  return true;
}

static void
control_to_rtems(
  const struct socket *socket,
  const union control *from,
  size_t               size,
  struct msghdr       *message
)
{
  size_t at = 0, used = 0;

  while (at + HEADER <= size) {
    const uint8_t *data = from->bytes + at + HEADER;
    struct cmsghdr header;
    size_t data_size;

    memcpy(&header, from->bytes + at, sizeof(header));
    if (header.cmsg_len < HEADER || header.cmsg_len > size - at) {
      break;
    }
    data_size = header.cmsg_len - HEADER;
    if (header.cmsg_level == SOL_SOCKET
        && header.cmsg_type == NETBSD_SCM_RIGHTS) {
      close_received(socket, data, data_size);
      message->msg_flags |= MSG_CTRUNC;
    } else if (received_type(&header) < 0
        || !append_for_rtems(&header, data, data_size, message, &used)) {
      message->msg_flags |= MSG_CTRUNC;
    }
    at += NETBSD_ALIGN(header.cmsg_len);
  }
  message->msg_controllen = (socklen_t)used;
}

/* Control messages are always received: descriptors among them are closed. */
ssize_t
recvmsg(int fd, struct msghdr *message, int flags)
{
  rtems_libio_t *iop = get(fd, &flags);
  union control control;
  struct address address;
  struct msghdr netbsd = {
    .msg_name = message->msg_name == NULL ? NULL : address.bytes,
    .msg_namelen = message->msg_name == NULL ? 0 : NETBSD_SOCKADDR_MAX,
    .msg_iov = message->msg_iov,
    .msg_iovlen = message->msg_iovlen,
    .msg_control = control.bytes,
    .msg_controllen = sizeof(control.bytes)
  };
  ssize_t n;

  if (iop == NULL) {
    return -1;
  }
  n = SOCKET_CALL(socket_of(iop), recvmsg, &netbsd, flags);
  if (n >= 0) {
    message->msg_flags = flags_to_rtems(netbsd.msg_flags);
    if (message->msg_name != NULL) {
      address.size = netbsd.msg_namelen;
      address_to_rtems(&address, message->msg_name, &message->msg_namelen);
    }
    if (message->msg_control == NULL) {
      message->msg_controllen = 0;
    }
    control_to_rtems(socket_of(iop), &control, netbsd.msg_controllen, message);
  }
  return socket_put(iop, n);
}
