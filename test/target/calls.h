/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The calls of file systems: RTEMS's on RTEMS, by the types of
 * <rtems-rump/filesystem.h>, and NetBSD's on the simulator, which has no file
 * systems of RTEMS; the caller is inside there.
 */

#ifndef TARGET_CALLS_H
#define TARGET_CALLS_H

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "disk.h"

#include "abi/file.h"
#include "abi/mount.h"

#define CALLS_DEVICE "/dev/rda"

#ifdef __rtems__

#include <dirent.h>
#include <sys/statvfs.h>

#include <rtems/libio.h>

#include <rtems-rump/filesystem.h>

#define CALL(rtems, netbsd) (rtems)

static inline int
call_list(const char *path)
{
  DIR *dir = opendir(path);
  int error;

  if (dir == NULL) {
    return -1;
  }
  do {
    errno = 0;
  } while (readdir(dir) != NULL);
  error = errno;
  if (closedir(dir) != 0) {
    return -1;
  }
  errno = error;
  return error == 0 ? 0 : -1;
}

#else

/* Not in the ABI of the bridge, which knows files by directories. */
int rump_sys_statvfs1(
  const char *path, struct netbsd_statvfs *statvfs, int flags)
  NETBSD_SYSTEM_CALL("statvfs1");

#define CALL(rtems, netbsd) (netbsd)
#define CALLS_CWD (-100)

static inline int
flags_to_netbsd(int oflag)
{
  return (oflag & O_ACCMODE)
    | ((oflag & O_CREAT) != 0 ? NETBSD_O_CREAT : 0)
    | ((oflag & O_TRUNC) != 0 ? NETBSD_O_TRUNC : 0)
    | ((oflag & O_APPEND) != 0 ? NETBSD_O_APPEND : 0);
}

static inline int
call_list(const char *path)
{
  static char entries[2048] __attribute__((__aligned__(8)));
  int fd = rump_sys_open(path, NETBSD_O_RDONLY | NETBSD_O_DIRECTORY);
  int n;

  if (fd < 0) {
    return -1;
  }
  while ((n = rump_sys_getdents(fd, entries, sizeof(entries))) > 0) {
  }
  return rump_sys_close(fd) == 0 ? n : -1;
}

#endif

/* The names of what a macro does not use are no mistakes. */
#define CALL_1(name, a, rtems, netbsd) \
  static inline int call_##name(a) { return (int)CALL(rtems, netbsd); }
#define CALL_2(name, a, b, rtems, netbsd) \
  static inline int call_##name(a, b) { return (int)CALL(rtems, netbsd); }
#define CALL_3(name, a, b, c, rtems, netbsd) \
  static inline int call_##name(a, b, c) { return (int)CALL(rtems, netbsd); }

CALL_2(open, const char *path, int oflag,
  open(path, oflag, 0644),
  rump_sys_open(path, flags_to_netbsd(oflag), 0644))
CALL_1(close, int fd, close(fd), rump_sys_close(fd))
CALL_3(read, int fd, void *to, size_t size,
  read(fd, to, size), rump_sys_read(fd, to, size))
CALL_3(write, int fd, const void *from, size_t size,
  write(fd, from, size), rump_sys_write(fd, from, size))
CALL_3(readv, int fd, const struct iovec *iov, int count,
  readv(fd, iov, count), rump_sys_readv(fd, iov, count))
CALL_3(writev, int fd, const struct iovec *iov, int count,
  writev(fd, iov, count), rump_sys_writev(fd, iov, count))
CALL_2(seek, int fd, off_t offset,
  lseek(fd, offset, SEEK_SET), rump_sys_lseek(fd, offset, SEEK_SET))
CALL_2(ftruncate, int fd, off_t size,
  ftruncate(fd, size), rump_sys_ftruncate(fd, size))
/* As the types of file systems do: not FFS's journal for a file as a whole. */
CALL_1(fsync, int fd,
  fsync(fd),
  rump_sys_fsync_range(
    fd, NETBSD_FFILESYNC | NETBSD_FDISKSYNC, 0, INT32_MAX))
CALL_1(fdatasync, int fd,
  fdatasync(fd), rump_sys_fsync_range(fd, NETBSD_FDATASYNC, 0, 0))
CALL_1(stat, const char *path,
  stat(path, &(struct stat){ 0 }),
  rump_sys_fstatat(CALLS_CWD, path, &(struct netbsd_stat){ 0 }, 0))
CALL_1(fstat, int fd,
  fstat(fd, &(struct stat){ 0 }),
  rump_sys_fstat(fd, &(struct netbsd_stat){ 0 }))
CALL_1(mkdir, const char *path, mkdir(path, 0755), rump_sys_mkdir(path, 0755))
CALL_1(rmdir, const char *path, rmdir(path), rump_sys_rmdir(path))
CALL_1(unlink, const char *path, unlink(path), rump_sys_unlink(path))
CALL_2(rename, const char *from, const char *to,
  rename(from, to), rump_sys_rename(from, to))
