/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The shell's commands for the network, on lo0.
 */

#include <rtems-rump/netshell.h>
#include <rtems-rump/socket.h>

#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "typed.h"

/* This line, however many spaces are between its words. */
static void
said_line(const char *line)
{
  static char squeezed[sizeof(printed)];
  const char *from;
  char *to = squeezed;

  for (from = printed; *from != '\0'; ++from) {
    if (*from != ' ' || from[1] != ' ') {
      *to++ = *from;
    }
  }
  *to = '\0';
  CHECK(strstr(squeezed, line) != NULL);
}

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

static struct sockaddr_in
make_address(uint16_t port)
{
  struct sockaddr_in address = {
    .sin_len = sizeof(address), .sin_family = AF_INET,
    .sin_port = htons(port)
  };

  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/* A connection with bytes that nobody has read, and sockets of each kind. */
static void
test_netstat_sockets(void)
{
  struct sockaddr_in own = make_address(7), peer = make_address(4242);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  int client = socket(AF_INET, SOCK_STREAM, 0);
  int udp6 = socket(AF_INET6, SOCK_DGRAM, 0);
  int raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  int pair[2], server;

  CHECK(bind(listener, (struct sockaddr *)&own, sizeof(own)) == 0);
  CHECK(listen(listener, 1) == 0);
  CHECK(bind(client, (struct sockaddr *)&peer, sizeof(peer)) == 0);
  CHECK(connect(client, (struct sockaddr *)&own, sizeof(own)) == 0);
  server = accept(listener, NULL, NULL);
  CHECK(server >= 0 && write(client, "hello", 5) == 5);
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  CHECK(type("netstat") == 0);
  fputs(printed, stdout);
  said_line("tcp 0 0 127.0.0.1:7 * listen\n");
  said_line(" 127.0.0.1:4242 127.0.0.1:7 established\n");
  said_line("tcp 5 0 127.0.0.1:7 127.0.0.1:4242 established\n");
  said_line("udp6 0 0 [::]:0 * \n");
  said_line("raw 0 0 0.0.0.0:0 * \n");
  said_line("stream 0 0 * * \n");
  CHECK(close(pair[0]) == 0 && close(pair[1]) == 0 && close(raw) == 0);
  CHECK(close(udp6) == 0 && close(server) == 0 && close(client) == 0);
  CHECK(close(listener) == 0);
}

static void
test_names(void)
{
  CHECK(if_nametoindex("lo0") == 1);
  CHECK(if_nametoindex("none0") == 0 && errno == ENXIO);
  CHECK(getprotobyname("TCP")->p_proto == IPPROTO_TCP);
  CHECK(getprotobyname("none") == NULL);
  CHECK(strcmp(getprotobynumber(IPPROTO_UDP)->p_name, "udp") == 0);
  CHECK(getprotobynumber(255) == NULL);
  CHECK(IN6_IS_ADDR_UNSPECIFIED(&in6addr_any));
}

static void
test_netstat(void)
{
  test_netstat_sockets();
  says("netstat -i", 0, "lo0      33");
  says("netstat -r", 0, "127.0.0.1/32 link ");
  says("netstat -s", 0, "1 connections accepted\n");
  CHECK(strstr(printed, "icmp              2 answered\n") != NULL);
  CHECK(strstr(printed, "icmp6             1 answered\n") != NULL);
  CHECK(strstr(printed, " 0 ") == NULL);
  says("netstat -m", 0, "0 times no memory\n");
  says("netstat -x", 1, "usage: ");
  says("netstat -i -s", 1, "usage: ");
}

static void
test_sysctl(void)
{
  says("sysctl net.inet.ip.ttl=32", 0, "net.inet.ip.ttl = 32\n");
  says("sysctl net.inet.ip", 0, "net.inet.ip.ttl = 32\n");
  says("sysctl net.nosuch", 1, "sysctl: net.nosuch: ");
  says("sysctl a b", 1, "usage: ");
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
  test_names();
  test_netstat();
  test_sysctl();
  CHECK(rtems_rump_end() == 0);
  says("ifconfig", 1, "ifconfig: socket: ");
  says("route", 1, "route: routes: ");
  says("netstat", 1, "netstat: sockets: ");
  says("netstat -i", 1, "netstat: interfaces: ");
  says("netstat -m", 1, "netstat: mbufs: ");
  says("netstat -s", 1, "netstat: ip: ");
  says("sysctl net", 1, "sysctl: net: ");
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
  &rtems_rump_route_command, &rtems_rump_arp_command, \
  &rtems_rump_netstat_command, &rtems_rump_sysctl_command
#include <rtems/shellconfig.h>

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
