/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A disk of NetBSD as a block device of RTEMS: a file of the kernel that vnd
 * takes for a disk, on which RTEMS makes a FAT file system of its own.
 */

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rtems/blkdev.h>
#include <rtems/dosfs.h>
#include <rtems/libio.h>

#include <rtems-rump/blockdev.h>

#include "vnd.h"

#define DEVICE "/dev/vnd0"
#define RAW_DEVICE "/dev/rvnd0" RAW_PARTITION
#define SIZE (4 << 20)
#define CHUNK 65536

static const struct rtems_rump_config config = {
  .memory = 16u << 20, .restartable = true
};

static char buffer[CHUNK], copy[CHUNK];

static void
read_image(void *to, int64_t offset)
{
  int fd;

  CHECK(rtems_rump_enter() == 0);
  fd = rump_sys_open(VND_FILE, NETBSD_O_RDONLY);
  CHECK(fd >= 0 && rump_sys_pread(fd, to, CHUNK, offset) == CHUNK);
  CHECK(rump_sys_close(fd) == 0);
  rtems_rump_leave();
}

static void
test_errors(void)
{
  CHECK(rtems_rump_blockdev_create(DEVICE, "/dev/nosuch") == ENOENT);
  CHECK(rtems_rump_blockdev_create(DEVICE, "/dev/zero") == EINVAL);
  CHECK(rtems_rump_blockdev_create(DEVICE, RAW_DEVICE) == 0);
  CHECK(rtems_rump_blockdev_create(DEVICE, RAW_DEVICE) == EEXIST);
}

static void
test_raw(void)
{
  int fd = open(DEVICE, O_RDWR);
  unsigned i;

  CHECK(fd >= 0);
  for (i = 0; i < CHUNK; ++i) {
    buffer[i] = (char)(i * i >> 8);
  }
  CHECK(lseek(fd, SIZE - CHUNK, SEEK_SET) == SIZE - CHUNK);
  CHECK(write(fd, buffer, CHUNK) == CHUNK);
  CHECK(fsync(fd) == 0);
  read_image(copy, SIZE - CHUNK);
  CHECK(memcmp(buffer, copy, CHUNK) == 0);

  /* Not from RTEMS's cache. */
  CHECK(rtems_disk_fd_purge(fd) == 0);
  memset(copy, 0, CHUNK);
  CHECK(lseek(fd, SIZE - CHUNK, SEEK_SET) == SIZE - CHUNK);
  CHECK(read(fd, copy, CHUNK) == CHUNK);
  CHECK(memcmp(buffer, copy, CHUNK) == 0);
  CHECK(close(fd) == 0);
}

static void
test_dosfs(void)
{
  int fd;

  CHECK(msdos_format(DEVICE, NULL) == 0);
  CHECK(
    mount(
      DEVICE,
      "/disk",
      "dosfs",
      RTEMS_FILESYSTEM_READ_WRITE,
      NULL
    ) == 0
  );
  fd = open("/disk/file", O_RDWR | O_CREAT, 0644);
  CHECK(fd >= 0 && write(fd, buffer, CHUNK) == CHUNK);
  CHECK(close(fd) == 0 && unmount("/disk") == 0);
  CHECK(
    mount(DEVICE, "/disk", "dosfs", RTEMS_FILESYSTEM_READ_ONLY, NULL) == 0
  );
  fd = open("/disk/file", O_RDONLY);
  memset(copy, 0, CHUNK);
  CHECK(fd >= 0 && read(fd, copy, CHUNK) == CHUNK);
  CHECK(memcmp(buffer, copy, CHUNK) == 0);
  CHECK(close(fd) == 0 && unmount("/disk") == 0);
  CHECK(unlink(DEVICE) == 0);
  CHECK_ERRNO(open(DEVICE, O_RDWR), ENOENT);
}

/* The kernel ends, and leaves a device without a disk. */
static void
test_lost(void)
{
  int fd;

  CHECK(rtems_rump_blockdev_create(DEVICE, RAW_DEVICE) == 0);
  CHECK(rtems_rump_end() == 0);
  fd = open(DEVICE, O_RDONLY);
  CHECK(fd >= 0);
  CHECK_ERRNO((int)read(fd, copy, CHUNK), EIO);
  CHECK(close(fd) == 0 && unlink(DEVICE) == 0);
  CHECK(rtems_rump_blockdev_create(DEVICE, RAW_DEVICE) == EIO);
}

static void
live(void)
{
  CHECK(rtems_rump_start(&config) == 0);
  target_make_vnd(SIZE);
  test_errors();
  test_raw();
  test_dosfs();
  test_lost();
}

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;

  (void)arg;
  TARGET_BEGIN("BLOCKDEV");
  CHECK(mkdir("/disk", 0755) == 0);
  live();
  target_sleep(50);
  rtems_resource_snapshot_take(&before);
  live();
  target_sleep(50);
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
  TARGET_END("BLOCKDEV");
}

#define CONFIGURE_FILESYSTEM_DOSFS
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#include "config.h"