CALL_2(link, const char *from, const char *to,
  link(from, to), rump_sys_linkat(CALLS_CWD, from, CALLS_CWD, to, 0))
CALL_2(symlink, const char *target, const char *path,
  symlink(target, path), rump_sys_symlinkat(target, CALLS_CWD, path))
CALL_3(readlink, const char *path, char *to, size_t size,
  readlink(path, to, size), rump_sys_readlinkat(CALLS_CWD, path, to, size))
CALL_1(mkfifo, const char *path,
  mkfifo(path, 0644), rump_sys_mkfifoat(CALLS_CWD, path, 0644))
CALL_1(mknod, const char *path,
  mknod(path, S_IFCHR | 0600, rtems_filesystem_make_dev_t(3, 4)),
  rump_sys_mknodat(CALLS_CWD, path, S_IFCHR | 0600, 0x304))
CALL_2(chmod, const char *path, mode_t mode,
  chmod(path, mode), rump_sys_fchmodat(CALLS_CWD, path, mode, 0))
CALL_2(fchmod, int fd, mode_t mode,
  fchmod(fd, mode), rump_sys_fchmod(fd, mode))
CALL_2(chown, const char *path, unsigned owner,
  chown(path, (uid_t)owner, (gid_t)owner),
  rump_sys_fchownat(CALLS_CWD, path, owner, owner, 0))
CALL_2(lchown, const char *path, unsigned owner,
  lchown(path, (uid_t)owner, (gid_t)owner),
  rump_sys_fchownat(
    CALLS_CWD, path, owner, owner, NETBSD_AT_SYMLINK_NOFOLLOW))
CALL_2(fchown, int fd, unsigned owner,
  fchown(fd, (uid_t)owner, (gid_t)owner), rump_sys_fchown(fd, owner, owner))
CALL_2(utimens, const char *path, long sec,
  utimensat(
    AT_FDCWD, path, (struct timespec[2]){ { sec, 0 }, { sec, 0 } }, 0),
  rump_sys_utimensat(
    CALLS_CWD, path, (struct netbsd_timespec[2]){ { sec, 0 }, { sec, 0 } }, 0))
CALL_1(statvfs, const char *path,
  statvfs(path, &(struct statvfs){ 0 }),
  rump_sys_statvfs1(path, &(struct netbsd_statvfs){ 0 }, NETBSD_ST_WAIT))

/* A new file system in memory. */
static inline int
call_mount_memory(const char *path)
{
#ifdef __rtems__
  return mount(
    NULL, path, "rump-tmpfs", RTEMS_FILESYSTEM_READ_WRITE, "size=16m");
#else
  struct netbsd_tmpfs_args args = {
    .version = 1, .size_max = 16 << 20, .root_mode = 0755
  };

  return rump_sys_mount("tmpfs", path, 0, &args, sizeof(args));
#endif
}

/* What is on the disk, of those whose arguments are of two kinds. */
#ifndef CALLS_TYPE
#define CALLS_TYPE "ffs"
#endif

/* The disk; flags are NetBSD's. */
static inline int
call_mount_disk(const char *path, int flags)
{
#ifdef __rtems__
  return mount(
    CALLS_DEVICE,
    path,
    "rump-" CALLS_TYPE,
    RTEMS_FILESYSTEM_READ_WRITE,
    (flags & NETBSD_MNT_LOG) != 0 ? "log" : flags != 0 ? "sync" : NULL
  );
#else
  static const char device[] = "/dev/disk";
  struct netbsd_ufs_args ufs = { .fspec = device };
  struct netbsd_msdosfs_args fat = {
    .fspec = device, .mask = 0755, .dirmask = 0755,
    .version = NETBSD_MSDOSFS_VERSION, .flags = NETBSD_MSDOSFS_VERSIONED
  };
  bool is_fat = strcmp(CALLS_TYPE, "msdos") == 0;
  int result, error;

  errno = rump_pub_etfs_register(device, CALLS_DEVICE, NETBSD_ETFS_BLK);
  if (errno != 0) {
    return -1;
  }
  result = is_fat
    ? rump_sys_mount(CALLS_TYPE, path, flags, &fat, sizeof(fat))
    : rump_sys_mount(CALLS_TYPE, path, flags, &ufs, sizeof(ufs));
  error = errno;
  if (result != 0) {
    CHECK(rump_pub_etfs_remove(device) == 0);
  }
  errno = error;
  return result;
#endif
}

static inline int
call_unmount(const char *path)
{
#ifdef __rtems__
  return unmount(path);
#else
  return rump_sys_unmount(path, 0);
#endif
}

/*
 * Whatever becomes of what is not yet on the disk, which RTEMS's unmount()
 * does not tell.
 */
static inline int
call_unmount_disk(const char *path)
{
#ifdef __rtems__
  return unmount(path);
#else
  if (rump_sys_unmount(path, 0) != 0
      && rump_sys_unmount(path, NETBSD_MNT_FORCE) != 0) {
    return -1;
  }
  return rump_pub_etfs_remove("/dev/disk");
#endif
}

#endif /* TARGET_CALLS_H */
