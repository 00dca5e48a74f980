/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief NetBSD's system calls and their constants, for RTEMS code.
 *
 * NetBSD's own headers cannot be included beside RTEMS's: their types and
 * constants clash.  This is the part of NetBSD's user ABI that this project
 * and its examples use, in fixed-width types.  Constants begin with NETBSD_.
 * Members have NetBSD's names, but for a prefix that C libraries use for
 * macros.  The sizes of structures are checked below, the places by the tests.
 *
 * The calls are those of NetBSD's manual, section 2.  They return -1 on
 * failure and set errno to RTEMS's number.  Only from a task.
 *
 * In an image with several kernels define RTEMS_RUMP_KERNEL as the name of one
 * before this header is included, and the calls go to that kernel.
 */

#ifndef RTEMS_RUMP_NETBSD_H
#define RTEMS_RUMP_NETBSD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <rtems-rump/name.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lwp;

/* The linker symbol of system call x of the chosen kernel. */
#define NETBSD_SYSTEM_CALL(x) RTEMS_RUMP_SYMBOL("rump___sysimpl_" x)
#define NETBSD_PUBLIC(x) RTEMS_RUMP_SYMBOL("rump_pub_" x)

/** Flags of rump_sys_open(). */
#define NETBSD_O_RDONLY 0x0
#define NETBSD_O_WRONLY 0x1
#define NETBSD_O_RDWR 0x2
#define NETBSD_O_NONBLOCK 0x4
#define NETBSD_O_APPEND 0x8
#define NETBSD_O_CREAT 0x200
#define NETBSD_O_TRUNC 0x400
#define NETBSD_O_EXCL 0x800
#define NETBSD_O_DIRECTORY 0x200000

/** Flags of rump_sys_mount() and rump_sys_unmount(). */
#define NETBSD_MNT_RDONLY 0x1
#define NETBSD_MNT_SYNCHRONOUS 0x2
#define NETBSD_MNT_ASYNC 0x40
#define NETBSD_MNT_FORCE 0x80000
#define NETBSD_MNT_LOG 0x2000000
#define NETBSD_MNT_NOATIME 0x4000000

/** Flags of rump_sys_fsync_range(). */
#define NETBSD_FDATASYNC 0x10
#define NETBSD_FFILESYNC 0x20
#define NETBSD_FDISKSYNC 0x40

/** Flags of rump_sys_reboot(). */
#define NETBSD_RB_NOSYNC 0x4
#define NETBSD_RB_HALT 0x8

/** Clocks. */
#define NETBSD_CLOCK_REALTIME 0
#define NETBSD_CLOCK_MONOTONIC 3

/** Types of rump_pub_etfs_register(). */
#define NETBSD_ETFS_REG 0
#define NETBSD_ETFS_BLK 1
#define NETBSD_ETFS_CHR 2
#define NETBSD_ETFS_DIR 3
#define NETBSD_ETFS_DIR_SUBDIRS 4

/** Arguments of mounting a tmpfs. */
struct netbsd_tmpfs_args {
  int32_t version; /* 1 */
  uint64_t nodes_max;
  int64_t size_max;
  uint32_t root_uid;
  uint32_t root_gid;
  uint32_t root_mode;
};

/** Arguments of mounting "ffs", "ext2fs" and other file systems on disks. */
struct netbsd_ufs_args {
  const char *fspec;
};

struct netbsd_timespec {
  int64_t tv_sec;
  long tv_nsec;
};

struct netbsd_timeval {
  int64_t tv_sec;
  int32_t tv_usec;
};

struct netbsd_itimerval {
  struct netbsd_timeval interval;
  struct netbsd_timeval value;
};

struct netbsd_rusage {
  struct netbsd_timeval utime;
  struct netbsd_timeval stime;
  long maxrss;
  long ixrss;
  long idrss;
  long isrss;
  long minflt;
  long majflt;
  long nswap;
  long inblock;
  long oublock;
  long msgsnd;
  long msgrcv;
  long nsignals;
  long nvcsw;
  long nivcsw;
};

struct netbsd_stat {
  uint64_t dev;
  uint32_t mode;
  uint64_t ino;
  uint32_t nlink;
  uint32_t uid;
  uint32_t gid;
  uint64_t rdev;
  struct netbsd_timespec atim;
  struct netbsd_timespec mtim;
  struct netbsd_timespec ctim;
  struct netbsd_timespec birthtim;
  int64_t size;
  int64_t blocks;
  int32_t blksize;
  uint32_t flags;
  uint32_t gen;
  uint32_t spare[2];
};

/** Entries are as long as reclen says. */
struct netbsd_dirent {
  uint64_t fileno;
  uint16_t reclen;
  uint16_t namlen;
  uint8_t type;
  char name[];
};

struct netbsd_statvfs {
  unsigned long flag;
  unsigned long bsize;
  unsigned long frsize;
  unsigned long iosize;
  uint64_t blocks;
  uint64_t bfree;
  uint64_t bavail;
  uint64_t bresvd;
  uint64_t files;
  uint64_t ffree;
  uint64_t favail;
  uint64_t fresvd;
  uint64_t syncreads;
  uint64_t syncwrites;
  uint64_t asyncreads;
  uint64_t asyncwrites;
  int32_t fsidx[2];
  unsigned long fsid;
  unsigned long namemax;
  uint32_t owner;
  uint32_t spare[4];
  char fstypename[32];
  char mntonname[1024];
  char mntfromname[1024];
};

