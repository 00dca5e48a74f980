/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's encrypted disk as a block device of RTEMS: what is written to it is
 * not legible on the disk below, and only the right key reads it again.
 */

#include <rtems-rump/blockdev.h>

#include "chunk.h"
#include "vnd.h"

#define DEVICE "/dev/secret"
#define SIZE (1 << 20)

static const struct rtems_rump_config config = { .memory = 16u << 20 };

/* With a key that is this byte again and again. */
static void
open_disk(char key)
{
  char bytes[33];
  struct netbsd_cgd_ioctl cgd = {
    .disk = "/dev/vnd0" RAW_PARTITION, .algorithm = "aes-cbc",
    .iv_method = "encblkno1", .key_size = 256, .key = bytes,
    .block_size = 128
  };

  memset(bytes, key, sizeof(bytes));
  target_control("/dev/rcgd0" RAW_PARTITION, NETBSD_CGDIOCSET, &cgd);
  CHECK(rtems_rump_blockdev_create(DEVICE, "/dev/rcgd0" RAW_PARTITION) == 0);
}

static void
close_disk(void)
{
  struct netbsd_cgd_ioctl cgd = { .unit = 0 };

  CHECK(unlink(DEVICE) == 0);
  target_control("/dev/rcgd0" RAW_PARTITION, NETBSD_CGDIOCCLR, &cgd);
}

static void
read_image(void)
{
  int fd;

  CHECK(rtems_rump_enter() == 0);
  fd = rump_sys_open(VND_FILE, NETBSD_O_RDONLY);
  CHECK(fd >= 0 && rump_sys_pread(fd, copy, CHUNK, CHUNK) == CHUNK);
  CHECK(rump_sys_close(fd) == 0);
  rtems_rump_leave();
}

/* Bytes that are the same at the same place; by chance 64 of them. */
static unsigned
count_same(void)
{
  unsigned same = 0, i;

  for (i = 0; i < CHUNK; ++i) {
    same += copy[i] == written[i];
  }
  return same;
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("cgd");
  memset(written, 's', CHUNK);
  CHECK(rtems_rump_start(&config) == 0);
  target_make_vnd(SIZE);
  open_disk('k');
  with_chunk(DEVICE, write_chunk);
  close_disk();
  read_image();
  CHECK(count_same() < 200);
  open_disk('x');
  with_chunk(DEVICE, read_chunk);
  CHECK(count_same() < 200);
  close_disk();
  open_disk('k');
  with_chunk(DEVICE, read_chunk);
  CHECK(count_same() == CHUNK);
  close_disk();
  CHECK(rtems_rump_end() == 0);
  TARGET_END("cgd");
}

#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 10
#define CONFIGURE_MAXIMUM_TASKS 40
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
