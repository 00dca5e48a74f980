/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * File systems of RTEMS and NetBSD on one disk: NetBSD's as file systems of
 * RTEMS and by its own system calls.
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rtems.h>
#include <rtems/dosfs.h>
#include <rtems/libio.h>
#include <rtems/malloc.h>
#include <rtems/rtems-rfs.h>
#include <rtems/rtems-rfs-format.h>

#include <rtems-rump/filesystem.h>

#include "kernel.h"
#include "region.h"
#include "storage.h"

#ifdef BENCH_IDE
#define FEW_FILES 100u
#define RANDOM_READS 50u
#define APPENDS 10u
#define COPIES 8u
#else
#define FEW_FILES 1000u
#define RANDOM_READS 500u
#define APPENDS 50u
#define COPIES 40u
#endif
#ifndef FILES
#define FILES FEW_FILES
#endif
#define OPEN_FILES 50

#define MEMORY (32u << 20)
#define SETTLE_TICKS 200
#define FOLDER "/bench"

struct storage {
  const char *name;
  const char *type;
  const char *options;
  enum content content;
  bool is_direct;
  int flags;
  void (*after)(void);
};

/* Only the first three need no disk. */
static const struct storage storages[] = {
  { "tmpfs", "rump-tmpfs", .content = BLANK },
  { "tmpfs:direct", "tmpfs", .content = BLANK, .is_direct = true },
  { "imfs", NULL, .content = BLANK },
  { "ffs", "rump-ffs", .content = FFS },
  { "ffs_async", "rump-ffs", "async", .content = FFS },
  { "ffs_log", "rump-ffs", "log", .content = FFS },
  { "ffs:direct", "ffs", .content = FFS, .is_direct = true },
  { "ffs_async:direct", "ffs", .content = FFS, .is_direct = true,
    .flags = NETBSD_MNT_ASYNC },
  { "ffs_log:direct", "ffs", .content = FFS, .is_direct = true,
    .flags = NETBSD_MNT_LOG },
  { "rfs", RTEMS_FILESYSTEM_TYPE_RFS, .content = BLANK },
  { "rfs_sync", RTEMS_FILESYSTEM_TYPE_RFS, .content = BLANK,
    .after = disk_sync },
  { "ext2fs", "rump-ext2fs", .content = EXT2FS },
  { "ext2fs:direct", "ext2fs", .content = EXT2FS, .is_direct = true },
  { "msdos", "rump-msdos", .content = FAT },
  { "msdos:direct", "msdos", .content = FAT, .is_direct = true },
  { "dosfs", RTEMS_FILESYSTEM_TYPE_DOSFS, .content = FAT }
};

#define STORAGES (sizeof(storages) / sizeof(storages[0]))
#ifdef BENCH_IDE
#define FIRST 3
#else
#define FIRST 0
#endif

static bool
has_disk(const struct storage *s)
{
  return s - storages >= 3;
}

static unsigned
list(const char *path)
{
  DIR *folder = opendir(path);
  const struct dirent *entry;
  unsigned count = 0;

  bench_check("opendir", folder != NULL);
  while ((entry = readdir(folder)) != NULL) {
    struct stat status;
    char below[2 * NAME_MAX];

    if (entry->d_name[0] == '.') {
      continue;
    }
    snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
    bench_check("lstat", lstat(below, &status) == 0);
    count += 1 + (S_ISDIR(status.st_mode) ? list(below) : 0);
  }
  closedir(folder);
  return count;
}

static const struct files_system rtems_system = {
  .folder = FOLDER, .has_folders = true,
  .create = O_WRONLY | O_CREAT | O_EXCL, .read_only = O_RDONLY,
  .open = open, .close = close, .read = read, .write = write,
  .unlink = unlink, .lseek = lseek, .fsync = fsync, .mkdir = mkdir,
  .list = list
};

static const char *disk;

static void
attach(const struct storage *s)
{
  if (s->type == NULL) {
    return;
  }
  if (s->is_direct) {
    bench_enter();
    direct_mount(s->type, s->flags, disk);
  } else {
    bench_check("mount", mount(
      disk,
      FOLDER,
      s->type,
      RTEMS_FILESYSTEM_READ_WRITE,
      s->options
    ) == 0);
  }
}

static void
detach(const struct storage *s)
{
  if (s->type == NULL) {
    return;
  }
  if (s->is_direct) {
    direct_unmount();
    bench_leave();
  } else {
    bench_check("unmount", unmount(FOLDER) == 0);
  }
  if (has_disk(s)) {
    disk_forget();
  }
}

/* So that nothing is cached. */
static void
attach_again(const struct storage *s)
{
  if (has_disk(s)) {
    detach(s);
    attach(s);
  }
}

static void
transfer(
  const struct storage      *s,
  const struct files_system *fs,
  size_t                     size,
  const char                *write_row,
  const char                *read_row
)
{
  char path[32];

  snprintf(path, sizeof(path), "%s/file", fs->folder);
  files_report(fs, write_row, files_write(fs, path, size, true), FILES_SIZE);
  attach_again(s);
  files_report(fs, read_row, files_read(fs, path, size), FILES_SIZE);
}

/* The kernel's stores of what describes memory grow with their first use. */
static void
fill_stores(const struct files_system *fs)
{
  char path[32];

  snprintf(path, sizeof(path), "%s/first", fs->folder);
  (void)files_write(fs, path, 64u << 10, false);
  bench_check("unlink", (*fs->unlink)(path) == 0);
}

