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

/** Makes one disk of several, in raid(4); there is one row. */
struct netbsd_raid_config {
  int32_t rows;
  int32_t columns;
  int32_t spares;
  uint64_t unused[10][40];
  /** What each column is: a block device's path. */
  char disks[10][40][50];
  uint64_t unused_2[10];
  char spare_disks[10][50];
  /** Sectors in a unit of a stripe, and units in one of parity and repair. */
  int64_t unit_sectors;
  int64_t parity_units;
  int64_t repair_units;
  /** '0', '1', '4' or '5'. */
  char level;
  char queue[1024];
  char outstanding;
  char debug[75][50];
  uint32_t layout_size;
  void *layout;
  /** Also if the labels on the disks do not say so. */
  int32_t force;
};
#define NETBSD_RAIDFRAME_CONFIGURE NETBSD_IOC( \
  NETBSD_IOC_IN, \
  'r', \
  35, \
  struct netbsd_raid_config * \
)

/** Ends it. */
#define NETBSD_RAIDFRAME_SHUTDOWN 0x20007202ul

/** Gives all disks of it labels with a serial number that is not 0. */
struct netbsd_raid_label {
  int32_t version;
  int32_t serial;
  int32_t unused[96];
};
#define NETBSD_RAIDFRAME_INIT_LABELS \
  NETBSD_IOC(NETBSD_IOC_IN, 'r', 21, struct netbsd_raid_label)

/** Makes parity, or copies, right; and percents of that, 100 at its end. */
#define NETBSD_RAIDFRAME_REWRITEPARITY 0x20007207ul
#define NETBSD_RAIDFRAME_CHECK_PARITYREWRITE_STATUS \
  NETBSD_IOC(NETBSD_IOC_IN | NETBSD_IOC_OUT, 'r', 26, int)

/** Fills a disk that has failed, or another one in its place, anew. */
struct netbsd_raid_disk {
  int32_t row;
  int32_t column;
  char name[50];
};
#define NETBSD_RAIDFRAME_REBUILD_IN_PLACE \
  NETBSD_IOC(NETBSD_IOC_IN, 'r', 24, struct netbsd_raid_disk)
#define NETBSD_RAIDFRAME_CHECK_RECON_STATUS \
  NETBSD_IOC(NETBSD_IOC_IN | NETBSD_IOC_OUT, 'r', 6, int)

int rump_sys_ioctl(int fd, unsigned long command, void *arg)
  NETBSD_SYSTEM_CALL("ioctl");

#endif /* RTEMS_RUMP_ABI_DISK_H */
