/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * An Ethernet interface of Linux, for the simulator: what the link sends the
 * host receives there, and the other way round.  Its interrupt is a thread of
 * the host's, which writes to the ring.
 */

#include <rtems-rump/link.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include "frame-copy.h"
#include "ring.h"

struct tap {
  int fd;
  /* Readable when the interrupt shall end. */
  int end;
  pthread_t interrupt;
  struct ring ring;
  struct rtems_rump_link_user user;
  atomic_ulong dropped[RTEMS_RUMP_LINK_DROPS];
};

static void
count(struct tap *tap, enum rtems_rump_link_drop reason)
{
  (void)atomic_fetch_add_explicit(
    &tap->dropped[reason],
    1,
    memory_order_relaxed
  );
}

/* What is too long is read in part and so seen to be. */
static void
take(struct tap *tap)
{
  unsigned char rest[RTEMS_RUMP_LINK_FRAME_MAX];
  void *to = ring_next(&tap->ring);
  const struct iovec parts[] = {
    { to != NULL ? to : rest, RTEMS_RUMP_LINK_FRAME_MAX },
    { rest, 1 }
  };
  ssize_t n = readv(tap->fd, parts, 2);

  if (n <= 0) {
    return;
  }
  if (n > (ssize_t)RTEMS_RUMP_LINK_FRAME_MAX) {
    count(tap, RTEMS_RUMP_LINK_OVERSIZED);
  } else if (to == NULL) {
    count(tap, RTEMS_RUMP_LINK_OVERRUN);
  } else {
    ring_put(&tap->ring, (size_t)n, false, 0);
    if (ring_disarm(&tap->ring)) {
      (*tap->user.notify)(tap->user.arg);
    }
  }
}

/* readv() and writev() are the host's in the simulator, too. */
static void *
interrupt(void *arg)
{
  struct tap *tap = arg;
  struct pollfd fds[2] = {
    { .fd = tap->fd, .events = POLLIN }, { .fd = tap->end, .events = POLLIN }
  };

  while (poll(fds, 2, -1) >= 0 || errno == EINTR) {
    if (fds[1].revents != 0) {
      break;
    }
    take(tap);
  }
  return NULL;
}

static int
attach(struct tap *tap, const char *device)
{
  struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };

  strcpy(request.ifr_name, device);
  tap->end = eventfd(0, EFD_CLOEXEC);
  tap->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tap->end < 0 || tap->fd < 0
      || ioctl(tap->fd, TUNSETIFF, &request) != 0) {
    return errno;
  }
  return pthread_create(&tap->interrupt, NULL, interrupt, tap);
}

static void
give_back(struct tap *tap)
{
  if (tap->fd >= 0) {
    (void)close(tap->fd);
  }
  if (tap->end >= 0) {
    (void)close(tap->end);
  }
  ring_destroy(&tap->ring);
  free(tap);
}

static int
tap_open(
  const struct rtems_rump_link      *link,
  const struct rtems_rump_link_user *user,
  uint8_t                            address[RTEMS_RUMP_LINK_ADDRESS],
  bool                               is_given,
  void                             **handle)
{
  struct tap *tap;
  int error;

  (void)address;
  (void)is_given;
  if (link->device == NULL || strlen(link->device) >= IFNAMSIZ) {
    return ENXIO;
  }
  tap = calloc(1, sizeof(*tap));
  if (tap == NULL) {
    return ENOMEM;
  }
  tap->user = *user;
  tap->fd = tap->end = -1;
  error = ring_init(&tap->ring, user);
  if (error == 0) {
    error = attach(tap, link->device);
  }
  if (error != 0) {
    give_back(tap);
    return error;
  }
  *handle = tap;
  return 0;
}

static bool
send_one(struct tap *tap, const struct rtems_rump_link_send *frame)
{
  size_t size = frame_size(frame);

  if (size < RTEMS_RUMP_LINK_FRAME_MIN || size > RTEMS_RUMP_LINK_FRAME_MAX) {
    count(tap, size < RTEMS_RUMP_LINK_FRAME_MIN
      ? RTEMS_RUMP_LINK_TRUNCATED : RTEMS_RUMP_LINK_OVERSIZED);
    return false;
  }
  if (writev(tap->fd, frame->parts, (int)frame->count) != (ssize_t)size) {
    count(tap, errno == EIO ? RTEMS_RUMP_LINK_DOWN : RTEMS_RUMP_LINK_FULL);
    return false;
  }
  return true;
}

static unsigned
tap_send(
  void                              *handle,
  const struct rtems_rump_link_send *frames,
  unsigned                           n)
{
  unsigned i, sent = 0;

  for (i = 0; i < n; ++i) {
    sent += send_one(handle, &frames[i]);
  }
  return sent;
}

static unsigned
tap_receive(void *handle, struct rtems_rump_link_frame *frames, unsigned max)
{
  struct tap *tap = handle;

  return ring_read(&tap->ring, frames, max);
}

static void
tap_release(
  void *handle, const struct rtems_rump_link_frame *frames, unsigned n)
{
  struct tap *tap = handle;

  ring_release(&tap->ring, frames, n);
}

static bool
tap_arm(void *handle)
{
  struct tap *tap = handle;

  return ring_arm(&tap->ring);
}

static void
tap_get_usage(void *handle, struct rtems_rump_link_usage *usage)
{
  struct tap *tap = handle;
  unsigned i;

  usage->is_up = true;
  for (i = 0; i < RTEMS_RUMP_LINK_DROPS; ++i) {
    usage->dropped[i] += atomic_load(&tap->dropped[i]);
  }
}

static void
tap_close(void *handle)
{
  struct tap *tap = handle;

  (void)eventfd_write(tap->end, 1);
  (void)pthread_join(tap->interrupt, NULL);
  give_back(tap);
}

const struct rtems_rump_link_driver rtems_rump_link_tap = {
  .open = tap_open,
  .send = tap_send,
  .receive = tap_receive,
  .release = tap_release,
  .arm = tap_arm,
  .get_usage = tap_get_usage,
  .close = tap_close
};
