/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's drivers of disks: an FFS that was made on the host is read
 * and written; the host looks at what is there then.  The kernel ends and
 * starts again, and the disk with it.
 */

#include "files.h"
#include "target.h"

#ifndef DEVICE
#error "DEVICE names the disk in the kernel, as /dev/ld0d"
#endif

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
  disk_mount(DEVICE);
  disk_read_from_host();
  if (life > 0) {
    disk_read(names[life - 1]);
  }
  disk_write(names[life]);
  disk_read(names[life]);
  disk_unmount();
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
