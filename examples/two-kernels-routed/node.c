/* SPDX-License-Identifier: BSD-2-Clause */

/* One of the kernels, that which RTEMS_RUMP_KERNEL names. */

#include "node.h"

#include <stdio.h>
#include <string.h>

#include <rtems-rump/instance.h>
#include <rtems-rump/netbsd-net.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

static const struct netbsd_sockaddr_in any = {
  .len = sizeof(any), .family = NETBSD_AF_INET, .port = { 0, 7 }
};

static int
start(
  const struct rtems_rump_link *links, unsigned count,
  const char *const *addresses, const char *gateway)
{
  static struct rtems_rump_config config = { .memory = 8 << 20 };
  char name[] = "virt0";
  unsigned i;
  int error;

  config.links = links;
  config.link_count = count;
  error = rtems_rump_start(&config);
  for (i = 0; i < count && error == 0; ++i) {
    name[4] = (char)('0' + i);
    error = rump_pub_netconfig_ifcreate(name);
    error = error != 0 ? error
      : rump_pub_netconfig_ipv4_ifaddr_cidr(name, addresses[i], 24);
    error = error != 0 ? error : rump_pub_netconfig_ifup(name);
  }
  return error != 0 || gateway == NULL
    ? error : rump_pub_netconfig_ipv4_gw(gateway);
}

static int
open_socket(void)
{
  static const struct netbsd_timeval limit = { .tv_sec = 1 };
  int fd = rump_sys_socket(NETBSD_AF_INET, NETBSD_SOCK_DGRAM, 0);

  return fd >= 0 && rump_sys_bind(fd, &any, sizeof(any)) == 0
    && rump_sys_setsockopt(fd, NETBSD_SOL_SOCKET, NETBSD_SO_RCVTIMEO, &limit,
      sizeof(limit)) == 0 ? fd : -1;
}

static int
serve(int fd)
{
  struct netbsd_sockaddr_in from;
  uint32_t size = sizeof(from);
  char data[64];
  ssize_t n = rump_sys_recvfrom(fd, data, sizeof(data), 0, &from, &size);

  return n < 0 || rump_sys_sendto(fd, data, (size_t)n, 0, &from, size) != n;
}

/* Nobody answers while the kernels still look whose addresses are taken. */
static int
call(int fd, const uint8_t address[4], const char *text)
{
  struct netbsd_sockaddr_in to = any;
  char data[64] = "";
  unsigned tries;

  memcpy(to.addr, address, sizeof(to.addr));
  for (tries = 0; tries < 30; ++tries) {
    (void)rump_sys_sendto(fd, text, strlen(text), 0, &to, sizeof(to));
    if (rump_sys_recvfrom(fd, data, sizeof(data) - 1, 0, NULL, NULL) > 0) {
      return strcmp(data, text);
    }
  }
  return -1;
}

const struct node JOIN(node_, RTEMS_RUMP_KERNEL) = {
  .start = start,
  .open = open_socket,
  .serve = serve,
  .call = call,
  .end = rtems_rump_end
};
