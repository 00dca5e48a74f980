/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief RAM disks.
 */

#ifndef _RTEMS_RAMDISK_H
#define _RTEMS_RAMDISK_H

#include <rtems/blkdev.h>

#define RAMDISK_DEVICE_BASE_NAME "/dev/rd"

typedef struct ramdisk {
  uint32_t block_size;
  rtems_blkdev_bnum block_num;
  void *area;
  bool initialized;
  bool malloced;
  bool trace;
  bool free_at_delete_request;
} ramdisk;

int ramdisk_ioctl(rtems_disk_device *dd, uint32_t req, void *argp);

ramdisk *ramdisk_allocate(
  void             *area_begin,
  uint32_t          media_block_size,
  rtems_blkdev_bnum media_block_count,
  bool              trace
);

void ramdisk_free(ramdisk *rd);

static inline void
ramdisk_enable_free_at_delete_request(ramdisk *rd)
{
  rd->free_at_delete_request = true;
}

rtems_status_code ramdisk_register(
  uint32_t          media_block_size,
  rtems_blkdev_bnum media_block_count,
  bool              trace,
  const char       *disk
);

#endif /* _RTEMS_RAMDISK_H */
