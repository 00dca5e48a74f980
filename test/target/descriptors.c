/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Descriptors of sockets that are closed while calls are in the kernel, which
 * this test is: so it is known where each call is.
 */

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/stack.h"

#include "target.h"

#define SOCKETS 8

/* What the kernel has open, the last of it, and how often it was woken. */
static bool is_open[SOCKETS];
static int last;
static unsigned wakes;

/* What calls do while they are in the kernel. */
static int to_close = -1;
static int other = -1;

static unsigned
get_life(void)
{
  return 1;
}

static int
get_errno(int error)
{
  return error;
}

static int
open_socket(unsigned life, int domain, int type, int protocol)
{
  int fd = 0;

  (void)life;
  (void)domain;
  (void)type;
  (void)protocol;
  while (is_open[fd]) {
    ++fd;
  }
  is_open[fd] = true;
  last = fd;
  return fd;
}

static int
close_socket(unsigned life, int fd)
{
  (void)life;
  CHECK(is_open[fd]);
  is_open[fd] = false;
  return 0;
}

static int
end_both(unsigned life, int fd, int how)
{
  (void)life;
  CHECK(is_open[fd] && how == SHUT_RDWR);
  ++wakes;
  return 0;
}

/* Another task closes the descriptor and opens one. */
static void
let_others(int fd)
{
  if (to_close >= 0) {
    CHECK(close(to_close) == 0);
    to_close = -1;
    other = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(other >= 0 && last != fd);
  }
  CHECK(is_open[fd]);
}

static ssize_t
receive(
  unsigned life, int fd, void *data, size_t size, int flags, void *address,
  uint32_t *address_size)
{
  (void)life;
  (void)data;
  (void)size;
  (void)flags;
  (void)address;
  (void)address_size;
  let_others(fd);
  return 0;
}

static ssize_t
read_socket(unsigned life, int fd, void *data, size_t size)
{
  return receive(life, fd, data, size, 0, NULL, NULL);
}

static int
accept_socket(
  unsigned life, int fd, void *address, uint32_t *size, int flags)
{
  (void)receive(life, fd, address, *size, flags, NULL, NULL);
  errno = ECONNABORTED;
  return -1;
}

static int
poll_sockets(
  unsigned life, struct pollfd *fds, unsigned count,
  const struct timespec *timeout)
{
  unsigned i;

  (void)life;
  (void)timeout;
  let_others(fds[0].fd);
  for (i = 0; i < count; ++i) {
    fds[i].revents = POLLIN;
  }
  return (int)count;
}

static const struct socket_stack stack = {
  .life = get_life,
  .errno_to_rtems = get_errno,
  .socket = open_socket,
  .close = close_socket,
  .shutdown = end_both,
  .accept = accept_socket,
  .recvfrom = receive,
  .read = read_socket,
  .poll = poll_sockets
};

static int
begin(void)
{
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  CHECK(fd >= 0);
  to_close = fd;
  wakes = 0;
  return fd;
}

/* The call was woken, and its number was not the other socket's. */
static void
check_end(void)
{
  unsigned i, count = 0;

  CHECK(wakes == 1);
  CHECK(close(other) == 0);
  for (i = 0; i < SOCKETS; ++i) {
    count += is_open[i];
  }
  CHECK(count == 0);
}

static void
test_calls(void)
{
  char byte;
  int fd = begin();

  CHECK_ERRNO(recv(fd, &byte, 1, 0), EBADF);
  check_end();
  fd = begin();
  CHECK_ERRNO(read(fd, &byte, 1), EBADF);
  check_end();
  fd = begin();
  CHECK_ERRNO(accept(fd, NULL, NULL), EBADF);
  check_end();
}

static void
test_poll(void)
{
  struct pollfd fds[2] = {
    { .fd = begin(), .events = POLLIN },
    { .fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN }
  };

  CHECK(poll(fds, 2, -1) == 2);
  CHECK(fds[0].revents == POLLNVAL && fds[1].revents == POLLIN);
  CHECK(close(fds[1].fd) == 0);
  check_end();
}

/* Another descriptor keeps the socket; without calls nobody is woken. */
static void
test_dup(void)
{
  char byte;
  int fd = begin();
  int copy = dup(fd);

  CHECK(copy >= 0);
  CHECK(recv(copy, &byte, 1, 0) == 0 && wakes == 0);
  CHECK(close(copy) == 0 && wakes == 0);
  wakes = 1;
  check_end();
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("DESCRIPTORS");
  CHECK(rtems_rump_socket_stack_use(&stack) == 0);
  test_calls();
  test_poll();
  test_dup();
  TARGET_END("DESCRIPTORS");
}

#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 32
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
