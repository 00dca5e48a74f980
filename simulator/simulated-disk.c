/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Block devices for tests: strict about requests, and with an interrupt of
 * their own that completes them late and in any order.
 */

#include "scheduler.h"

#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rtems/blkdev.h>
#include <simulator/simulator.h>

#include "fault.h"
#include "file.h"

#define REQUESTS_MAX 256

struct sim_disk {
  char *content;
  char *path;
  uint32_t block_size;
  uint32_t blocks;
  unsigned flags;

  /* Of all that follows, but the semaphore. */
  rtems_interrupt_lock lock;
  rtems_blkdev_request *requests[REQUESTS_MAX];
  unsigned pending;
  unsigned syncs;
  unsigned seed;
  bool hold;
  bool ended;

  /* Something to look after for the interrupt. */
  sem_t work;
  pthread_t interrupt;
};

static bool
is_valid(const struct sim_disk *disk, const rtems_blkdev_request *req)
{
  const rtems_blkdev_sg_buffer *sg = req->bufs;
  rtems_blkdev_bnum next = sg[0].block;

  for (uint32_t i = 0; i < req->bufnum; ++i) {
    uint32_t count = sg[i].length / disk->block_size;

    if (
      sg[i].length % disk->block_size != 0 || sg[i].block > disk->blocks
        || count > disk->blocks - sg[i].block
        || ((disk->flags & SIM_DISK_CONTIGUOUS) && sg[i].block != next)
    ) {
      return false;
    }
    next = sg[i].block + count;
  }
  return true;
}

static rtems_status_code
serve(struct sim_disk *disk, const rtems_blkdev_request *req)
{
  rtems_interrupt_lock_context context;
  int fault;

  if (sim_fault_next(SIM_FAULT_BLOCK_REQUEST, &fault)) {
    return (rtems_status_code)fault;
  }
  if (req->req == RTEMS_BLKDEV_REQ_SYNC) {
    rtems_interrupt_lock_acquire(&disk->lock, &context);
    ++disk->syncs;
    rtems_interrupt_lock_release(&disk->lock, &context);
    return disk->flags & SIM_DISK_SYNC ? RTEMS_SUCCESSFUL : RTEMS_IO_ERROR;
  }
  if (!is_valid(disk, req)) {
    return RTEMS_IO_ERROR;
  }
  sim_disk_copy(disk->content, disk->block_size, req);
  return RTEMS_SUCCESSFUL;
}

static bool
enqueue(struct sim_disk *disk, rtems_blkdev_request *req)
{
  rtems_interrupt_lock_context context;
  bool fits;

  rtems_interrupt_lock_acquire(&disk->lock, &context);
  fits = disk->pending < REQUESTS_MAX;
  if (fits) {
    disk->requests[disk->pending++] = req;
  }
  rtems_interrupt_lock_release(&disk->lock, &context);
  sem_post(&disk->work);
  return fits;
}

static unsigned
choose(struct sim_disk *disk)
{
  if ((disk->flags & SIM_DISK_REORDER) == 0) {
    return 0;
  }
  disk->seed = disk->seed * 1103515245 + 12345;
  return (disk->seed >> 16) % disk->pending;
}

static rtems_blkdev_request *
dequeue(struct sim_disk *disk)
{
  rtems_interrupt_lock_context context;
  rtems_blkdev_request *req = NULL;

  rtems_interrupt_lock_acquire(&disk->lock, &context);
  if (disk->pending > 0 && !disk->hold) {
    unsigned i = choose(disk);

    req = disk->requests[i];
    --disk->pending;
    memmove(
      &disk->requests[i],
      &disk->requests[i + 1],
      (disk->pending - i) * sizeof(disk->requests[0])
    );
  }
  rtems_interrupt_lock_release(&disk->lock, &context);
  return req;
}

static bool
has_ended(struct sim_disk *disk)
{
  rtems_interrupt_lock_context context;
  bool ended;

  rtems_interrupt_lock_acquire(&disk->lock, &context);
  ended = disk->ended;
  rtems_interrupt_lock_release(&disk->lock, &context);
  return ended;
}

static void *
interrupt(void *arg)
{
  struct sim_disk *disk = arg;

  while (!has_ended(disk)) {
    rtems_blkdev_request *req = dequeue(disk);

    if (req != NULL) {
      rtems_blkdev_request_done(req, serve(disk, req));
    } else {
      while (sem_wait(&disk->work) != 0) {
        continue;
      }
    }
  }
  return NULL;
}

