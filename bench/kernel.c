/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the host does for a kernel: while it boots, while it idles, and in the
 * system call that does nothing.  Runs under a trace; see region.h.
 */

#include <rtems.h>
#include <rtems/malloc.h>

#include "kernel.h"
#include "region.h"

#define BOOT_MEMORY (16u << 20)
#define SETTLE_TICKS 200
#define IDLE_TICKS 50
#define CALLS 20
#define REPETITIONS 5

static size_t
heap_used(void)
{
  Heap_Information_block info;

  bench_check("malloc_info", malloc_info(&info) == 0);
  return info.Used.total;
}

static void
idle(const char *name)
{
  bench_region(name, IDLE_TICKS);
  bench_begin();
  rtems_task_wake_after(IDLE_TICKS);
  bench_end();
}

static void
boot(void)
{
  static const struct rtems_rump_config config = { .memory = BOOT_MEMORY };
  int error;

  bench_region("rump_init", 1);
  bench_begin();
  error = bench_start(&config);
  bench_end();
  bench_check("start", error == 0);
}

/*
 * Several times, because a clock tick can come in between, and after a first
 * call that takes the virtual CPU back from the clock's thread.
 */
static void
getpid_calls(const char *name)
{
  int i, k;

  for (i = 0; i < REPETITIONS; ++i) {
    bench_region(name, CALLS);
    (void)bench_getpid();
    bench_begin();
    for (k = 0; k < CALLS; ++k) {
      (void)bench_getpid();
    }
    bench_end();
  }
}

/* What the kernel has taken, less what it leaves unused of its arena. */
static void
idle_memory(size_t before)
{
  size_t took = heap_used() - before;

#ifndef BENCH_OTHER_LIBRUMPUSER
  struct rtems_rump_usage usage;

  rtems_rump_get_usage(&usage);
  printf("BENCH idle_memory_arena %zu\n", usage.memory_used);
  printf("BENCH idle_memory_tasks %u\n", usage.tasks);
  took -= usage.memory_size - usage.memory_used;
#endif
  printf("BENCH idle_memory %zu\n", took);
}

static rtems_task
Init(rtems_task_argument arg)
{
  size_t before = heap_used();

  (void)arg;
  idle("idle_bare");
  boot();
  rtems_task_wake_after(SETTLE_TICKS);
  idle_memory(before);
  idle("idle_kernel");
  bench_enter();
  getpid_calls("syscall_getpid");
  bench_leave();
  getpid_calls("syscall_getpid_unbound");
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
