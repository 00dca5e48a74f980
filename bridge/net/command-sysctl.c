/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The shell command "sysctl".
 */

#include <rtems-rump/netshell.h>

#include "command.h"
#include "socket.h"

static int
sysctl(int argc, char **argv)
{
  const struct socket_stack *stack = socket_stack();

  if (argc > 2) {
    return command_usage(rtems_rump_sysctl_command.usage);
  }
  errno = stack == NULL ? EAFNOSUPPORT
    : control_variables(stack->kernel, argc == 2 ? argv[1] : NULL);
  return errno == 0
    ? 0 : command_failed("sysctl", argc == 2 ? argv[1] : "variables");
}

rtems_shell_cmd_t rtems_rump_sysctl_command = {
  .name = "sysctl",
  .usage = "sysctl [VARIABLE[=VALUE]]",
  .topic = "net",
  .command = sysctl
};
