/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Sockets as descriptors of RTEMS: what the files of this folder share,
 * but for kernel.c, which is the kernel's.
 */

#ifndef RTEMS_RUMP_NET_SOCKET_H
#define RTEMS_RUMP_NET_SOCKET_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include <netinet/in.h>

#include <rtems/libio_.h>

#include "abi/net.h"
#include "stack.h"

/** A socket of the kernel; descriptors made by dup() share it. */
struct socket {
  union {
    const struct socket_stack *stack;

    /** Of a socket that is free. */
    struct socket *next;
  };

  /** That of the kernel in which the socket is. */
  unsigned life;

  /** The kernel's descriptor. */
  int fd;

  /** RTEMS's numbers. */
  int domain;
  int protocol;

  /**
   * Open descriptors, times SOCKET_OPEN, and users: calls, and one for all open
   * descriptors.  The last user closes the kernel's.
   */
  atomic_uint count;

  /** Locations of RTEMS, and poll(). */
  atomic_uint references;
};

#define SOCKET_OPEN 0x10000u

extern const rtems_filesystem_file_handlers_r socket_handlers;

static inline bool
socket_is_open(struct socket *socket)
{
  return atomic_load_explicit(&socket->count, memory_order_relaxed)
    >= SOCKET_OPEN;
}

static inline bool
socket_is(const rtems_libio_t *iop)
{
  return iop->pathinfo.handlers == &socket_handlers;
}

static inline struct socket *
socket_of(const rtems_libio_t *iop)
{
  return iop->pathinfo.node_access;
}

/** The stack in use, or NULL. */
const struct socket_stack *socket_stack(void);

/**
 * The begin of a call.  The socket can be closed meanwhile, which ends what
 * waits in the kernel; its number there stays as long as there are calls.
 *
 * @return false, and EBADF, if it is closed.
 */
bool socket_enter(struct socket *socket);

/**
 * The end of a call; tells EBADF if the socket was closed meanwhile.  What a
 * call that close() has ended returns has no number in RTEMS.
 */
ssize_t socket_leave(struct socket *socket, ssize_t result);

/** Its memory stays until socket_drop(). */
void socket_hold(struct socket *socket);

void socket_drop(struct socket *socket);

/**
 * The descriptor of a socket, for a call, which socket_put() ends.
 *
 * @return NULL, and EBADF or ENOTSOCK.
 */
rtems_libio_t *socket_get(int fd);

/** As socket_leave(). */
ssize_t socket_put(rtems_libio_t *iop, ssize_t result);

/** A call of the socket's kernel. */
#define SOCKET_CALL(socket, function, ...) \
  ((*(socket)->stack->function)((socket)->life, (socket)->fd, __VA_ARGS__))

/**
 * Makes a descriptor of RTEMS for a descriptor of the kernel, which is closed
 * if that fails.
 *
 * @param like Tells all of the socket but the descriptor.
 * @return The descriptor, or -1 and ENFILE.
 */
int socket_open(const struct socket *like, int fd, bool is_nonblocking);

/** Whether calls shall not wait. */
int socket_set_nonblocking(rtems_libio_t *iop, bool nonblocking);

/** ioctl(), in a call. */
int ioctl_in(rtems_libio_t *iop, ioctl_command_t command, void *arg);

/* Translations; -1 if there is no counterpart. */

int family_to_netbsd(int family);
int family_to_rtems(int family);
int flags_to_netbsd(int flags);
int flags_to_rtems(int flags);

/** An address as the kernel has it. */
struct address {
  uint32_t size;
  union {
    uint8_t bytes[NETBSD_SOCKADDR_MAX + 1];
    uint64_t alignment;
  };
};

/* The same, of any family. */
int address_to_netbsd_any(
  const struct sockaddr *from, socklen_t size, struct address *to);

/** @return 0, or -1 and EFAULT, EINVAL or EAFNOSUPPORT. */
static inline int
address_to_netbsd(
  const struct sockaddr *from, socklen_t size, struct address *to)
{
  if (from == NULL || size != sizeof(struct sockaddr_in)
      || from->sa_family != AF_INET) {
    return address_to_netbsd_any(from, size, to);
  }
  memcpy(to->bytes, from, sizeof(struct sockaddr_in));
  to->bytes[0] = sizeof(struct sockaddr_in);
  to->bytes[1] = NETBSD_AF_INET;
  to->size = sizeof(struct sockaddr_in);
  return 0;
}

/** Stores as much as there is room for, and the size of all. */
void address_to_rtems(
  struct address *from, struct sockaddr *to, socklen_t *size);

/** An option of both worlds. */
struct option {
  int level;
  int rtems;
  int netbsd;
};

/** @return NULL if NetBSD has none like it. */
const struct option *option_find(int level, int option);

/** The other way round. */
const struct option *option_find_netbsd(int level, int option);

#endif /* RTEMS_RUMP_NET_SOCKET_H */
