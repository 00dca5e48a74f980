/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * RAM disks: as trusting as RTEMS's.
 */

#include <errno.h>
#include <stdlib.h>

#include <rtems/ramdisk.h>

#include "fault.h"
#include "file.h"

ramdisk *
ramdisk_allocate(
  void             *area_begin,
  uint32_t          media_block_size,
  rtems_blkdev_bnum media_block_count,
  bool              trace
)
{
  ramdisk *rd = calloc(1, sizeof(*rd));

  if (rd == NULL) {
    return NULL;
  }
  rd->block_size = media_block_size;
  rd->block_num = media_block_count;
  rd->malloced = area_begin == NULL;
  rd->area = rd->malloced ?
    calloc(media_block_count, media_block_size) : area_begin;
  rd->trace = trace;
  rd->initialized = true;
  if (rd->area == NULL) {
    free(rd);
    return NULL;
  }
  return rd;
}

void
ramdisk_free(ramdisk *rd)
{
  if (rd != NULL) {
    if (rd->malloced) {
      free(rd->area);
    }
    free(rd);
  }
}

rtems_status_code
ramdisk_register(
  uint32_t          media_block_size,
  rtems_blkdev_bnum media_block_count,
  bool              trace,
  const char       *disk
)
{
  ramdisk *rd = ramdisk_allocate(
    NULL,
    media_block_size,
    media_block_count,
    trace
  );

  if (
    rd == NULL
      || rtems_blkdev_create(
        disk,
        media_block_size,
        media_block_count,
        ramdisk_ioctl,
        rd
      ) != RTEMS_SUCCESSFUL
  ) {
    ramdisk_free(rd);
    return RTEMS_UNSATISFIED;
  }
  return RTEMS_SUCCESSFUL;
}

static int
ramdisk_request(ramdisk *rd, rtems_blkdev_request *req)
{
  int fault;

  if (req->req == RTEMS_BLKDEV_REQ_SYNC) {
    errno = EINVAL;
    return -1;
  }
  if (sim_fault_next(SIM_FAULT_BLOCK_REQUEST, &fault)) {
    rtems_blkdev_request_done(req, (rtems_status_code)fault);
    return 0;
  }
  sim_disk_copy(rd->area, rd->block_size, req);
  rtems_blkdev_request_done(req, RTEMS_SUCCESSFUL);
  return 0;
}

int
ramdisk_ioctl(rtems_disk_device *dd, uint32_t req, void *argp)
{
  ramdisk *rd = rtems_disk_get_driver_data(dd);

  if (req == RTEMS_BLKIO_REQUEST) {
    return ramdisk_request(rd, argp);
  }
  if (req == RTEMS_BLKIO_DELETED) {
    if (rd->free_at_delete_request) {
      ramdisk_free(rd);
    }
    return 0;
  }
  return rtems_blkdev_ioctl(dd, req, argp);
}
