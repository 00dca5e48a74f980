/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Two kernels with a device each, on one line of interrupts: this one has a
 * network card and talks to the host; the other one reads and writes a disk,
 * and ends and starts again meanwhile, and goes on while this one does.
 */

#include "two.h"

#include "network.h"
#include "target.h"

/* As the command line of QEMU has it. */
#define SLOT 4

static bool
owns(unsigned bus, unsigned device, unsigned function)
{
  return bus == 0 && device == SLOT && function == 0;
}

static void
use_network(void)
{
  static const struct rtems_rump_config config = {
    .memory = 16 << 20, .restartable = true, .owns_pci = owns
  };

  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  network_up("vioif0");
  network_talk();
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
}

static void
live(unsigned life)
{
  unsigned before, after;

  two_disk_begin(life == 0 ? "/disk/first" : "/disk/second");
  before = two_disk_lives();
  use_network();
  after = two_disk_lives();
  two_disk_end();
  printf("two: the other kernel ended %u times meanwhile\n", after - before);
  CHECK(after > before);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("TWO");
  target_live_twice(live);
  TARGET_END("TWO");
}

#define CONFIGURE_MAXIMUM_TASKS 100
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
