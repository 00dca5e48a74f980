/* SPDX-License-Identifier: BSD-2-Clause */

#ifndef SIMULATOR_FILE_H
#define SIMULATOR_FILE_H

#include <rtems/blkdev.h>

/* The block device with this path, and one user more; or NULL. */
rtems_disk_device *sim_disk_obtain(const char *path);

/* One user less. */
void sim_disk_release(rtems_disk_device *dd);

/* Removes the path; false: there is no such block device. */
bool sim_disk_unlink(const char *path);

/* Reads or writes bytes through requests; a status of the driver. */
rtems_status_code sim_disk_transfer(
  rtems_disk_device       *dd,
  rtems_blkdev_request_op  op,
  off_t                    offset,
  char                    *buffer,
  size_t                   size
);

/* What a request for reading or writing asks for, of a disk in memory. */
void sim_disk_copy(
  char                       *medium,
  uint32_t                    block_size,
  const rtems_blkdev_request *r
);

#endif /* SIMULATOR_FILE_H */
