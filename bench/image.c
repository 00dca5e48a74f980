/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The least that a program with a socket needs, for its size.  With BARE the
 * same without a kernel.
 */

#include <stdio.h>
#include <stdlib.h>

#include <rtems.h>

#ifndef BARE
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sockio.h>
#include <unistd.h>

#include <rtems-rump/link.h>
#include <rtems-rump/netbsd-net.h>
#include <rtems-rump/socket.h>

#include "kernel.h"

/* Creates an interface. */
#define NETBSD_SIOCIFCREATE 0x8090697aul

static const struct rtems_rump_link links[] = {
  { .driver = &rtems_rump_link_gem, .device = "gem0" }
};
static const struct rtems_rump_config config = {
  .links = links, .link_count = 1
};

/* Component net_config would bring IPv6 along. */
static void
set_up_interface(void)
{
  struct netbsd_ifreq create = { .name = "virt0" };
  struct ifreq request = { .ifr_name = "virt0" };
  struct sockaddr_in *address = (struct sockaddr_in *)&request.ifr_addr;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);

  bench_check("create", ioctl(fd, NETBSD_SIOCIFCREATE, &create) == 0);
  address->sin_len = sizeof(*address);
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = htonl(0x0a000001);
  bench_check("address", ioctl(fd, SIOCSIFADDR, &request) == 0);
  bench_check("close", close(fd) == 0);
}

static void
connect_to(const char *name, const char *service)
{
  struct addrinfo *info = NULL;
  int fd;

  bench_check("name", getaddrinfo(name, service, NULL, &info) == 0);
  fd = socket(info->ai_family, SOCK_STREAM, 0);
  bench_check("connect", connect(fd, info->ai_addr, info->ai_addrlen) == 0);
  freeaddrinfo(info);
  bench_check("close", close(fd) == 0);
}

static void
use_network(void)
{
  bench_check("start", rtems_rump_start(&config) == 0);
  bench_check("register", rtems_rump_socket_register() == 0);
  set_up_interface();
  connect_to("10.0.0.2", "7");
}
#endif

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
#ifndef BARE
  use_network();
#endif
  puts("END");
  exit(0);
}

#define CONFIGURE_MAXIMUM_PROCESSORS 1
#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#ifdef BARE
#define CONFIGURE_MAXIMUM_TASKS 1
#else
#include <rtems-rump/confdefs.h>
#endif
#include <rtems/confdefs.h>
