/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief NetBSD's interface of clients, rumpclient(3), for RTEMS and Linux.
 *
 * A program has one client, whose kernel the environment names:
 *
 * | variable | |
 * |---|---|
 * | RUMP_SERVER | the kernel's URL, as <rtems-rump/remote.h> has them |
 * | RUMP_KEY | the name of a file with the key, if the server wants one |
 * | RUMP_USER | the name that the key belongs to |
 *
 * All functions are for tasks, or threads.  rumpclient_syscall() is for several
 * at a time, the others are not.  On RTEMS there are no processes: there a fork
 * takes the client's place.
 */

#ifndef RUMP_RUMPCLIENT_H
#define RUMP_RUMPCLIENT_H

#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Connects to the kernel, unless this process has done so already.
 *
 * @return 0, or -1 with errno, as of rtems_rump_client_open(); ENOENT if
 *   RUMP_SERVER is not set, or there is no file of the key.
 */
int rumpclient_init(void);

/**
 * @brief Makes a system call, as rtems_rump_client_syscall().
 *
 * @return 0, or what the kernel says, by NetBSD's number, or why it was not
 *   asked, by the host's.
 */
int rumpclient_syscall(
  int number, const void *arguments, size_t size, register_t *values);

/** Values of rumpclient_setconnretry() beside seconds. */
#define RUMPCLIENT_RETRYCONN_INFTIME ((time_t)-1)
#define RUMPCLIENT_RETRYCONN_ONCE ((time_t)-2)
#define RUMPCLIENT_RETRYCONN_DIE ((time_t)-3)

/**
 * @brief Tells what a call does that finds that the connection is over: it
 * connects anew, with one try (the default), for so many seconds, or for ever,
 * or ends the program.
 */
void rumpclient_setconnretry(time_t seconds);

/** A process of the kernel that waits to be taken; the caller's. */
struct rumpclient_fork;

/**
 * @brief Forks the client's process in the kernel.
 *
 * @return What rumpclient_fork_init() or rumpclient_fork_cancel() frees, in
 *   each of the host's processes, or NULL with errno.
 */
struct rumpclient_fork *rumpclient_prefork(void);

/**
 * @brief Becomes the process that was forked, mostly after fork().
 *
 * @return 0, or -1 with errno.
 */
int rumpclient_fork_init(struct rumpclient_fork *fork);

/** @brief Ends the process that was forked. */
void rumpclient_fork_cancel(struct rumpclient_fork *fork);

#ifndef __rtems__
/** @brief As fork(), for the host's process and the kernel's. */
pid_t rumpclient_fork(void);

/** @brief The same: a client does not share its memory with another. */
#define rumpclient_vfork() rumpclient_fork()

/**
 * @brief As execve(): the new program's rumpclient_init() goes on with the
 * process of the kernel.
 *
 * Its descriptors, but those that are marked for that, its directory and its
 * user are the same; its number is not.
 */
int rumpclient_exec(
  const char *path, char *const arguments[], char *const environment[]);

/** @brief As daemon(). */
int rumpclient_daemon(int no_chdir, int no_close);
#endif

#ifdef __cplusplus
}
#endif

#endif /* RUMP_RUMPCLIENT_H */
