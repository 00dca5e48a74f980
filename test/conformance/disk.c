/* SPDX-License-Identifier: BSD-2-Clause */

#include "disk.h"

#include <string.h>

#include <rtems.h>
#include <rtems/blkdev.h>
#include <rtems/thread.h>

#define BLOCK_SIZE 512u
#define BLOCKS 128u
#define HELD 16u

static const char name[] = "/dev/conformance";
static unsigned char medium[BLOCKS * BLOCK_SIZE];
static unsigned char cache[BLOCKS * BLOCK_SIZE];

static rtems_mutex lock = RTEMS_MUTEX_INITIALIZER("disk");
static rtems_blkdev_request *held[HELD];
static unsigned held_count;
static bool holding;
static unsigned failing;

static rtems_status_code
transfer(const rtems_blkdev_request *request)
{
  uint32_t i;

  if (request->req == RTEMS_BLKDEV_REQ_SYNC) {
    memcpy(medium, cache, sizeof(medium));
    return RTEMS_SUCCESSFUL;
  }
  for (i = 0; i < request->bufnum; ++i) {
    const rtems_blkdev_sg_buffer *b = &request->bufs[i];
    unsigned char *there = cache + b->block * BLOCK_SIZE;

    if (b->block >= BLOCKS || b->length > (BLOCKS - b->block) * BLOCK_SIZE) {
      return RTEMS_IO_ERROR;
    }
    if (request->req == RTEMS_BLKDEV_REQ_READ) {
      memcpy(b->buffer, there, b->length);
    } else {
      memcpy(there, b->buffer, b->length);
    }
  }
  return RTEMS_SUCCESSFUL;
}

static void
serve(rtems_blkdev_request *request)
{
  rtems_status_code sc;

  rtems_mutex_lock(&lock);
  if (failing > 0) {
    --failing;
    sc = RTEMS_IO_ERROR;
  } else {
    sc = transfer(request);
  }
  rtems_mutex_unlock(&lock);
  rtems_blkdev_request_done(request, sc);
}

static void
start(rtems_blkdev_request *request)
{
  bool taken = false;

  rtems_mutex_lock(&lock);
  if (holding && held_count < HELD) {
    held[held_count++] = request;
    taken = true;
  }
  rtems_mutex_unlock(&lock);
  if (!taken) {
    serve(request);
  }
}

static int
control(rtems_disk_device *device, uint32_t request, void *arg)
{
  switch (request) {
    case RTEMS_BLKIO_REQUEST:
      start(arg);
      return 0;
    case RTEMS_BLKIO_CAPABILITIES:
      *(uint32_t *)arg = RTEMS_BLKDEV_CAP_SYNC;
      return 0;
    case RTEMS_BLKIO_DELETED:
      return 0;
    default:
      return rtems_blkdev_ioctl(device, request, arg);
  }
}

static void
fail(unsigned requests)
{
  rtems_mutex_lock(&lock);
  failing = requests;
  rtems_mutex_unlock(&lock);
}

static void
hold(bool on)
{
  rtems_mutex_lock(&lock);
  holding = on;
  while (!on && held_count > 0) {
    rtems_blkdev_request *request = held[--held_count];

    rtems_mutex_unlock(&lock);
    serve(request);
    rtems_mutex_lock(&lock);
  }
  rtems_mutex_unlock(&lock);
}

static unsigned
count_held(void)
{
  unsigned count;

  rtems_mutex_lock(&lock);
  count = held_count;
  rtems_mutex_unlock(&lock);
  return count;
}

const struct host_disk *
disk_create(void)
{
  static const struct host_disk disk = {
    .name = name,
    .size = sizeof(medium),
    .medium = medium,
    .fail = fail,
    .hold = hold,
    .held = count_held
  };

  return rtems_blkdev_create(name, BLOCK_SIZE, BLOCKS, control, NULL)
    == RTEMS_SUCCESSFUL ? &disk : NULL;
}
