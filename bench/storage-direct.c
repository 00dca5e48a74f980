/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's file systems by its own system calls.
 */

#include "storage.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "abi/file.h"
#include "abi/mount.h"
#include "kernel.h"

#define KEY "/direct.disk"

union arguments {
  struct netbsd_ufs_args ufs;
  struct netbsd_msdosfs_args msdosfs;
  struct netbsd_tmpfs_args tmpfs;
};

static bool has_disk;

void
direct_mount(const char *type, int flags, const char *disk)
{
  union arguments args = { .ufs.fspec = KEY };
  size_t size = sizeof(args.ufs);

  has_disk = disk != NULL;
  if (!has_disk) {
    args.tmpfs = (struct netbsd_tmpfs_args){
      .version = NETBSD_TMPFS_VERSION, .root_mode = 0755
    };
    size = sizeof(args.tmpfs);
  } else {
    bench_check("etfs", rump_pub_etfs_register(
      KEY, disk, NETBSD_ETFS_BLK) == 0);
  }
  if (strcmp(type, "msdos") == 0) {
    args.msdosfs = (struct netbsd_msdosfs_args){
      .fspec = KEY, .mask = 0755, .dirmask = 0755,
      .version = NETBSD_MSDOSFS_VERSION, .flags = NETBSD_MSDOSFS_VERSIONED
    };
    size = sizeof(args.msdosfs);
  }
  (void)rump_sys_mkdir(DIRECT_FOLDER, 0755);
  bench_check("mount", rump_sys_mount(
    type, DIRECT_FOLDER, flags, &args, size) == 0);
}

void
direct_unmount(void)
{
  bench_check("unmount", rump_sys_unmount(DIRECT_FOLDER, 0) == 0);
  if (has_disk) {
    bench_check("etfs", rump_pub_etfs_remove(KEY) == 0);
  }
}

static int
make_folder(const char *path, mode_t mode)
{
  return rump_sys_mkdir(path, mode);
}

static off_t
seek(int fd, off_t offset, int whence)
{
  return rump_sys_lseek(fd, offset, whence);
}

/* As the type does for RTEMS's fsync(). */
static int
sync_file(int fd)
{
  struct netbsd_stat status;

  return rump_sys_fstat(fd, &status) != 0 ? -1 : rump_sys_fsync_range(
    fd, NETBSD_FFILESYNC | NETBSD_FDISKSYNC, 0, status.size);
}

static unsigned list_folder(int fd);

static unsigned
list_entry(int folder, const struct netbsd_dirent *entry)
{
  struct netbsd_stat status;
  unsigned count = 1;
  int fd;

  if (entry->fileno == 0 || entry->name[0] == '.') {
    return 0;
  }
  bench_check("stat", rump_sys_fstatat(
    folder, entry->name, &status, NETBSD_AT_SYMLINK_NOFOLLOW) == 0);
  if ((status.mode & S_IFMT) == S_IFDIR) {
    fd = rump_sys_openat(folder, entry->name, NETBSD_O_RDONLY, 0);
    bench_check("open", fd >= 0);
    count += list_folder(fd);
    (void)rump_sys_close(fd);
  }
  return count;
}

static unsigned
list_folder(int fd)
{
  char entries[2048] __attribute__((__aligned__(8)));
  unsigned count = 0;
  int size, i;

  while ((size = rump_sys_getdents(fd, entries, sizeof(entries))) > 0) {
    for (i = 0; i < size;) {
      const struct netbsd_dirent *entry = (const void *)&entries[i];

      count += list_entry(fd, entry);
      i += entry->reclen;
    }
  }
  return count;
}

static unsigned
list(const char *path)
{
  int fd = rump_sys_open(path, NETBSD_O_RDONLY);
  unsigned count;

  bench_check("open", fd >= 0);
  count = list_folder(fd);
  (void)rump_sys_close(fd);
  return count;
}

const struct files_system direct_system = {
  .folder = DIRECT_FOLDER, .has_folders = true,
  .create = NETBSD_O_WRONLY | NETBSD_O_CREAT | NETBSD_O_EXCL,
  .read_only = NETBSD_O_RDONLY,
  .open = rump_sys_open, .close = rump_sys_close,
  .read = rump_sys_read, .write = rump_sys_write,
  .unlink = rump_sys_unlink, .lseek = seek, .fsync = sync_file,
  .mkdir = make_folder, .list = list
};
