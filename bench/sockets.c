/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * TCP, UDP and ICMP over lo0, over a bus in memory to a second kernel, and
 * through two GEMs on one cable, both ends together: by RTEMS's descriptors,
 * and by NetBSD's system calls.  The second kernel is called by the latter in
 * both cases.
 */

#include "sockets.h"

#include <net/if.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sockio.h>
#include <unistd.h>

#include <rtems.h>
#include <rtems/malloc.h>

#include "bench.h"
#include "kernel.h"

#define TRANSFER (2u << 20)
#define MTU 1500
#define SETTLE_TICKS 200

/* Until NetBSD knows that nobody else has its addresses. */
#define ADDRESS_TICKS 1000

static const struct rtems_rump_link links[][2] = {
  {
    { .driver = &rtems_rump_link_mem, .device = "bus" },
    { .driver = &rtems_rump_link_gem, .device = "gem0" }
  },
  {
    { .driver = &rtems_rump_link_mem, .device = "bus" },
    { .driver = &rtems_rump_link_gem, .device = "gem1" }
  }
};

/* From the first kernel to the second one. */
static const struct socket_path paths[] = {
  { "bus", TRANSFER, { 10, 0, 0, 2 }, &sockets_k2.direct },
  { "gem", TRANSFER, { 10, 0, 1, 2 }, &sockets_k2.direct }
};

static struct calls descriptors, descriptors_entered;

static void
enter_first(void)
{
  (*sockets_k1.direct.enter)();
}

static void
leave_first(void)
{
  (*sockets_k1.direct.leave)();
}

/* All that is taken but what the first kernel leaves unused. */
static size_t
memory_taken(void)
{
  Heap_Information_block info;

  bench_check("malloc_info", malloc_info(&info) == 0);
  return info.Used.total;
}

static size_t
memory_used(void)
{
  return memory_taken() - (*sockets_k1.unused)();
}

static void
start_first(void)
{
  size_t before = memory_taken(), at_rest;

  (*sockets_k1.start)(links[0], 2);
  (*sockets_k1.register_sockets)();
  rtems_task_wake_after(SETTLE_TICKS);
  at_rest = memory_used();
  bench_report("network_memory", at_rest - before);
  (*sockets_k1.add_interface)("virt0", "10.0.0.1");
  bench_report("network_memory_bus", memory_used() - at_rest);
}

static void
start_second(void)
{
  (*sockets_k2.start)(links[1], 2);
  (*sockets_k2.add_interface)("virt0", "10.0.0.2");
  (*sockets_k1.add_interface)("virt1", "10.0.1.1");
  (*sockets_k2.add_interface)("virt1", "10.0.1.2");
  rtems_task_wake_after(ADDRESS_TICKS);
}

static void
set_mtu(void)
{
  struct ifreq request = { .ifr_name = "lo0", .ifr_mtu = MTU };
  int fd = socket(AF_INET, SOCK_DGRAM, 0);

  bench_check("mtu", ioctl(fd, SIOCSIFMTU, &request) == 0);
  bench_check("close", close(fd) == 0);
}

static void
measure(void (*with)(const struct calls *calls))
{
  (*with)(&sockets_k1.direct);
  (*with)(&descriptors);
  (*with)(&descriptors_entered);
}

static void
measure_paths(const struct calls *calls)
{
  unsigned i;

  socket_rows_measure(&socket_rows_lo0, calls);
  for (i = 0; i < RTEMS_ARRAY_SIZE(paths); ++i) {
    socket_rows_measure(&paths[i], calls);
  }
}

/* Over lo0 in segments as those of Ethernet. */
static void
measure_segments(const struct calls *calls)
{
  socket_rows_transfer(calls, "_1460");
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  calls_rtems(
    &descriptors, "", calls_nothing, calls_nothing);
  calls_rtems(
    &descriptors_entered, ":entered", enter_first, leave_first);
  start_first();
  bench_report("tcp_connection_memory",
    socket_rows_connection_memory(&descriptors, memory_used));
  start_second();
  socket_rows_start();
  measure(measure_paths);
  set_mtu();
  measure(measure_segments);
  puts("BENCH END");
  exit(0);
}

#define CONFIGURE_MAXIMUM_PROCESSORS 1
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 220
#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
