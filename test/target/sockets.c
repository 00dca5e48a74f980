/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's sockets by RTEMS's calls, over lo0: two lives of a kernel, of which
 * the second leaves nothing behind.
 */

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/filio.h>
#include <net/if.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/sockio.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <rtems/malloc.h>

#include <rtems-rump/socket.h>

#include "target.h"

#define CONNECTIONS 50
#define PORT 7000

#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 32

static struct sockaddr_in
loopback(unsigned port)
{
  struct sockaddr_in address = {
    .sin_len = sizeof(address),
    .sin_family = AF_INET,
    .sin_port = htons(port),
    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
  };

  return address;
}

static int
bound(int type, unsigned port)
{
  struct sockaddr_in address = loopback(port);
  int fd = socket(AF_INET, type, 0);
  int on = 1;

  CHECK(fd >= 0);
  CHECK(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0);
  CHECK(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
  return fd;
}

static int
listener(unsigned port)
{
  int fd = bound(SOCK_STREAM, port);

  CHECK(listen(fd, 4) == 0);
  return fd;
}

static int
connected(unsigned port)
{
  struct sockaddr_in address = loopback(port);
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  CHECK(fd >= 0);
  CHECK(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
  return fd;
}

static void
pair(int fds[2])
{
  int l = listener(PORT);

  fds[0] = connected(PORT);
  fds[1] = accept(l, NULL, NULL);
  CHECK(fds[1] >= 0);
  CHECK(close(l) == 0);
}

static void
close_pair(const int fds[2])
{
  CHECK(close(fds[0]) == 0);
  CHECK(close(fds[1]) == 0);
}

/* Names of both ends, all ways to send and to receive, and the end. */
static void
test_tcp(void)
{
  struct sockaddr_in name = { 0 }, peer = { 0 };
  socklen_t size = sizeof(name);
  int l = listener(PORT);
  int client = connected(PORT);
  int server = accept(l, (struct sockaddr *)&peer, &size);
  char in[16] = "";
  struct iovec out[2] = { { "gat", 3 }, { "her", 4 } };
  struct iovec parts[2] = { { in, 3 }, { in + 3, 4 } };
  struct stat status;

  CHECK(server >= 0);
  CHECK(size == sizeof(peer) && peer.sin_family == AF_INET);
  size = sizeof(name);
  CHECK(getsockname(client, (struct sockaddr *)&name, &size) == 0);
  CHECK(name.sin_port == peer.sin_port);
  CHECK(name.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
  size = sizeof(name);
  CHECK(getpeername(client, (struct sockaddr *)&name, &size) == 0);
  CHECK(name.sin_port == htons(PORT));

  CHECK(write(client, "hello", 6) == 6);
  CHECK(recv(server, in, sizeof(in), MSG_PEEK) == 6);
  CHECK(read(server, in, sizeof(in)) == 6 && strcmp(in, "hello") == 0);
  CHECK(writev(server, out, 2) == 7);
  CHECK(readv(client, parts, 2) == 7 && strcmp(in, "gather") == 0);
  CHECK(send(client, "all", 4, MSG_NOSIGNAL) == 4);
  CHECK(recv(server, in, 4, MSG_WAITALL) == 4 && strcmp(in, "all") == 0);
  CHECK(fstat(client, &status) == 0 && S_ISSOCK(status.st_mode));
  CHECK_ERRNO(lseek(client, 0, SEEK_SET), ESPIPE);

  CHECK(shutdown(client, SHUT_WR) == 0);
  CHECK(read(server, in, sizeof(in)) == 0);
  CHECK(close(client) == 0);
  CHECK(close(server) == 0);
  CHECK(close(l) == 0);
}

/* The peer is gone: an error, and no signal. */
static void
test_broken(void)
{
  int fds[2];

  pair(fds);
  CHECK(close(fds[1]) == 0);
  while (write(fds[0], "x", 1) == 1) {
    target_sleep(10);
  }
  CHECK(errno == EPIPE || errno == ECONNRESET);
  CHECK_ERRNO(write(fds[0], "x", 1), EPIPE);
  CHECK(close(fds[0]) == 0);
}

static void
test_udp(void)
{
  struct sockaddr_in to = loopback(PORT + 1), from = { 0 };
  struct sockaddr_in6 large;
  socklen_t size = sizeof(from);
  int a = bound(SOCK_DGRAM, PORT + 1);
  int b = bound(SOCK_DGRAM, PORT + 2);
  char in[8] = "";
  struct iovec iov = { in, 2 };
  struct msghdr message = {
    .msg_name = &large, .msg_namelen = sizeof(large),
    .msg_iov = &iov, .msg_iovlen = 1
  };

  CHECK(sendto(b, "udp", 4, 0, (struct sockaddr *)&to, sizeof(to)) == 4);
  CHECK(
    recvfrom(a, in, sizeof(in), 0, (struct sockaddr *)&from, &size) == 4);
  CHECK(strcmp(in, "udp") == 0 && from.sin_port == htons(PORT + 2));

  /* A buffer too short for the address has as much as there is room for. */
  size = 4;
  memset(&from, 0, sizeof(from));
  CHECK(sendto(b, "udp", 4, 0, (struct sockaddr *)&to, sizeof(to)) == 4);
  CHECK(
    recvfrom(a, in, sizeof(in), 0, (struct sockaddr *)&from, &size) == 4);
  CHECK(size == sizeof(from) && from.sin_port == htons(PORT + 2));
  CHECK(from.sin_addr.s_addr == 0);

  /* A message that is cut off. */
  CHECK(sendto(b, "udp", 4, 0, (struct sockaddr *)&to, sizeof(to)) == 4);
  CHECK(recvmsg(a, &message, 0) == 2);
  CHECK((message.msg_flags & MSG_TRUNC) != 0);
  CHECK(message.msg_namelen == sizeof(from));
  CHECK(close(a) == 0);
  CHECK(close(b) == 0);
}

/* What comes with a message: where it was sent to. */
static void
test_control(void)
{
  struct sockaddr_in to = loopback(PORT + 1);
  union {
    struct cmsghdr header;
    char bytes[128];
  } control;
  int a = bound(SOCK_DGRAM, PORT + 1);
  int on = 1, found = 0;
  char in[8];
  struct iovec iov = { in, sizeof(in) };
  struct msghdr message = {
    .msg_iov = &iov, .msg_iovlen = 1,
    .msg_control = &control, .msg_controllen = sizeof(control)
  };
  struct cmsghdr *cmsg;

  CHECK(setsockopt(a, IPPROTO_IP, IP_RECVDSTADDR, &on, sizeof(on)) == 0);
  CHECK(setsockopt(a, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on)) == 0);
  CHECK(setsockopt(a, IPPROTO_IP, IP_RECVTTL, &on, sizeof(on)) == 0);
  CHECK(sendto(a, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)) == 1);
  CHECK(recvmsg(a, &message, 0) == 1);
  CHECK((message.msg_flags & MSG_CTRUNC) == 0);
  for (cmsg = CMSG_FIRSTHDR(&message); cmsg != NULL;
      cmsg = CMSG_NXTHDR(&message, cmsg)) {
    if (cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SCM_TIMESTAMP) {
      found += 1;
    } else if (cmsg->cmsg_type == IP_RECVTTL) {
      CHECK(*CMSG_DATA(cmsg) == 64);
      found += 4;
    } else {
      CHECK(cmsg->cmsg_level == IPPROTO_IP);
      CHECK(cmsg->cmsg_type == IP_RECVDSTADDR);
      CHECK(memcmp(CMSG_DATA(cmsg), &to.sin_addr, 4) == 0);
      found += 2;
    }
  }
  CHECK(found == 7);

  /* Descriptors cannot be sent. */
  control.header = (struct cmsghdr){
    CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS
  };
  message.msg_controllen = CMSG_SPACE(sizeof(int));
  message.msg_name = &to;
  message.msg_namelen = sizeof(to);
  CHECK_ERRNO(sendmsg(a, &message, 0), EOPNOTSUPP);
  control.header.cmsg_len = 1000;
  CHECK_ERRNO(sendmsg(a, &message, 0), EINVAL);
  CHECK(close(a) == 0);
}

static void
test_ipv6(void)
{
  struct sockaddr_in6 address = {
    .sin6_len = sizeof(address),
    .sin6_family = AF_INET6,
    .sin6_port = htons(PORT),
    .sin6_addr.s6_addr = { [15] = 1 }
  };
  struct sockaddr_in6 name;
  socklen_t size = sizeof(name);
  int l = socket(AF_INET6, SOCK_STREAM, 0);
  int client = socket(AF_INET6, SOCK_STREAM, 0);
  int server;

  CHECK(l >= 0 && client >= 0);
  CHECK(bind(l, (struct sockaddr *)&address, sizeof(address)) == 0);
  CHECK(listen(l, 1) == 0);
  CHECK(connect(client, (struct sockaddr *)&address, sizeof(address)) == 0);
  server = accept(l, (struct sockaddr *)&name, &size);
  CHECK(server >= 0 && size == sizeof(name));
  CHECK(name.sin6_family == AF_INET6 && name.sin6_addr.s6_addr[15] == 1);
  CHECK(close(l) == 0);
  CHECK(close(client) == 0);
  CHECK(close(server) == 0);
}

static void
test_local(void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  struct sockaddr_un name;
  socklen_t size = sizeof(name);
  int l = socket(AF_UNIX, SOCK_STREAM, 0);
  int client = socket(AF_UNIX, SOCK_STREAM, 0);
  int fds[2];
  char in[4];

  CHECK(l >= 0 && client >= 0);
  strcpy(address.sun_path, "/socket");
  CHECK(bind(l, (struct sockaddr *)&address, SUN_LEN(&address)) == 0);
  CHECK(listen(l, 1) == 0);
  CHECK(
    connect(client, (struct sockaddr *)&address, SUN_LEN(&address)) == 0);
  fds[0] = accept(l, NULL, NULL);
  CHECK(fds[0] >= 0);
  CHECK(getpeername(client, (struct sockaddr *)&name, &size) == 0);
  CHECK(name.sun_family == AF_UNIX);
  CHECK(memcmp(name.sun_path, "/socket", 7) == 0);
  CHECK(close(fds[0]) == 0);
  CHECK(close(client) == 0);
  CHECK(close(l) == 0);

  CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) == 0);
  CHECK(write(fds[0], "one", 4) == 4);
  CHECK(write(fds[0], "two", 4) == 4);
  CHECK(read(fds[1], in, 4) == 4 && strcmp(in, "one") == 0);
  CHECK(read(fds[1], in, 4) == 4 && strcmp(in, "two") == 0);
  close_pair(fds);
}

