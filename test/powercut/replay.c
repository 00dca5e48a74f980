/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * As survey.c, on the simulator: mounts one image after the other of a file
 * and unmounts it, which replays its journal.  The host reads what is there.
 */

#include "target.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rtems/blkdev.h>
#include <rtems/ramdisk.h>

#include <simulator/simulator.h>

#define DEVICE "/dev/image"
#define KEY "/image"
#define SECTOR 512u

/* Also the host's. */
#define IMAGE_SIZE (4u << 20)

static const struct rtems_rump_config config = {
  .memory = 8u << 20, .restartable = true
};

static int
mount_and_unmount(void *arg)
{
  struct netbsd_ufs_args args = { .fspec = KEY };

  (void)arg;
  if (rump_pub_etfs_register(KEY, DEVICE, NETBSD_ETFS_BLK) != 0
      || rump_sys_mkdir("/disk", 0755) != 0) {
    return EIO;
  }
  if (rump_sys_mount("ffs", "/disk", NETBSD_MNT_LOG, &args, sizeof(args))
        != 0
      || rump_sys_unmount("/disk", 0) != 0) {
    return errno;
  }
  return 0;
}

/* What damage has made of an image must not hide what is in the next. */
static void
replay(char *image, unsigned i)
{
  struct ramdisk *disk =
    ramdisk_allocate(image, SECTOR, IMAGE_SIZE / SECTOR, false);
  int result = EIO;

  CHECK(disk != NULL);
  ramdisk_enable_free_at_delete_request(disk);
  CHECK(
    rtems_blkdev_create(
      DEVICE, SECTOR, IMAGE_SIZE / SECTOR, ramdisk_ioctl, disk
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
  CHECK(sim_argc == 2);
  fd = open(sim_argv[1], O_RDWR);
  CHECK(fd >= 0 && fstat(fd, &status) == 0);
  images = mmap(
    NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  CHECK(images != MAP_FAILED);
  for (i = 0; i < (unsigned)(status.st_size / IMAGE_SIZE); ++i) {
    replay(images + (size_t)i * IMAGE_SIZE, i);
  }
  puts("image: all");
  TARGET_END("replay");
}

#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
