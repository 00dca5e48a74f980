/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The first kernel, which has the disk: RTEMS_RUMP_KERNEL.
 *
 * It has two virtual CPUs, though there is one processor: so a caller that is
 * preempted inside leaves its locks to be wanted by others.
 */

#include "load.h"

#include "kernel.h"

#define CHUNK (32u << 10)
#define CHUNKS 16
#define READERS 6
#define FILES 3

int rump_sys_pipe2(int fds[2], int flags) NETBSD_SYSTEM_CALL("pipe2");

static char buffer[CHUNK];
static int pipe_fds[2];

static void
mount_file_systems(void)
{
  struct netbsd_ufs_args ffs = { .fspec = "/dev/disk" };
  struct netbsd_tmpfs_args tmpfs = { .version = 1, .root_mode = 0755 };

  bench_check("disk", rump_pub_etfs_register(
    "/dev/disk",
    "/dev/rda",
    NETBSD_ETFS_BLK
  ) == 0);
  bench_check("mkdir", rump_sys_mkdir("/disk", 0755) == 0);
  bench_check("mount", rump_sys_mount(
    "ffs",
    "/disk",
    0,
    &ffs,
    sizeof(ffs)
  ) == 0);
  bench_check("mkdir", rump_sys_mkdir("/memory", 0755) == 0);
  bench_check("mount", rump_sys_mount(
    "tmpfs",
    "/memory",
    0,
    &tmpfs,
    sizeof(tmpfs)
  ) == 0);
}

static void
start(unsigned number)
{
  static const struct rtems_rump_config config = {
    .processors = 2,
    .memory = 24u << 20
  };

  (void)number;
  bench_check("start", rtems_rump_start(&config) == 0);
  bench_enter();
  mount_file_systems();
  bench_leave();
}

void
load_start_first_kernel(void)
{
  load_call(LOAD_PRIORITY, start);
}

/* Writes a file, reads it, and forces it to the disk. */
static void
rewrite(const char *path)
{
  int fd = rump_sys_open(path, NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);
  unsigned i;

  bench_check("open", fd >= 0);
  for (i = 0; i < CHUNKS; ++i) {
    bench_check("write", rump_sys_pwrite(fd, buffer, CHUNK, i * CHUNK)
      == CHUNK);
  }
  for (i = 0; i < CHUNKS; ++i) {
    bench_check("read", rump_sys_pread(fd, buffer, CHUNK, i * CHUNK)
      == CHUNK);
  }
  bench_check("fsync", rump_sys_fsync(fd) == 0);
  bench_check("close", rump_sys_close(fd) == 0);
  bench_check("unlink", rump_sys_unlink(path) == 0);
}

static void
storage(unsigned number)
{
  static const char *const paths[FILES] = {
    "/disk/first", "/disk/second", "/memory/third"
  };

  bench_enter();
  while (!atomic_load(&load_ends)) {
    rewrite(paths[number]);
    load_did(1);
    /* Inside, callers are equals. */
    (void)rtems_task_wake_after(RTEMS_YIELD_PROCESSOR);
  }
  bench_leave();
}

void
load_storage(void)
{
  unsigned i;

  for (i = 0; i < FILES; ++i) {
    load_task(LOAD_PRIORITY + i, storage, i);
  }
}

/*
 * One folder and one file for both; the first comes each tick, whoever has the
 * locks that it wants.
 */
static void
crowd(unsigned number)
{
  while (!atomic_load(&load_ends)) {
    int fd = rump_sys_open("/memory/crowd", NETBSD_O_RDWR | NETBSD_O_CREAT,
      0644);

    if (fd >= 0) {
      (void)rump_sys_pwrite(fd, buffer, CHUNK, 0);
      (void)rump_sys_close(fd);
    }
    (void)rump_sys_unlink("/memory/crowd");
    load_did(1);
    if (number == 0) {
      load_wait_for_beat();
    } else {
      (void)rtems_task_wake_after(RTEMS_YIELD_PROCESSOR);
    }
  }
}

/* All are woken together and fight for one byte. */
static void
reader(unsigned number)
{
  char c = 0;

  (void)number;
  while (rump_sys_read(pipe_fds[0], &c, 1) == 1 && c != 'e') {
  }
}

static void
writer(unsigned number)
{
  while (!atomic_load(&load_ends)) {
    bench_check("write", rump_sys_write(pipe_fds[1], "go", 2) == 2);
    load_did(1);
    (void)rtems_task_wake_after(RTEMS_YIELD_PROCESSOR);
  }
  for (number = 0; number < READERS; ++number) {
    bench_check("write", rump_sys_write(pipe_fds[1], "e", 1) == 1);
  }
}

static void
make_pipe(unsigned number)
{
  (void)number;
  bench_check("pipe", rump_sys_pipe2(pipe_fds, 0) == 0);
}

void
load_locks(void)
{
  unsigned i;

  load_call(LOAD_PRIORITY, make_pipe);
  for (i = 0; i < READERS; ++i) {
    load_task(LOAD_PRIORITY, reader, i);
  }
  load_task(LOAD_PRIORITY, writer, 0);
  load_task(LOAD_PRIORITY - 5, crowd, 0);
  load_task(LOAD_PRIORITY, crowd, 1);
}
