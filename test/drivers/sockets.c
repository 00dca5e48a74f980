/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's driver of a network card under RTEMS's socket calls: an address by
 * DHCP in one life of the kernel, and a fixed one in the next.
 */

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rtems-rump/netconfig.h>
#include <rtems-rump/socket.h>

#include "network.h"
#include "target.h"

#define INTERFACE "wm0"
#define PORT 7

static int
listen_to_host(void)
{
  static const struct sockaddr_in any = {
    .sin_len = sizeof(any), .sin_family = AF_INET, .sin_port = htons(PORT)
  };
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  CHECK(fd >= 0);
  CHECK(bind(fd, (const struct sockaddr *)&any, sizeof(any)) == 0);
  CHECK(listen(fd, 1) == 0);
  return fd;
}

static int
accept_from_host(int listener)
{
  return accept(listener, NULL, NULL);
}

static void
configure(unsigned life)
{
  static const struct rtems_rump_interface by_dhcp = {
    .name = INTERFACE, .dhcp = true
  }, fixed = {
    .name = INTERFACE, .address = "10.0.2.15/24", .gateway = "10.0.2.2"
  };

  CHECK(rtems_rump_interface_configure(life == 0 ? &by_dhcp : &fixed) == 0);
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
  configure(life);
  network_talk();
  CHECK(rtems_rump_interface_down(INTERFACE) == 0);
  CHECK(rtems_rump_end() == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct network_calls rtems = {
    listen_to_host, accept_from_host, read, write, close
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
