/* SPDX-License-Identifier: BSD-2-Clause */

/* The rows of sockets over lo0 on rtems-libbsd, for comparison: NETLIB_PREFIX. */

#include <stdlib.h>

#include <rtems.h>
#include <rtems/bsd/bsd.h>
#include <rtems/malloc.h>

#include "netlib.h"
#include "socket-rows.h"

#define SETTLE_TICKS 200

static size_t
memory_used(void)
{
  Heap_Information_block info;

  bench_check("malloc_info", malloc_info(&info) == 0);
  return info.Used.total;
}

static void
start(void)
{
  size_t before = memory_used();

  bench_check("start", rtems_bsd_initialize() == RTEMS_SUCCESSFUL);
  netlib_add_interface("lo0", "127.0.0.1");
  rtems_task_wake_after(SETTLE_TICKS);
  bench_report("network_memory:netlib", memory_used() - before);
}

rtems_task
Init(rtems_task_argument arg)
{
  static struct calls calls;

  (void)arg;
  calls_rtems(&calls, ":netlib", calls_nothing, calls_nothing);
  start();
  socket_rows_start();
  socket_rows_measure(&socket_rows_lo0, &calls);
  puts("BENCH END");
  exit(0);
}
