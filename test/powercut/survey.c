/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The boots after the power has failed: a disk on which one image after the
 * other lies, each as some failure has left it.  Mounts all, which replays
 * their journals, and tells what is in them.
 */

#include "target.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rtems/blkdev.h>
#include <rtems/diskdevs.h>
#include <rtems/libio.h>

#include <rtems-rump/filesystem.h>

#include "tell.h"

#define DISK "/dev/hda"

/* Also the host's. */
#define IMAGE_BLOCKS (4u << 20 >> 9)

static const struct rtems_rump_config config = {
  .memory = 8u << 20, .restartable = true
};

static rtems_blkdev_bnum
disk_size(void)
{
  rtems_disk_device *dd;
  int fd = open(DISK, O_RDONLY);

  CHECK(fd >= 0);
  CHECK(rtems_disk_fd_get_disk_device(fd, &dd) == 0);
  CHECK(close(fd) == 0);
  return dd->size;
}

/* What damage has made of an image must not hide what is on the next. */
static void
start_if_ended(void)
{
  struct rtems_rump_usage usage;

  rtems_rump_get_usage(&usage);
  if (usage.state != RTEMS_RUMP_RUNNING) {
    (void)rtems_rump_end();
    CHECK(rtems_rump_start(&config) == 0);
  }
}

static void
survey(unsigned i)
{
  char path[20];

  snprintf(path, sizeof(path), "/dev/image%u", i);
  CHECK(
    rtems_blkdev_create_partition(path, DISK, i * IMAGE_BLOCKS, IMAGE_BLOCKS)
      == RTEMS_SUCCESSFUL
  );
  printf("image: begin %u\n", i);
  start_if_ended();
  if (mount(path, "/disk", "rump-ffs", RTEMS_FILESYSTEM_READ_WRITE, "log")
      != 0) {
    printf("image %u cannot be mounted: %s\n", i, strerror(errno));
  } else {
    tell_tree("/disk");
    CHECK(unmount("/disk") == 0);
    printf("image: end %u\n", i);
  }
  CHECK(unlink(path) == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_blkdev_bnum blocks = disk_size();
  unsigned i;

  (void)arg;
  TARGET_BEGIN("survey");
  CHECK(mkdir("/disk", 0755) == 0);
  CHECK(rtems_rump_filesystem_register(NULL) == 0);
  CHECK(rtems_rump_start(&config) == 0);
  for (i = 0; i < blocks / IMAGE_BLOCKS; ++i) {
    survey(i);
  }
  CHECK(rtems_rump_end() == 0);
  puts("image: all");
  TARGET_END("survey");
}

#define CONFIGURE_MAXIMUM_PROCESSORS 1
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_APPLICATION_NEEDS_IDE_DRIVER
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
