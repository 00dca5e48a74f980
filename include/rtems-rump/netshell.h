/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Commands of RTEMS's shell for the network of the kernel that has
 * called rtems_rump_socket_register().
 *
 * They become commands by
 *
 *     #define CONFIGURE_SHELL_USER_COMMANDS \
 *       &rtems_rump_ifconfig_command, &rtems_rump_ping_command, \
 *       &rtems_rump_route_command, &rtems_rump_arp_command, \
 *       &rtems_rump_netstat_command, &rtems_rump_sysctl_command
 *
 * or by rtems_shell_add_cmd_struct().  The application is linked with the
 * libraries `sockets` and `bridge`.  A command's result is 0, or 1 if something was wrong.
 */

#ifndef RTEMS_RUMP_NETSHELL_H
#define RTEMS_RUMP_NETSHELL_H

#include <rtems/shell.h>

#ifdef __cplusplus
extern "C" {
#endif

/** `ifconfig [INTERFACE [up | down | ADDRESS/LENGTH | delete ADDRESS]]` */
extern rtems_shell_cmd_t rtems_rump_ifconfig_command;

/** `ping HOST [COUNT]`, of IPv4 and IPv6 */
extern rtems_shell_cmd_t rtems_rump_ping_command;

/** `route [add | delete default | ADDRESS[/LENGTH] GATEWAY]` */
extern rtems_shell_cmd_t rtems_rump_route_command;

/** `arp` shows the Ethernet addresses of neighbours */
extern rtems_shell_cmd_t rtems_rump_arp_command;

/**
 * `netstat` shows sockets, `netstat -i` what went over interfaces, `-r` routes,
 * `-s` what protocols have counted, but for zeros, and `-m` mbufs.
 */
extern rtems_shell_cmd_t rtems_rump_netstat_command;

/** `sysctl [VARIABLE[=VALUE]]`, as `rump sysctl` of <rtems-rump/shell.h> */
extern rtems_shell_cmd_t rtems_rump_sysctl_command;

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_NETSHELL_H */
