/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The shell command "rump".
 */

#include <rtems-rump/shell.h>

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rtems-rump/kernels.h>

#include "control.h"

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

static const char *
module_class(int32_t class)
{
  switch (class) {
    case NETBSD_MODULE_CLASS_VFS:
      return "file system";
    case NETBSD_MODULE_CLASS_DRIVER:
      return "driver";
    case NETBSD_MODULE_CLASS_EXEC:
      return "program format";
    case NETBSD_MODULE_CLASS_SECMODEL:
      return "security model";
    default:
      return "other";
  }
}

static int
show_modules(const struct rtems_rump_kernel *kernel)
{
  struct netbsd_modstat *modules;
  size_t count = 0, i;
  int error = control_modules(kernel, &modules, &count);

  for (i = 0; error == 0 && i < count; ++i) {
    printf(
      "%-20.32s %s%s%.320s\n",
      modules[i].name,
      module_class(modules[i].class),
      modules[i].required[0] == '\0' ? "" : ", needs ",
      modules[i].required
    );
  }
  free(modules);
  return error;
}

/* The oldest text may begin anywhere in its line, and before it is nothing. */
static void
print_messages(const char *text, size_t size)
{
  size_t i;

  for (i = 0; i < size; ++i) {
    if (text[i] == '\n' || isprint((unsigned char)text[i])) {
      putchar(text[i]);
    }
  }
}

static int
show_messages(const struct rtems_rump_kernel *kernel)
{
  static const struct control_name name = {
    { NETBSD_CTL_KERN, NETBSD_KERN_MSGBUF }, 2
  };
  size_t size = 0;
  char *text = NULL;
  int error = control_value(kernel, &name, NULL, &size, NULL, 0);

  if (error == 0) {
    text = malloc(size);
    error = text == NULL
      ? ENOMEM : control_value(kernel, &name, text, &size, NULL, 0);
  }
  if (error == 0) {
    print_messages(text, size);
  }
  free(text);
  return error;
}

/* Only the last one takes anything after the name of the kernel. */
static const struct action {
  const char *name;
  int (*function)(const struct rtems_rump_kernel *kernel);
} actions[] = {
  { "start", start }, { "end", end }, { "usage", show_usage },
  { "modules", show_modules }, { "messages", show_messages },
  { "sysctl", NULL }, { NULL, NULL }
};

static int
act(const struct action *action, const char *name, const char *variable)
{
  const struct rtems_rump_kernel *kernel = rtems_rump_kernel_by_name(name);
  int error;

  if (kernel == NULL) {
    printf("rump: no kernel %s is declared\n", name);
    return 1;
  }
  error = action->function == NULL
    ? control_variables(kernel, variable) : (*action->function)(kernel);
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
  if (action->name == NULL || argc < 3
      || argc > (action->function == NULL ? 4 : 3)) {
    printf("usage: %s\n", rtems_rump_shell_command.usage);
    return 1;
  }
  return act(action, argv[2], argc == 4 ? argv[3] : NULL);
}

rtems_shell_cmd_t rtems_rump_shell_command = {
  .name = "rump",
  .usage = "rump [start|end|usage|modules|messages NAME] | "
    "[sysctl NAME [VARIABLE[=VALUE]]]",
  .topic = "rtems",
  .command = rump
};
