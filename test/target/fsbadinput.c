/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What an application or a disk may get wrong, on FFS by RTEMS's calls: paths
 * that lead nowhere for each call that has one, disks that are something else,
 * damaged or cut off, and more open files than there can be.  Each fails with
 * the errno that POSIX names, and leaves nothing behind.
 */

#include "calls.h"
#include "said.h"

#define DEVICE "/dev/rda"
#define RTEMS_FILES 1100

/* What the kernel lets be open at a time; some are directories. */
#define KERNEL_FILES 1024

static const struct rtems_rump_config config = {
  .memory = 16u << 20, .console = listen
};

static char long_name[300];

/* The calls that have a path. */

static int
call_make(const char *path)
{
  int fd = open(path, O_RDWR | O_CREAT, 0644);

  return fd < 0 ? -1 : close(fd);
}

static int
call_read_only(const char *path)
{
  int fd = open(path, O_RDONLY);

  return fd < 0 ? -1 : close(fd);
}

static int
call_chmod_path(const char *path)
{
  return chmod(path, 0600);
}

static int
call_chown_path(const char *path)
{
  return chown(path, 1, 1);
}

static int
call_utimens_path(const char *path)
{
  return call_utimens(path, 1);
}

static int
call_truncate(const char *path)
{
  return truncate(path, 1);
}

static int
call_access(const char *path)
{
  return access(path, F_OK);
}

static int
call_rename_from(const char *path)
{
  return rename(path, "/disk/new");
}

static int
call_rename_to(const char *path)
{
  return rename("/disk/file", path);
}

static int
call_link_from(const char *path)
{
  return link(path, "/disk/new");
}

static int
call_link_to(const char *path)
{
  return link("/disk/file", path);
}

static int
call_symlink_at(const char *path)
{
  return symlink("file", path);
}

static int
call_readlink_of(const char *path)
{
  char target[10];

  return (int)readlink(path, target, sizeof(target));
}

static int
call_unmount_path(const char *path)
{
  return unmount(path);
}

#define ANY 0

/*
 * What they say of a name in a file, in nothing, of one that is too long, of
 * one that is not there, and of a link to itself.  RTEMS's utimensat() says
 * ENOENT of any path; a name may be that of a link, or a new one.
 */
static const struct {
  const char *name;
  int (*call)(const char *path);
  int in_file, in_nothing, too_long, nothing, loop;
} calls[] = {
#define CALL_OF(name, call, nothing, loop) \
  { name, call, ENOTDIR, ENOENT, ENAMETOOLONG, nothing, loop }
  CALL_OF("open", call_read_only, ENOENT, ELOOP),
  CALL_OF("open to make", call_make, ANY, ELOOP),
  CALL_OF("opendir", call_list, ENOENT, ELOOP),
  CALL_OF("stat", call_stat, ENOENT, ELOOP),
  CALL_OF("statvfs", call_statvfs, ENOENT, ELOOP),
  CALL_OF("access", call_access, ENOENT, ELOOP),
  CALL_OF("truncate", call_truncate, ENOENT, ELOOP),
  CALL_OF("chmod", call_chmod_path, ENOENT, ELOOP),
  CALL_OF("chown", call_chown_path, ENOENT, ELOOP),
  { "utimensat", call_utimens_path, ENOENT, ENOENT, ENOENT, ENOENT, ENOENT },
  CALL_OF("chdir", chdir, ENOENT, ELOOP),
  CALL_OF("mkdir", call_mkdir, ANY, EEXIST),
  CALL_OF("mkfifo", call_mkfifo, ANY, EEXIST),
  CALL_OF("mknod", call_mknod, ANY, EEXIST),
  CALL_OF("rmdir", call_rmdir, ENOENT, ENOTDIR),
  CALL_OF("unlink", call_unlink, ENOENT, ANY),
  CALL_OF("rename from", call_rename_from, ENOENT, ANY),
  CALL_OF("rename to", call_rename_to, ANY, ANY),
  CALL_OF("link from", call_link_from, ENOENT, ELOOP),
  CALL_OF("link to", call_link_to, ANY, EEXIST),
  CALL_OF("symlink", call_symlink_at, ANY, EEXIST),
  CALL_OF("readlink", call_readlink_of, ENOENT, ANY),
  CALL_OF("mount", call_mount_memory, ENOENT, ELOOP),
  CALL_OF("unmount", call_unmount_path, ENOENT, ELOOP)
};

