/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a second kernel takes while it does nothing.
 */

#include <rtems.h>
#include <rtems/malloc.h>

#include <rtems-rump/kernels.h>

#include "kernel.h"

#define SETTLE_TICKS 200

RTEMS_RUMP_DECLARE_HANDLE(k1);
RTEMS_RUMP_DECLARE_HANDLE(k2);

static size_t
heap_used(void)
{
  Heap_Information_block info;

  bench_check("malloc_info", malloc_info(&info) == 0);
  return info.Used.total;
}

/* As idle_memory: what is used of the arena, and all beside it. */
static void
start(const struct rtems_rump_kernel *kernel, const char *name)
{
  struct rtems_rump_usage usage;
  size_t before = heap_used();

  bench_check("start", (*kernel->start)(NULL) == 0);
  (void)rtems_task_wake_after(SETTLE_TICKS);
  (*kernel->get_usage)(&usage);
  printf(
    "BENCH %s %zu\n",
    name,
    heap_used() - before - (usage.memory_size - usage.memory_used)
  );
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  start(&k1_rtems_rump_kernel, "first_memory");
  start(&k2_rtems_rump_kernel, "further_memory");
  puts("BENCH END");
  exit(0);
}

#define CONFIGURE_MAXIMUM_PROCESSORS 1
#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
