/* SPDX-License-Identifier: BSD-2-Clause */

/* The kernel that RTEMS_RUMP_KERNEL names, for sockets.c. */

#include "sockets.h"

#include <rtems-rump/netbsd-net.h>
#include <rtems-rump/socket.h>

#include "kernel.h"

#define MEMORY (16u << 20)
#define PREFIX 24

static void
start(const struct rtems_rump_link *links, unsigned count)
{
  static struct rtems_rump_config config = { .memory = MEMORY };

  config.links = links;
  config.link_count = count;
  bench_check("start", rtems_rump_start(&config) == 0);
}

static void
register_sockets(void)
{
  bench_check("register", rtems_rump_socket_register() == 0);
}

static void
add_interface(const char *name, const char *address)
{
  bench_enter();
  bench_check("create", rump_pub_netconfig_ifcreate(name) == 0);
  bench_check("address",
    rump_pub_netconfig_ipv4_ifaddr_cidr(name, address, PREFIX) == 0);
  bench_check("up", rump_pub_netconfig_ifup(name) == 0);
  bench_leave();
}

static size_t
unused(void)
{
  struct rtems_rump_usage usage;

  rtems_rump_get_usage(&usage);
  return usage.memory_size - usage.memory_used;
}

const struct sockets_kernel SOCKETS_KERNEL = {
  .direct = {
    ":direct", bench_enter, bench_leave, BENCH_NETBSD_CALLS
  },
  .start = start,
  .register_sockets = register_sockets,
  .add_interface = add_interface,
  .unused = unused
};
