/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief NetBSD's user ABI: what disks are asked for by ioctl(2).
 */

#ifndef RTEMS_RUMP_ABI_DISK_H
#define RTEMS_RUMP_ABI_DISK_H

#include <rtems-rump/netbsd.h>

/** What a command does with its argument. */
#define NETBSD_IOC_OUT 0x40000000ul
#define NETBSD_IOC_IN 0x80000000ul

/** A command: its group, number and the argument's type. */
#define NETBSD_IOC(direction, group, number, type) \
  ((direction) | (unsigned long)sizeof(type) << 16 \
    | (unsigned long)(group) << 8 | (number))

/** Writes the disk's cache back. */
#define NETBSD_DIOCCACHESYNC NETBSD_IOC(NETBSD_IOC_IN, 'd', 118, int)

/** The size of the disk, in bytes, and that of its blocks. */
#define NETBSD_DIOCGMEDIASIZE NETBSD_IOC(NETBSD_IOC_OUT, 'd', 132, int64_t)
#define NETBSD_DIOCGSECTORSIZE NETBSD_IOC(NETBSD_IOC_OUT, 'd', 133, unsigned)

/** Makes a disk of a file, in vnd(4). */
struct netbsd_vnd_ioctl {
  char *file;
  int32_t flags;
  uint32_t geometry[4];
  uint32_t old_size;
  uint64_t size;
};
#define NETBSD_VNDIOCSET NETBSD_IOC( \
  NETBSD_IOC_IN | NETBSD_IOC_OUT, \
  'F', \
  0, \
  struct netbsd_vnd_ioctl \
)

/**
 * Makes an encrypted disk of another one, in cgd(4).  The key has key_size
 * bits, and one byte more that is read.
 */
struct netbsd_cgd_ioctl {
  const char *disk;
  int32_t flags;
  int32_t unit;
  size_t size;
  const char *algorithm;
  const char *iv_method;
  size_t key_size;
  const void *key;
  size_t block_size;
};
#define NETBSD_CGDIOCSET NETBSD_IOC( \
  NETBSD_IOC_IN | NETBSD_IOC_OUT, \
  'F', \
  18, \
  struct netbsd_cgd_ioctl \
)

/** Ends it. */
#define NETBSD_CGDIOCCLR \
  NETBSD_IOC(NETBSD_IOC_IN, 'F', 19, struct netbsd_cgd_ioctl)

int rump_sys_ioctl(int fd, unsigned long command, void *arg)
  NETBSD_SYSTEM_CALL("ioctl");

#endif /* RTEMS_RUMP_ABI_DISK_H */
