/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The kernel's part of RTEMS's socket calls: NetBSD's system calls, under the
 * credentials of the calling task.
 */

#include <rtems-rump/socket.h>

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "abi/file.h"
#include "abi/net.h"
#include "instance.h"
#include "stack.h"
#include "visit.h"

/*
 * One write of 32 KiB fills a buffer of NetBSD's size, and each end waits for
 * the other.  A size that has been chosen stays.
 */
static void
enlarge_buffer(int variable)
{
  const int name[] = {
    NETBSD_CTL_NET, NETBSD_AF_INET, NETBSD_IPPROTO_TCP, variable
  };
  int value = 0, larger = RTEMS_RUMP_TCP_BUFFER;
  size_t size = sizeof(value);

  if (rump_sys___sysctl(name, 4, &value, &size, NULL, 0) == 0
      && value == NETBSD_TCP_BUFFER) {
    (void)rump_sys___sysctl(name, 4, NULL, NULL, &larger, sizeof(larger));
  }
}

/* In each life of the kernel; there may be no TCP. */
static void
enlarge_buffers(void)
{
  static bool is_done;
  struct lwp *own;
  int error = errno;

  if (!is_done) {
    own = visit_as_root();
    enlarge_buffer(NETBSD_TCPCTL_SENDSPACE);
    enlarge_buffer(NETBSD_TCPCTL_RECVSPACE);
    visit_as_self(own);
    errno = error;
    is_done = true;
  }
}

static int
make_socket(int domain, int type, int protocol)
{
  enlarge_buffers();
  return rump_sys_socket(domain, type, protocol);
}

static int
net_socket(unsigned life, int domain, int type, int protocol)
{
  int fd;

  VISIT_URGENT(life, fd, make_socket(domain, type, protocol));
  return fd;
}

static int
net_socketpair(unsigned life, int domain, int type, int protocol, int fds[2])
{
  int rv;

  VISIT_URGENT(life, rv, rump_sys_socketpair(domain, type, protocol, fds));
  return rv;
}

static int
net_close(unsigned life, int fd)
{
  int rv;

  VISIT_URGENT(life, rv, rump_sys_close(fd));
  return rv;
}

static int
net_bind(unsigned life, int fd, const void *address, uint32_t size)
{
  int rv;

  VISIT_URGENT(life, rv, rump_sys_bind(fd, address, size));
  return rv;
}

static int
net_connect(unsigned life, int fd, const void *address, uint32_t size)
{
  int rv;

  VISIT_URGENT(life, rv, rump_sys_connect(fd, address, size));
  return rv;
}

static int
net_listen(unsigned life, int fd, int backlog)
{
  int rv;

  VISIT_URGENT(life, rv, rump_sys_listen(fd, backlog));
  return rv;
}

static int
net_accept(unsigned life, int fd, void *address, uint32_t *size, int flags)
{
  int rv;

  VISIT_URGENT(life, rv, rump_sys_paccept(fd, address, size, NULL, flags));
  return rv;
}

static int
net_shutdown(unsigned life, int fd, int how)
{
  int rv;

  VISIT_URGENT(life, rv, rump_sys_shutdown(fd, how));
  return rv;
}

static int
net_getsockname(unsigned life, int fd, void *address, uint32_t *size)
{
  int rv;

  VISIT_URGENT(life, rv, rump_sys_getsockname(fd, address, size));
  return rv;
}

static int
net_getpeername(unsigned life, int fd, void *address, uint32_t *size)
{
  int rv;

  VISIT_URGENT(life, rv, rump_sys_getpeername(fd, address, size));
  return rv;
}

static int
net_setsockopt(
  unsigned life, int fd, int level, int option, const void *value,
  uint32_t size)
{
  int rv;

  VISIT_URGENT(life, rv, rump_sys_setsockopt(fd, level, option, value, size));
  return rv;
}

