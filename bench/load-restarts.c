/* SPDX-License-Identifier: BSD-2-Clause */

/* The second kernel, which panics with tasks in it: RTEMS_RUMP_KERNEL. */

#include "load.h"

#include <errno.h>

#include "kernel.h"

/* With it, the end is a panic. */
#define RB_DUMP 0x100

#define CALLERS 3

/* Above the first kernel, whose callers leave no time to others. */
#define CEILING (RTEMS_RUMP_DEFAULT_CEILING - 8)
#define PRIORITY (CEILING + 2)

int rump_sys_pipe2(int fds[2], int flags) NETBSD_SYSTEM_CALL("pipe2");

/* What a kernel says each time is not the load that is meant. */
static void
say_nothing(char c)
{
  (void)c;
}

static const struct rtems_rump_config config = {
  .console = say_nothing,
  .processors = 2,
  .memory = 8u << 20,
  .ceiling = CEILING,
  .restartable = true
};

static int
read_empty_pipe(void *arg)
{
  int fds[2];
  char c;

  (void)arg;
  bench_check("pipe", rump_sys_pipe2(fds, 0) == 0);
  return (int)rump_sys_read(fds[0], &c, 1);
}

static void
caller(unsigned number)
{
  int result;

  (void)number;
  bench_check("call", rtems_rump_call(read_empty_pipe, NULL, &result) == EIO);
}

static int
panic(void *arg)
{
  (void)arg;
  return rump_sys_reboot(NETBSD_RB_NOSYNC | RB_DUMP, NULL);
}

static void
start(unsigned number)
{
  (void)number;
  bench_check("start", rtems_rump_start(&config) == 0);
  bench_check("mkdir", rump_sys_mkdir("/directory", 0755) == 0);
}

void
load_start_second_kernel(void)
{
  load_call(PRIORITY, start);
}

static void
restart(void)
{
  unsigned i;
  int result;

  for (i = 0; i < CALLERS; ++i) {
    load_task(PRIORITY, caller, i);
  }
  (void)rtems_task_wake_after(1);
  bench_check("panic", rtems_rump_call(panic, NULL, &result) == EIO);
  bench_check("end", rtems_rump_end() == 0);
  start(0);
  load_did(1);
}

static void
restarts(unsigned number)
{
  (void)number;
  while (!atomic_load(&load_ends)) {
    restart();
  }
}

void
load_restarts(void)
{
  load_task(PRIORITY, restarts, 0);
}
