/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * TCP through NetBSD's drivers of network cards, in each direction, with a
 * peer on the host: bench/cards.py; and the same between two sockets over lo0,
 * both ends together.  bench/plugin-processors.c counts.
 */

#include <string.h>

#include <rtems.h>

#include <rtems-rump/netbsd-net.h>

#include "kernel.h"
#include "region.h"

#define SIZE (1u << 20)
#define CHUNK 32768
#define REPETITIONS 8
#define PREFIX 24
#define PORT { 0, 7 }

/* Until NetBSD knows that nobody else has its addresses. */
#define ADDRESS_TICKS 1000

static char buffer[CHUNK];

/* The sockets of a phase; over lo0 the second is the other end. */
static int near, far;

static void
write_all(int fd, const void *data, size_t size)
{
  bench_check("write", rump_sys_write(fd, data, size) == (ssize_t)size);
}

static void
read_all(int fd, size_t size)
{
  while (size > 0) {
    ssize_t n = rump_sys_read(fd, buffer, size < CHUNK ? size : CHUNK);

    bench_check("read", n > 0);
    size -= (size_t)n;
  }
}

/* Has the host take so many bytes, and then give so many. */
static void
ask_host(uint32_t take, uint32_t give)
{
  uint32_t request[2] = { take, give };

  write_all(near, request, sizeof(request));
}

static void
send(void)
{
  unsigned i;

  ask_host(SIZE, 1);
  for (i = 0; i < SIZE / CHUNK; ++i) {
    write_all(near, buffer, CHUNK);
  }
  read_all(near, 1);
}

static void
receive(void)
{
  ask_host(0, SIZE);
  read_all(near, SIZE);
}

static void
loop(void)
{
  unsigned i;

  for (i = 0; i < SIZE / CHUNK; ++i) {
    write_all(near, buffer, CHUNK);
    read_all(far, CHUNK);
  }
}

static void
measure(const char *name, const char *row, void (*operate)(void))
{
  int i;

  printf("BENCH PHASE tcp_%s_%s %u\n", name, row, SIZE);
  for (i = 0; i < REPETITIONS; ++i) {
    rtems_task_wake_after(2);
    bench_begin();
    (*operate)();
    bench_end();
  }
  bench_phase();
}

static int
new_socket(void)
{
  int fd = rump_sys_socket(NETBSD_AF_INET, NETBSD_SOCK_STREAM, 0);

  bench_check("socket", fd >= 0);
  return fd;
}

static void
connect_to(const struct netbsd_sockaddr_in *peer)
{
  near = new_socket();
  bench_check("connect", rump_sys_connect(near, peer, sizeof(*peer)) == 0);
}

static void
measure_card(const char *name, uint8_t network)
{
  const struct netbsd_sockaddr_in host = {
    .len = sizeof(host), .family = NETBSD_AF_INET, .port = PORT,
    .addr = { 10, 0, network, 100 }
  };

  connect_to(&host);
  measure(name, "send", send);
  measure(name, "receive", receive);
  bench_check("close", rump_sys_close(near) == 0);
}

static void
measure_lo0(void)
{
  static const struct netbsd_sockaddr_in self = {
    .len = sizeof(self), .family = NETBSD_AF_INET, .port = PORT,
    .addr = { 127, 0, 0, 1 }
  };
  int listener = new_socket();

  bench_check("bind", rump_sys_bind(listener, &self, sizeof(self)) == 0);
  bench_check("listen", rump_sys_listen(listener, 1) == 0);
  connect_to(&self);
  far = rump_sys_accept(listener, NULL, NULL);
  bench_check("accept", far >= 0);
  measure("lo0", "both", loop);
}

static void
add_card(const char *interface, const char *address)
{
  bench_check("address",
    rump_pub_netconfig_ipv4_ifaddr_cidr(interface, address, PREFIX) == 0);
  bench_check("up", rump_pub_netconfig_ifup(interface) == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = { .memory = 16 << 20 };

  (void)arg;
  bench_check("start", bench_start(&config) == 0);
  bench_enter();
  add_card("vioif0", "10.0.1.15");
  add_card("wm0", "10.0.2.15");
  rtems_task_wake_after(ADDRESS_TICKS);
  bench_phase();
  measure_card("vioif", 1);
  measure_card("wm", 2);
  measure_lo0();
  puts("BENCH END");
  exit(0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
