/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The Cadence GEM: an address by DHCP, and TCP with the host in both
 * directions, while the link may go down.
 */

#include "../drivers/network.h"
#include "target.h"

#include <rtems-rump/link.h>
#include <rtems-rump/netbsd-net.h>

static const struct rtems_rump_link links[] = {
  { .driver = &rtems_rump_link_gem, .device = "gem0" },
  { .driver = &rtems_rump_link_gem, .device = "gem0" },
  { .driver = &rtems_rump_link_gem, .device = "gem7" }
};

static void
check_unavailable(void)
{
  const struct rtems_rump_link_user user = { .buffer_count = 0 };
  uint8_t address[RTEMS_RUMP_LINK_ADDRESS] = { 2 };
  void *handle;

  CHECK(
    (*links[1].driver->open)(&links[1], &user, address, false, &handle)
      == EBUSY
  );
  CHECK(
    (*links[2].driver->open)(&links[2], &user, address, false, &handle)
      == ENXIO
  );
}

static void
live(unsigned life)
{
  static const struct rtems_rump_config config = {
    .memory = 16 << 20, .restartable = true, .links = links, .link_count = 3
  };
  struct rtems_rump_link_usage usage;

  (void)life;
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  CHECK(rump_pub_netconfig_ifcreate("virt0") == 0);
  check_unavailable();
  network_up("virt0");
  CHECK(rtems_rump_get_link_usage(0, &usage) == 0);
  CHECK(usage.is_up);
  network_talk();
  CHECK(rtems_rump_get_link_usage(0, &usage) == 0);
  printf(
    "gem: received %lu frames in %lu batches, sent %lu, %lu found no room\n",
    usage.received_frames,
    usage.received_batches,
    usage.sent_frames,
    usage.dropped[RTEMS_RUMP_LINK_FULL]
  );
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("GEM");
  target_live_twice(live);
  TARGET_END("GEM");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
