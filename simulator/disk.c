/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Block devices by path, and access to them by bytes.  There is no cache of
 * blocks: each access makes requests.
 */

#include "scheduler.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include <rtems/blkdev.h>
#include <rtems/thread.h>

#include "file.h"

struct node {
  rtems_disk_device dd;
  struct node *next;
  char path[];
};

static struct node *nodes;
static unsigned minor_number;

/* Room for a request of one buffer, as its last member is of no length. */
union request {
  rtems_blkdev_request base;
  char room[sizeof(rtems_blkdev_request) + sizeof(rtems_blkdev_sg_buffer)];
};

static struct node **
find(const char *path)
{
  struct node **p = &nodes;

  while (*p != NULL && strcmp((*p)->path, path) != 0) {
    p = &(*p)->next;
  }
  return p;
}

rtems_disk_device *
sim_disk_obtain(const char *path)
{
  struct node *n;

  sim_enter();
  n = *find(path);
  if (n != NULL) {
    ++n->dd.uses;
  }
  sim_leave();
  return n != NULL ? &n->dd : NULL;
}

/* The driver hears of the end of the device; it may free what it has. */
static void
destroy(struct node *n)
{
  (void)(*n->dd.ioctl)(&n->dd, RTEMS_BLKIO_DELETED, NULL);
  free(n);
}

void
sim_disk_release(rtems_disk_device *dd)
{
  bool last;

  sim_enter();
  last = --dd->uses == 0 && dd->deleted;
  sim_leave();
  if (last) {
    destroy(RTEMS_CONTAINER_OF(dd, struct node, dd));
  }
}

bool
sim_disk_unlink(const char *path)
{
  struct node **p;
  struct node *n;
  bool unused = false;

  sim_enter();
  p = find(path);
  n = *p;
  if (n != NULL) {
    *p = n->next;
    n->dd.deleted = true;
    unused = n->dd.uses == 0;
  }
  sim_leave();
  if (unused) {
    destroy(n);
  }
  return n != NULL;
}

static bool
insert(struct node *n)
{
  struct node **p;
  bool is_new;

  sim_enter();
  p = find(n->path);
  is_new = *p == NULL;
  if (is_new) {
    n->dd.dev = makedev(60, minor_number++);
    *p = n;
  }
  sim_leave();
  return is_new;
}

rtems_status_code
rtems_blkdev_create(
  const char              *device,
  uint32_t                 media_block_size,
  rtems_blkdev_bnum        media_block_count,
  rtems_block_device_ioctl handler,
  void                    *driver_data
)
{
  struct node *n;

  if (media_block_count == 0 || media_block_size == 0) {
    return RTEMS_INVALID_NUMBER;
  }
  n = calloc(1, sizeof(*n) + strlen(device) + 1);
  if (n == NULL) {
    return RTEMS_NO_MEMORY;
  }
  strcpy(n->path, device);
  n->dd.phys_dev = &n->dd;
  n->dd.size = media_block_count;
  n->dd.block_count = media_block_count;
  n->dd.media_block_size = media_block_size;
  n->dd.block_size = media_block_size;
  n->dd.media_blocks_per_block = 1;
  n->dd.ioctl = handler;
  n->dd.driver_data = driver_data;
  if ((*handler)(&n->dd, RTEMS_BLKIO_CAPABILITIES, &n->dd.capabilities) != 0) {
    n->dd.capabilities = 0;
  }
  if (!insert(n)) {
    free(n);
    return RTEMS_UNSATISFIED;
  }
  return RTEMS_SUCCESSFUL;
}

static void
request_done(rtems_blkdev_request *req, rtems_status_code status)
{
  rtems_binary_semaphore *done = req->done_arg;

  req->status = status;
  rtems_binary_semaphore_post(done);
}

static rtems_status_code
request(
  rtems_disk_device      *dd,
  rtems_blkdev_request_op op,
  rtems_blkdev_bnum       block,
  char                   *buffer
)
{
  rtems_binary_semaphore done = RTEMS_BINARY_SEMAPHORE_INITIALIZER("disk");
  union request r = {
    .base = { .req = op, .done = request_done, .done_arg = &done }
  };

  r.base.io_task = rtems_task_self();
  if (op != RTEMS_BLKDEV_REQ_SYNC) {
    r.base.bufnum = 1;
    r.base.bufs[0].block = block;
    r.base.bufs[0].length = dd->media_block_size;
    r.base.bufs[0].buffer = buffer;
  }
  if ((*dd->ioctl)(dd, RTEMS_BLKIO_REQUEST, &r.base) != 0) {
    return RTEMS_IO_ERROR;
  }
  rtems_binary_semaphore_wait(&done);
  return r.base.status;
}

