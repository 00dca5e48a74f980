/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A chunk of a block device of RTEMS, written and read.
 */

#ifndef TEST_TARGET_CHUNK_H
#define TEST_TARGET_CHUNK_H

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <rtems/blkdev.h>

#include "target.h"

#define CHUNK 16384u

static char written[CHUNK], copy[CHUNK];

static inline ssize_t
write_chunk(int fd)
{
  return write(fd, written, CHUNK);
}

static inline ssize_t
read_chunk(int fd)
{
  memset(copy, 0, CHUNK);
  return read(fd, copy, CHUNK);
}

/** With the second chunk of a device; RTEMS keeps nothing of it. */
static inline void
with_chunk(const char *device, ssize_t (*operate)(int fd))
{
  int fd = open(device, O_RDWR);

  CHECK(fd >= 0 && lseek(fd, CHUNK, SEEK_SET) == (off_t)CHUNK);
  CHECK((*operate)(fd) == (ssize_t)CHUNK);
  CHECK(fsync(fd) == 0 && rtems_disk_fd_purge(fd) == 0 && close(fd) == 0);
}

#endif /* TEST_TARGET_CHUNK_H */
