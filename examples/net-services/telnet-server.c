/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * RTEMS's shell by telnet: RTEMS's own telnetd, which wants the BSD sockets of
 * a stack, with those of NetBSD.
 */

#include <stdio.h>
#include <stdlib.h>

#include <rtems.h>
#include <rtems/shell.h>
#include <rtems/telnetd.h>

#include "net_adapter_extra.h"

int net_start(void);

static void
run_shell(char *device, void *arg)
{
  rtems_shell_env_t env;

  (void)arg;
  rtems_shell_dup_current_env(&env);
  env.devname = device;
  env.taskname = "TLNT";
  rtems_shell_main_loop(&env);
}

rtems_telnetd_config_table rtems_telnetd_config = {
  .command = run_shell, .stack_size = 32 * 1024
};

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  if (net_start() != 0
      || rtems_telnetd_start(&rtems_telnetd_config) != RTEMS_SUCCESSFUL) {
    exit(1);
  }
  puts("telnet-server: ready");
  rtems_task_exit();
}

#define CONFIGURE_SHELL_COMMANDS_INIT
#define CONFIGURE_SHELL_COMMAND_LS
#define CONFIGURE_SHELL_USER_COMMANDS CONFIGURE_SHELL_USER_COMMANDS_ADAPTER
#include <rtems/shellconfig.h>

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_MAXIMUM_DRIVERS 32
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT_TASK_STACK_SIZE (32 * 1024)
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