/* As in NetBSD's libraries. */
#ifdef __i386__
_Static_assert(sizeof(struct netbsd_rusage) == 80, "struct rusage");
_Static_assert(sizeof(struct netbsd_stat) == 124, "struct stat");
_Static_assert(sizeof(struct netbsd_statvfs) == 2228, "struct statvfs");
#elif defined(__arm__)
_Static_assert(sizeof(struct netbsd_rusage) == 88, "struct rusage");
_Static_assert(sizeof(struct netbsd_stat) == 152, "struct stat");
_Static_assert(sizeof(struct netbsd_statvfs) == 2232, "struct statvfs");
#elif defined(__x86_64__)
_Static_assert(sizeof(struct netbsd_rusage) == 144, "struct rusage");
_Static_assert(sizeof(struct netbsd_stat) == 152, "struct stat");
_Static_assert(sizeof(struct netbsd_statvfs) == 2256, "struct statvfs");
#endif
_Static_assert(offsetof(struct netbsd_dirent, name) == 13, "struct dirent");

int rump_sys_open(const char *path, int flags, ...)
  NETBSD_SYSTEM_CALL("open");
int rump_sys_close(int fd) NETBSD_SYSTEM_CALL("close");
ssize_t rump_sys_read(int fd, void *buffer, size_t size)
  NETBSD_SYSTEM_CALL("read");
ssize_t rump_sys_write(int fd, const void *buffer, size_t size)
  NETBSD_SYSTEM_CALL("write");
ssize_t rump_sys_pread(int fd, void *buffer, size_t size, int64_t offset)
  NETBSD_SYSTEM_CALL("pread");
ssize_t rump_sys_pwrite(
  int fd, const void *buffer, size_t size, int64_t offset)
  NETBSD_SYSTEM_CALL("pwrite");
int64_t rump_sys_lseek(int fd, int64_t offset, int whence)
  NETBSD_SYSTEM_CALL("lseek");
int rump_sys_ftruncate(int fd, int64_t size) NETBSD_SYSTEM_CALL("ftruncate");
int rump_sys_fsync(int fd) NETBSD_SYSTEM_CALL("fsync");
int rump_sys_fsync_range(int fd, int flags, int64_t start, int64_t size)
  NETBSD_SYSTEM_CALL("fsync_range");
void rump_sys_sync(void) NETBSD_SYSTEM_CALL("sync");

int rump_sys_mkdir(const char *path, uint32_t mode)
  NETBSD_SYSTEM_CALL("mkdir");
int rump_sys_rmdir(const char *path) NETBSD_SYSTEM_CALL("rmdir");
int rump_sys_unlink(const char *path) NETBSD_SYSTEM_CALL("unlink");
int rump_sys_rename(const char *from, const char *to)
  NETBSD_SYSTEM_CALL("rename");
int rump_sys_mount(
  const char *type, const char *path, int flags, void *args, size_t size)
  NETBSD_SYSTEM_CALL("mount50");
int rump_sys_unmount(const char *path, int flags)
  NETBSD_SYSTEM_CALL("unmount");

int rump_sys_getpid(void) NETBSD_SYSTEM_CALL("getpid");
int rump_sys_clock_gettime(int clock, struct netbsd_timespec *time)
  NETBSD_SYSTEM_CALL("clock_gettime50");
int rump_sys_clock_settime(int clock, const struct netbsd_timespec *time)
  NETBSD_SYSTEM_CALL("clock_settime50");
int rump_sys_reboot(int flags, char *boot_string)
  NETBSD_SYSTEM_CALL("reboot");

/** Makes @a host_path of RTEMS visible to the kernel as the file @a key. */
int rump_pub_etfs_register(const char *key, const char *host_path, int type)
  NETBSD_PUBLIC("etfs_register");

/** The same with a part of it, in bytes. */
int rump_pub_etfs_register_withsize(
  const char *key, const char *host_path, int type, uint64_t begin,
  uint64_t size)
  NETBSD_PUBLIC("etfs_register_withsize");
int rump_pub_etfs_remove(const char *key) NETBSD_PUBLIC("etfs_remove");

/**
 * Makes a kernel with the component kern_sysproxy listen at one more place,
 * see doc/remote.md.  Returns 0 or NetBSD's error number.
 */
int rump_init_server(const char *url) RTEMS_RUMP_SYMBOL("rump_init_server");

int rump_pub_lwproc_rfork(int flags) NETBSD_PUBLIC("lwproc_rfork");
int rump_pub_lwproc_newlwp(pid_t pid) NETBSD_PUBLIC("lwproc_newlwp");
void rump_pub_lwproc_switch(struct lwp *lwp) NETBSD_PUBLIC("lwproc_switch");
void rump_pub_lwproc_releaselwp(void) NETBSD_PUBLIC("lwproc_releaselwp");
struct lwp *rump_pub_lwproc_curlwp(void) NETBSD_PUBLIC("lwproc_curlwp");

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_NETBSD_H */
