/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The shell's commands for the network, on lo0.
 */

#include <rtems-rump/netshell.h>
#include <rtems-rump/socket.h>

#include "typed.h"

static void
test_ifconfig(void)
{
  says("ifconfig", 0, "lo0: up loopback running multicast mtu 33");
  CHECK(strstr(printed, "    inet 127.0.0.1/8\n") != NULL);
  CHECK(strstr(printed, "    inet6 ::1\n") != NULL);
  CHECK(strstr(printed, "    inet6 fe80::1\n") != NULL);
  says("ifconfig lo0 10.1.2.3/24", 0, "");
  says("ifconfig lo0", 0, "    inet 10.1.2.3/24");
  says("ifconfig lo0 delete 10.1.2.3", 0, "");
  CHECK(type("ifconfig lo0") == 0 && strstr(printed, "10.1.2.3") == NULL);
  says("ifconfig lo0 down", 0, "");
  says("ifconfig lo0", 0, "lo0: loopback");
  says("ifconfig lo0 up", 0, "");
  says("ifconfig lo0", 0, "lo0: up ");

  says("ifconfig none0", 1, "ifconfig: none0: ");
  says("ifconfig none0 up", 1, "ifconfig: none0: ");
  says("ifconfig none0 1.2.3.4/8", 1, "ifconfig: none0: ");
  says("ifconfig lo0 10.1.2.3/33", 1, "usage: ");
  says("ifconfig lo0 10.1.2/24", 1, "usage: ");
  says("ifconfig lo0 1.2.3.4 too", 1, "usage: ");
  says("ifconfig lo0 delete 10.9.9.9", 1, "ifconfig: lo0: ");
}

static void
test_ping(void)
{
  says("ping 127.0.0.1 2", 0, "64 bytes from 127.0.0.1: seq 1, ");
  CHECK(strstr(printed, "2 sent, 2 received\n") != NULL);
  says("ping ::1 1", 0, "64 bytes from ::1: seq 0, ");
  says("ping 10.9.9.9 1", 1, "ping: send and receive: ");
  says("ping nobody.test 1", 1, "ping: nobody.test: ");
  says("ping", 1, "usage: ");
  says("ping ::1 0", 1, "usage: ");
}

static void
test_route(void)
{
  says("route", 0, "127.0.0.1/32 link ");
  CHECK(strstr(printed, "::1/128 ") != NULL);
  says("route add default 127.0.0.1", 0, "");
  says("route", 0, "0.0.0.0/0 by 127.0.0.1 ");
  says("route add default 127.0.0.1", 1, "route: change: ");
  says("route delete default 127.0.0.1", 0, "");
  CHECK(type("route") == 0 && strstr(printed, "0.0.0.0/0") == NULL);
  says("route add 10.2.0.0/16 127.0.0.1", 0, "");
  says("route", 0, "10.2.0.0/16 by 127.0.0.1 ");
  says("route delete 10.2.0.0/16 127.0.0.1", 0, "");
  says("route add 10.2.0.0/16 127.0.0.1/8", 1, "usage: ");
  says("route add somewhere 127.0.0.1", 1, "usage: ");
  says("route more", 1, "usage: ");
  says("arp", 0, "");
  says("arp more", 1, "usage: ");
}

static void
live(unsigned life)
{
  static const struct rtems_rump_config config = {
    .memory = 16u << 20, .restartable = true
  };

  (void)life;
  CHECK(rtems_rump_start(&config) == 0);
  test_ifconfig();
  test_ping();
  test_route();
  CHECK(rtems_rump_end() == 0);
  says("ifconfig", 1, "ifconfig: socket: ");
  says("route", 1, "route: routes: ");
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("NETSHELL");
  rtems_shell_init_environment();
  CHECK(rtems_rump_socket_register() == 0);
  target_live_twice(live);
  TARGET_END("NETSHELL");
}

#define CONFIGURE_SHELL_COMMANDS_INIT
#define CONFIGURE_SHELL_USER_COMMANDS \
  &rtems_rump_ifconfig_command, &rtems_rump_ping_command, \
  &rtems_rump_route_command, &rtems_rump_arp_command
#include <rtems/shellconfig.h>

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
