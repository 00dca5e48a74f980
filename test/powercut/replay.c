/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * As survey.c, on the simulator: mounts one image after the other of a file
 * and unmounts it, which replays its journal.  The host reads what is there.
 *
 *   replay IMAGES TYPE SIZE
 *
 * SIZE is that of one image.
 */

#include "target.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rtems/blkdev.h>
#include <rtems/ramdisk.h>

#include <simulator/simulator.h>

#include "lfs.h"

#define DEVICE "/dev/image"
#define KEY "/image"
#define SECTOR 512u

static const char *type;
static size_t image_size;

/* LFS needs that much. */
static const struct rtems_rump_config config = {
  .memory = 24u << 20, .restartable = true
};

static int
mount_type(void)
{
  struct netbsd_ufs_args args = { .fspec = KEY };
  bool is_log = strcmp(type, "lfs") == 0;

  if (is_log && lfs_prepare(NULL, NULL) != 0) {
    return -1;
  }
  return rump_sys_mount(
    type, "/disk", is_log ? 0 : NETBSD_MNT_LOG, &args, sizeof(args));
}

static int
mount_and_unmount(void *arg)
{
  (void)arg;
  if (rump_pub_etfs_register(KEY, DEVICE, NETBSD_ETFS_BLK) != 0
      || rump_sys_mkdir("/disk", 0755) != 0) {
    return EIO;
  }
  if (mount_type() != 0 || rump_sys_unmount("/disk", 0) != 0) {
    return errno;
  }
  return 0;
}

/* What damage has made of an image must not hide what is in the next. */
static void
replay(char *image, unsigned i)
{
  struct ramdisk *disk =
    ramdisk_allocate(image, SECTOR, image_size / SECTOR, false);
  int result = EIO;

  CHECK(disk != NULL);
  ramdisk_enable_free_at_delete_request(disk);
  CHECK(
    rtems_blkdev_create(
      DEVICE, SECTOR, image_size / SECTOR, ramdisk_ioctl, disk
    ) == RTEMS_SUCCESSFUL
  );
  printf("image: begin %u\n", i);
  CHECK(rtems_rump_start(&config) == 0);
  (void)rtems_rump_call(mount_and_unmount, NULL, &result);
  CHECK(rtems_rump_end() == 0);
  CHECK(unlink(DEVICE) == 0);
  if (result == 0) {
    printf("image: end %u\n", i);
  }
}

static rtems_task
Init(rtems_task_argument arg)
{
  struct stat status;
  unsigned i;
  char *images;
  int fd;

  (void)arg;
  TARGET_BEGIN("replay");
  CHECK(sim_argc == 4);
  type = sim_argv[2];
  image_size = (size_t)atol(sim_argv[3]);
  fd = open(sim_argv[1], O_RDWR);
  CHECK(fd >= 0 && fstat(fd, &status) == 0);
  images = mmap(
    NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  CHECK(images != MAP_FAILED);
  for (i = 0; i < (unsigned)((size_t)status.st_size / image_size); ++i) {
    replay(images + i * image_size, i);
  }
  puts("image: all");
  TARGET_END("replay");
}

#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
