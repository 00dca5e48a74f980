/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The kernel that rump-remote is a client of.
 *
 * Its machine may have words of another size, and another byte order: it is
 * told addresses in an arena, which is all that it may use, and what is there
 * is read and written by get() and put().
 */

#ifndef RUMP_REMOTE_KERNEL_H
#define RUMP_REMOTE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <rtems-rump/remote.h>

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

/** Of the arena: a hole at 0, two paths, then data. */
#define HOLE 4096u
#define PATH_MAX_SIZE 1024u
#define PATH1 HOLE
#define PATH2 (PATH1 + PATH_MAX_SIZE)
#define DATA (PATH2 + PATH_MAX_SIZE)
#define DATA_SIZE 65536u
#define ARENA_SIZE (DATA + DATA_SIZE)

extern unsigned char arena[ARENA_SIZE];

/** Bytes of a word of the kernel's machine. */
extern unsigned word;

/** Not 0, the alignment of words of 64 bits in its structures. */
extern unsigned alignment64;

/**
 * Connects; of the configuration, the key and its user.
 *
 * @return 0, or 1 after a complaint.
 */
int kernel_open(const char *url, const struct rtems_rump_client_config *how);
void kernel_close(void);

/** A number in the arena. */
uint64_t get(uint32_t at, unsigned size);
void put(uint32_t at, uint64_t value, unsigned size);

/** Stores a path; too long a one is told by the kernel. */
uint32_t path_at(uint32_t at, const char *path);

/**
 * Makes a system call with arguments of 64 bits, which ends the program if
 * there is no kernel any more.
 *
 * @return 0 or NetBSD's error number.
 */
int call(int number, intptr_t *result, unsigned count, ...);

#define CALL1(n, r, a) call(n, r, 1, (uint64_t)(a))
#define CALL2(n, r, a, b) call(n, r, 2, (uint64_t)(a), (uint64_t)(b))
#define CALL3(n, r, a, b, c) \
  call(n, r, 3, (uint64_t)(a), (uint64_t)(b), (uint64_t)(c))

/**
 * Calls a function for each name in a directory, which may use the paths, but
 * not the data.
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
