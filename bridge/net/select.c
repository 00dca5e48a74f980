/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * select() by way of poll().
 */

#include "poll.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/select.h>

#define NSEC_PER_USEC 1000
#define NSEC_PER_SEC 1000000000

#define READ_EVENTS (POLLIN | POLLRDNORM)
#define WRITE_EVENTS (POLLOUT | POLLWRNORM)
#define EXCEPT_EVENTS (POLLPRI | POLLRDBAND)

struct sets {
  fd_set *read;
  fd_set *write;
  fd_set *except;
};

static bool
has(const fd_set *set, int fd)
{
  return set != NULL && FD_ISSET(fd, set);
}

static short
events_of(const struct sets *sets, int fd)
{
  return (short)((has(sets->read, fd) ? READ_EVENTS : 0)
    | (has(sets->write, fd) ? WRITE_EVENTS : 0)
    | (has(sets->except, fd) ? EXCEPT_EVENTS : 0));
}

/* Returns whether it stays in the set. */
static int
keep(fd_set *set, const struct pollfd *fd, int events)
{
  if (!has(set, fd->fd)) {
    return 0;
  }
  if ((fd->revents & events) != 0) {
    return 1;
  }
  FD_CLR(fd->fd, set);
  return 0;
}

/* Returns how many bits are left in the sets. */
static int
to_sets(const struct pollfd *fds, nfds_t count, const struct sets *sets)
{
  int bits = 0;
  nfds_t i;

  for (i = 0; i < count; ++i) {
    bits += keep(sets->read, &fds[i], READ_EVENTS | POLLERR | POLLHUP);
    bits += keep(sets->write, &fds[i], WRITE_EVENTS | POLLERR | POLLHUP);
    bits += keep(sets->except, &fds[i], EXCEPT_EVENTS);
  }
  return bits;
}

static bool
has_bad(const struct pollfd *fds, nfds_t count)
{
  nfds_t i;

  for (i = 0; i < count && (fds[i].revents & POLLNVAL) == 0; ++i) {
  }
  return i < count;
}

static nfds_t
from_sets(struct pollfd *fds, int limit, const struct sets *sets)
{
  nfds_t count = 0;
  int fd;

  for (fd = 0; fd < limit; ++fd) {
    short events = events_of(sets, fd);

    if (events != 0 && fds != NULL) {
      fds[count] = (struct pollfd){ .fd = fd, .events = events };
    }
    count += events != 0;
  }
  return count;
}

static int
run(
  struct pollfd         *fds,
  nfds_t                 count,
  const struct sets     *sets,
  const struct timespec *timeout
)
{
  if (poll_until(fds, count, timeout) < 0) {
    return -1;
  }
  if (has_bad(fds, count)) {
    errno = EBADF;
    return -1;
  }
  return to_sets(fds, count, sets);
}

static int
select_until(
  int limit, const struct sets *sets, const struct timespec *timeout)
{
  struct pollfd few[POLL_FEW];
  struct pollfd *fds = few;
  nfds_t count;
  int rv;

  if (limit < 0 || limit > FD_SETSIZE
      || (timeout != NULL && (timeout->tv_sec < 0 || timeout->tv_nsec < 0
        || timeout->tv_nsec >= NSEC_PER_SEC))) {
    errno = EINVAL;
    return -1;
  }
  count = from_sets(NULL, limit, sets);
  if (count > POLL_FEW) {
    fds = malloc(count * sizeof(*fds));
    if (fds == NULL) {
      errno = ENOMEM;
      return -1;
    }
  }
  (void)from_sets(fds, limit, sets);
  rv = run(fds, count, sets, timeout);
  if (fds != few) {
    free(fds);
  }
  return rv;
}

int
select(
  int             limit,
  fd_set         *read,
  fd_set         *write,
  fd_set         *except,
  struct timeval *timeout
)
{
  const struct sets sets = { read, write, except };
  struct timespec time;

  if (timeout == NULL) {
    return select_until(limit, &sets, NULL);
  }
  if (timeout->tv_usec < 0 || timeout->tv_usec >= 1000000) {
    errno = EINVAL;
    return -1;
  }
  time = (struct timespec){
    .tv_sec = timeout->tv_sec, .tv_nsec = timeout->tv_usec * NSEC_PER_USEC
  };
  return select_until(limit, &sets, &time);
}

/* No signal ends the wait, so none can be let through for its time only. */
int
pselect(
  int                    limit,
  fd_set                *read,
  fd_set                *write,
  fd_set                *except,
  const struct timespec *timeout,
  const sigset_t        *mask
)
{
  const struct sets sets = { read, write, except };

  if (mask != NULL) {
    errno = ENOTSUP;
    return -1;
  }
  return select_until(limit, &sets, timeout);
}
