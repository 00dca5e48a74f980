/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Debian's iperf3 measures the network of a board: one test after the other.
 */

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <rtems.h>

#include <rtems-rump/dhcp.h>
#include <rtems-rump/instance.h>
#include <rtems-rump/link.h>
#include <rtems-rump/netconfig.h>
#include <rtems-rump/socket.h>

#include "iperf3.h"

#define INTERFACE "virt0"

static void
check(const char *what, bool ok)
{
  if (!ok) {
    printf("iperf3-server: %s: %s\n", what, strerror(errno));
    exit(1);
  }
}

static int
open_listener(void)
{
  struct sockaddr_in any = {
    .sin_len = sizeof(any),
    .sin_family = AF_INET,
    .sin_port = htons(IPERF3_PORT)
  };
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  check("socket", fd >= 0);
  check("bind", bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0);
  check("listen", listen(fd, 10) == 0);
  return fd;
}

static void
start_network(void)
{
  static const struct rtems_rump_link links[] = {
    { .driver = &rtems_rump_link_gem, .device = "gem0" }
  };
  static const struct rtems_rump_config config = {
    .links = links, .link_count = 1
  };
  static const struct rtems_rump_dhcp dhcp = { .interface = INTERFACE };

  errno = rtems_rump_start(&config);
  check("start", errno == 0);
  errno = rtems_rump_socket_register();
  check("sockets", errno == 0);
  errno = rtems_rump_interface_create(INTERFACE);
  check("interface", errno == 0);
  errno = rtems_rump_dhcp_start(&dhcp);
  check("DHCP", errno == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct timeval limit = { .tv_sec = 60 };
  int listener, control;

  (void)arg;
  start_network();
  listener = open_listener();
  puts("iperf3-server: ready");
  while ((control = accept(listener, NULL, NULL)) >= 0) {
    (void)setsockopt(control, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    printf("iperf3-server: %s\n",
      iperf3_serve(listener, control) == 0 ? "done" : "failed");
    (void)close(control);
  }
  check("accept", false);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT_TASK_STACK_SIZE (32 * 1024)
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