static void
test_nonblocking(void)
{
  struct sockaddr_in address = loopback(PORT);
  int l = listener(PORT);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  int on = 1, off = 0, count = -1;
  struct pollfd p = { .fd = fd, .events = POLLOUT };
  char in[4];

  CHECK(fcntl(fd, F_GETFL) == (O_RDWR | O_NONBLOCK));
  CHECK(fcntl(l, F_SETFL, O_NONBLOCK) == 0);
  CHECK_ERRNO(accept(l, NULL, NULL), EAGAIN);
  CHECK(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0
    || errno == EINPROGRESS);
  CHECK(poll(&p, 1, 1000) == 1 && p.revents == POLLOUT);
  CHECK_ERRNO(read(fd, in, sizeof(in)), EAGAIN);

  /* As in BSD the new socket has it from the listener; accept4() tells. */
  p.fd = accept(l, NULL, NULL);
  CHECK(fcntl(p.fd, F_GETFL) == (O_RDWR | O_NONBLOCK));
  CHECK_ERRNO(read(p.fd, in, sizeof(in)), EAGAIN);
  CHECK(close(p.fd) == 0);
  CHECK(close(fd) == 0);
  fd = connected(PORT);
  p.fd = accept4(l, NULL, NULL, 0);
  CHECK(p.fd >= 0 && fcntl(p.fd, F_GETFL) == O_RDWR);
  CHECK_ERRNO(accept4(l, NULL, NULL, 1), EINVAL);

  CHECK(ioctl(fd, FIONBIO, &on) == 0);
  CHECK(fcntl(fd, F_GETFL) == (O_RDWR | O_NONBLOCK));
  CHECK_ERRNO(read(fd, in, sizeof(in)), EAGAIN);
  CHECK(ioctl(fd, FIONBIO, &off) == 0);
  CHECK(fcntl(fd, F_GETFL) == O_RDWR);
  CHECK_ERRNO(recv(fd, in, sizeof(in), MSG_DONTWAIT), EAGAIN);
  CHECK(write(p.fd, "abc", 3) == 3);
  CHECK(recv(fd, in, 1, MSG_WAITALL | MSG_PEEK) == 1);
  CHECK(ioctl(fd, FIONREAD, &count) == 0 && count == 3);
  CHECK(close(p.fd) == 0);
  CHECK(close(fd) == 0);
  CHECK(close(l) == 0);
}

