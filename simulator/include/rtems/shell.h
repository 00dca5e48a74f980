/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The simulator has no shell: what a command is, to call one.
 */

#ifndef _RTEMS_SHELL_H
#define _RTEMS_SHELL_H

#include <sys/types.h>

#include <rtems.h>

typedef int (*rtems_shell_command_t)(int argc, char **argv);

typedef struct rtems_shell_cmd_tt rtems_shell_cmd_t;

struct rtems_shell_cmd_tt {
  const char *name;
  const char *usage;
  const char *topic;
  rtems_shell_command_t command;
  rtems_shell_cmd_t *alias;
  rtems_shell_cmd_t *next;
  mode_t mode;
  uid_t uid;
  gid_t gid;
};

#endif /* _RTEMS_SHELL_H */
