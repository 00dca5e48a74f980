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

int rump_sys_ioctl(int fd, unsigned long command, void *arg)
  NETBSD_SYSTEM_CALL("ioctl");

#endif /* RTEMS_RUMP_ABI_DISK_H */
