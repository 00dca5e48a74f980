/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A memory stick with FAT that was made on the host, mounted, read and
 * written; then it is taken away while it is mounted.  The errors come to the
 * caller, it can be unmounted, and is as before when it is back.  The host
 * looks at what is there then.
 */

#include "files.h"
#include "target.h"

#define SECTOR 512

static void
mount_when_there(void)
{
  int fd;

  while ((fd = rump_sys_open("/dev/rsd0d", NETBSD_O_RDWR)) < 0) {
    CHECK(errno == ENXIO || errno == EIO || errno == ENODEV);
    target_sleep(10);
  }
  CHECK(rump_sys_close(fd) == 0);
  disk_mount("/dev/sd0d", "msdos");
}

/* A driver that is asked for something while its stick goes may never answer. */
static void
wait_until_gone(void)
{
  target_sleep(1000);
  CHECK_ERRNO(rump_sys_open("/dev/rsd0d", NETBSD_O_RDWR), ENXIO);
}

static void
check_gone(int rv)
{
  CHECK(rv < 0 && (errno == EIO || errno == ENXIO));
}

/* To write what has been open since before, and to read what has not. */
static void
fail(int fd)
{
  static const char sector[SECTOR];

  check_gone(rump_sys_write(fd, sector, SECTOR) == SECTOR
    ? rump_sys_fsync(fd) : -1);
  check_gone(rump_sys_open("/disk/host", NETBSD_O_RDONLY));
  (void)rump_sys_close(fd);
}

static void
live(unsigned life)
{
  const char *name = life == 0 ? "/disk/first" : "/disk/second";
  static const struct rtems_rump_config config = {
    .memory = 8 << 20, .restartable = true
  };
  int fd;

  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  mount_when_there();
  disk_write(name);
  disk_unmount();
  mount_when_there();
  disk_read(name);
  fd = rump_sys_open(name, NETBSD_O_RDWR);
  CHECK(fd >= 0);
  puts("usb: unplug");
  wait_until_gone();
  fail(fd);
  CHECK(rump_sys_unmount("/disk", NETBSD_MNT_FORCE) == 0);
  puts("usb: plug");
  mount_when_there();
  disk_read_from_host();
  disk_read(name);
  disk_write(name);
  disk_unmount();
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("STICK");
  target_live_twice(live);
  TARGET_END("STICK");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
