/* SPDX-License-Identifier: BSD-2-Clause */

#include "inject.h"

#include <errno.h>

#include <rtems.h>
#include <rtems/thread.h>

#include "buffers.h"
#include "frame-copy.h"
#include "ring.h"

/* Frames from the kernel that are kept. */
#define SENT 64

static rtems_mutex lock = RTEMS_MUTEX_INITIALIZER("inject");
static bool is_open;
static bool is_armed;
static struct rtems_rump_link_user user;
static unsigned long overruns, full, oversized;

/* To the kernel, and from it. */
static struct ring in, out;
static struct rtems_rump_link_user reader = { .buffer_count = SENT };

static int
init_rings(const struct rtems_rump_link_user *u)
{
  int error = ring_init(&in, u);

  if (error != 0) {
    return error;
  }
  reader.buffers = buffers_make(SENT);
  error = reader.buffers == NULL ? ENOMEM : ring_init(&out, &reader);
  if (error != 0) {
    free(reader.buffers);
    ring_destroy(&in);
  }
  return error;
}

static int
inject_open(
  const struct rtems_rump_link *link, const struct rtems_rump_link_user *u,
  uint8_t address[RTEMS_RUMP_LINK_ADDRESS], bool is_given, void **handle)
{
  int error = EBUSY;

  (void)link;
  (void)address;
  (void)is_given;
  rtems_mutex_lock(&lock);
  if (!is_open) {
    error = init_rings(u);
  }
  if (error == 0) {
    user = *u;
    is_open = true;
    is_armed = false;
    overruns = full = oversized = 0;
    *handle = &in;
  }
  rtems_mutex_unlock(&lock);
  return error;
}

static void
inject_close(void *handle)
{
  (void)handle;
  rtems_mutex_lock(&lock);
  is_open = false;
  ring_destroy(&in);
  ring_destroy(&out);
  free(reader.buffers);
  rtems_mutex_unlock(&lock);
}

static unsigned
inject_send(
  void *handle, const struct rtems_rump_link_send *frames, unsigned n)
{
  unsigned i, sent = 0;

  (void)handle;
  rtems_mutex_lock(&lock);
  for (i = 0; i < n; ++i) {
    sent += ring_write(&out, &frames[i], frame_size(&frames[i]), 0);
  }
  full += n - sent;
  rtems_mutex_unlock(&lock);
  return sent;
}

static unsigned
inject_receive(
  void *handle, struct rtems_rump_link_frame *frames, unsigned max)
{
  return ring_read(handle, frames, max);
}

static void
inject_release(
  void *handle, const struct rtems_rump_link_frame *frames, unsigned n)
{
  ring_release(handle, frames, n);
}

static bool
inject_arm(void *handle)
{
  bool is_empty;

  rtems_mutex_lock(&lock);
  is_empty = ring_is_empty(handle);
  is_armed = is_empty;
  rtems_mutex_unlock(&lock);
  return !is_empty;
}

static void
inject_get_usage(void *handle, struct rtems_rump_link_usage *usage)
{
  (void)handle;
  rtems_mutex_lock(&lock);
  usage->is_up = true;
  usage->dropped[RTEMS_RUMP_LINK_OVERRUN] += overruns;
  usage->dropped[RTEMS_RUMP_LINK_FULL] += full;
  usage->dropped[RTEMS_RUMP_LINK_OVERSIZED] += oversized;
  rtems_mutex_unlock(&lock);
}

const struct rtems_rump_link_driver inject_driver = {
  .open = inject_open,
  .send = inject_send,
  .receive = inject_receive,
  .release = inject_release,
  .arm = inject_arm,
  .get_usage = inject_get_usage,
  .close = inject_close,
  .sums = true
};

/* With the lock; what is longer than a buffer is not for the kernel to drop. */
static bool
put(const struct rtems_rump_link_send *frame, size_t size)
{
  if (is_open && size > RTEMS_RUMP_LINK_BUFFER - RTEMS_RUMP_LINK_OFFSET) {
    ++oversized;
    return true;
  }
  return is_open && ring_write(&in, frame, size, 0);
}

bool
inject(const void *frame, size_t size)
{
  const struct iovec part = { (void *)(uintptr_t)frame, size };
  const struct rtems_rump_link_send whole = {
    .parts = &part, .count = 1
  };
  bool is_taken;

  rtems_mutex_lock(&lock);
  is_taken = put(&whole, size);
  overruns += !is_taken;
  if (is_taken && is_armed) {
    is_armed = false;
    (*user.notify)(user.arg);
  }
  rtems_mutex_unlock(&lock);
  return is_taken;
}

bool
inject_has_sent(bool (*is_it)(const uint8_t *frame, size_t size))
{
  struct rtems_rump_link_frame frames[8];
  bool has = false;
  unsigned n, i;

  rtems_mutex_lock(&lock);
  while (is_open && (n = ring_read(&out, frames, 8)) > 0) {
    for (i = 0; i < n; ++i) {
      has |= (*is_it)(frames[i].data, frames[i].size);
    }
    ring_release(&out, frames, n);
  }
  rtems_mutex_unlock(&lock);
  return has;
}
