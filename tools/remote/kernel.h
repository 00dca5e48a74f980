/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The kernel that rump-remote is a client of, on any machine: it may
 * use nothing but the memory of the call that is under way.
 */

#ifndef RUMP_REMOTE_KERNEL_H
#define RUMP_REMOTE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <rtems-rump/remote-call.h>

/** NetBSD's numbers of system calls. */
enum {
  SYS_READ = 3, SYS_WRITE = 4, SYS_OPEN = 5, SYS_CLOSE = 6, SYS_UNLINK = 10,
  SYS_CHMOD = 15, SYS_UNMOUNT = 22, SYS_RECVFROM = 29, SYS_SYNC = 36,
  SYS_IOCTL = 54, SYS_SETSOCKOPT = 105, SYS_RENAME = 128, SYS_SENDTO = 133,
  SYS_MKDIR = 136, SYS_RMDIR = 137, SYS_SYSCTL = 202, SYS_REBOOT = 208,
  SYS_GETVFSSTAT = 356,
  SYS_STATVFS = 357, SYS_GETDENTS = 390, SYS_SOCKET = 394, SYS_MOUNT = 410,
  SYS_LSTAT = 441
};

/** Its error numbers, as far as this program has to know them. */
enum { NETBSD_EIO = 5, NETBSD_ENOMEM = 12, NETBSD_EAGAIN = 35 };

#define PATH_MAX_SIZE 1024u

/** For what is copied. */
#define DATA_SIZE 65536u
extern unsigned char data[DATA_SIZE];

/**
 * Connects; of the configuration, the key and its user.
 *
 * @return 0, or 1 after a complaint.
 */
int kernel_open(const char *url, const struct rtems_rump_client_config *how);
void kernel_close(void);

/**
 * Makes a system call, which ends the program if there is no kernel any more.
 *
 * @return 0 or NetBSD's error number.
 */
int call(
  int number, intptr_t *result, const struct rtems_rump_argument *arguments,
  size_t count);

#define CALL(number, result, ...) \
  call(number, result, (const struct rtems_rump_argument[]){ __VA_ARGS__ }, \
    sizeof((const struct rtems_rump_argument[]){ __VA_ARGS__ }) \
      / sizeof(struct rtems_rump_argument))

/** Short names of arguments. */
#define NUMBER(x) RTEMS_RUMP_ARG_NUMBER(x)
#define STRING(x) RTEMS_RUMP_ARG_STRING(x)
#define READS(format, x) RTEMS_RUMP_ARG_STRUCT(RTEMS_RUMP_IN, format, x)
#define WRITES(format, x) RTEMS_RUMP_ARG_STRUCT(RTEMS_RUMP_OUT, format, x)
#define READS_BYTES(x, size) RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_IN, x, size)
#define WRITES_BYTES(x, size) RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_OUT, x, size)
#define SIZE(format, count) RTEMS_RUMP_ARG_SIZE(format, count)

/**
 * Calls a function for each name in a directory, which may not
 * use the data.
 *
 * @return 0 or NetBSD's error number.
 */
int kernel_list(
  const char *path, void (*visit)(const char *name, void *arg), void *arg);

/** The message of an error of NetBSD. */
const char *message(int error);

/** Complains, and returns 1. */
int complain(const char *what, const char *why);

/** The same with an error of NetBSD; 0 if there is none. */
int report(const char *what, int error);

/* Commands of other files; they return the exit status. */
int do_mount(int count, char **words);
int do_umount(int count, char **words);
int do_ifconfig(int count, char **words);
int do_ping(int count, char **words);

#endif /* RUMP_REMOTE_KERNEL_H */
