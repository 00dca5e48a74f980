/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's drivers of disks: an FFS that was made on the host is read
 * and written; the host looks at what is there then.  The kernel ends and
 * starts again, and the disk with it.
 */

#include "target.h"

#ifndef DEVICE
#error "DEVICE names the disk in the kernel, as /dev/ld0d"
#endif

#define CHUNK 65536
#define CHUNKS 32

static uint32_t buffer[CHUNK / sizeof(uint32_t)];

static void
fill(unsigned chunk)
{
  unsigned i;

  for (i = 0; i < CHUNK / sizeof(uint32_t); ++i) {
    buffer[i] = chunk * CHUNK + i;
  }
}

static void
mount_disk(void)
{
  static char device[] = DEVICE;
  struct netbsd_ufs_args args = { .fspec = device };


  CHECK(rump_sys_mkdir("/disk", 0755) == 0);
  CHECK(rump_sys_mount("ffs", "/disk", 0, &args, sizeof(args)) == 0);
}

static void
read_from_host(void)
{
  static const char text[] = "made on the host";
  char line[64];
  int fd = rump_sys_open("/disk/host", NETBSD_O_RDONLY);

  CHECK(fd >= 0);
  CHECK(rump_sys_read(fd, line, sizeof(line)) >= (ssize_t)sizeof(text) - 1);
  CHECK(memcmp(line, text, sizeof(text) - 1) == 0);
  CHECK(rump_sys_close(fd) == 0);
}

static void
write_file(const char *name)
{
  int fd = rump_sys_open(name, NETBSD_O_CREAT | NETBSD_O_WRONLY, 0644);
  unsigned i;

  CHECK(fd >= 0);
  for (i = 0; i < CHUNKS; ++i) {
    fill(i);
    CHECK(rump_sys_write(fd, buffer, CHUNK) == CHUNK);
  }
  CHECK(rump_sys_fsync(fd) == 0);
  CHECK(rump_sys_close(fd) == 0);
}

static void
read_file(const char *name)
{
  static uint32_t read[CHUNK / sizeof(uint32_t)];
  int fd = rump_sys_open(name, NETBSD_O_RDONLY);
  unsigned i;

  CHECK(fd >= 0);
  for (i = 0; i < CHUNKS; ++i) {
    fill(i);
    CHECK(rump_sys_read(fd, read, CHUNK) == CHUNK);
    CHECK(memcmp(read, buffer, CHUNK) == 0);
  }
  CHECK(rump_sys_close(fd) == 0);
}

/* After the first life, what the one before has written is read anew. */
static void
live(unsigned life)
{
  static const char *const names[] = { "/disk/first", "/disk/second" };
  static const struct rtems_rump_config config = {
    .memory = 8 << 20, .restartable = true
  };

  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  mount_disk();
  read_from_host();
  if (life > 0) {
    read_file(names[life - 1]);
  }
  write_file(names[life]);
  read_file(names[life]);
  CHECK(rump_sys_unmount("/disk", 0) == 0);
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;

  (void)arg;
  TARGET_BEGIN("DISK");
  live(0);
  rtems_resource_snapshot_take(&before);
  live(1);
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
  TARGET_END("DISK");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
