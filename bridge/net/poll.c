/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * poll(): the kernel waits for its sockets, and nobody for what is not a
 * socket, since nothing in RTEMS tells when that changes.  It is asked before
 * and after.  No descriptor is held while the kernel waits.
 */

#include "poll.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "socket.h"

#define NSEC_PER_MSEC 1000000

/* A poll of the kernel; its descriptor i is number index[i] of the caller. */
struct poll {
  struct pollfd *fds;
  nfds_t count;
  struct pollfd *netbsd;
  nfds_t *index;
  nfds_t sockets;
  const struct socket_stack *stack;
  unsigned life;
  struct pollfd few[POLL_FEW];
  nfds_t few_index[POLL_FEW];
};

/* Sockets of a kernel that has ended fail at once. */
static short
take_socket(struct poll *poll, nfds_t i, const struct socket *socket)
{
  if (socket->life != poll->life) {
    return POLLERR | POLLHUP;
  }
  poll->netbsd[poll->sockets] = (struct pollfd){
    .fd = socket->fd, .events = poll->fds[i].events & POLLSTANDARD
  };
  poll->index[poll->sockets++] = i;
  return 0;
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

/* Returns how many are ready. */
static int
look_at_all(struct poll *poll, bool take_sockets)
{
  int ready = 0;
  nfds_t i;

  for (i = 0; i < poll->count; ++i) {
    poll->fds[i].revents = look(poll, i, take_sockets);
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
ask_kernel(struct poll *poll, const struct timespec *timeout)
{
  nfds_t i;

  if ((*poll->stack->poll)(
        poll->life,
        poll->netbsd,
        poll->sockets,
        timeout
      ) < 0) {
    return -1;
  }
  for (i = 0; i < poll->sockets; ++i) {
    poll->fds[poll->index[i]].revents = poll->netbsd[i].revents;
  }
  return 0;
}

static int
run(struct poll *poll, const struct timespec *timeout)
{
  static const struct timespec zero;
  int ready = look_at_all(poll, true);

  if (poll->sockets == 0) {
    if (ready > 0) {
      return ready;
    }
    if (sleep_until(timeout) != 0) {
      return -1;
    }
  } else if (ask_kernel(poll, ready > 0 ? &zero : timeout) != 0) {
    return -1;
  }
  return look_at_all(poll, false);
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
  poll.index = poll.few_index;
  if (count > POLL_FEW) {
    poll.netbsd = calloc(count, sizeof(*poll.netbsd) + sizeof(*poll.index));
    if (poll.netbsd == NULL) {
      errno = ENOMEM;
      return -1;
    }
    poll.index = (nfds_t *)(void *)(poll.netbsd + count);
  }
  ready = run(&poll, timeout);
  if (count > POLL_FEW) {
    free(poll.netbsd);
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
