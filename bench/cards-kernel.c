/* SPDX-License-Identifier: BSD-2-Clause */

/* By NetBSD's drivers and system calls. */

#include <stdlib.h>

#include <rtems.h>

#include <rtems-rump/link.h>
#include <rtems-rump/netbsd-net.h>

#include "cards.h"
#include "kernel.h"
#include "region.h"

#define MEMORY (16 << 20)
#define PREFIX 24

/* Until NetBSD knows that nobody else has its addresses. */
#define ADDRESS_TICKS 1000

static const struct calls calls = {
  "", bench_enter, bench_leave, BENCH_NETBSD_CALLS
};

static void
add_card(const char *interface, const char *address)
{
  bench_check("address",
    rump_pub_netconfig_ipv4_ifaddr_cidr(interface, address, PREFIX) == 0);
  bench_check("up", rump_pub_netconfig_ifup(interface) == 0);
}

#ifdef BENCH_GEM

/* By this project's driver, behind NetBSD's interface or ours. */
static const struct rtems_rump_link links[] = {
  { .driver = &rtems_rump_link_gem, .device = "gem0" }
};

static const struct rtems_rump_config config = {
  .memory = MEMORY, .links = links, .link_count = 1
};

static void
add_cards(void)
{
  bench_check("create", rump_pub_netconfig_ifcreate("virt0") == 0);
  add_card("virt0", "10.0.1.15");
}

static void
measure_cards(void)
{
  cards_measure(&calls, "gem", 1);
}

#else

static const struct rtems_rump_config config = { .memory = MEMORY };

static void
add_cards(void)
{
  add_card("vioif0", "10.0.1.15");
  add_card("wm0", "10.0.2.15");
}

static void
measure_cards(void)
{
  cards_measure(&calls, "vioif", 1);
  cards_measure(&calls, "wm", 2);
  cards_measure_lo0(&calls);
}

#endif

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  bench_check("start", bench_start(&config) == 0);
  bench_enter();
  add_cards();
  rtems_task_wake_after(ADDRESS_TICKS);
  bench_phase();
  measure_cards();
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
