/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A kernel ends in different ways while tasks are inside, and starts again,
 * ROUNDS times: the tasks get out, and nothing is left behind.
 */

#include "disk.h"

/* Emulated processors take their time. */
#define ROUNDS (rtems_scheduler_get_processor_maximum() > 1 ? 6 : 20)

/* All are out of a kernel that has ended after at most so long. */
#define OUT_MSEC 10000

/* With it, the end is a panic. */
#define RB_DUMP 0x100

void rumpuser_exit(int status) __attribute__((__noreturn__));
int rump_sys_pipe2(int fds[2], int flags) NETBSD_SYSTEM_CALL("pipe2");
int rump_sys_nanosleep(
  const struct netbsd_timespec *time, struct netbsd_timespec *rest)
  NETBSD_SYSTEM_CALL("nanosleep50");

static const struct rtems_rump_config config = {
  .hostname = "phoenix",
  .memory = 4 << 20,
  .restartable = true
};

/* Tasks that are inside when the kernel ends. */

static int
read_empty_pipe(void *arg)
{
  int fds[2];
  char c;

  (void)arg;
  CHECK(rump_sys_pipe2(fds, 0) == 0);
  return (int)rump_sys_read(fds[0], &c, 1);
}

static int
sleep_long(void *arg)
{
  struct netbsd_timespec hour = { .tv_sec = 3600 };

  (void)arg;
  CHECK(rtems_rump_enter() == 0);
  return rump_sys_nanosleep(&hour, NULL);
}

/* Emulated processors that never rest slow each other down. */
static void
rest_sometimes(unsigned i)
{
  (void)rtems_task_wake_after(i % 16 == 0 ? 1 : RTEMS_YIELD_PROCESSOR);
}

static int
create_and_delete(void *arg)
{
  unsigned i;

  (void)arg;
  CHECK(rtems_rump_enter() == 0);
  for (i = 0; i < UINT32_MAX; ++i) {
    int fd =
      rump_sys_open("/file", NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);

    CHECK(fd >= 0);
    CHECK(rump_sys_close(fd) == 0);
    CHECK(rump_sys_unlink("/file") == 0);
    rest_sometimes(i);
  }
  return 1;
}

static int
ask_without_context(void *arg)
{
  unsigned i;

  (void)arg;
  for (i = 0; rump_sys_mkdir("/", 0755) == -1; ++i) {
    rest_sometimes(i);
  }
  return 1;
}

static int (*const inside[])(void *) = {
  read_empty_pipe, sleep_long, create_and_delete, ask_without_context
};

#define TASKS (sizeof(inside) / sizeof(inside[0]))

static rtems_counting_semaphore out =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("out", 0);

/*
 * Who waited for a lock that this task has left behind lends it a priority
 * until that one gets out, too.
 */
static void
check_own_priority(void)
{
  uint64_t begin = target_msec();
  rtems_task_priority priority;

  for (;;) {
    (void)rtems_task_set_priority(
      RTEMS_SELF,
      RTEMS_CURRENT_PRIORITY,
      &priority
    );
    if (priority == TARGET_PRIORITY + 1) {
      break;
    }
    CHECK(target_msec() - begin < OUT_MSEC);
    target_sleep(10);
  }
}

static rtems_task
be_inside(rtems_task_argument arg)
{
  int result;

  CHECK(rtems_rump_call(inside[arg], NULL, &result) == EIO);
  check_own_priority();
  CHECK(rtems_rump_call(inside[arg], NULL, &result) == EIO);
  rtems_counting_semaphore_post(&out);
  rtems_task_exit();
}

/* Ways to end. */

static int
reboot(void *arg)
{
  return rump_sys_reboot(*(const int *)arg, NULL);
}

static void
end_by_reboot(int how, int expected)
{
  int status, result;

  CHECK(rtems_rump_call(reboot, &how, &result) == EIO);
  CHECK(rtems_rump_wait(&status) == 0);
  CHECK(status == expected);
}

static void
halt(void)
{
  end_by_reboot(NETBSD_RB_NOSYNC, 0);
}

static void
panic_in_task(void)
{
  end_by_reboot(NETBSD_RB_NOSYNC | RB_DUMP, RTEMS_RUMP_PANIC);
}

static rtems_id main_task;
static volatile bool sync_panics;

static void
on_sync(void)
{
  if (sync_panics && rtems_task_self() != main_task) {
    CHECK(rtems_rump_end() == EDEADLK);
    rumpuser_exit(RTEMS_RUMP_PANIC);
  }
}

static int
make_directory(void *arg)
{
  (void)arg;
  return rump_sys_mkdir("/disk/directory", 0755);
}