void
sim_disk_copy(char *medium, uint32_t block_size, const rtems_blkdev_request *r)
{
  for (uint32_t i = 0; i < r->bufnum; ++i) {
    const rtems_blkdev_sg_buffer *sg = &r->bufs[i];
    char *there = medium + (size_t)sg->block * block_size;

    if (r->req == RTEMS_BLKDEV_REQ_READ) {
      memcpy(sg->buffer, there, sg->length);
    } else {
      memcpy(there, sg->buffer, sg->length);
    }
  }
}

/* The part of a block that an access covers, through a whole block. */
static rtems_status_code
transfer_in_block(
  rtems_disk_device      *dd,
  rtems_blkdev_request_op op,
  off_t                   offset,
  char                   *buffer,
  size_t                  size,
  char                   *whole
)
{
  rtems_blkdev_bnum block = (rtems_blkdev_bnum)(offset / dd->block_size);
  char *part = whole + offset % dd->block_size;
  rtems_status_code sc = RTEMS_SUCCESSFUL;

  if (op == RTEMS_BLKDEV_REQ_READ || size < dd->block_size) {
    sc = request(dd, RTEMS_BLKDEV_REQ_READ, block, whole);
  }
  if (sc == RTEMS_SUCCESSFUL && op == RTEMS_BLKDEV_REQ_READ) {
    memcpy(buffer, part, size);
  } else if (sc == RTEMS_SUCCESSFUL) {
    memcpy(part, buffer, size);
    sc = request(dd, RTEMS_BLKDEV_REQ_WRITE, block, whole);
  }
  return sc;
}

rtems_status_code
sim_disk_transfer(
  rtems_disk_device      *dd,
  rtems_blkdev_request_op op,
  off_t                   offset,
  char                   *buffer,
  size_t                  size
)
{
  rtems_status_code sc = RTEMS_SUCCESSFUL;
  char *whole;

  if ((uint64_t)offset + size > (uint64_t)dd->size * dd->block_size) {
    return RTEMS_INVALID_ID;
  }
  whole = sim_host_calloc(1, dd->block_size);
  while (size > 0 && sc == RTEMS_SUCCESSFUL) {
    size_t n = dd->block_size - (size_t)(offset % dd->block_size);

    n = n < size ? n : size;
    sc = transfer_in_block(dd, op, offset, buffer, n, whole);
    offset += (off_t)n;
    buffer += n;
    size -= n;
  }
  sim_host_free(whole);
  return sc;
}

static int
set_block_size(rtems_disk_device *dd, uint32_t size)
{
  if (size != dd->media_block_size) {
    errno = EIO; /* other sizes are the cache's business */
    return -1;
  }
  return 0;
}

static int
synchronize(rtems_disk_device *dd)
{
  if (
    (dd->capabilities & RTEMS_BLKDEV_CAP_SYNC) != 0
      && request(dd, RTEMS_BLKDEV_REQ_SYNC, 0, NULL) != RTEMS_SUCCESSFUL
  ) {
    errno = EIO;
    return -1;
  }
  return 0;
}

int
rtems_blkdev_ioctl(rtems_disk_device *dd, uint32_t req, void *argp)
{
  switch (req) {
    case RTEMS_BLKIO_GETMEDIABLKSIZE:
    case RTEMS_BLKIO_GETBLKSIZE:
      *(uint32_t *)argp = dd->block_size;
      return 0;
    case RTEMS_BLKIO_SETBLKSIZE:
      return set_block_size(dd, *(uint32_t *)argp);
    case RTEMS_BLKIO_GETSIZE:
      *(rtems_blkdev_bnum *)argp = dd->size;
      return 0;
    case RTEMS_BLKIO_SYNCDEV:
      return synchronize(dd);
    case RTEMS_BLKIO_GETDISKDEV:
      *(rtems_disk_device **)argp = dd;
      return 0;
    case RTEMS_BLKIO_PURGEDEV:
    case RTEMS_BLKIO_RESETDEVSTATS:
      return 0;
    case RTEMS_BLKIO_GETDEVSTATS:
      *(rtems_blkdev_stats *)argp = dd->stats;
      return 0;
    default:
      errno = EINVAL;
      return -1;
  }
}
