/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Host descriptors of the kernel.
 */

#ifndef RTEMS_RUMP_FILE_H
#define RTEMS_RUMP_FILE_H

#include <rtems/blkdev.h>

#include "lock.h"

struct file {
  int host;

  /** The block device behind it, or NULL. */
  rtems_disk_device *disk;

  /** RTEMS has one offset for each descriptor, and no positional calls. */
  struct lock offset_lock;

  /** Block requests in flight; who waits until there are none, and guard. */
  unsigned pending;
  struct waitq idle;

  /** Called instead of each write, with the virtual CPU given up, or NULL. */
  void (*told)(void *arg);
  void *told_arg;
};

/** The file of a descriptor that the kernel names, or NULL. */
struct file *file_get(int fd);

/**
 * Transfers all of a buffer at an offset, or with offset -1 where the
 * descriptor stands.
 *
 * @param[out] done Bytes transferred.
 *
 * @return 0, also at the end of the file, or a NetBSD errno value.
 */
int file_transfer(
  struct file *file,
  bool         write,
  void        *data,
  size_t       size,
  int64_t      offset,
  size_t      *done
);

/** Writes back what the host has cached of a file; NetBSD errno value. */
int file_flush(struct file *file);

/** Counts a block request in, and out. */
void file_begin_request(struct file *file);
void file_end_request(struct file *file);

/** Waits until no block request is in flight. */
void file_wait_for_requests(struct file *file);

#endif /* RTEMS_RUMP_FILE_H */