/* A write that takes time is flushed by the thread that hears of its end. */
static void
panic_in_thread(void)
{
  int status, result;

  sync_panics = true;
  atomic_store(&disk_behaviour.delay, 1);
  CHECK(rtems_rump_call(make_directory, NULL, &result) == EIO);
  CHECK(rtems_rump_wait(&status) == 0);
  CHECK(status == RTEMS_RUMP_PANIC);
  atomic_store(&disk_behaviour.delay, 0);
  sync_panics = false;
}

static void
nothing(void)
{
}

static void (*const ways[])(void) = {
  nothing, halt, panic_in_task, panic_in_thread
};

/* Lives. */

static int
use(void *arg)
{
  char text[32] = "";
  int fd;

  (void)arg;
  disk_mount();
  fd = rump_sys_open("/disk/host", NETBSD_O_RDONLY);
  CHECK(fd >= 0);
  CHECK(rump_sys_read(fd, text, sizeof(text)) > 0);
  CHECK(strncmp(text, "made on the host", 16) == 0);
  CHECK(rump_sys_close(fd) == 0);
  return 7;
}

static void
live(unsigned number)
{
  int result = 0;
  unsigned i;

  disk_restore();
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_start(&config) == EBUSY);
  CHECK(rtems_rump_call(use, NULL, &result) == 0);
  CHECK(result == 7);
  for (i = 0; i < TASKS; ++i) {
    (void)target_task(TARGET_PRIORITY + 1, be_inside, i);
  }
  target_sleep(50);
  (*ways[number % 4])();
  CHECK(rtems_rump_end() == 0);
  CHECK(rtems_rump_end() == EINVAL);
  CHECK(rtems_rump_call(use, NULL, &result) == EIO);
  for (i = 0; i < TASKS; ++i) {
    rtems_counting_semaphore_wait(&out);
  }
  /* The tasks' memory is free as soon as they do not run any more. */
  target_sleep(50);
}

/* A kernel that panics while it starts, again and again. */

static atomic_uint lines;

static void
panic_at_third_line(char c)
{
  if (c == '\n' && atomic_fetch_add(&lines, 1) % 3 == 2) {
    rumpuser_exit(RTEMS_RUMP_PANIC);
  }
}

static unsigned failures;

static void
count_failure(int status, void *arg)
{
  (void)arg;
  CHECK(status == RTEMS_RUMP_PANIC);
  ++failures;
}

static void
start_in_vain(void)
{
  static const char *const parameters[] = { "RUMP_VERBOSE=1", NULL };
  static const struct rtems_rump_policy policy = {
    .restarts_max = 4, .delay = 50, .delay_max = 120, .on_end = count_failure
  };
  struct rtems_rump_config broken = config;
  rtems_resource_snapshot before, after;
  rtems_interval begin = rtems_clock_get_ticks_since_boot();

  broken.parameters = parameters;
  broken.console = panic_at_third_line;
  rtems_resource_snapshot_take(&before);
  CHECK(rtems_rump_supervise(&broken, &policy) == EIO);
  CHECK(failures == 5);
  /*
   * 50, 100, 120 and 120 ms, of which a tick each may have begun before.  A
   * busy host makes up for missed ticks, so that other clocks may show less.
   */
  CHECK((rtems_clock_get_ticks_since_boot() - begin)
    * rtems_configuration_get_microseconds_per_tick() >= 350000);
  target_sleep(50);
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
}

static int
end_from_inside(void *arg)
{
  (void)arg;
  CHECK(rtems_rump_end() == EDEADLK);
  return 0;
}

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;
  int result, status;
  uint64_t begin;
  unsigned i;

  (void)arg;
  TARGET_BEGIN("RESTART");
  main_task = rtems_task_self();
  disk_behaviour.on_sync = on_sync;
  disk_make_unreliable();
  disk_restore();
  CHECK(rtems_rump_wait(&status) == EINVAL);
  CHECK(rtems_rump_call(use, NULL, &result) == EIO);

  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_call(end_from_inside, NULL, &result) == 0);
  CHECK(rtems_rump_end() == 0);
  CHECK(rtems_rump_wait(&status) == 0);
  CHECK(status == 0);

  rtems_resource_snapshot_take(&before);
  for (i = 0; i < ROUNDS; ++i) {
    begin = target_msec();
    live(i);
    printf("life %u: %u ms\n", i, (unsigned)(target_msec() - begin));
    rtems_resource_snapshot_take(&after);
    target_check_equal(&before, &after);
  }
  start_in_vain();
  live(0);
  TARGET_END("RESTART");
}

#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_MAXIMUM_TASKS 60
/* More urgent than the tasks that never rest inside. */
#define CONFIGURE_INIT_TASK_PRIORITY (RTEMS_RUMP_DEFAULT_CEILING - 1)
#include "config.h"