/* Set in one world, kept in the other. */
static void
test_options(void)
{
  struct timeval time = { .tv_usec = 200000 }, told = { 0 };
  struct linger linger = { .l_onoff = 1, .l_linger = 7 };
  struct ifreq request = { .ifr_name = "lo0" }, list[4];
  struct ifconf conf = { .ifc_len = sizeof(list), .ifc_req = list };
  socklen_t size = sizeof(told);
  uint64_t begin;
  int fds[2], value = 0;
  char in[4];

  pair(fds);
  CHECK(setsockopt(
    fds[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)) == 0);
  CHECK(getsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &told, &size) == 0);
  CHECK(told.tv_sec == 0 && told.tv_usec == 200000);
  begin = target_msec();
  CHECK_ERRNO(read(fds[0], in, sizeof(in)), EAGAIN);
  CHECK(target_msec() - begin >= 50);

  value = 77;
  size = sizeof(value);
  CHECK(setsockopt(
    fds[0], IPPROTO_TCP, TCP_KEEPIDLE, &value, sizeof(value)) == 0);
  CHECK(setsockopt(
    fds[0], IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value)) == 0);
  value = 0;
  CHECK(getsockopt(fds[0], IPPROTO_TCP, TCP_NODELAY, &value, &size) == 0);
  CHECK(value != 0);
  CHECK(setsockopt(
    fds[0], SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) == 0);
  linger = (struct linger){ 0 };
  size = sizeof(linger);
  CHECK(getsockopt(fds[0], SOL_SOCKET, SO_LINGER, &linger, &size) == 0);
  CHECK(linger.l_onoff != 0 && linger.l_linger == 7);
  size = sizeof(value);
  CHECK(getsockopt(fds[0], SOL_SOCKET, SO_TYPE, &value, &size) == 0);
  CHECK(value == SOCK_STREAM);
  CHECK(getsockopt(fds[0], SOL_SOCKET, SO_DOMAIN, &value, &size) == 0);
  CHECK(value == AF_INET);
  /* Rounded up to whole segments. */
  CHECK(getsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &value, &size) == 0);
  CHECK(value >= RTEMS_RUMP_TCP_BUFFER);
  CHECK(getsockopt(fds[0], SOL_SOCKET, SO_RCVBUF, &value, &size) == 0);
  CHECK(value >= RTEMS_RUMP_TCP_BUFFER);

  CHECK(ioctl(fds[0], SIOCGIFFLAGS, &request) == 0);
  CHECK((request.ifr_flags & IFF_LOOPBACK) != 0);
  CHECK(ioctl(fds[0], SIOCGIFADDR, &request) == 0);
  CHECK(((struct sockaddr_in *)&request.ifr_addr)->sin_addr.s_addr
    == htonl(INADDR_LOOPBACK));
  CHECK(ioctl(fds[0], SIOCGIFMTU, &request) == 0 && request.ifr_mtu > 1500);
  CHECK(ioctl(fds[0], SIOCGIFCONF, &conf) == 0);
  CHECK(conf.ifc_len == sizeof(list[0]));
  CHECK(strcmp(list[0].ifr_name, "lo0") == 0);
  CHECK(((struct sockaddr_in *)&list[0].ifr_addr)->sin_addr.s_addr
    == htonl(INADDR_LOOPBACK));
  strcpy(request.ifr_name, "none0");
  CHECK_ERRNO(ioctl(fds[0], SIOCGIFMTU, &request), ENXIO);
  close_pair(fds);
}

