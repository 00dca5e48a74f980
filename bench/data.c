/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The data path: files on NetBSD's tmpfs beside files on RTEMS's IMFS, and the
 * null system call by the clock, as a check on the trace.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rtems.h>

#include "bench.h"
#include "kernel.h"

#define FILE_SIZE (4u << 20)
#define FILES 200
#define REPETITIONS 3

#define MEMORY (32u << 20)
#define SETTLE_TICKS 200

struct system {
  const char *name;
  const char *folder;
  int create, read_only;
  int (*open)(const char *path, int flags, ...);
  int (*close)(int fd);
  ssize_t (*read)(int fd, void *buffer, size_t size);
  ssize_t (*write)(int fd, const void *buffer, size_t size);
  int (*unlink)(const char *path);
};

static const struct system netbsd = {
  "", "/bench",
  NETBSD_O_WRONLY | NETBSD_O_CREAT | NETBSD_O_EXCL, NETBSD_O_RDONLY,
  rump_sys_open, rump_sys_close, rump_sys_read, rump_sys_write,
  rump_sys_unlink
};

static const struct system rtems = {
  ":IMFS", "/bench",
  O_WRONLY | O_CREAT | O_EXCL, O_RDONLY,
  open, close, read, write, unlink
};

static char buffer[64u << 10];

static uint64_t
since(rtems_counter_ticks begin)
{
  return rtems_counter_ticks_to_nanoseconds(
    rtems_counter_difference(rtems_counter_read(), begin)
  );
}

static void
take_least(uint64_t *least, uint64_t value)
{
  if (value < *least) {
    *least = value;
  }
}

static void
report(const struct system *s, const char *row, uint64_t all, double parts)
{
  printf("BENCH %s%s %.3f\n", row, s->name, (double)all / parts);
}

/* A new file is written, so the allocation of its memory counts. */
static uint64_t
write_file(const struct system *s, const char *path, size_t size)
{
  int fd = (*s->open)(path, s->create, 0644);
  rtems_counter_ticks begin;
  uint64_t took;
  size_t done;

  bench_check("create", fd >= 0);
  begin = rtems_counter_read();
  for (done = 0; done < FILE_SIZE; done += size) {
    bench_check("write", (*s->write)(fd, buffer, size) == (ssize_t)size);
  }
  took = since(begin);
  bench_check("close", (*s->close)(fd) == 0);
  return took;
}

static uint64_t
read_file(const struct system *s, const char *path, size_t size)
{
  int fd = (*s->open)(path, s->read_only);
  rtems_counter_ticks begin;
  uint64_t took;
  size_t done;

  bench_check("open", fd >= 0);
  begin = rtems_counter_read();
  for (done = 0; done < FILE_SIZE; done += size) {
    bench_check("read", (*s->read)(fd, buffer, size) == (ssize_t)size);
  }
  took = since(begin);
  bench_check("close", (*s->close)(fd) == 0);
  return took;
}

static void
transfer(
  const struct system *s,
  size_t               size,
  const char          *write_row,
  const char          *read_row
)
{
  uint64_t written = UINT64_MAX, was_read = UINT64_MAX;
  char path[32];
  int i;

  snprintf(path, sizeof(path), "%s/file", s->folder);
  for (i = 0; i < REPETITIONS; ++i) {
    take_least(&written, write_file(s, path, size));
    take_least(&was_read, read_file(s, path, size));
    bench_check("unlink", (*s->unlink)(path) == 0);
  }
  report(s, write_row, written, FILE_SIZE);
  report(s, read_row, was_read, FILE_SIZE);
}

/* Names with one length, made beforehand. */
static char names[FILES][32];

static uint64_t
create_files(const struct system *s)
{
  rtems_counter_ticks begin = rtems_counter_read();
  int i;

  for (i = 0; i < FILES; ++i) {
    int fd = (*s->open)(names[i], s->create, 0644);

    bench_check("create", fd >= 0);
    bench_check("close", (*s->close)(fd) == 0);
  }
  return since(begin);
}

static uint64_t
unlink_files(const struct system *s)
{
  rtems_counter_ticks begin = rtems_counter_read();
  int i;

  for (i = 0; i < FILES; ++i) {
    bench_check("unlink", (*s->unlink)(names[i]) == 0);
  }
  return since(begin);
}

static void
files(const struct system *s)
{
  uint64_t created = UINT64_MAX, unlinked = UINT64_MAX;
  int i;

  for (i = 0; i < FILES; ++i) {
    snprintf(names[i], sizeof(names[i]), "%s/file%03d", s->folder, i);
  }
  for (i = 0; i < REPETITIONS; ++i) {
    take_least(&created, create_files(s));
    take_least(&unlinked, unlink_files(s));
  }
  report(s, "tmpfs_create", created, FILES);
  report(s, "tmpfs_unlink", unlinked, FILES);
}

static void
measure(const struct system *s)
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
  memset(buffer, 'x', sizeof(buffer));
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
