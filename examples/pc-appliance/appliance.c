/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A PC that boots from nothing into a web server: its network card, its disk,
 * its file system and TCP/IP are NetBSD's.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rtems.h>

#include <rtems-rump/instance.h>
#include <rtems-rump/netbsd-net.h>

#include "http.h"

#define HTTP_PORT { 0, 80 }

static void
check(const char *what, bool ok)
{
  if (!ok) {
    printf("appliance: %s: %s\n", what, strerror(errno));
    exit(1);
  }
}

static int
listen_for_clients(void)
{
  static const struct netbsd_sockaddr_in any = {
    .len = sizeof(any), .family = NETBSD_AF_INET, .port = HTTP_PORT
  };
  int fd = rump_sys_socket(NETBSD_AF_INET, NETBSD_SOCK_STREAM, 0);

  check("socket", fd >= 0);
  check("bind", rump_sys_bind(fd, &any, sizeof(any)) == 0);
  check("listen", rump_sys_listen(fd, 8) == 0);
  return fd;
}

/* A client that does not go on is left. */
static void
limit_waits(int client)
{
  static const struct netbsd_timeval limit = { .tv_sec = 10 };

  check("time-out", rump_sys_setsockopt(client, NETBSD_SOL_SOCKET,
    NETBSD_SO_RCVTIMEO, &limit, sizeof(limit)) == 0);
  check("time-out", rump_sys_setsockopt(client, NETBSD_SOL_SOCKET,
    NETBSD_SO_SNDTIMEO, &limit, sizeof(limit)) == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  struct netbsd_ufs_args disk = { .fspec = "/dev/ld0d" };
  int listener;

  (void)arg;
  errno = rtems_rump_start(NULL);
  check("start", errno == 0);
  errno = rtems_rump_enter();
  check("enter", errno == 0);

  check("mkdir", rump_sys_mkdir(HTTP_ROOT, 0755) == 0);
  check("mount", rump_sys_mount(
    "ffs", HTTP_ROOT, NETBSD_MNT_RDONLY, &disk, sizeof(disk)) == 0);
  check("interface", rump_pub_netconfig_ifup("vioif0") == 0);
  check("DHCP", rump_pub_netconfig_dhcp_ipv4_oneshot("vioif0") == 0);
  listener = listen_for_clients();
  puts("appliance: ready");

  for (;;) {
    int client = rump_sys_accept(listener, NULL, NULL);

    if (client >= 0) {
      limit_waits(client);
      http_serve(client);
      check("close", rump_sys_close(client) == 0);
    }
  }
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
