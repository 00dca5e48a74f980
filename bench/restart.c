/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A kernel that panics and starts again, beside its first start.  Runs under
 * a trace; see region.h.
 */

#include <errno.h>

#include <rtems.h>
#include <rtems/malloc.h>

#include "kernel.h"
#include "region.h"

/* With it, the end is a panic. */
#define RB_DUMP 0x100

#define REPETITIONS 3

static const struct rtems_rump_config config = {
  .memory = 16u << 20,
  .restartable = true
};

static size_t
heap_used(void)
{
  Heap_Information_block info;

  bench_check("malloc_info", malloc_info(&info) == 0);
  return info.Used.total;
}

static int
panic(void *arg)
{
  (void)arg;
  return rump_sys_reboot(NETBSD_RB_NOSYNC | RB_DUMP, NULL);
}

static void
end_by_panic(void)
{
  int result;

  bench_check("panic", rtems_rump_call(panic, NULL, &result) == EIO);
  bench_check("end", rtems_rump_end() == 0);
}

static void
start_and_use(void)
{
  bench_check("start", rtems_rump_start(&config) == 0);
  bench_check("mkdir", rump_sys_mkdir("/directory", 0755) == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  size_t before;
  int i;

  (void)arg;
  bench_region("first_start", 1);
  bench_begin();
  start_and_use();
  bench_end();
  for (i = 0; i < REPETITIONS; ++i) {
    bench_region("restart", 1);
    bench_begin();
    end_by_panic();
    start_and_use();
    bench_end();
  }

  end_by_panic();
  before = heap_used();
  start_and_use();
  end_by_panic();
  printf("BENCH restart_memory %d\n", (int)(heap_used() - before));
  puts("BENCH END");
  exit(0);
}

#define CONFIGURE_MAXIMUM_PROCESSORS 1
#define CONFIGURE_MAXIMUM_TASKS 40
#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