static void
transfers(const struct storage *s, const struct files_system *fs)
{
  char path[32];

  snprintf(path, sizeof(path), "%s/file", fs->folder);
  transfer(s, fs, 4u << 10, "write_4k:", "read_4k:");
  bench_check("unlink", (*fs->unlink)(path) == 0);
  transfer(s, fs, 64u << 10, "write_64k:", "read_64k:");
  files_report(
    fs,
    "reread_4k:",
    files_read(fs, path, 4u << 10),
    FILES_SIZE
  );
  files_report(
    fs,
    "random_4k:",
    files_read_randomly(fs, path, RANDOM_READS),
    RANDOM_READS
  );
  bench_check("unlink", (*fs->unlink)(path) == 0);
  files_report(fs, "fsync:", files_append(fs, path, APPENDS), APPENDS);
  bench_check("unlink", (*fs->unlink)(path) == 0);
}

static void
trees(const struct storage *s, const struct files_system *fs)
{
  uint64_t begin, took;
  unsigned listed;

  files_make_folders(fs, FILES + FILES_IN_FOLDER);
  files_report(fs, "copy:", files_copy(fs, COPIES, false), COPIES);
  files_report(fs, "copy_mixed:", files_copy(fs, COPIES, true), COPIES);
  files_report(fs, "create:", files_create(fs, FILES), FILES);
  attach_again(s);
  begin = files_begin();
  listed = (*fs->list)(fs->folder);
  took = files_end(begin);
  bench_check("list", listed >= FILES + FILES / FILES_IN_FOLDER);
  files_report(fs, "list:", took, listed);
  files_report(fs, "unlink:", files_unlink(fs, FILES), FILES);
}

static size_t
memory_used(void)
{
  struct rtems_rump_usage usage;
  Heap_Information_block info;

  bench_check("malloc_info", malloc_info(&info) == 0);
  rtems_rump_get_usage(&usage);
  return info.Used.total - (usage.memory_size - usage.memory_used);
}

/* What the kernel has given back meanwhile is nothing that this took. */
static void
report_memory(
  const struct files_system *fs, const char *row, size_t before, int parts)
{
  size_t now = memory_used();

  files_report(fs, row, now > before ? now - before : 0, parts);
}

/* The kernel takes memory by the page; so the mean of many is told. */
static void
open_memory(const struct files_system *fs)
{
  int fds[OPEN_FILES];
  char path[48];
  size_t before, i;

  before = memory_used();
  for (i = 0; i < OPEN_FILES; ++i) {
    snprintf(
      path,
      sizeof(path),
      "%s/folder000/open%02u",
      fs->folder,
      (unsigned)i
    );
    fds[i] = (*fs->open)(path, fs->create, 0644);
    bench_check("create", fds[i] >= 0);
  }
  report_memory(fs, "open_memory:", before, OPEN_FILES);
  for (i = 0; i < OPEN_FILES; ++i) {
    bench_check("close", (*fs->close)(fds[i]) == 0);
  }
}

static void
make_disk(const struct storage *s)
{
  /* By default RFS has inodes for some 3,000 files on such a disk. */
  static const rtems_rfs_format_config config = {
    .initialise_inodes = true,
    .inode_overhead = FILES / 2000
  };

  disk = NULL;
  if (has_disk(s)) {
    disk = disk_fresh(s->content);
  }
  if (has_disk(s) && s->content == BLANK) {
    bench_check("format", rtems_rfs_format(disk, &config) == 0);
  }
}

static void
measure(const struct storage *s)
{
  struct files_system fs = s->is_direct ? direct_system : rtems_system;
  size_t before;

  fs.name = s->name;
  fs.after = s->after;
  make_disk(s);
  before = memory_used();
  attach(s);
  report_memory(&fs, "mount_memory:", before, 1);
  if (!has_disk(s)) {
    fill_stores(&fs);
  }
  transfers(s, &fs);
  trees(s, &fs);
  if (!has_disk(s) || s->after == NULL) {
    open_memory(&fs);
  }
  detach(s);
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = { .memory = MEMORY };
  size_t i;

  (void)arg;
  bench_check("start", bench_start(&config) == 0);
  bench_check("register", rtems_rump_filesystem_register(NULL) == 0);
  rtems_task_wake_after(SETTLE_TICKS);
  bench_check("mkdir", mkdir(FOLDER, 0755) == 0);
  disk_init();
  bench_phase();
  for (i = FIRST; i < STORAGES; ++i) {
    measure(&storages[i]);
  }
  puts("BENCH END");
  exit(0);
}

#define CONFIGURE_MAXIMUM_PROCESSORS 1
#define CONFIGURE_IMFS_MEMFILE_BYTES_PER_BLOCK 512
#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#ifdef BENCH_IDE
#define CONFIGURE_APPLICATION_NEEDS_IDE_DRIVER
#define CONFIGURE_MAXIMUM_DRIVERS 8
#endif
#define CONFIGURE_FILESYSTEM_RFS
#define CONFIGURE_FILESYSTEM_DOSFS
#define CONFIGURE_BDBUF_BUFFER_MAX_SIZE (32 * 1024)
#define CONFIGURE_BDBUF_CACHE_MEMORY_SIZE (2 * 1024 * 1024)
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 100
#define CONFIGURE_UNLIMITED_OBJECTS
#define CONFIGURE_UNIFIED_WORK_AREAS
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
