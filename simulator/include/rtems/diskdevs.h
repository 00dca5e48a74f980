/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Block devices.
 */

#ifndef _RTEMS_DISKDEVS_H
#define _RTEMS_DISKDEVS_H

#include <rtems.h>
#include <rtems/libio.h>

typedef struct rtems_disk_device rtems_disk_device;

typedef uint32_t rtems_blkdev_bnum;

typedef int (*rtems_block_device_ioctl)(
  rtems_disk_device *dd,
  uint32_t           req,
  void              *argp
);

/** Always zero: the simulator has no block cache. */
typedef struct {
  uint32_t read_hits;
  uint32_t read_misses;
  uint32_t read_ahead_transfers;
  uint32_t read_ahead_peeks;
  uint32_t read_blocks;
  uint32_t read_errors;
  uint32_t write_transfers;
  uint32_t write_blocks;
  uint32_t write_errors;
} rtems_blkdev_stats;

struct rtems_disk_device {
  dev_t dev;
  rtems_disk_device *phys_dev;
  uint32_t capabilities;
  char *name;
  unsigned uses;
  rtems_blkdev_bnum start;
  rtems_blkdev_bnum size;
  uint32_t media_block_size;
  uint32_t block_size;
  rtems_blkdev_bnum block_count;
  uint32_t media_blocks_per_block;
  rtems_block_device_ioctl ioctl;
  void *driver_data;
  bool deleted;
  rtems_blkdev_stats stats;
};

static inline void *
rtems_disk_get_driver_data(const rtems_disk_device *dd)
{
  return dd->driver_data;
}

static inline uint32_t
rtems_disk_get_media_block_size(const rtems_disk_device *dd)
{
  return dd->media_block_size;
}

static inline uint32_t
rtems_disk_get_block_size(const rtems_disk_device *dd)
{
  return dd->block_size;
}

static inline rtems_blkdev_bnum
rtems_disk_get_block_begin(const rtems_disk_device *dd)
{
  return dd->start;
}

static inline rtems_blkdev_bnum
rtems_disk_get_block_count(const rtems_disk_device *dd)
{
  return dd->size;
}

#endif /* _RTEMS_DISKDEVS_H */