static int
make_request(struct sim_disk *disk, rtems_blkdev_request *req)
{
  if ((disk->flags & SIM_DISK_ASYNCHRONOUS) == 0) {
    rtems_blkdev_request_done(req, serve(disk, req));
  } else if (!enqueue(disk, req)) {
    rtems_blkdev_request_done(req, RTEMS_IO_ERROR);
  }
  return 0;
}

static void
destroy(struct sim_disk *disk)
{
  rtems_interrupt_lock_context context;

  if (disk->flags & SIM_DISK_ASYNCHRONOUS) {
    rtems_interrupt_lock_acquire(&disk->lock, &context);
    disk->ended = true;
    rtems_interrupt_lock_release(&disk->lock, &context);
    sem_post(&disk->work);
    pthread_join(disk->interrupt, NULL);
  }
  sem_destroy(&disk->work);
  sim_host_free(disk->path);
  sim_host_free(disk->content);
  sim_host_free(disk);
}

static int
control(rtems_disk_device *dd, uint32_t req, void *argp)
{
  struct sim_disk *disk = rtems_disk_get_driver_data(dd);

  switch (req) {
    case RTEMS_BLKIO_REQUEST:
      return make_request(disk, argp);
    case RTEMS_BLKIO_CAPABILITIES:
      *(uint32_t *)argp =
        (disk->flags & SIM_DISK_CONTIGUOUS ?
          RTEMS_BLKDEV_CAP_MULTISECTOR_CONT : 0)
        | (disk->flags & SIM_DISK_SYNC ? RTEMS_BLKDEV_CAP_SYNC : 0);
      return 0;
    case RTEMS_BLKIO_DELETED:
      destroy(disk);
      return 0;
    default:
      return rtems_blkdev_ioctl(dd, req, argp);
  }
}

static bool
initialize(struct sim_disk *disk, const char *path)
{
  size_t length = strlen(path) + 1;

  sem_init(&disk->work, 0, 0);
  disk->seed = 1;
  disk->content = sim_host_calloc(disk->blocks, disk->block_size);
  disk->path = sim_host_calloc(1, length);
  if (disk->content == NULL || disk->path == NULL) {
    return false;
  }
  memcpy(disk->path, path, length);
  if (
    (disk->flags & SIM_DISK_ASYNCHRONOUS)
      && pthread_create(&disk->interrupt, NULL, interrupt, disk) != 0
  ) {
    disk->flags &= ~(unsigned)SIM_DISK_ASYNCHRONOUS; /* nothing to join */
    return false;
  }
  return true;
}

struct sim_disk *
sim_disk_create(
  const char *path,
  uint32_t    block_size,
  uint32_t    blocks,
  unsigned    flags
)
{
  struct sim_disk *disk = sim_host_calloc(1, sizeof(*disk));

  if (disk == NULL) {
    return NULL;
  }
  disk->block_size = block_size;
  disk->blocks = blocks;
  disk->flags = flags;
  if (
    !initialize(disk, path)
      || rtems_blkdev_create(path, block_size, blocks, control, disk)
        != RTEMS_SUCCESSFUL
  ) {
    destroy(disk);
    return NULL;
  }
  return disk;
}

void
sim_disk_hold(struct sim_disk *disk, bool hold)
{
  rtems_interrupt_lock_context context;

  rtems_interrupt_lock_acquire(&disk->lock, &context);
  disk->hold = hold;
  rtems_interrupt_lock_release(&disk->lock, &context);
  sem_post(&disk->work);
}

unsigned
sim_disk_pending(struct sim_disk *disk)
{
  rtems_interrupt_lock_context context;
  unsigned pending;

  rtems_interrupt_lock_acquire(&disk->lock, &context);
  pending = disk->pending;
  rtems_interrupt_lock_release(&disk->lock, &context);
  return pending;
}

void *
sim_disk_content(struct sim_disk *disk)
{
  return disk->content;
}

unsigned
sim_disk_syncs(struct sim_disk *disk)
{
  rtems_interrupt_lock_context context;
  unsigned syncs;

  rtems_interrupt_lock_acquire(&disk->lock, &context);
  syncs = disk->syncs;
  rtems_interrupt_lock_release(&disk->lock, &context);
  return syncs;
}

void
sim_disk_delete(struct sim_disk *disk)
{
  unlink(disk->path);
}
