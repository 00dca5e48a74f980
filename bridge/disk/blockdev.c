/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Disks of the kernel as block devices of RTEMS.
 *
 * Requests come from tasks of any priority, as from that which writes RTEMS's
 * cache back, and those above callers may not enter the kernel: each device
 * has a task for it.
 */

#include <rtems-rump/blockdev.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <rtems.h>
#include <rtems/blkdev.h>
#include <rtems/thread.h>

#include "abi/disk.h"
#include "instance.h"
#include "visit.h"

#define STACK_SIZE (16 * 1024)

/* Where a kernel's task looks for work; one request at a time. */
struct disk {
  /* In the kernel's life. */
  int fd;
  unsigned life;
  int64_t size;
  unsigned block_size;
  bool can_flush;

  rtems_mutex lock;
  rtems_binary_semaphore begins;
  rtems_binary_semaphore ends;

  /* NULL: the task shall end. */
  rtems_blkdev_request *request;
  rtems_status_code status;
};

static bool
transfer(
  const struct disk            *disk,
  bool                          is_read,
  const rtems_blkdev_sg_buffer *buffer
)
{
  int64_t offset = (int64_t)buffer->block * disk->block_size;
  ssize_t n = is_read
    ? rump_sys_pread(disk->fd, buffer->buffer, buffer->length, offset)
    : rump_sys_pwrite(disk->fd, buffer->buffer, buffer->length, offset);

  return n == (ssize_t)buffer->length;
}

static int
flush(const struct disk *disk)
{
  int force = 1;

  return rump_sys_ioctl(disk->fd, NETBSD_DIOCCACHESYNC, &force);
}

static int
serve(const struct disk *disk, const rtems_blkdev_request *request)
{
  uint32_t i;

  if (request->req == RTEMS_BLKDEV_REQ_SYNC) {
    return flush(disk);
  }
  for (i = 0; i < request->bufnum; ++i) {
    if (!transfer(
          disk,
          request->req == RTEMS_BLKDEV_REQ_READ,
          &request->bufs[i]
        )) {
      return -1;
    }
  }
  return 0;
}

static rtems_status_code
serve_in_kernel(const struct disk *disk)
{
  int rv;

  VISIT(disk->life, rv, serve(disk, disk->request));
  return rv == 0 ? RTEMS_SUCCESSFUL : RTEMS_IO_ERROR;
}

static void
close_in_kernel(struct disk *disk)
{
  int rv;

  VISIT(disk->life, rv, rump_sys_close(disk->fd));
  (void)rv;
}

static rtems_task
server(rtems_task_argument arg)
{
  struct disk *disk = (struct disk *)arg;

  rtems_binary_semaphore_wait(&disk->begins);
  while (disk->request != NULL) {
    disk->status = serve_in_kernel(disk);
    rtems_binary_semaphore_post(&disk->ends);
    rtems_binary_semaphore_wait(&disk->begins);
  }
  close_in_kernel(disk);
  rtems_binary_semaphore_post(&disk->ends);
  rtems_task_exit();
}

/* The caller waits for it: so would RTEMS's cache, which sends no other. */
static void
hand_over(struct disk *disk, rtems_blkdev_request *request)
{
  rtems_status_code status;

  rtems_mutex_lock(&disk->lock);
  disk->request = request;
  rtems_binary_semaphore_post(&disk->begins);
  rtems_binary_semaphore_wait(&disk->ends);
  status = disk->status;
  rtems_mutex_unlock(&disk->lock);
  if (request != NULL) {
    rtems_blkdev_request_done(request, status);
  }
}

static int
control(rtems_disk_device *dd, uint32_t command, void *arg)
{
  struct disk *disk = rtems_disk_get_driver_data(dd);

  switch (command) {
    case RTEMS_BLKIO_REQUEST:
      hand_over(disk, arg);
      return 0;
    case RTEMS_BLKIO_CAPABILITIES:
      *(uint32_t *)arg = disk->can_flush ? RTEMS_BLKDEV_CAP_SYNC : 0;
      return 0;
    case RTEMS_BLKIO_DELETED:
      hand_over(disk, NULL);
      free(disk);
      return 0;
    default:
      return rtems_blkdev_ioctl(dd, command, arg);
  }
}

static bool
has_size(struct disk *disk)
{
  return rump_sys_ioctl(disk->fd, NETBSD_DIOCGMEDIASIZE, &disk->size) == 0
    && rump_sys_ioctl(
      disk->fd,
      NETBSD_DIOCGSECTORSIZE,
      &disk->block_size
    ) == 0
    && disk->block_size > 0
    && disk->size >= disk->block_size
    && disk->size / disk->block_size <= UINT32_MAX;
}

static int
open_disk(struct disk *disk, const char *device)
{
  disk->fd = rump_sys_open(device, NETBSD_O_RDWR);
  if (disk->fd < 0) {
    return -1;
  }
  if (!has_size(disk)) {
    (void)rump_sys_close(disk->fd);
    errno = EINVAL;
    return -1;
  }
  /* Not all drivers know of it; for others a failure is of that moment. */
  disk->can_flush = flush(disk) == 0 || errno != ENOTTY;
  return 0;
}

static int
start_server(struct disk *disk)
{
  rtems_id id;

  if (rtems_task_create(
        rtems_build_name('R', 'D', 'S', 'K'),
        caller_priority(),
        STACK_SIZE,
        RTEMS_DEFAULT_MODES,
        RTEMS_FLOATING_POINT,
        &id
      ) != RTEMS_SUCCESSFUL) {
    return EAGAIN;
  }
  (void)rtems_task_start(id, server, (rtems_task_argument)disk);
  return 0;
}

/* RTEMS tells of what is wrong with a path by one number for all. */
static int
create_device(struct disk *disk, const char *path)
{
  rtems_status_code sc = rtems_blkdev_create(
    path,
    disk->block_size,
    (rtems_blkdev_bnum)(disk->size / disk->block_size),
    control,
    disk
  );

  return sc == RTEMS_SUCCESSFUL ? 0 : sc == RTEMS_NO_MEMORY ? ENOMEM : EEXIST;
}

static int
open_in_kernel(struct disk *disk, const char *device)
{
  int rv;

  VISIT(disk->life, rv, open_disk(disk, device));
  return rv == 0 ? 0 : errno;
}

static int
create(struct disk *disk, const char *path, const char *device)
{
  int error = open_in_kernel(disk, device);

  if (error != 0) {
    return error;
  }
  error = start_server(disk);
  if (error != 0) {
    close_in_kernel(disk);
    return error;
  }
  error = create_device(disk, path);
  if (error != 0) {
    hand_over(disk, NULL);
  }
  return error;
}

int
rtems_rump_blockdev_create(const char *path, const char *device)
{
  int error = visit_init();
  struct disk *disk;

  if (error != 0) {
    return error;
  }
  disk = calloc(1, sizeof(*disk));
  if (disk == NULL) {
    return ENOMEM;
  }
  disk->life = instance_life();
  rtems_mutex_init(&disk->lock, "rump disk");
  rtems_binary_semaphore_init(&disk->begins, "rump disk begins");
  rtems_binary_semaphore_init(&disk->ends, "rump disk ends");
  error = create(disk, path, device);
  if (error != 0) {
    free(disk);
  }
  return error;
}
