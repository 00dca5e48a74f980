/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Many tasks in one kernel at a time: files of their own and files that they
 * share, a token through a ring of pipes, and a race for names.  With more and
 * with fewer virtual CPUs (VIRTUAL_CPUS) than processors.
 */

#include "target.h"

#include <stdatomic.h>

#define WORKERS 8
#define ROUNDS 4
#define BLOCK 4096
#define BLOCKS 6

#define TIME_LIMIT_MSEC 60000

int rump_sys_pipe2(int fds[2], int flags) NETBSD_SYSTEM_CALL("pipe2");

static rtems_counting_semaphore ended =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("ended", 0);

static int pipes[WORKERS][2];
static atomic_uint names_won;
static int shared;

static char buffers[WORKERS][BLOCK];

static char
pattern(unsigned worker, unsigned round, unsigned block, unsigned i)
{
  return (char)(worker * 131 + round * 31 + block * 7 + i * 3 + (i >> 8));
}

static void
fill(char *buffer, unsigned worker, unsigned round, unsigned block)
{
  unsigned i;

  for (i = 0; i < BLOCK; ++i) {
    buffer[i] = pattern(worker, round, block, i);
  }
}

static void
check_block(
  const char *buffer, unsigned worker, unsigned round, unsigned block)
{
  unsigned i;

  for (i = 0; i < BLOCK; ++i) {
    CHECK(buffer[i] == pattern(worker, round, block, i));
  }
}

/* Files of a worker alone, in a directory that all change. */
static void
own_file(unsigned worker, unsigned round)
{
  char *buffer = buffers[worker];
  char name[32], other[32];
  unsigned block;
  int fd;

  (void)snprintf(name, sizeof(name), "/data/w%u", worker);
  (void)snprintf(other, sizeof(other), "/data/w%u.%u", worker, round);
  fd = rump_sys_open(name, NETBSD_O_RDWR | NETBSD_O_CREAT | NETBSD_O_EXCL,
    0644);
  CHECK(fd >= 0);
  for (block = 0; block < BLOCKS; ++block) {
    fill(buffer, worker, round, block);
    CHECK(rump_sys_write(fd, buffer, BLOCK) == BLOCK);
  }
  CHECK(rump_sys_rename(name, other) == 0);
  CHECK_ERRNO(rump_sys_open(name, NETBSD_O_RDONLY), ENOENT);
  for (block = 0; block < BLOCKS; ++block) {
    CHECK(rump_sys_pread(fd, buffer, BLOCK, block * BLOCK) == BLOCK);
    check_block(buffer, worker, round, block);
  }
  CHECK(rump_sys_close(fd) == 0);
  CHECK(rump_sys_unlink(other) == 0);
}

/* Each its own part of one file. */
static void
shared_file(unsigned worker, unsigned round)
{
  char *buffer = buffers[worker];
  int64_t offset = (int64_t)worker * BLOCK;

  fill(buffer, worker, round, 99);
  CHECK(rump_sys_pwrite(shared, buffer, BLOCK, offset) == BLOCK);
  memset(buffer, 0, BLOCK);
  CHECK(rump_sys_pread(shared, buffer, BLOCK, offset) == BLOCK);
  check_block(buffer, worker, round, 99);
}

/* One of all gets the name. */
static void
race(unsigned round)
{
  char name[32];

  (void)snprintf(name, sizeof(name), "/data/race%u", round);
  if (rump_sys_mkdir(name, 0755) == 0) {
    atomic_fetch_add(&names_won, 1);
  } else {
    CHECK(errno == EEXIST);
  }
}

/* A number goes round, and each worker adds one. */
static void
pass_token(unsigned worker, unsigned round)
{
  int from = pipes[worker][0];
  int to = pipes[(worker + 1) % WORKERS][1];
  uint32_t token = round * WORKERS;

  if (worker != 0) {
    CHECK(rump_sys_read(from, &token, sizeof(token)) == sizeof(token));
    CHECK(token == round * WORKERS + worker);
  }
  ++token;
  CHECK(rump_sys_write(to, &token, sizeof(token)) == sizeof(token));
  if (worker == 0) {
    CHECK(rump_sys_read(from, &token, sizeof(token)) == sizeof(token));
    CHECK(token == (round + 1) * WORKERS);
  }
}

static rtems_task
work(rtems_task_argument worker)
{
  unsigned round;

  /* Half of them live in the kernel, half come for single calls. */
  if (worker % 2 == 0) {
    CHECK(rtems_rump_enter() == 0);
  }
  for (round = 0; round < ROUNDS; ++round) {
    own_file(worker, round);
    shared_file(worker, round);
    race(round);
    pass_token(worker, round);
  }
  if (worker % 2 == 0) {
    rtems_rump_leave();
  }
  rtems_counting_semaphore_post(&ended);
  rtems_task_exit();
}

static void
set_up(void)
{
  struct netbsd_tmpfs_args args = { .version = 1, .root_mode = 0755 };
  unsigned i;

  CHECK(rump_sys_mkdir("/data", 0755) == 0);
  CHECK(rump_sys_mount("tmpfs", "/data", 0, &args, sizeof(args)) == 0);
  shared = rump_sys_open("/data/shared", NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);
  CHECK(shared >= 0);
  for (i = 0; i < WORKERS; ++i) {
    CHECK(rump_sys_pipe2(pipes[i], 0) == 0);
  }
}

/* Nothing is left but what should be: then the file system can go. */
static void
tear_down(void)
{
  unsigned i;
  char name[32];

  for (i = 0; i < ROUNDS; ++i) {
    (void)snprintf(name, sizeof(name), "/data/race%u", i);
    CHECK(rump_sys_rmdir(name) == 0);
  }
  CHECK(rump_sys_close(shared) == 0);
  CHECK(rump_sys_unlink("/data/shared") == 0);
  for (i = 0; i < WORKERS; ++i) {
    CHECK(rump_sys_close(pipes[i][0]) == 0);
    CHECK(rump_sys_close(pipes[i][1]) == 0);
  }
  CHECK(rump_sys_unmount("/data", 0) == 0);
  CHECK(rump_sys_rmdir("/data") == 0);
}

static void
run_workers(void)
{
  uint64_t begin = target_msec();
  unsigned i;

  for (i = 0; i < WORKERS; ++i) {
    (void)target_task(TARGET_PRIORITY + i % 3, work, i);
  }
  for (i = 0; i < WORKERS; ++i) {
    CHECK(
      rtems_counting_semaphore_wait_timed_ticks(
        &ended,
        TIME_LIMIT_MSEC / 1000 * rtems_clock_get_ticks_per_second()
      ) == 0
    );
  }
  CHECK(names_won == ROUNDS);
  printf(
    "%u virtual CPUs, %u processors: %u ms\n",
    (unsigned)VIRTUAL_CPUS,
    (unsigned)rtems_scheduler_get_processor_maximum(),
    (unsigned)(target_msec() - begin)
  );
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = {
    .processors = VIRTUAL_CPUS
  };
  struct rtems_rump_usage usage;

  (void)arg;
  TARGET_BEGIN("SMP");
  CHECK(rtems_rump_start(&config) == 0);
  set_up();
  run_workers();
  tear_down();
  rtems_rump_get_usage(&usage);
  CHECK(usage.memory_failures == 0);
  CHECK(rtems_rump_end() == 0);
  TARGET_END("SMP");
}

#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
