/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Devices that are not as they should be: a network card whose registers are
 * said to be where the program is, which is left out, and one that asks for an
 * interrupt on the line of a disk and that nobody serves.  The disk works, the
 * kernel ends and starts again, and RTEMS runs on.
 */

#include "bus.h"
#include "edu.h"
#include "files.h"
#include "target.h"

#include <rtems-rump/netbsd-net.h>

/* As the command line of QEMU has it. */
#define NETWORK_SLOT 4
#define EDU_SLOT 12

/* Of configuration space. */
#define PCI_WINDOW 0x10

#define WINDOW_SIZE 0x20000u

static void
spoil_window(void)
{
  struct pci_function f = { .device = NETWORK_SLOT };
  uintptr_t program = (uintptr_t)spoil_window;

  bus_write_config(f, PCI_WINDOW, program - program % WINDOW_SIZE);
}

static void
live(unsigned life)
{
  const char *name = life == 0 ? "/disk/first" : "/disk/second";
  static const struct rtems_rump_config config = {
    .memory = 16 << 20, .restartable = true
  };

  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  CHECK(rump_pub_netconfig_ifup("wm0") == ENXIO);
  disk_mount("/dev/ld0d", "ffs");
  disk_write(name);
  disk_read_again("/dev/ld0d", "ffs", name);
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("HOSTILE");
  spoil_window();
  edu_find(EDU_SLOT);
  edu_ask();
  target_live_twice(live);
  TARGET_END("HOSTILE");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
