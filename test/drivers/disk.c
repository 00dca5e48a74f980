/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's drivers of disks: a file system that was made on the host is
 * read and written; the host looks at what is there then.  The kernel ends and
 * starts again, and the disk with it.  Interrupts are for the last processor.
 */

#define _GNU_SOURCE /* pthread_getname_np() */

#include <pthread.h>

#include <rtems/score/objectimpl.h>

#include "files.h"
#include "target.h"

#if !defined(DEVICE) || !defined(TYPE)
#error "DEVICE names the disk in the kernel, as /dev/ld0d; TYPE is as ffs"
#endif

static int
last_processor(void)
{
  return (int)rtems_scheduler_get_processor_maximum() - 1;
}

static bool
serves_interrupts(rtems_id task)
{
  static const char prefix[] = "rumpirq";
  char name[16];

  return pthread_getname_np(task, name, sizeof(name)) == 0
    && strncmp(name, prefix, sizeof(prefix) - 1) == 0;
}

static void
check_affinity(rtems_id task)
{
  cpu_set_t set, last;

  CPU_ZERO(&last);
  CPU_SET(last_processor(), &last);
  CHECK(rtems_task_get_affinity(task, sizeof(set), &set) == RTEMS_SUCCESSFUL);
  CHECK(last_processor() == 0 || CPU_EQUAL(&set, &last));
}

static void
check_interrupts(void)
{
  rtems_object_api_class_information tasks;
  unsigned count = 0;
  rtems_id id;

  (void)rtems_object_get_class_information(
    OBJECTS_CLASSIC_API,
    OBJECTS_RTEMS_TASKS,
    &tasks
  );
  for (id = tasks.minimum_id; id <= tasks.maximum_id; ++id) {
    if (serves_interrupts(id)) {
      check_affinity(id);
      ++count;
    }
  }
  printf("disk: %u threads of interrupts\n", count);
  CHECK(count == 1);
}

/* After the first life, what the one before has written is read anew. */
static void
live(unsigned life)
{
  static const char *const names[] = { "/disk/first", "/disk/second" };
  const struct rtems_rump_config config = {
    .memory = 8 << 20, .restartable = true,
    .interrupt_affinity = UINT32_C(1) << last_processor()
  };

  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  disk_mount(DEVICE, TYPE);
  disk_read_from_host();
  check_interrupts();
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