/* A connection that is refused tells its error in RTEMS's number. */
static void
test_refused(void)
{
  struct sockaddr_in address = loopback(PORT + 3);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  int error = 0;
  socklen_t size = sizeof(error);
  struct pollfd p;

  CHECK_ERRNO(
    connect(fd, (struct sockaddr *)&address, sizeof(address)), ECONNREFUSED);
  CHECK(close(fd) == 0);
  fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  (void)connect(fd, (struct sockaddr *)&address, sizeof(address));
  p = (struct pollfd){ .fd = fd, .events = POLLOUT };
  CHECK(poll(&p, 1, 1000) == 1);
  CHECK(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0);
  CHECK(error == ECONNREFUSED || error == 0);
  CHECK(close(fd) == 0);
}

static void
test_bad(void)
{
  struct sockaddr_in address = loopback(PORT);
  struct sockaddr *any = (struct sockaddr *)&address;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  int file = open("/file", O_RDWR | O_CREAT, 0600);
  int value = 0;
  char long_address[300] = { 16, AF_INET };
  socklen_t size = sizeof(value);

  CHECK_ERRNO(bind(-1, any, sizeof(address)), EBADF);
  CHECK_ERRNO(bind(10000, any, sizeof(address)), EBADF);
  CHECK_ERRNO(bind(file, any, sizeof(address)), ENOTSOCK);
  CHECK_ERRNO(recv(file, long_address, 1, 0), ENOTSOCK);
  CHECK_ERRNO(bind(fd, NULL, sizeof(address)), EFAULT);
  CHECK_ERRNO(bind(fd, any, 0), EINVAL);
  CHECK_ERRNO(bind(fd, any, 1), EINVAL);
  CHECK_ERRNO(bind(fd, any, 3), EINVAL);
  CHECK_ERRNO(bind(fd, (struct sockaddr *)long_address, 300), EINVAL);
  address.sin_family = AF_INET6;
  CHECK_ERRNO(bind(fd, any, sizeof(address)), EAFNOSUPPORT);
  address.sin_family = 99;
  CHECK_ERRNO(bind(fd, any, sizeof(address)), EAFNOSUPPORT);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(0x01020304);
  CHECK_ERRNO(bind(fd, any, sizeof(address)), EADDRNOTAVAIL);
  CHECK_ERRNO(send(fd, "x", 1, 0), ENOTCONN);
  CHECK_ERRNO(send(fd, "x", 1, MSG_EOF), EOPNOTSUPP);
  CHECK_ERRNO(getpeername(fd, any, &size), ENOTCONN);
  CHECK_ERRNO(shutdown(fd, 9), EINVAL);
  CHECK_ERRNO(accept(fd, NULL, NULL), EINVAL);
  CHECK_ERRNO(ioctl(fd, 0x1234, &value), ENOTTY);

  CHECK_ERRNO(
    setsockopt(fd, SOL_SOCKET, SO_LABEL, &value, size), ENOPROTOOPT);
  CHECK_ERRNO(setsockopt(fd, 99, 1, &value, size), ENOPROTOOPT);
  CHECK_ERRNO(
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, NULL, size), EFAULT);
  CHECK_ERRNO(
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, 1), EINVAL);
  CHECK_ERRNO(
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &value, size), EINVAL);
  CHECK_ERRNO(
    getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, NULL), EFAULT);

  CHECK_ERRNO(socket(99, SOCK_STREAM, 0), EAFNOSUPPORT);
  CHECK_ERRNO(socket(AF_INET, 77, 0), EPROTOTYPE);
  CHECK_ERRNO(socket(AF_INET, SOCK_STREAM, 250), EPROTONOSUPPORT);
  CHECK(close(file) == 0);
  CHECK(unlink("/file") == 0);
  CHECK(close(fd) == 0);
  CHECK_ERRNO(bind(fd, any, sizeof(address)), EBADF);
  CHECK_ERRNO(close(fd), EBADF);
}

