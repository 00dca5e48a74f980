/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A kernel's sockets, as RTEMS's socket calls see them.
 *
 * The calls are once in an image, each kernel has one of these.  All numbers
 * are NetBSD's but for errno.  Each function is one call into the kernel in
 * one of its lives, and fails with EIO if that is over or ends meanwhile.
 */

#ifndef RTEMS_RUMP_NET_STACK_H
#define RTEMS_RUMP_NET_STACK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

struct iovec;
struct pollfd;
struct rtems_rump_kernel;
struct timespec;

struct socket_stack {
  /** Whose sockets they are, for control.h. */
  const struct rtems_rump_kernel *kernel;

  /** The life in which the kernel is. */
  unsigned (*life)(void);

  /** RTEMS's number for one of NetBSD's. */
  int (*errno_to_rtems)(int error);

  int (*socket)(unsigned life, int domain, int type, int protocol);
  int (*socketpair)(
    unsigned life, int domain, int type, int protocol, int fds[2]);
  int (*close)(unsigned life, int fd);
  int (*bind)(unsigned life, int fd, const void *address, uint32_t size);
  int (*connect)(unsigned life, int fd, const void *address, uint32_t size);
  int (*listen)(unsigned life, int fd, int backlog);
  int (*accept)(
    unsigned life, int fd, void *address, uint32_t *size, int flags);
  int (*shutdown)(unsigned life, int fd, int how);
  int (*getsockname)(
    unsigned life, int fd, void *address, uint32_t *size);
  int (*getpeername)(
    unsigned life, int fd, void *address, uint32_t *size);
  int (*setsockopt)(
    unsigned life, int fd, int level, int option, const void *value,
    uint32_t size);
  int (*getsockopt)(
    unsigned life, int fd, int level, int option, void *value,
    uint32_t *size);
  int (*ioctl)(unsigned life, int fd, unsigned long command, void *arg);

  ssize_t (*read)(unsigned life, int fd, void *data, size_t size);
  ssize_t (*write)(unsigned life, int fd, const void *data, size_t size);
  ssize_t (*readv)(
    unsigned life, int fd, const struct iovec *iov, int count);
  ssize_t (*writev)(
    unsigned life, int fd, const struct iovec *iov, int count);
  ssize_t (*sendto)(
    unsigned life, int fd, const void *data, size_t size, int flags,
    const void *address, uint32_t address_size);
  ssize_t (*recvfrom)(
    unsigned life, int fd, void *data, size_t size, int flags,
    void *address, uint32_t *address_size);
  ssize_t (*sendmsg)(
    unsigned life, int fd, const struct msghdr *message, int flags);
  ssize_t (*recvmsg)(
    unsigned life, int fd, struct msghdr *message, int flags);

  /** NULL: no time-out. */
  int (*poll)(
    unsigned life, struct pollfd *fds, unsigned count,
    const struct timespec *timeout);
};

/**
 * From now on socket() makes sockets of this kernel.
 *
 * @retval 0 It does.
 * @retval EBUSY It makes those of another kernel.
 */
int rtems_rump_socket_stack_use(const struct socket_stack *stack);

#endif /* RTEMS_RUMP_NET_STACK_H */
