/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Requests to block devices.
 */

#ifndef _RTEMS_BLKDEV_H
#define _RTEMS_BLKDEV_H

#include <sys/ioctl.h>

#include <rtems/diskdevs.h>

typedef enum rtems_blkdev_request_op {
  RTEMS_BLKDEV_REQ_READ,
  RTEMS_BLKDEV_REQ_WRITE,
  RTEMS_BLKDEV_REQ_SYNC
} rtems_blkdev_request_op;

struct rtems_blkdev_request;

typedef void (*rtems_blkdev_request_cb)(
  struct rtems_blkdev_request *req,
  rtems_status_code            status
);

typedef struct rtems_blkdev_sg_buffer {
  rtems_blkdev_bnum block;
  uint32_t length;
  void *buffer;
  void *user;
} rtems_blkdev_sg_buffer;

typedef struct rtems_blkdev_request {
  rtems_blkdev_request_op req;
  rtems_blkdev_request_cb done;
  void *done_arg;
  rtems_status_code status;
  uint32_t bufnum;
  rtems_id io_task;
  rtems_blkdev_sg_buffer bufs[RTEMS_ZERO_LENGTH_ARRAY];
} rtems_blkdev_request;

static inline void
rtems_blkdev_request_done(rtems_blkdev_request *req, rtems_status_code status)
{
  (*req->done)(req, status);
}

#define RTEMS_BLKIO_REQUEST _IOWR('B', 1, rtems_blkdev_request)
#define RTEMS_BLKIO_GETMEDIABLKSIZE _IOR('B', 2, uint32_t)
#define RTEMS_BLKIO_GETBLKSIZE _IOR('B', 3, uint32_t)
#define RTEMS_BLKIO_SETBLKSIZE _IOW('B', 4, uint32_t)
#define RTEMS_BLKIO_GETSIZE _IOR('B', 5, rtems_blkdev_bnum)
#define RTEMS_BLKIO_SYNCDEV _IO('B', 6)
#define RTEMS_BLKIO_DELETED _IO('B', 7)
#define RTEMS_BLKIO_CAPABILITIES _IO('B', 8)
#define RTEMS_BLKIO_GETDISKDEV _IOR('B', 9, rtems_disk_device *)
#define RTEMS_BLKIO_PURGEDEV _IO('B', 10)
#define RTEMS_BLKIO_GETDEVSTATS _IOR('B', 11, rtems_blkdev_stats *)
#define RTEMS_BLKIO_RESETDEVSTATS _IO('B', 12)

#define RTEMS_BLKDEV_CAP_MULTISECTOR_CONT (1 << 0)
#define RTEMS_BLKDEV_CAP_SYNC (1 << 1)

static inline int
rtems_disk_fd_get_media_block_size(int fd, uint32_t *media_block_size)
{
  return ioctl(fd, RTEMS_BLKIO_GETMEDIABLKSIZE, media_block_size);
}

static inline int
rtems_disk_fd_get_block_size(int fd, uint32_t *block_size)
{
  return ioctl(fd, RTEMS_BLKIO_GETBLKSIZE, block_size);
}

static inline int
rtems_disk_fd_set_block_size(int fd, uint32_t block_size)
{
  return ioctl(fd, RTEMS_BLKIO_SETBLKSIZE, &block_size);
}

static inline int
rtems_disk_fd_get_block_count(int fd, rtems_blkdev_bnum *block_count)
{
  return ioctl(fd, RTEMS_BLKIO_GETSIZE, block_count);
}

static inline int
rtems_disk_fd_get_disk_device(int fd, rtems_disk_device **dd_ptr)
{
  return ioctl(fd, RTEMS_BLKIO_GETDISKDEV, dd_ptr);
}

static inline int
rtems_disk_fd_sync(int fd)
{
  return ioctl(fd, RTEMS_BLKIO_SYNCDEV);
}

static inline int
rtems_disk_fd_purge(int fd)
{
  return ioctl(fd, RTEMS_BLKIO_PURGEDEV);
}

int rtems_blkdev_ioctl(rtems_disk_device *dd, uint32_t req, void *argp);

rtems_status_code rtems_blkdev_create(
  const char              *device,
  uint32_t                 media_block_size,
  rtems_blkdev_bnum        media_block_count,
  rtems_block_device_ioctl handler,
  void                    *driver_data
);

#endif /* _RTEMS_BLKDEV_H */