/* Both descriptors are one socket, which lives as long as one of them. */
static void
test_dup(void)
{
  int fds[2], copy;
  char in[4];

  pair(fds);
  copy = dup(fds[0]);
  CHECK(copy >= 0 && copy != fds[0]);
  CHECK(close(fds[0]) == 0);
  CHECK(write(copy, "dup", 4) == 4);
  CHECK(read(fds[1], in, 4) == 4 && strcmp(in, "dup") == 0);
  CHECK(close(copy) == 0);
  CHECK(read(fds[1], in, 4) == 0);
  CHECK(close(fds[1]) == 0);
}

static void
test_exhausted(void)
{
  rtems_resource_snapshot before, after;
  int fds[CONFIGURE_MAXIMUM_FILE_DESCRIPTORS];
  int extra[2];
  unsigned count = 0, i;

  rtems_resource_snapshot_take(&before);
  while ((fds[count] = socket(AF_INET, SOCK_STREAM, 0)) >= 0) {
    ++count;
    CHECK(count < CONFIGURE_MAXIMUM_FILE_DESCRIPTORS);
  }
  CHECK(errno == ENFILE);

  /* Nor are the kernel's descriptors left, of which there are 1,024. */
  for (i = 0; i < 1100; ++i) {
    CHECK_ERRNO(socketpair(AF_UNIX, SOCK_STREAM, 0, extra), ENFILE);
  }
  CHECK(close(fds[--count]) == 0);
  CHECK_ERRNO(socketpair(AF_UNIX, SOCK_STREAM, 0, extra), ENFILE);
  for (i = 0; i < count; ++i) {
    CHECK(close(fds[i]) == 0);
  }
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
}

/* Nothing is left of many connections: neither here nor in the kernel. */
static void
test_many(void)
{
  rtems_resource_snapshot before, after;
  struct rtems_rump_usage first, last;
  unsigned i;

  rtems_resource_snapshot_take(&before);
  for (i = 0; i < 2 * CONNECTIONS; ++i) {
    struct linger abort = { .l_onoff = 1 };
    int fds[2];

    if (i == CONNECTIONS) {
      rtems_rump_get_usage(&first);
    }
    pair(fds);
    /* Reset: nothing waits for two minutes. */
    CHECK(setsockopt(
      fds[0], SOL_SOCKET, SO_LINGER, &abort, sizeof(abort)) == 0);
    close_pair(fds);
  }
  rtems_rump_get_usage(&last);
  printf(
    "sockets: %u connections took %ld bytes of the kernel\n",
    CONNECTIONS,
    (long)last.memory_used - (long)first.memory_used
  );
  CHECK(last.memory_used <= first.memory_used + 64 * 1024);
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
}

/* What another task does while this one waits. */
struct act {
  void (*function)(int fd);
  int fd;
  unsigned delay;
  volatile bool done;
};

static rtems_task
act(rtems_task_argument arg)
{
  struct act *a = (struct act *)arg;

  target_sleep(a->delay);
  (*a->function)(a->fd);
  a->done = true;
  rtems_task_exit();
}

