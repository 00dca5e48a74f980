/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * For RTEMS's rtems-net-services: the commands that its shells have.
 */

#include <rtems-rump/netshell.h>

#define CONFIGURE_SHELL_USER_COMMANDS_ADAPTER \
  &rtems_rump_ifconfig_command, &rtems_rump_ping_command, \
  &rtems_rump_route_command, &rtems_rump_arp_command, \
  &rtems_rump_netstat_command, &rtems_rump_sysctl_command