static void
check_path(size_t i, const char *path, int error)
{
  int result;

  if (error == ANY) {
    return;
  }
  errno = 0;
  result = (*calls[i].call)(path);
  if (result != -1 || errno != error) {
    printf(
      "not ok: %s of %.30s: %d, errno %d, not %d\n",
      calls[i].name,
      path,
      result,
      errno,
      error
    );
    test_exit(1);
  }
}

static void
mount_disk(void)
{
  CHECK(call_mount_disk("/disk", 0) == 0);
}

static void
test_paths(void)
{
  size_t i;

  mount_disk();
  CHECK(call_make("/disk/file") == 0 && symlink("loop", "/disk/loop") == 0);
  /* Else RTEMS looks whether it may be searched before it asks what it is. */
  CHECK(chmod("/disk/file", 0755) == 0);
  for (i = 0; i < sizeof(calls) / sizeof(calls[0]); ++i) {
    check_path(i, "/disk/file/x", calls[i].in_file);
    check_path(i, "/disk/none/x", calls[i].in_nothing);
    check_path(i, long_name, calls[i].too_long);
    check_path(i, "/disk/none", calls[i].nothing);
    check_path(i, "/disk/loop", calls[i].loop);
    check_path(i, "", calls[i].in_nothing);
  }
  CHECK(call_stat("/disk/file") == 0);
  CHECK(unlink("/disk/file") == 0 && unlink("/disk/loop") == 0);
  CHECK(unmount("/disk") == 0);
}

/* Names and targets that are too long in other ways. */
static void
test_long(void)
{
  static char target[2000];

  mount_disk();
  memset(target, 't', sizeof(target) - 1);
  CHECK_ERRNO(symlink(target, "/disk/link"), ENAMETOOLONG);
  CHECK_ERRNO(call_stat("/disk/link"), ENOENT);
  target[1000] = '\0';
  CHECK(symlink(target, "/disk/link") == 0);
  CHECK(readlink("/disk/link", target, sizeof(target)) == 1000);
  CHECK_ERRNO(call_stat("/disk/link"), ENAMETOOLONG);
  CHECK(unlink("/disk/link") == 0);
  CHECK(unmount("/disk") == 0);
}

#define MOUNT(type) \
  mount(DEVICE, "/disk", type, RTEMS_FILESYSTEM_READ_WRITE, NULL)

#define MOUNT_READ_ONLY(type) \
  mount(DEVICE, "/disk", type, RTEMS_FILESYSTEM_READ_ONLY, NULL)

static void
test_other_file_systems(void)
{
  CHECK_ERRNO(MOUNT("rump-ext2fs"), EINVAL);
  CHECK_ERRNO(MOUNT("rump-msdos"), EINVAL);
  CHECK_ERRNO(MOUNT("rump-udf"), EINVAL);
  CHECK_ERRNO(MOUNT("rump-lfs"), EINVAL);
  CHECK_ERRNO(MOUNT("rump-cd9660"), EROFS);
  CHECK_ERRNO(MOUNT("rump-ntfs"), EINVAL);
  CHECK_ERRNO(MOUNT_READ_ONLY("rump-cd9660"), EINVAL);
}

/* Of all disks that are cut off, no longer one may be refused. */
static void
test_cut_off(void)
{
  bool was_mounted = false;
  unsigned end;

  for (end = 1; end <= 2048; end *= 2) {
    atomic_store(&disk_behaviour.shrunk_to, end);
    if (MOUNT("rump-ffs") == 0) {
      was_mounted = true;
      (void)call_list("/disk");
      CHECK(unmount("/disk") == 0);
    } else {
      CHECK(errno == EIO && !was_mounted);
    }
  }
  CHECK(was_mounted);
  atomic_store(&disk_behaviour.shrunk_to, 0);
  disk_restore();
}

/* The place on the disk of a name in the root. */
static char *
find_entry(const char *name)
{
  size_t size = strlen(name) + 1;
  char *at;

  for (at = disk_content(); memcmp(at, name, size) != 0; ++at) {
  }
  /* inode, length of the entry, type, length of the name */
  return at - 8;
}

/* By its magic number, which FFS has at the end of the superblock. */
static void
test_damaged_superblock(void)
{
  char *superblock = disk_content() + 8192;

  memset(superblock + 1372, 0xa5, 4);
  CHECK_ERRNO(MOUNT("rump-ffs"), EINVAL);
  disk_restore();
  memset(superblock + 48, 0xff, 16);
  CHECK_ERRNO(MOUNT("rump-ffs"), EINVAL);
  disk_restore();
}

