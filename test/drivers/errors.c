/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A disk that fails and then works again, while a file system is mounted: the
 * host makes it so, when this says "fail" and "heal".  The errors come to the
 * caller, and nothing of a kernel that has seen them is left when it has
 * ended.
 */

#include "files.h"
#include "target.h"

#define SECTOR 512

/* Not cached: a disk as it is at this moment. */
static void
wait_for_disk(int error)
{
  char sector[SECTOR];
  int fd = rump_sys_open("/dev/rld0d", NETBSD_O_RDWR);
  int got;

  CHECK(fd >= 0);
  do {
    target_sleep(10);
    errno = 0;
    got = rump_sys_pread(fd, sector, SECTOR, 0) == SECTOR ? 0 : errno;
    CHECK(got == 0 || got == EIO);
  } while (got != error);
  if (error != 0) {
    CHECK_ERRNO(rump_sys_pwrite(fd, sector, SECTOR, 0), EIO);
  }
  CHECK(rump_sys_close(fd) == 0);
}

/* The file is there, but the kernel has not read it. */
static void
fail_to_read(void)
{
  char c;
  int fd = rump_sys_open("/disk/host", NETBSD_O_RDONLY);

  CHECK(fd >= 0);
  CHECK_ERRNO(rump_sys_read(fd, &c, 1), EIO);
  CHECK(rump_sys_close(fd) == 0);
}

static void
fail_to_write(const char *name)
{
  static const char text[SECTOR];
  int fd = rump_sys_open(name, NETBSD_O_WRONLY);

  CHECK(fd >= 0);
  CHECK(rump_sys_write(fd, text, sizeof(text)) == sizeof(text));
  CHECK_ERRNO(rump_sys_fsync(fd), EIO);
  CHECK(rump_sys_close(fd) == 0);
}

static void
live(unsigned life)
{
  const char *name = life == 0 ? "/disk/first" : "/disk/second";
  static const struct rtems_rump_config config = {
    .memory = 8 << 20, .restartable = true
  };

  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  disk_mount("/dev/ld0d", "ffs");
  disk_write(name);
  puts("errors: fail");
  wait_for_disk(EIO);
  fail_to_read();
  fail_to_write(name);
  puts("errors: heal");
  wait_for_disk(0);
  disk_read_from_host();
  disk_write(name);
  disk_read_again("/dev/ld0d", "ffs", name);
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("ERRORS");
  target_live_twice(live);
  TARGET_END("ERRORS");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
