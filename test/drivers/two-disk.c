/* SPDX-License-Identifier: BSD-2-Clause */

#include "two.h"

#include <stdatomic.h>

#include <rtems/thread.h>

#include "files.h"
#include "target.h"

/* As the command line of QEMU has it. */
#define SLOT 8

static rtems_id task;
static atomic_bool last;
static atomic_uint lives;
static rtems_binary_semaphore mounted =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("mounted");

static bool
owns(unsigned bus, unsigned device, unsigned function)
{
  return bus == 0 && device == SLOT && function == 0;
}

static void
live(const char *name)
{
  static const struct rtems_rump_config config = {
    .memory = 8 << 20, .restartable = true, .owns_pci = owns
  };

  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  disk_mount("/dev/ld0d", "ffs");
  rtems_binary_semaphore_post(&mounted);
  disk_write(name);
  disk_read_again("/dev/ld0d", "ffs", name);
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
}

static rtems_task
live_on(rtems_task_argument name)
{
  do {
    live((const char *)name);
    atomic_fetch_add(&lives, 1);
  } while (!atomic_load(&last));
  rtems_task_exit();
}

void
two_disk_begin(const char *name)
{
  atomic_store(&last, false);
  (void)rtems_binary_semaphore_try_wait(&mounted);
  task = target_task(TARGET_PRIORITY, live_on, (rtems_task_argument)name);
  rtems_binary_semaphore_wait(&mounted);
}

unsigned
two_disk_lives(void)
{
  return atomic_load(&lives);
}

void
two_disk_end(void)
{
  atomic_store(&last, true);
  target_wait_for_end(task);
}
