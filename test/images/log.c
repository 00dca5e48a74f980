/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's log-structured file system, by the kernel's own calls: files are
 * made, renamed, removed and found again by another mount.  Then more is
 * written than the log has room for, and removed.
 *
 *   log IMAGE RESULT
 *
 * RESULT is the image afterwards.
 */

#include "image.h"
#include "target.h"

#include <rtems/blkdev.h>
#include <rtems/ramdisk.h>

#include <simulator/simulator.h>

#include "abi/file.h"
#include "abi/mount.h"
#include "lfs.h"

#define DEVICE "/dev/image"
#define KEY "/image"
#define BLOCK 512u
#define FILES 40
#define SIZE 100000
#define ROUNDS 12
#define PARTS 20

#define MEMORY (24u << 20)

static char *image;
static uint32_t blocks;
static char content[SIZE + FILES], copy[SIZE];

static void
write_image(const char *path)
{
  FILE *file = fopen(path, "wb");

  CHECK(file != NULL && fwrite(image, BLOCK, blocks, file) == blocks);
  CHECK(fclose(file) == 0);
}

static void
make_device(void)
{
  struct ramdisk *disk = ramdisk_allocate(image, BLOCK, blocks, false);

  CHECK(disk != NULL);
  CHECK(
    rtems_blkdev_create(DEVICE, BLOCK, blocks, ramdisk_ioctl, disk)
      == RTEMS_SUCCESSFUL
  );
}

static const char *
name_of(const char *folder, int i)
{
  static char name[64];

  snprintf(name, sizeof(name), "/disk/%s/file %d", folder, i);
  return name;
}

static void
put(int i)
{
  int fd = rump_sys_open(
    name_of("old", i),
    NETBSD_O_RDWR | NETBSD_O_CREAT | NETBSD_O_EXCL,
    0644
  );

  CHECK(fd >= 0);
  CHECK(rump_sys_write(fd, content + i, SIZE) == SIZE);
  if (i % 8 == 0) {
    CHECK(rump_sys_fsync_range(fd, NETBSD_FFILESYNC, 0, SIZE) == 0);
  }
  CHECK(rump_sys_close(fd) == 0);
}

static void
get(int i)
{
  const char *name = name_of(i % 3 == 0 ? "new" : "old", i);
  int fd = rump_sys_open(name, NETBSD_O_RDONLY);

  if (i % 3 == 1) {
    CHECK(fd < 0);
    return;
  }
  CHECK(fd >= 0 && rump_sys_read(fd, copy, SIZE) == SIZE);
  CHECK(memcmp(copy, content + i, SIZE) == 0);
  CHECK(rump_sys_close(fd) == 0);
}

static void
rename_or_remove(int i)
{
  char old[64];

  strcpy(old, name_of("old", i));
  if (i % 3 == 0) {
    CHECK(rump_sys_rename(old, name_of("new", i)) == 0);
  } else if (i % 3 == 1) {
    CHECK(rump_sys_unlink(old) == 0);
  }
}

/* Parts of the log without anything in them are free after sync(). */
static void
write_and_remove(void)
{
  int fd = rump_sys_open(
    "/disk/again", NETBSD_O_RDWR | NETBSD_O_CREAT | NETBSD_O_EXCL, 0644);
  int i;

  CHECK(fd >= 0);
  for (i = 0; i < PARTS; ++i) {
    CHECK(rump_sys_write(fd, content, SIZE) == SIZE);
  }
  CHECK(rump_sys_close(fd) == 0);
  CHECK(rump_sys_unlink("/disk/again") == 0);
  rump_sys_sync();
}

static void
attach(void)
{
  struct netbsd_ufs_args args = { .fspec = KEY };

  CHECK(lfs_prepare(NULL, NULL) == 0);
  CHECK(rump_sys_mount("lfs", "/disk", 0, &args, sizeof(args)) == 0);
}

static int
write_and_read(void *arg)
{
  int i;

  (void)arg;
  CHECK(rump_sys_mkdir("/disk", 0755) == 0);
  CHECK(rump_pub_etfs_register(KEY, DEVICE, NETBSD_ETFS_BLK) == 0);
  attach();
  CHECK(rump_sys_mkdir("/disk/old", 0755) == 0);
  CHECK(rump_sys_mkdir("/disk/new", 0755) == 0);
  for (i = 0; i < FILES; ++i) {
    put(i);
  }
  for (i = 0; i < FILES; ++i) {
    rename_or_remove(i);
  }
  CHECK(rump_sys_unmount("/disk", 0) == 0);
  attach();
  for (i = 0; i < FILES; ++i) {
    get(i);
  }
  CHECK((uint64_t)ROUNDS * PARTS * SIZE > (uint64_t)blocks * BLOCK);
  for (i = 0; i < ROUNDS; ++i) {
    write_and_remove();
  }
  CHECK(rump_sys_unmount("/disk", 0) == 0);
  return rump_pub_etfs_remove(KEY);
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = { .memory = MEMORY };
  int i, result;

  (void)arg;
  TARGET_BEGIN("LOG");
  CHECK(sim_argc == 3);
  for (i = 0; i < SIZE + FILES; ++i) {
    content[i] = (char)(i * i >> 8);
  }
  image = image_read(sim_argv[1], BLOCK, &blocks);
  make_device();
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_call(write_and_read, NULL, &result) == 0 && result == 0);
  CHECK(rtems_rump_end() == 0);
  write_image(sim_argv[2]);
  TARGET_END("LOG");
}

#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
