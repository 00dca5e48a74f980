/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * File systems: mounts a tmpfs, and an FFS image from a RAM disk, reads what
 * the host has put into the image, writes, unmounts, and hands the image back
 * to the host.  The kernel is linked of the components vfs, fs_tmpfs, fs_ffs.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rtems.h>

#include <rtems-rump/instance.h>
#include <rtems-rump/netbsd.h>

#include "image.h"

#define PATTERN_SIZE 300000u

static char buffer[32 * 1024];

static void
check(const char *what, bool ok)
{
  if (!ok) {
    printf("files: %s: %s\n", what, strerror(errno));
    exit(1);
  }
}

static void
mount_all(void)
{
  struct netbsd_tmpfs_args tmpfs = {
    .version = 1,
    .size_max = 1024 * 1024,
    .root_mode = 01777
  };
  struct netbsd_ufs_args ffs = { .fspec = "/dev/disk" };

  /* RTEMS's block device becomes a file of the kernel, of its own name. */
  errno = rump_pub_etfs_register("/dev/disk", "/dev/rda", NETBSD_ETFS_BLK);
  check("register /dev/rda", errno == 0);
  check("mkdir /ram", rump_sys_mkdir("/ram", 0755) == 0);
  check("mkdir /disk", rump_sys_mkdir("/disk", 0755) == 0);
  check(
    "mount /ram",
    rump_sys_mount("tmpfs", "/ram", 0, &tmpfs, sizeof(tmpfs)) == 0
  );
  check(
    "mount /disk",
    rump_sys_mount("ffs", "/disk", 0, &ffs, sizeof(ffs)) == 0
  );
}

static void
copy(const char *from, const char *to)
{
  int in = rump_sys_open(from, NETBSD_O_RDONLY);
  int out = rump_sys_open(to, NETBSD_O_WRONLY | NETBSD_O_CREAT, 0644);
  ssize_t n;

  check(from, in >= 0);
  check(to, out >= 0);
  while ((n = rump_sys_read(in, buffer, sizeof(buffer))) > 0) {
    check(to, rump_sys_write(out, buffer, (size_t)n) == n);
  }
  check(from, n == 0 && rump_sys_close(in) == 0);
  check(to, rump_sys_close(out) == 0);
  printf("files: copied %s to %s\n", from, to);
}

/* A file larger than the kernel's buffers, of bytes that check.py knows. */
static void
write_pattern(const char *path)
{
  int fd = rump_sys_open(path, NETBSD_O_WRONLY | NETBSD_O_CREAT, 0644);
  uint32_t x = 1;
  size_t done, n, i;

  check(path, fd >= 0);
  for (done = 0; done < PATTERN_SIZE; done += n) {
    n = PATTERN_SIZE - done;
    n = n < sizeof(buffer) ? n : sizeof(buffer);
    for (i = 0; i < n; ++i) {
      x = x * 1664525u + 1013904223u;
      buffer[i] = (char)(x >> 24);
    }
    check(path, rump_sys_write(fd, buffer, n) == (ssize_t)n);
  }
  check(path, rump_sys_close(fd) == 0);
  printf("files: wrote %u bytes to %s\n", PATTERN_SIZE, path);
}

static rtems_task
Init(rtems_task_argument arg)
{
  /* Of the default configuration only the memory is less: what the kernel, a
     full tmpfs and the buffers of the disk take. */
  static const struct rtems_rump_config config = { .memory = 8u << 20 };

  (void)arg;
  check("RAM disk", image_create_disk("/dev/rda") == RTEMS_SUCCESSFUL);
  errno = rtems_rump_start(&config);
  check("start", errno == 0);
  errno = rtems_rump_enter();
  check("enter", errno == 0);

  mount_all();
  copy("/disk/greeting.txt", "/ram/greeting.txt");
  check("mkdir", rump_sys_mkdir("/disk/rtems", 0755) == 0);
  copy("/ram/greeting.txt", "/disk/rtems/small.txt");
  write_pattern("/disk/rtems/pattern.bin");

  /* All is on the disk when the last unmount has returned. */
  check("unmount /disk", rump_sys_unmount("/disk", 0) == 0);
  check("unmount /ram", rump_sys_unmount("/ram", 0) == 0);
  errno = rump_pub_etfs_remove("/dev/disk");
  check("remove /dev/disk", errno == 0);
  rtems_rump_leave();
  errno = rtems_rump_end();
  check("end", errno == 0);

  image_print_changes();
  puts("files: done");
  exit(0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK /* block devices */
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

/* All else that a kernel needs: tasks, descriptors, the clock's rate. */
#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
