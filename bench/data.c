/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The data path: files on NetBSD's tmpfs beside files on RTEMS's IMFS, and the
 * null system call by the clock, as a check on the trace.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rtems.h>

#include "bench.h"
#include "files.h"
#include "kernel.h"

#define FILES 200u
#define REPETITIONS 3

#define MEMORY (32u << 20)
#define SETTLE_TICKS 200

static int
rump_mkdir(const char *path, mode_t mode)
{
  return rump_sys_mkdir(path, mode);
}

static const struct files_system netbsd = {
  .name = "", .folder = "/bench",
  .create = NETBSD_O_WRONLY | NETBSD_O_CREAT | NETBSD_O_EXCL,
  .read_only = NETBSD_O_RDONLY,
  .open = rump_sys_open, .close = rump_sys_close,
  .read = rump_sys_read, .write = rump_sys_write,
  .unlink = rump_sys_unlink, .mkdir = rump_mkdir
};

static const struct files_system rtems = {
  .name = ":IMFS", .folder = "/bench",
  .create = O_WRONLY | O_CREAT | O_EXCL,
  .read_only = O_RDONLY,
  .open = open, .close = close, .read = read, .write = write,
  .unlink = unlink, .mkdir = mkdir
};

static void
take_least(uint64_t *least, uint64_t value)
{
  if (value < *least) {
    *least = value;
  }
}

static void
transfer(
  const struct files_system *s,
  size_t                     size,
  const char                *write_row,
  const char                *read_row
)
{
  uint64_t written = UINT64_MAX, was_read = UINT64_MAX;
  char path[32];
  int i;

  snprintf(path, sizeof(path), "%s/file", s->folder);
  for (i = 0; i < REPETITIONS; ++i) {
    take_least(&written, files_write(s, path, size, false));
    take_least(&was_read, files_read(s, path, size));
    bench_check("unlink", (*s->unlink)(path) == 0);
  }
  files_report(s, write_row, written, FILES_SIZE);
  files_report(s, read_row, was_read, FILES_SIZE);
}

static void
files(const struct files_system *s)
{
  uint64_t created = UINT64_MAX, unlinked = UINT64_MAX;
  int i;

  for (i = 0; i < REPETITIONS; ++i) {
    take_least(&created, files_create(s, FILES));
    take_least(&unlinked, files_unlink(s, FILES));
  }
  files_report(s, "tmpfs_create", created, FILES);
  files_report(s, "tmpfs_unlink", unlinked, FILES);
}

static void
measure(const struct files_system *s)
{
  transfer(s, 4u << 10, "tmpfs_write_4k", "tmpfs_read_4k");
  transfer(s, 64u << 10, "tmpfs_write_64k", "tmpfs_read_64k");
  files(s);
}

static void
mount_tmpfs(void)
{
  struct netbsd_tmpfs_args args = {
    .version = 1,
    .root_mode = 0755
  };

  bench_check("mkdir", rump_sys_mkdir(netbsd.folder, 0755) == 0);
  bench_check("mount", rump_sys_mount(
    "tmpfs",
    netbsd.folder,
    0,
    &args,
    sizeof(args)
  ) == 0);
}

BENCH_LOOP(empty, )
BENCH_LOOP(getpid_calls, (void)bench_getpid();)

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = { .memory = MEMORY };

  (void)arg;
  bench_check("start", bench_start(&config) == 0);
  rtems_task_wake_after(SETTLE_TICKS);
  bench_enter();
  bench_report("syscall_getpid_clock", bench_per_call(getpid_calls, empty));
  mount_tmpfs();
  measure(&netbsd);
  bench_leave();
  bench_check("mkdir", mkdir(rtems.folder, 0755) == 0);
  measure(&rtems);
  puts("BENCH END");
  exit(0);
}

#define CONFIGURE_MAXIMUM_PROCESSORS 1
#define CONFIGURE_IMFS_MEMFILE_BYTES_PER_BLOCK 512
#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
