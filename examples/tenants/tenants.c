/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Two kernels, each on a processor of its own.  One panics by the shell
 * command "crash" and is back; the other works on, and a task that is more
 * urgent than both tells how late it comes.
 */

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rtems.h>
#include <rtems-rump/shell.h>

#include "tenant.h"

#define TASK_PRIORITY 110
#define STACK_SIZE (16 * 1024)

static struct tenant *const tenants[] = { &tenant_one, &tenant_two };

static atomic_bool ends;

static void
start_task(
  const char *name, rtems_task_priority priority, rtems_task_entry entry,
  rtems_task_argument arg)
{
  rtems_id id;

  if (rtems_task_create(
        rtems_build_name(name[0], name[1], name[2], name[3]), priority,
        STACK_SIZE, RTEMS_DEFAULT_MODES, RTEMS_FLOATING_POINT, &id)
      == RTEMS_SUCCESSFUL) {
    (void)rtems_task_start(id, entry, arg);
  }
}

/* Works in a kernel, and waits for it while it is away. */
static rtems_task
work(rtems_task_argument arg)
{
  struct tenant *tenant = (struct tenant *)arg;
  const struct rtems_rump_kernel *kernel = tenant->declaration.kernel;
  bool was_there = false;

  while (!atomic_load(&ends)) {
    int worked = 0;
    bool there = (*kernel->call)(tenant->work, NULL, &worked) == 0;

    tenant->files += there && worked;
    tenant->interruptions += was_there && !there;
    was_there = there;
    (void)rtems_task_wake_after(1);
  }
  rtems_task_exit();
}

/* Comes with each clock tick, and tells every five seconds how late. */
static rtems_task
tell_jitter(rtems_task_argument arg)
{
  uint64_t tick = 1000000000 / rtems_clock_get_ticks_per_second();
  unsigned count = 5 * rtems_clock_get_ticks_per_second();

  (void)arg;
  while (!atomic_load(&ends)) {
    uint64_t worst = 0, last;
    unsigned i;

    (void)rtems_task_wake_after(1);
    last = rtems_clock_get_uptime_nanoseconds();
    for (i = 0; i < count && !atomic_load(&ends); ++i) {
      uint64_t now, took;

      (void)rtems_task_wake_after(1);
      now = rtems_clock_get_uptime_nanoseconds();
      took = now - last > tick ? now - last - tick : tick - (now - last);
      worst = took > worst ? took : worst;
      last = now;
    }
    printf(
      "jitter: at most %u us in %u ticks\n", (unsigned)(worst / 1000), i);
  }
  rtems_task_exit();
}

static int
crash(int argc, char **argv)
{
  size_t i;

  for (i = 0; i < sizeof(tenants) / sizeof(tenants[0]); ++i) {
    const struct rtems_rump_kernel *kernel = tenants[i]->declaration.kernel;
    int result;

    if (argc == 2 && strcmp(argv[1], kernel->name) == 0) {
      printf(
        "crash: %s\n",
        strerror((*kernel->call)(tenants[i]->crash, NULL, &result)));
      return 0;
    }
  }
  puts("usage: crash NAME");
  return 1;
}

static rtems_shell_cmd_t crash_command = {
  .name = "crash", .usage = "crash NAME", .topic = "rtems", .command = crash
};

static rtems_task
Init(rtems_task_argument arg)
{
  size_t i;

  (void)arg;
  for (i = 0; i < sizeof(tenants) / sizeof(tenants[0]); ++i) {
    struct tenant *tenant = tenants[i];

    if (rtems_rump_declare(&tenant->declaration) != 0
        || rtems_rump_start_by_name(tenant->declaration.kernel->name) != 0) {
      exit(1);
    }
    start_task("WORK", TASK_PRIORITY, work, (rtems_task_argument)tenant);
  }
  start_task("JITT", 10, tell_jitter, 0);
  (void)rtems_shell_init(
    "SHLL", STACK_SIZE, TASK_PRIORITY, "/dev/console", false, true, NULL);

  /* The shell's command "exit". */
  atomic_store(&ends, true);
  (void)rtems_task_wake_after(rtems_clock_get_ticks_per_second() / 10);
  for (i = 0; i < sizeof(tenants) / sizeof(tenants[0]); ++i) {
    (void)(*tenants[i]->declaration.kernel->end)();
    printf(
      "%s: %s, %u interruptions\n", tenants[i]->declaration.kernel->name,
      tenants[i]->files > 0 ? "worked" : "did not work",
      tenants[i]->interruptions);
  }
  puts("tenants: done");
  exit(0);
}

#define CONFIGURE_SHELL_COMMANDS_INIT
#define CONFIGURE_SHELL_USER_COMMANDS \
  &rtems_rump_shell_command, &crash_command
#include <rtems/shellconfig.h>

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_MAXIMUM_PROCESSORS 4
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT
#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
