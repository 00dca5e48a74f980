/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What RTEMS's own tests of file systems call: an empty one is mounted, and
 * unmounted again.  FSTESTS_TYPE is its type, and FSTESTS_SOURCE its device.
 */

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rtems.h>
#include <rtems/blkdev.h>
#include <rtems/libio.h>
#include <rtems/ramdisk.h>
#include <rtems/test-info.h>
#include <rtems/test.h>

#include <rtems-rump/filesystem.h>
#include <rtems-rump/instance.h>

#define BASE "/mnt" /* where the tests look for it */

void test_initialize_filesystem(void);
void test_shutdown_filesystem(void);

static void
check(int ok)
{
  if (!ok) {
    exit(1);
  }
}

#ifdef DISK_IMAGE
#define SOURCE "/dev/rda"
#define BLOCK 512

__asm__(
  ".section .data.disk, \"aw\"\n"
  ".balign 4096\n"
  "disk_image:\n"
  ".incbin \"" DISK_IMAGE "\"\n"
  "disk_image_end:\n"
  ".previous\n"
);
extern char disk_image[], disk_image_end[];

static void
make_disk(void)
{
  rtems_blkdev_bnum blocks =
    (rtems_blkdev_bnum)((disk_image_end - disk_image) / BLOCK);
  struct ramdisk *disk = ramdisk_allocate(disk_image, BLOCK, blocks, false);

  check(disk != NULL);
  check(
    rtems_blkdev_create(SOURCE, BLOCK, blocks, ramdisk_ioctl, disk)
      == RTEMS_SUCCESSFUL
  );
}
#else
#define SOURCE NULL

static void
make_disk(void)
{
}
#endif

void
test_initialize_filesystem(void)
{
  make_disk();
  check(mkdir(BASE, 0777) == 0);
  check(rtems_rump_filesystem_register(NULL) == 0);
  check(rtems_rump_start(NULL) == 0);
  check(
    mount(SOURCE, BASE, FSTESTS_TYPE, RTEMS_FILESYSTEM_READ_WRITE, NULL) == 0
  );
  /* mke2fs always makes it. */
  (void)rmdir(BASE "/lost+found");
  check(chmod(BASE, 0777) == 0);
}

void
test_shutdown_filesystem(void)
{
  check(unmount(BASE) == 0);
  check(rtems_rump_end() == 0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_INITIAL_EXTENSIONS RTEMS_TEST_INITIAL_EXTENSION
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 40
#define CONFIGURE_INIT_TASK_STACK_SIZE (32 * 1024)
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
