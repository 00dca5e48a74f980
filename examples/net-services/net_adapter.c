/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The adapter of RTEMS's rtems-net-services for this project: brings the
 * network up by DHCP on the Ethernet of a Zynq.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rtems.h>

#include <rtems-rump/dhcp.h>
#include <rtems-rump/instance.h>
#include <rtems-rump/link.h>
#include <rtems-rump/netconfig.h>
#include <rtems-rump/socket.h>

#define INTERFACE "virt0"

/* Who is more urgent than callers may not call; ntpd has the priority 10. */
#define CEILING 4u

/* As net-services declares it. */
int net_start(void);

static int
start(void)
{
  static const struct rtems_rump_link links[] = {
    { .driver = &rtems_rump_link_gem, .device = "gem0" }
  };
  static const struct rtems_rump_config config = {
    .ceiling = CEILING, .links = links, .link_count = 1
  };
  static const struct rtems_rump_dhcp dhcp = { .interface = INTERFACE };
  int error = rtems_rump_start(&config);

  if (error == 0) {
    error = rtems_rump_socket_register();
  }
  if (error == 0) {
    error = rtems_rump_interface_create(INTERFACE);
  }
  return error != 0 ? error : rtems_rump_dhcp_start(&dhcp);
}

/* The programs of net-services begin with the highest priority of all. */
int
net_start(void)
{
  rtems_task_priority before;
  int error;

  (void)rtems_task_set_priority(
    RTEMS_SELF, CEILING + 2, &before);
  error = start();
  if (error != 0) {
    printf("net_start: %s\n", strerror(error));
  }
  return error == 0 ? 0 : -1;
}