static void
test_damaged_directory(uint16_t length)
{
  memcpy(find_entry("host") + 4, &length, sizeof(length));
  CHECK(MOUNT_READ_ONLY("rump-ffs") == 0);
  CHECK_ERRNO(call_list("/disk"), EIO);
  CHECK(unmount("/disk") == 0);
  disk_restore();
}

/* What is no longer used is closed by the next who comes. */
static int
open_all(int fds[RTEMS_FILES])
{
  int failures = 0;
  int count = 0;

  while (failures < 2) {
    fds[count] = open("/disk/host", O_RDONLY);
    if (fds[count] >= 0) {
      ++count;
    } else {
      CHECK(errno == EMFILE);
      ++failures;
    }
  }
  return count;
}

/* Of RTEMS there are more than of the kernel. */
static void
test_many_files(void)
{
  static int fds[RTEMS_FILES];
  int count;

  mount_disk();
  count = open_all(fds);
  CHECK(count > KERNEL_FILES - 10 && count < KERNEL_FILES);
  CHECK_ERRNO(call_make("/disk/new"), EMFILE);
  CHECK_ERRNO(call_list("/disk"), EMFILE);
  CHECK(call_stat("/disk/host") == 0);
  CHECK(close(fds[--count]) == 0);
  CHECK(call_make("/disk/new") == 0 && unlink("/disk/new") == 0);
  while (count > 0) {
    CHECK(close(fds[--count]) == 0);
  }
  CHECK(unmount("/disk") == 0);
}

static void
test_no_files_of_rtems(void)
{
  static int fds[RTEMS_FILES];
  int count = 0;

  mount_disk();
  while ((fds[count] = open("/", O_RDONLY)) >= 0) {
    ++count;
  }
  CHECK(errno == ENFILE);
  CHECK_ERRNO(call_make("/disk/new"), ENFILE);
  CHECK_ERRNO(call_stat("/disk/new"), ENOENT);
  CHECK_ERRNO(call_list("/disk"), ENFILE);
  CHECK(mkdir("/disk/new", 0755) == 0 && rmdir("/disk/new") == 0);
  while (count > 0) {
    CHECK(close(fds[--count]) == 0);
  }
  CHECK(unmount("/disk") == 0);
}

/* Places that cannot be mounted on, or not be unmounted. */
static void
test_mount_points(void)
{
  mount_disk();
  CHECK_ERRNO(MOUNT("rump-ffs"), EBUSY);
  CHECK_ERRNO(call_mount_memory("/disk/host"), EACCES);
  CHECK(chmod("/disk/host", 0755) == 0);
  CHECK_ERRNO(call_mount_memory("/disk/host"), ENOTDIR);
  CHECK(chmod("/disk/host", 0644) == 0);
  CHECK(mkdir("/disk/dir", 0755) == 0);
  CHECK_ERRNO(unmount("/disk/dir"), EACCES);
  CHECK(call_mount_memory("/disk/dir") == 0);
  CHECK(chdir("/disk/dir") == 0);
  CHECK_ERRNO(unmount("/disk/dir"), EBUSY);
  CHECK(chdir("/") == 0);
  CHECK(unmount("/disk/dir") == 0 && rmdir("/disk/dir") == 0);
  CHECK(unmount("/disk") == 0);
}

static void
test_all(void)
{
  test_paths();
  test_long();
  test_other_file_systems();
  test_cut_off();
  test_damaged_superblock();
  test_damaged_directory(0);
  test_many_files();
  test_no_files_of_rtems();
  test_mount_points();
}

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;

  (void)arg;
  TARGET_BEGIN("FSBADINPUT");
  memset(long_name, 'n', sizeof(long_name) - 1);
  memcpy(long_name, "/disk/", 6);
  disk_make_unreliable();
  disk_restore();
  CHECK(mkdir("/disk", 0755) == 0);
  CHECK(rtems_rump_filesystem_register(NULL) == 0);
  CHECK(rtems_rump_start(&config) == 0);
  test_all();
  target_sleep(50);
  rtems_resource_snapshot_take(&before);
  test_all();
  target_sleep(50);
  rtems_resource_snapshot_take(&after);
  /* What is free may be in other pieces. */
  after.heap_info.Free = before.heap_info.Free;
  after.workspace_info.Free = before.workspace_info.Free;
  target_check_equal(&before, &after);
  /* No mount was in use by what was forgotten. */
  CHECK(strstr(said, "by force") == NULL);
  CHECK(rtems_rump_end() == 0);
  TARGET_END("FSBADINPUT");
}

#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS RTEMS_FILES
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