static int
net_getsockopt(
  unsigned life, int fd, int level, int option, void *value, uint32_t *size)
{
  int rv;

  VISIT_URGENT(life, rv, rump_sys_getsockopt(fd, level, option, value, size));
  return rv;
}

static int
net_ioctl(unsigned life, int fd, unsigned long command, void *arg)
{
  int rv;

  VISIT_URGENT(life, rv, rump_sys_ioctl(fd, command, arg));
  return rv;
}

static ssize_t
net_read(unsigned life, int fd, void *data, size_t size)
{
  ssize_t n;

  VISIT_URGENT(life, n, rump_sys_read(fd, data, size));
  return n;
}

static ssize_t
net_write(unsigned life, int fd, const void *data, size_t size)
{
  ssize_t n;

  VISIT_URGENT(life, n, rump_sys_write(fd, data, size));
  return n;
}

static ssize_t
net_readv(unsigned life, int fd, const struct iovec *iov, int count)
{
  ssize_t n;

  VISIT_URGENT(life, n, rump_sys_readv(fd, iov, count));
  return n;
}

static ssize_t
net_writev(unsigned life, int fd, const struct iovec *iov, int count)
{
  ssize_t n;

  VISIT_URGENT(life, n, rump_sys_writev(fd, iov, count));
  return n;
}

static ssize_t
net_sendto(
  unsigned life, int fd, const void *data, size_t size, int flags,
  const void *address, uint32_t address_size)
{
  ssize_t n;

  VISIT_URGENT(
    life,
    n,
    rump_sys_sendto(fd, data, size, flags, address, address_size)
  );
  return n;
}

static ssize_t
net_recvfrom(
  unsigned life, int fd, void *data, size_t size, int flags, void *address,
  uint32_t *address_size)
{
  ssize_t n;

  VISIT_URGENT(
    life,
    n,
    rump_sys_recvfrom(fd, data, size, flags, address, address_size)
  );
  return n;
}

static ssize_t
net_sendmsg(unsigned life, int fd, const struct msghdr *message, int flags)
{
  ssize_t n;

  VISIT_URGENT(life, n, rump_sys_sendmsg(fd, message, flags));
  return n;
}

static ssize_t
net_recvmsg(unsigned life, int fd, struct msghdr *message, int flags)
{
  ssize_t n;

  VISIT_URGENT(life, n, rump_sys_recvmsg(fd, message, flags));
  return n;
}

static int
net_poll(
  unsigned life, struct pollfd *fds, unsigned count,
  const struct timespec *timeout)
{
  struct netbsd_timespec time = { 0 };
  int rv;

  if (timeout != NULL) {
    time.tv_sec = timeout->tv_sec;
    time.tv_nsec = timeout->tv_nsec;
  }
  VISIT_URGENT(
    life,
    rv,
    rump_sys_pollts(fds, count, timeout == NULL ? NULL : &time, NULL)
  );
  return rv;
}

/* Sockets know it also when the kernel has ended. */
static const struct socket_stack stack = {
  .kernel = &rtems_rump_kernel,
  .life = instance_life,
  .errno_to_rtems = hypercall_errno_from_netbsd,
  .socket = net_socket,
  .socketpair = net_socketpair,
  .close = net_close,
  .bind = net_bind,
  .connect = net_connect,
  .listen = net_listen,
  .accept = net_accept,
  .shutdown = net_shutdown,
  .getsockname = net_getsockname,
  .getpeername = net_getpeername,
  .setsockopt = net_setsockopt,
  .getsockopt = net_getsockopt,
  .ioctl = net_ioctl,
  .read = net_read,
  .write = net_write,
  .readv = net_readv,
  .writev = net_writev,
  .sendto = net_sendto,
  .recvfrom = net_recvfrom,
  .sendmsg = net_sendmsg,
  .recvmsg = net_recvmsg,
  .poll = net_poll
};

int
rtems_rump_socket_register(void)
{
  int error = visit_init();

  return error != 0 ? error : rtems_rump_socket_stack_use(&stack);
}
