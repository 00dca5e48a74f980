/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's driver of a network card under RTEMS's socket calls: an address
 * that is fixed in one life of the kernel, and by DHCP in the next.
 */

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rtems-rump/dhcp.h>
#include <rtems-rump/netconfig.h>
#include <rtems-rump/socket.h>

#include "network.h"
#include "listen.h"

#define INTERFACE "wm0"

static int
accept_from_host(int listener)
{
  return accept(listener, NULL, NULL);
}

static void
configure(void)
{
  static const struct rtems_rump_interface fixed = {
    .name = INTERFACE, .address = "10.0.2.15/24", .gateway = "10.0.2.2"
  };

  CHECK(rtems_rump_interface_configure(&fixed) == 0);
}

/* What QEMU's server gives. */
static void
lease_address(void)
{
  static const struct rtems_rump_dhcp dhcp = {
    .interface = INTERFACE, .renew_after = 2
  }, none = { .interface = "none0" }, loopback = { .interface = "lo0" };
  struct rtems_rump_lease lease;

  CHECK(rtems_rump_dhcp_start(&none) == ENXIO);
  CHECK(rtems_rump_dhcp_start(&loopback) == ENXIO);
  CHECK(rtems_rump_dhcp_start(&dhcp) == 0);
  CHECK(rtems_rump_dhcp_start(&dhcp) == EBUSY);
  CHECK(rtems_rump_dhcp_get(INTERFACE, &lease) == 0);
  CHECK(strcmp(lease.address, "10.0.2.15") == 0);
  CHECK(strcmp(lease.router, "10.0.2.2") == 0);
  CHECK(strcmp(lease.name_servers[0], "10.0.2.3") == 0);
  CHECK(lease.seconds == 86400);
}

/*
 * The lease is renewed, although the link may have been down at first, and
 * then given back.
 */
static void
give_back(void)
{
  struct rtems_rump_lease lease = { .renewals = 0 };
  unsigned i;

  for (i = 0; i < 300 && lease.renewals < 2; ++i) {
    target_sleep(100);
    CHECK(rtems_rump_dhcp_get(INTERFACE, &lease) == 0);
  }
  CHECK(lease.renewals >= 2);
  CHECK(rtems_rump_dhcp_stop(INTERFACE) == 0);
  for (i = 0; i < 100 && rtems_rump_dhcp_get(INTERFACE, &lease) == 0; ++i) {
    target_sleep(20);
  }
  CHECK(rtems_rump_dhcp_stop(INTERFACE) == ENOENT);
  target_sleep(20);
}

static void
configure_badly(void)
{
  struct rtems_rump_interface bad = { .name = "none0" };

  CHECK(rtems_rump_interface_configure(&bad) == ENXIO);
  bad.name = INTERFACE;
  bad.address = "10.0.2.15";
  CHECK(rtems_rump_interface_configure(&bad) == EINVAL);
  bad.address = "10.0.2.15/33";
  CHECK(rtems_rump_interface_configure(&bad) == EINVAL);
  bad.address = "10.0.2.256/24";
  CHECK(rtems_rump_interface_configure(&bad) == EINVAL);
  bad.address = NULL;
  bad.gateway = "router";
  CHECK(rtems_rump_interface_configure(&bad) == EINVAL);
  bad = (struct rtems_rump_interface){ .name = "much too long a name" };
  CHECK(rtems_rump_interface_configure(&bad) == EINVAL);
  CHECK(rtems_rump_interface_down(NULL) == EINVAL);
}

static void
live(unsigned life)
{
  static const struct rtems_rump_config config = {
    .memory = 16 << 20, .restartable = true
  };

  CHECK(rtems_rump_start(&config) == 0);
  configure_badly();
  if (life == 0) {
    configure();
  } else {
    lease_address();
  }
  network_talk();
  if (life != 0) {
    give_back();
  }
  CHECK(rtems_rump_interface_down(INTERFACE) == 0);
  CHECK(rtems_rump_end() == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct network_calls rtems = {
    target_listen, accept_from_host, read, write, close
  };

  (void)arg;
  TARGET_BEGIN("SOCKETS");
  CHECK(rtems_rump_socket_register() == 0);
  network_use(&rtems);
  target_live_twice(live);
  TARGET_END("SOCKETS");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
