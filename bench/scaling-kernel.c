/* SPDX-License-Identifier: BSD-2-Clause */

/* The kernel that RTEMS_RUMP_KERNEL names, for scaling.c. */

#include "scaling.h"

#include <stdio.h>

#include "kernel.h"
#include "region.h"

#define CHUNK 4096
#define TASKS 4

/* Nothing here is shared with another processor. */
#define OWN_LINES __attribute__((__aligned__(64)))

static struct {
  char folder[16];
  char file[24];
  char names[SCALING_TIMES][32];
  int fd;
  char buffer[CHUNK];
} OWN_LINES tasks[TASKS];

static void
start(unsigned processors, uint32_t affinity)
{
  static struct rtems_rump_config config = { .memory = SCALING_MEMORY };
  struct netbsd_tmpfs_args args = { .version = 1, .root_mode = 0755 };

  config.processors = processors;
  config.affinity = affinity;
  bench_check("start", rtems_rump_start(&config) == 0);
  bench_enter();
  bench_check("mkdir", rump_sys_mkdir("/bench", 0755) == 0);
  bench_check("mount", rump_sys_mount(
    "tmpfs",
    "/bench",
    0,
    &args,
    sizeof(args)
  ) == 0);
  bench_leave();
}

/* Each task has its own folder. */
static void
enter(unsigned task)
{
  unsigned i;

  bench_enter();
  snprintf(tasks[task].folder, sizeof(tasks[task].folder), "/bench/%u", task);
  snprintf(tasks[task].file, sizeof(tasks[task].file), "/bench/%u/file",
    task);
  for (i = 0; i < SCALING_TIMES; ++i) {
    snprintf(tasks[task].names[i], sizeof(tasks[task].names[i]),
      "/bench/%u/%02u", task, i);
  }
  bench_check("mkdir", rump_sys_mkdir(tasks[task].folder, 0755) == 0);
  tasks[task].fd = rump_sys_open(
    tasks[task].file,
    NETBSD_O_RDWR | NETBSD_O_CREAT,
    0644
  );
  bench_check("open", tasks[task].fd >= 0);
}

static void
leave(unsigned task)
{
  bench_check("close", rump_sys_close(tasks[task].fd) == 0);
  bench_check("unlink", rump_sys_unlink(tasks[task].file) == 0);
  bench_check("rmdir", rump_sys_rmdir(tasks[task].folder) == 0);
  bench_leave();
}

static void
get_pids(void)
{
  int i;

  bench_begin();
  for (i = 0; i < SCALING_TIMES; ++i) {
    (void)bench_getpid();
  }
  bench_end();
}

/* Over what is there, so that each time is like the first. */
static void
write_file(unsigned task)
{
  int i;

  bench_begin();
  for (i = 0; i < SCALING_TIMES; ++i) {
    bench_check("write", rump_sys_pwrite(
      tasks[task].fd,
      tasks[task].buffer,
      CHUNK,
      (int64_t)i * CHUNK
    ) == CHUNK);
  }
  bench_end();
}

static void
create_files(unsigned task)
{
  int i;

  bench_begin();
  for (i = 0; i < SCALING_TIMES; ++i) {
    int fd = rump_sys_open(
      tasks[task].names[i],
      NETBSD_O_WRONLY | NETBSD_O_CREAT,
      0644
    );

    bench_check("create", fd >= 0 && rump_sys_close(fd) == 0);
  }
  bench_end();
  for (i = 0; i < SCALING_TIMES; ++i) {
    bench_check("unlink", rump_sys_unlink(tasks[task].names[i]) == 0);
  }
}

static void
operate(unsigned task, enum scaling_operation operation)
{
  if (operation == SCALING_GETPID) {
    get_pids();
  } else if (operation == SCALING_WRITE) {
    write_file(task);
  } else {
    create_files(task);
  }
}

const struct scaling_kernel SCALING_KERNEL = {
  start, enter, leave, operate
};