static rtems_id
act_later(struct act *a)
{
  return target_task(TARGET_PRIORITY, act, (rtems_task_argument)a);
}

static void
do_close(int fd)
{
  CHECK(close(fd) == 0);
}

static void
do_write(int fd)
{
  CHECK(write(fd, "later", 5) == 5);
}

/* close() ends what waits in any way. */
static void
test_close_while_blocked(void)
{
  struct act closing = { .function = do_close, .delay = 100 };
  static char large[1024 * 1024];
  int fds[2], l = listener(PORT + 4);
  rtems_id id;
  char in[4];

  closing.fd = l;
  id = act_later(&closing);
  CHECK_ERRNO(accept(l, NULL, NULL), EBADF);
  target_wait_for_end(id);

  pair(fds);
  closing.fd = fds[0];
  id = act_later(&closing);
  CHECK_ERRNO(read(fds[0], in, sizeof(in)), EBADF);
  target_wait_for_end(id);
  CHECK(close(fds[1]) == 0);

  pair(fds);
  closing.fd = fds[0];
  id = act_later(&closing);
  CHECK_ERRNO(recv(fds[0], in, sizeof(in), 0), EBADF);
  target_wait_for_end(id);
  CHECK(close(fds[1]) == 0);

  /* What was written before has been. */
  pair(fds);
  closing.fd = fds[0];
  id = act_later(&closing);
  CHECK(write(fds[0], large, sizeof(large)) < (ssize_t)sizeof(large));
  target_wait_for_end(id);
  CHECK(close(fds[1]) == 0);

  /* After dup() the other descriptor keeps the socket. */
  pair(fds);
  closing.fd = dup(fds[0]);
  id = act_later(&closing);
  target_wait_for_end(id);
  CHECK_ERRNO(recv(fds[0], in, 1, MSG_DONTWAIT), EAGAIN);
  close_pair(fds);
}

/* A wait without end for one that another task closes. */
static void
poll_closed(int fd, short events)
{
  struct act closing = { .function = do_close, .delay = 100, .fd = fd };
  struct pollfd p = { .fd = fd, .events = events };
  rtems_id id = act_later(&closing);

  CHECK(poll(&p, 1, -1) == 1 && p.revents == POLLNVAL);
  target_wait_for_end(id);
}

static void
select_closed(int fd)
{
  struct act closing = { .function = do_close, .delay = 100, .fd = fd };
  rtems_id id;
  fd_set set;

  FD_ZERO(&set);
  FD_SET(fd, &set);
  id = act_later(&closing);
  CHECK_ERRNO(select(fd + 1, &set, NULL, NULL, NULL), EBADF);
  target_wait_for_end(id);
}

/* close() ends poll() and select(), whatever they wait for. */
static void
test_close_while_polled(void)
{
  struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "/polled" };
  struct act closing = { .function = do_close, .delay = 100 };
  static char large[64 * 1024];
  int fds[2], fd;
  rtems_id id;

  poll_closed(listener(PORT + 5), POLLIN);
  poll_closed(bound(SOCK_DGRAM, PORT + 5), POLLIN);
  pair(fds);
  poll_closed(fds[0], POLLIN);
  CHECK(close(fds[1]) == 0);
  pair(fds);
  /* TCP still moves what is there to the other end. */
  while (send(fds[0], large, sizeof(large), MSG_DONTWAIT) > 0) {
    target_sleep(50);
  }
  CHECK(errno == EAGAIN);
  poll_closed(fds[0], POLLOUT);
  CHECK(close(fds[1]) == 0);
  pair(fds);
  poll_closed(fds[0], 0);
  CHECK(close(fds[1]) == 0);
  select_closed(listener(PORT + 5));

  fd = socket(AF_UNIX, SOCK_STREAM, 0);
  CHECK(fd >= 0);
  CHECK(bind(fd, (struct sockaddr *)&name, sizeof(name)) == 0);
  CHECK(listen(fd, 1) == 0);
  closing.fd = fd;
  id = act_later(&closing);
  CHECK_ERRNO(accept(fd, NULL, NULL), EBADF);
  target_wait_for_end(id);
}

