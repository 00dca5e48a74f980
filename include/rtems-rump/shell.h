/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A command of the RTEMS shell for the kernels that are declared by
 * rtems_rump_declare().
 *
 *     rump                 lists them
 *     rump start NAME      starts one as declared
 *     rump end NAME        ends one
 *     rump usage NAME      tells all of one
 *     rump modules NAME    lists what it is made of, as modstat(8)
 *     rump messages NAME   shows what it has said, as dmesg(8)
 *     rump sysctl NAME     shows all its variables, as sysctl(8)
 *     rump sysctl NAME kern            shows all that begin so
 *     rump sysctl NAME kern.ostype     shows one
 *     rump sysctl NAME kern.hostname=x changes one
 *
 * It becomes a command of the shell by
 *
 *     #define CONFIGURE_SHELL_USER_COMMANDS &rtems_rump_shell_command
 *
 * or by rtems_shell_add_cmd_struct().
 */

#ifndef RTEMS_RUMP_SHELL_H
#define RTEMS_RUMP_SHELL_H

#include <rtems/shell.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The command "rump".  Its result is 0, or 1 if something was wrong. */
extern rtems_shell_cmd_t rtems_rump_shell_command;

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_SHELL_H */
