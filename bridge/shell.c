/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The shell command "rump".
 */

#include <rtems-rump/shell.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rtems-rump/kernels.h>

#define KIB(size) ((unsigned long)((size) / 1024))

static const char *
state_name(const struct rtems_rump_usage *usage)
{
  switch (usage->state) {
    case RTEMS_RUMP_NEVER_STARTED:
      return "never started";
    case RTEMS_RUMP_STARTING:
      return "starting";
    case RTEMS_RUMP_RUNNING:
      return "running";
    case RTEMS_RUMP_ENDING:
      return "ending";
    case RTEMS_RUMP_ENDED:
      break;
  }
  return usage->status == RTEMS_RUMP_PANIC ? "ended: panic" : "ended";
}

/* As "0,2-3"; the longest is of 16 single processors. */
static const char *
processor_list(uint32_t set, char text[64])
{
  char *end = text;
  unsigned from, to;

  *end = '\0';
  for (from = 0; from < 32; from = to + 1) {
    for (to = from; to < 31 && (set >> to & 3) == 3; ++to) {
    }
    if ((set >> from & 1) != 0) {
      end += sprintf(end, "%s%u", end == text ? "" : ",", from);
      end += from == to ? 0 : sprintf(end, "-%u", to);
    }
  }
  return text;
}

static void
show_line(const struct rtems_rump_kernel *kernel)
{
  struct rtems_rump_usage usage;
  char processors[64];

  (*kernel->get_usage)(&usage);
  printf(
    "%-12s %-13s %6lu/%-6lu %5u %6" PRIu64 ".%02u %6u %s\n",
    kernel->name,
    state_name(&usage),
    KIB(usage.memory_used),
    KIB(usage.memory_size),
    usage.tasks,
    usage.cpu_time / 1000000000,
    (unsigned)(usage.cpu_time / 10000000 % 100),
    usage.starts,
    processor_list(usage.processors, processors)
  );
}

/* In the order in which they were declared. */
static void
list_from(const struct rtems_rump_declaration *declaration)
{
  if (declaration != NULL) {
    list_from(declaration->next);
    show_line(declaration->kernel);
  }
}

static void
list(void)
{
  printf(
    "%-12s %-13s %6s/%-6s %5s %9s %6s %s\n",
    "kernel", "state", "KiB", "of", "tasks", "seconds", "starts", "processors"
  );
  list_from(rtems_rump_declared(NULL));
}

static int
start(const struct rtems_rump_kernel *kernel)
{
  return rtems_rump_start_by_name(kernel->name);
}

static int
end(const struct rtems_rump_kernel *kernel)
{
  return (*kernel->end)();
}

static int
show_usage(const struct rtems_rump_kernel *kernel)
{
  struct rtems_rump_usage usage;
  char processors[64];

  (*kernel->get_usage)(&usage);
  printf(
    "kernel %s: %s, last end %d, started %u times, processors %s\n"
    "memory: %lu KiB of %lu used, at most %lu, %lu allocations failed\n"
    "tasks: %u, %" PRIu64 " us of processor time\n"
    "block requests: %u in flight, %lu done\n",
    kernel->name,
    state_name(&usage),
    usage.status,
    usage.starts,
    processor_list(usage.processors, processors),
    KIB(usage.memory_used),
    KIB(usage.memory_size),
    KIB(usage.memory_peak),
    usage.memory_failures,
    usage.tasks,
    usage.cpu_time / 1000,
    usage.block_pending,
    usage.block_done
  );
  return 0;
}

static const struct action {
  const char *name;
  int (*function)(const struct rtems_rump_kernel *kernel);
} actions[] = {
  { "start", start }, { "end", end }, { "usage", show_usage }, { NULL, NULL }
};

static int
act(const struct action *action, const char *name)
{
  const struct rtems_rump_kernel *kernel = rtems_rump_kernel_by_name(name);
  int error;

  if (kernel == NULL) {
    printf("rump: no kernel %s is declared\n", name);
    return 1;
  }
  error = (*action->function)(kernel);
  if (error != 0) {
    printf("rump: %s %s: %s\n", action->name, name, strerror(error));
  }
  return error != 0;
}

static int
rump(int argc, char **argv)
{
  const struct action *action = actions;

  if (argc == 1) {
    list();
    return 0;
  }
  while (action->name != NULL && strcmp(argv[1], action->name) != 0) {
    ++action;
  }
  if (argc != 3 || action->name == NULL) {
    printf("usage: %s\n", rtems_rump_shell_command.usage);
    return 1;
  }
  return act(action, argv[2]);
}

rtems_shell_cmd_t rtems_rump_shell_command = {
  .name = "rump",
  .usage = "rump [start|end|usage NAME]",
  .topic = "rtems",
  .command = rump
};