static void
test_poll(void)
{
  int fds[2], file = open("/file", O_RDWR | O_CREAT, 0600);
  struct pollfd p[3];
  struct act writing = { .function = do_write, .delay = 100 };
  uint64_t begin;
  rtems_id id;
  char in[8];

  pair(fds);
  p[0] = (struct pollfd){ .fd = fds[0], .events = POLLIN };
  p[1] = (struct pollfd){ .fd = -1, .events = POLLIN, .revents = 7 };
  p[2] = (struct pollfd){ .fd = fds[1], .events = POLLIN };
  CHECK(poll(p, 3, 0) == 0 && p[1].revents == 0);
  begin = target_msec();
  CHECK(poll(p, 3, 200) == 0);
  CHECK(target_msec() - begin >= 50);

  writing.fd = fds[1];
  id = act_later(&writing);
  CHECK(poll(p, 3, -1) == 1);
  CHECK(p[0].revents == POLLIN && p[2].revents == 0);
  target_wait_for_end(id);
  CHECK(read(fds[0], in, sizeof(in)) == 5);

  /* A file is ready at once, and the sockets are asked all the same. */
  p[1] = (struct pollfd){ .fd = file, .events = POLLIN | POLLOUT };
  p[2].events = POLLOUT;
  CHECK(poll(p, 3, -1) == 2);
  CHECK(p[0].revents == 0 && p[1].revents == (POLLIN | POLLOUT));
  CHECK(p[2].revents == POLLOUT);
  CHECK(poll(p, 2, -1) == 1);
  p[1].events = 0;
  CHECK(poll(p, 2, 50) == 0);

  /* Without sockets. */
  begin = target_msec();
  CHECK(poll(NULL, 0, 100) == 0 && target_msec() - begin >= 50);
  CHECK(poll(&p[1], 1, 0) == 0);
  CHECK_ERRNO(poll(&p[1], 1, -1), EDEADLK);
  CHECK_ERRNO(poll(p, 1000000, 0), EINVAL);

  /* On another processor the end may come later. */
  CHECK(close(fds[1]) == 0);
  CHECK(poll(p, 1, 1000) == 1);
  p[0].events = POLLIN | POLLOUT;
  p[1].fd = fds[1];
  CHECK(poll(p, 2, -1) == 2);
  CHECK((p[0].revents & POLLIN) != 0 && p[1].revents == POLLNVAL);
  CHECK(close(fds[0]) == 0);
  CHECK(close(file) == 0);
  CHECK(unlink("/file") == 0);
}

/* More than those for which there is no memory to be allocated. */
static void
test_poll_many(void)
{
  struct pollfd p[20];
  rtems_resource_snapshot before, after;
  int i;

  rtems_resource_snapshot_take(&before);
  for (i = 0; i < 20; ++i) {
    p[i] = (struct pollfd){
      .fd = bound(SOCK_DGRAM, PORT + 10 + i), .events = POLLIN
    };
  }
  CHECK(poll(p, 20, 20) == 0);
  for (i = 0; i < 20; i += 3) {
    struct sockaddr_in to = loopback(PORT + 10 + i);

    CHECK(sendto(
      p[0].fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)) == 1);
  }
  CHECK(poll(p, 20, -1) >= 1);
  target_sleep(20);
  CHECK(poll(p, 20, -1) == 7);
  for (i = 0; i < 20; ++i) {
    CHECK(p[i].revents == (i % 3 == 0 ? POLLIN : 0));
    CHECK(close(p[i].fd) == 0);
  }
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
}

static void
test_select(void)
{
  struct timeval time = { .tv_usec = 100000 };
  struct act writing = { .function = do_write, .delay = 100 };
  fd_set readable, writable;
  uint64_t begin;
  rtems_id id;
  int fds[2];

  pair(fds);
  FD_ZERO(&readable);
  FD_SET(fds[0], &readable);
  begin = target_msec();
  CHECK(select(fds[0] + 1, &readable, NULL, NULL, &time) == 0);
  CHECK(target_msec() - begin >= 50 && !FD_ISSET(fds[0], &readable));

  FD_SET(fds[0], &readable);
  writing.fd = fds[1];
  id = act_later(&writing);
  CHECK(select(fds[0] + 1, &readable, NULL, NULL, NULL) == 1);
  CHECK(FD_ISSET(fds[0], &readable));
  target_wait_for_end(id);

  FD_ZERO(&writable);
  FD_SET(fds[1], &readable);
  FD_SET(fds[0], &writable);
  FD_SET(fds[1], &writable);
  CHECK(select(FD_SETSIZE, &readable, &writable, NULL, &time) == 3);
  CHECK(FD_ISSET(fds[0], &readable) && !FD_ISSET(fds[1], &readable));
  CHECK(FD_ISSET(fds[0], &writable) && FD_ISSET(fds[1], &writable));

  time.tv_usec = -1;
  CHECK_ERRNO(select(0, NULL, NULL, NULL, &time), EINVAL);
  CHECK_ERRNO(select(-1, NULL, NULL, NULL, NULL), EINVAL);
  CHECK_ERRNO(select(FD_SETSIZE + 1, &readable, NULL, NULL, NULL), EINVAL);
  close_pair(fds);
  FD_SET(fds[0], &readable);
  CHECK_ERRNO(select(fds[0] + 1, &readable, NULL, NULL, NULL), EBADF);
}

