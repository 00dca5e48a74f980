/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A file of the kernel's memory as NetBSD's disk vnd0; for
 * applications that have "target.h".
 */

#ifndef TEST_TARGET_VND_H
#define TEST_TARGET_VND_H

#include "target.h"

#include "abi/disk.h"

/** The partition that is all of a disk has another letter on PCs. */
#ifdef __i386__
#define RAW_PARTITION "d"
#else
#define RAW_PARTITION "c"
#endif

#define VND_FILE "/images/disk"

/** Tells a device of the kernel something. */
static inline void
target_control(const char *device, unsigned long command, void *arg)
{
  int fd;

  CHECK(rtems_rump_enter() == 0);
  fd = rump_sys_open(device, NETBSD_O_RDWR);
  CHECK(fd >= 0);
  CHECK(rump_sys_ioctl(fd, command, arg) == 0);
  CHECK(rump_sys_close(fd) == 0);
  rtems_rump_leave();
}

/** Makes the file, of so many bytes, and the disk. */
static inline void
target_make_vnd(int64_t size)
{
  static char name[] = VND_FILE;
  struct netbsd_tmpfs_args args = { .version = 1, .root_mode = 0755 };
  struct netbsd_vnd_ioctl vnd = { .file = name };
  int fd;

  CHECK(rtems_rump_enter() == 0);
  CHECK(rump_sys_mkdir("/images", 0755) == 0);
  CHECK(rump_sys_mount("tmpfs", "/images", 0, &args, sizeof(args)) == 0);
  fd = rump_sys_open(VND_FILE, NETBSD_O_RDWR | NETBSD_O_CREAT, 0600);
  CHECK(fd >= 0 && rump_sys_ftruncate(fd, size) == 0);
  CHECK(rump_sys_close(fd) == 0);
  rtems_rump_leave();
  target_control("/dev/rvnd0" RAW_PARTITION, NETBSD_VNDIOCSET, &vnd);
}

#endif /* TEST_TARGET_VND_H */
