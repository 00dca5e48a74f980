/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief NetBSD's user ABI: its system calls for files.
 */

#ifndef RTEMS_RUMP_ABI_FILE_H
#define RTEMS_RUMP_ABI_FILE_H

#include <stdbool.h>

#include <rtems-rump/netbsd.h>

/** More flags of rump_sys_open(). */
#define NETBSD_O_ACCMODE 0x3
#define NETBSD_O_SYNC 0x80
#define NETBSD_O_NOFOLLOW 0x100

/** Command of rump_sys_fcntl(). */
#define NETBSD_F_SETFL 4

/** Flags of the calls whose names end in "at". */
#define NETBSD_AT_SYMLINK_NOFOLLOW 0x200
#define NETBSD_AT_REMOVEDIR 0x800

/** Value of a time that rump_sys_utimensat() shall leave as it is. */
#define NETBSD_UTIME_OMIT ((1 << 30) - 2)

/** Flag of rump_sys_fstatvfs1(): the numbers shall be right. */
#define NETBSD_ST_WAIT 1

/** In netbsd_statvfs::flag; the first is NETBSD_MNT_RDONLY. */
#define NETBSD_ST_NOSUID 0x8

/** Limits that rump_sys_fpathconf() tells. */
#define NETBSD_PC_LINK_MAX 1
#define NETBSD_PC_NAME_MAX 4
#define NETBSD_PC_PATH_MAX 5
#define NETBSD_PC_PIPE_BUF 6

/** Resource of rump_sys_setrlimit(). */
#define NETBSD_RLIMIT_NOFILE 8

/** Of damaged directories NetBSD gives others, too. */
static inline bool
netbsd_dirent_is_whole(const struct netbsd_dirent *entry, size_t size)
{
  size_t head = offsetof(struct netbsd_dirent, name);

  return size >= head && entry->reclen <= size
    && entry->reclen >= head + entry->namlen;
}

struct netbsd_rlimit {
  uint64_t cur;
  uint64_t max;
};

struct iovec;

int rump_sys_openat(int dir, const char *path, int flags, uint32_t mode)
  NETBSD_SYSTEM_CALL("openat");
int rump_sys_fstat(int fd, struct netbsd_stat *stat)
  NETBSD_SYSTEM_CALL("fstat50");
int rump_sys_fstatat(
  int dir, const char *path, struct netbsd_stat *stat, int flags)
  NETBSD_SYSTEM_CALL("fstatat");
int rump_sys_fchmod(int fd, uint32_t mode) NETBSD_SYSTEM_CALL("fchmod");
int rump_sys_fchmodat(int dir, const char *path, uint32_t mode, int flags)
  NETBSD_SYSTEM_CALL("fchmodat");
int rump_sys_fchown(int fd, uint32_t uid, uint32_t gid)
  NETBSD_SYSTEM_CALL("fchown");
int rump_sys_fchownat(
  int dir, const char *path, uint32_t uid, uint32_t gid, int flags)
  NETBSD_SYSTEM_CALL("fchownat");
int rump_sys_futimens(int fd, const struct netbsd_timespec times[2])
  NETBSD_SYSTEM_CALL("futimens");
int rump_sys_utimensat(
  int dir, const char *path, const struct netbsd_timespec times[2], int flags)
  NETBSD_SYSTEM_CALL("utimensat");
int rump_sys_linkat(
  int from_dir, const char *from, int to_dir, const char *to, int flags)
  NETBSD_SYSTEM_CALL("linkat");
int rump_sys_unlinkat(int dir, const char *path, int flags)
  NETBSD_SYSTEM_CALL("unlinkat");
int rump_sys_renameat(
  int from_dir, const char *from, int to_dir, const char *to)
  NETBSD_SYSTEM_CALL("renameat");
int rump_sys_symlinkat(const char *target, int dir, const char *path)
  NETBSD_SYSTEM_CALL("symlinkat");
ssize_t rump_sys_readlinkat(
  int dir, const char *path, char *buffer, size_t size)
  NETBSD_SYSTEM_CALL("readlinkat");
int rump_sys_mkdirat(int dir, const char *path, uint32_t mode)
  NETBSD_SYSTEM_CALL("mkdirat");
int rump_sys_mkfifoat(int dir, const char *path, uint32_t mode)
  NETBSD_SYSTEM_CALL("mkfifoat");
int rump_sys_mknodat(int dir, const char *path, uint32_t mode, uint64_t dev)
  NETBSD_SYSTEM_CALL("mknodat");
ssize_t rump_sys_readv(int fd, const struct iovec *iov, int count)
  NETBSD_SYSTEM_CALL("readv");
ssize_t rump_sys_writev(int fd, const struct iovec *iov, int count)
  NETBSD_SYSTEM_CALL("writev");
int rump_sys_getdents(int fd, char *buffer, size_t size)
  NETBSD_SYSTEM_CALL("getdents30");
int rump_sys_fstatvfs1(int fd, struct netbsd_statvfs *statvfs, int flags)
  NETBSD_SYSTEM_CALL("fstatvfs1");
long rump_sys_fpathconf(int fd, int name) NETBSD_SYSTEM_CALL("fpathconf");
int rump_sys_fcntl(int fd, int command, intptr_t arg)
  NETBSD_SYSTEM_CALL("fcntl");

uint32_t rump_sys_umask(uint32_t mask) NETBSD_SYSTEM_CALL("umask");
int rump_sys_setuid(uint32_t uid) NETBSD_SYSTEM_CALL("setuid");
int rump_sys_setgid(uint32_t gid) NETBSD_SYSTEM_CALL("setgid");
int rump_sys_setgroups(int count, const uint32_t *groups)
  NETBSD_SYSTEM_CALL("setgroups");
int rump_sys_setrlimit(int resource, const struct netbsd_rlimit *limit)
  NETBSD_SYSTEM_CALL("setrlimit");

#endif /* RTEMS_RUMP_ABI_FILE_H */
