/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's drivers of network cards: an address by DHCP, and TCP with the host
 * in both directions, while its link may go down.  The last processor has the
 * interrupts, as it has NetBSD's input of packets.
 */

#include "network.h"
#include "target.h"

#ifndef INTERFACE
#error "INTERFACE names the kernel's interface, as wm0"
#endif

static void
live(unsigned life)
{
  const struct rtems_rump_config config = {
    .memory = 16 << 20, .restartable = true,
    .interrupt_affinity = UINT32_C(1) << target_last_processor()
  };

  (void)life;
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
#ifdef LINK_ADDRESS
  network_set_link_address(INTERFACE, (const uint8_t [])LINK_ADDRESS);
#endif
  network_up(INTERFACE);
  network_talk();
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("NET");
  target_live_twice(live);
  TARGET_END("NET");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