/* Another user has no rights of root's. */
static void
test_user(void)
{
  struct sockaddr_in address = loopback(80);
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  CHECK(seteuid(1000) == 0);
  CHECK_ERRNO(
    bind(fd, (struct sockaddr *)&address, sizeof(address)), EACCES);
  CHECK(seteuid(0) == 0);
  CHECK(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
  CHECK(close(fd) == 0);
}

static void
do_end(int fd)
{
  (void)fd;
  CHECK(rtems_rump_end() == 0);
}

static int waiting_in;

static rtems_task
wait_in_poll(rtems_task_argument arg)
{
  struct pollfd p = { .fd = waiting_in, .events = POLLIN };

  CHECK_ERRNO(poll(&p, 1, -1), EIO);
  *(volatile bool *)arg = true;
  rtems_task_exit();
}

/* A socket that is open when its kernel ends. */
static int kept = -1;

/* It is not taken for one of the next life. */
static void
test_kept(void)
{
  struct pollfd p[2] = {
    { .fd = kept, .events = POLLIN | POLLOUT },
    { .fd = bound(SOCK_DGRAM, PORT + 1), .events = POLLIN }
  };

  if (kept >= 0) {
    CHECK(poll(p, 2, -1) == 1 && p[0].revents == (POLLERR | POLLHUP));
    CHECK_ERRNO(write(kept, "x", 1), EIO);
    CHECK_ERRNO(close(kept), EIO);
  }
  CHECK(close(p[1].fd) == 0);
  kept = bound(SOCK_DGRAM, PORT + 5);
}

/* Who waits when the kernel ends gets EIO, and so does who comes later. */
static void
test_end(void)
{
  struct act ending = { .function = do_end, .delay = 100 };
  volatile bool polled = false;
  rtems_id id, poller;
  struct pollfd p;
  char in[4];
  int fds[2];

  pair(fds);
  waiting_in = fds[1];
  poller =
    target_task(TARGET_PRIORITY, wait_in_poll, (rtems_task_argument)&polled);
  id = act_later(&ending);
  CHECK_ERRNO(recv(fds[0], in, sizeof(in), 0), EIO);
  target_wait_for_end(id);
  target_wait_for_end(poller);
  CHECK(polled);
  CHECK_ERRNO(write(fds[0], "x", 1), EIO);
  CHECK_ERRNO(socket(AF_INET, SOCK_STREAM, 0), EIO);
  p = (struct pollfd){ .fd = fds[0], .events = POLLIN };
  CHECK_ERRNO(poll(&p, 1, -1), EIO);
  CHECK_ERRNO(close(fds[0]), EIO);
  CHECK_ERRNO(close(fds[1]), EIO);
}

static const struct test {
  const char *name;
  void (*function)(void);
} tests[] = {
  { "tcp", test_tcp },
  { "broken", test_broken },
  { "udp", test_udp },
  { "control", test_control },
  { "ipv6", test_ipv6 },
  { "local", test_local },
  { "nonblocking", test_nonblocking },
  { "options", test_options },
  { "refused", test_refused },
  { "bad", test_bad },
  { "dup", test_dup },
  { "exhausted", test_exhausted },
  { "many", test_many },
  { "close", test_close_while_blocked },
  { "close while polled", test_close_while_polled },
  { "poll", test_poll },
  { "poll many", test_poll_many },
  { "select", test_select },
  { "user", test_user },
  { "kept", test_kept },
  { "end", test_end }
};

static void
live(unsigned life)
{
  static const struct rtems_rump_config config = {
    .memory = 16 << 20, .restartable = true
  };
  size_t i;

  CHECK(rtems_rump_start(&config) == 0);
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); ++i) {
    printf("sockets: life %u: %s\n", life, tests[i].name);
    (*tests[i].function)();
  }
}

static rtems_task
Init(rtems_task_argument arg)
{
  void *all;

  (void)arg;
  TARGET_BEGIN("SOCKETS");
  CHECK_ERRNO(socket(AF_INET, SOCK_STREAM, 0), EAFNOSUPPORT);
  all = rtems_heap_greedy_allocate(NULL, 0);
  CHECK(rtems_rump_socket_register() == ENOMEM);
  rtems_heap_greedy_free(all);
  CHECK_ERRNO(socket(AF_INET, SOCK_STREAM, 0), EAFNOSUPPORT);
  CHECK(rtems_rump_socket_register() == 0);
  CHECK(rtems_rump_socket_register() == 0);
  CHECK_ERRNO(socket(AF_INET, SOCK_STREAM, 0), EIO);
  target_live_twice(live);
  CHECK_ERRNO(close(kept), EIO);
  TARGET_END("SOCKETS");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
