/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's drivers of disks: a file system that was made on the host is
 * read and written; the host looks at what is there then.  The kernel ends and
 * starts again, and the disk with it.  Interrupts are for the last processor.
 */

#define _GNU_SOURCE /* pthread_getname_np() */

#include "files.h"
#include "pinned.h"

#if !defined(DEVICE) || !defined(TYPE)
#error "DEVICE names the disk in the kernel, as /dev/ld0d; TYPE is as ffs"
#endif

/* After the first life, what the one before has written is read anew. */
static void
live(unsigned life)
{
  static const char *const names[] = { "/disk/first", "/disk/second" };
  const struct rtems_rump_config config = {
    .memory = 8 << 20, .restartable = true,
    .interrupt_affinity = UINT32_C(1) << target_last_processor()
  };

  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  disk_mount(DEVICE, TYPE);
  disk_read_from_host();
  check_pinned("rumpirq", target_last_processor());
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
  (void)arg;
  TARGET_BEGIN("DISK");
  target_live_twice(live);
  TARGET_END("DISK");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
