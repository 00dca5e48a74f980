/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * poll(): the kernel waits for its sockets, and nobody for what is not a
 * socket, since nothing in RTEMS tells when that changes.  It is asked before
 * and after.  No descriptor is held while the kernel waits: a socket can be
 * closed, which ends the wait.
 */

#include "poll.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "socket.h"

#define NSEC_PER_MSEC 1000000

#define DATA (POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM)

/* A socket of the kernel that is asked, and its number of the caller. */
struct taken {
  struct socket *socket;
  nfds_t index;
};

struct poll {
  struct pollfd *fds;
  nfds_t count;
  struct pollfd *netbsd;
  struct taken *taken;
  nfds_t sockets;
  const struct socket_stack *stack;
  unsigned life;
  struct pollfd few[POLL_FEW];
  struct taken few_taken[POLL_FEW];
};

/*
 * Who does not wait for data would not see the end of both directions, only
 * that of the kernel's descriptor; and NetBSD forgets who waits for nothing.
 */
static short
take_socket(struct poll *poll, nfds_t i, struct socket *socket)
{
  short events = poll->fds[i].events & POLLSTANDARD;

  /* Those of a kernel that has ended fail at once. */
  if (socket->life != poll->life) {
    return POLLERR | POLLHUP;
  }
  if (!socket_enter(socket)) {
    return POLLNVAL;
  }
  socket_hold(socket);
  if ((events & DATA) == 0) {
    events |= POLLPRI;
    (void)socket_leave(socket, 0);
  }
  poll->netbsd[poll->sockets] = (struct pollfd){
    .fd = socket->fd, .events = events
  };
  poll->taken[poll->sockets++] = (struct taken){ socket, i };
  return 0;
}

/* What the kernel has told, but for what was closed meanwhile. */
static void
give_sockets(struct poll *poll)
{
  int saved_errno = errno;
  nfds_t i;

  for (i = 0; i < poll->sockets; ++i) {
    struct socket *socket = poll->taken[i].socket;
    struct pollfd *fd = &poll->fds[poll->taken[i].index];

    fd->revents = socket_is_open(socket)
      ? poll->netbsd[i].revents & (fd->events | ~POLLPRI) : POLLNVAL;
    if ((poll->netbsd[i].events & DATA) != 0) {
      (void)socket_leave(socket, 0);
    }
    socket_drop(socket);
  }
  errno = saved_errno;
}

/* Files and disks are ready, also where RTEMS has no handler for that. */
static bool
is_file(const rtems_libio_t *iop)
{
  struct stat status = { 0 };

  return (*iop->pathinfo.handlers->fstat_h)(&iop->pathinfo, &status) == 0
    && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)
      || S_ISBLK(status.st_mode));
}

static short
ask(rtems_libio_t *iop, short events)
{
  rtems_filesystem_poll_t handler = iop->pathinfo.handlers->poll_h;

  if (handler == rtems_filesystem_default_poll && is_file(iop)) {
    return events & (POLLIN | POLLRDNORM | POLLOUT);
  }
  return (short)((*handler)(iop, events) & (events | POLLERR | POLLHUP));
}

/* What one descriptor tells at once; a socket nothing, it is taken. */
static short
look(struct poll *poll, nfds_t i, bool take_sockets)
{
  rtems_libio_t *iop = NULL;
  short revents = 0;

  if (poll->fds[i].fd < 0) {
    return 0;
  }
  if (rtems_libio_get_iop(poll->fds[i].fd, &iop) != 0) {
    return POLLNVAL;
  }
  if (!socket_is(iop)) {
    revents = ask(iop, poll->fds[i].events);
  } else if (take_sockets) {
    revents = take_socket(poll, i, socket_of(iop));
  } else {
    revents = poll->fds[i].revents;
  }
  rtems_libio_iop_drop(iop);
  return revents;
}

/* Returns how many are ready; the second time sockets have been asked. */
static int
look_at_all(struct poll *poll, bool take_sockets)
{
  nfds_t i, next = 0;
  int ready = 0;

  for (i = 0; i < poll->count; ++i) {
    if (!take_sockets && next < poll->sockets
        && poll->taken[next].index == i) {
      ++next;
    } else {
      poll->fds[i].revents = look(poll, i, take_sockets);
    }
    ready += poll->fds[i].revents != 0;
  }
  return ready;
}

/* What is not a socket and not ready may never be. */
static int
sleep_until(const struct timespec *timeout)
{
  if (timeout == NULL) {
    errno = EDEADLK;
    return -1;
  }
  return clock_nanosleep(CLOCK_MONOTONIC, 0, timeout, NULL) == 0 ? 0 : -1;
}

static int
wait(struct poll *poll, const struct timespec *timeout)
{
  int rv;

  if (poll->sockets == 0) {
    return sleep_until(timeout);
  }
  rv = (*poll->stack->poll)(
    poll->life,
    poll->netbsd,
    poll->sockets,
    timeout
  );
  give_sockets(poll);
  return rv < 0 ? -1 : 0;
}

static int
run(struct poll *poll, const struct timespec *timeout)
{
  static const struct timespec zero;
  int ready = look_at_all(poll, true);

  if (ready > 0 && poll->sockets == 0) {
    return ready;
  }
  return wait(poll, ready > 0 ? &zero : timeout) != 0
    ? -1 : look_at_all(poll, false);
}

int
poll_until(struct pollfd *fds, nfds_t count, const struct timespec *timeout)
{
  struct poll poll = {
    .fds = fds, .count = count, .stack = socket_stack()
  };
  int ready;

  if (count > rtems_libio_number_iops + POLL_FEW) {
    errno = EINVAL;
    return -1;
  }
  poll.life = poll.stack == NULL ? 0 : (*poll.stack->life)();
  poll.netbsd = poll.few;
  poll.taken = poll.few_taken;
  if (count > POLL_FEW) {
    poll.taken = calloc(count, sizeof(*poll.taken) + sizeof(*poll.netbsd));
    if (poll.taken == NULL) {
      errno = ENOMEM;
      return -1;
    }
    poll.netbsd = (struct pollfd *)(void *)(poll.taken + count);
  }
  ready = run(&poll, timeout);
  if (count > POLL_FEW) {
    free(poll.taken);
  }
  return ready;
}

int
poll(struct pollfd *fds, nfds_t count, int timeout)
{
  struct timespec time = {
    .tv_sec = timeout / 1000, .tv_nsec = timeout % 1000 * NSEC_PER_MSEC
  };

  return poll_until(fds, count, timeout < 0 ? NULL : &time);
}
