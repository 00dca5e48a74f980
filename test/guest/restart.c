/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The test guest ends in different ways while tasks are inside, and starts
 * again.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rtems.h>
#include <rtems/libcsupport.h>
#include <rtems/thread.h>

#include <rtems-rump/instance.h>
#include <rtems-rump/netbsd.h>

#include "guest_test.h"

#define ROUNDS 20
#define PRIORITY 110

#define CHECK(condition) \
  ((condition) ? (void)0 : fail(__LINE__, #condition))

static void fail(int line, const char *what)
{
  printf("not ok: restart.c:%d: %s (errno %d)\n", line, what, errno);
  exit(1);
}

void rumpuser_exit(int status) __attribute__((__noreturn__));

static void told(const struct rtems_rump_exit *why);

static const struct rtems_rump_config config = {
  .memory = 4u << 20, .processors = 2, .restartable = true,
  .watchdog = 100, .on_exit = told
};

static int halt(void *arg)
{
  (void)arg;
  return rump_sys_reboot(NETBSD_RB_HALT, NULL);
}

static int create_and_delete(void *arg)
{
  unsigned i;

  (void)arg;
  CHECK(rtems_rump_enter() == 0);
  for (i = 1; i > 0; ++i) {
    int fd = rump_sys_open("/file", NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);

    CHECK(fd >= 0 && rump_sys_write(fd, &i, sizeof(i)) == sizeof(i));
    CHECK(rump_sys_close(fd) == 0);
    CHECK(rump_sys_unlink("/file") == 0);
    (void)rtems_task_wake_after(i % 64 == 0 ? 1 : RTEMS_YIELD_PROCESSOR);
  }
  return 1;
}

static int ask_without_context(void *arg)
{
  unsigned i;

  (void)arg;
  for (i = 1; rump_sys_mkdir("/", 0755) == -1; ++i) {
    (void)rtems_task_wake_after(i % 64 == 0 ? 1 : RTEMS_YIELD_PROCESSOR);
  }
  return 1;
}

static int (*const inside[])(void *) = {
  halt, create_and_delete, ask_without_context, ask_without_context
};

#define TASKS (sizeof(inside) / sizeof(inside[0]))

static rtems_counting_semaphore out =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("out", 0);

/* Who waits for a lock that this task left behind lends it a priority. */
static void check_own_priority(void)
{
  rtems_task_priority priority = 0;
  unsigned ticks;

  for (ticks = 0; ticks < 1000 && priority != PRIORITY; ++ticks) {
    (void)rtems_task_wake_after(1);
    (void)rtems_task_set_priority(
      RTEMS_SELF, RTEMS_CURRENT_PRIORITY, &priority);
  }
  CHECK(priority == PRIORITY);
}

static rtems_task be_inside(rtems_task_argument arg)
{
  int result;

  CHECK(rtems_rump_call(inside[arg], NULL, &result) == EIO);
  check_own_priority();
  rtems_counting_semaphore_post(&out);
  rtems_task_exit();
}

static void start_task(rtems_task_entry entry, rtems_task_argument arg)
{
  rtems_id id;

  CHECK(rtems_task_create(
    rtems_build_name('T', 'E', 'S', 'T'), PRIORITY, 16 * 1024,
    RTEMS_DEFAULT_MODES, RTEMS_FLOATING_POINT, &id) == RTEMS_SUCCESSFUL);
  CHECK(rtems_task_start(id, entry, arg) == RTEMS_SUCCESSFUL);
}

static int reboot(void *arg)
{
  (void)arg;
  return rump_sys_reboot(NETBSD_RB_NOSYNC, NULL);
}

static int panic(void *arg)
{
  (void)arg;
  rumpuser_exit(RTEMS_RUMP_PANIC);
}

static int __attribute__((__unused__)) trap(void *arg)
{
  (void)arg;
  guest_fail(0);
  return 0;
}

static int __attribute__((__unused__)) loop(void *arg)
{
  (void)arg;
  guest_fail(1);
  return 0;
}

static const struct {
  int (*function)(void *arg);
  int status;
} ways[] = {
  { NULL, 0 },
  { reboot, 0 },
  { panic, RTEMS_RUMP_PANIC },
#ifdef __x86_64__
  { trap, RTEMS_RUMP_EXCEPTION },
  /* Nobody is preempted there who loops. */
#ifndef __SANITIZE_THREAD__
  { loop, RTEMS_RUMP_WATCHDOG }
#endif
#endif
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static unsigned way, told_ends;

static void told(const struct rtems_rump_exit *why)
{
  ++told_ends;
  CHECK(why->status == ways[way].status);
  CHECK(why->backtrace_depth > 0 && strlen(why->messages) > 0);
}

static rtems_task call_way(rtems_task_argument arg)
{
  int result;

  (void)arg;
  CHECK(rtems_rump_call(ways[way].function, NULL, &result) == EIO);
  rtems_counting_semaphore_post(&out);
  rtems_task_exit();
}

static void end(unsigned round)
{
  int status = 1;

  way = round % WAYS;
  told_ends = 0;
  if (ways[way].function != NULL) {
    start_task(call_way, 0);
    CHECK(rtems_rump_wait(&status) == 0 && status == ways[way].status);
    CHECK(told_ends == 1);
  }
  CHECK(rtems_rump_end() == 0);
  if (ways[way].function != NULL) {
    rtems_counting_semaphore_wait(&out);
  }
}

static int use(void *arg)
{
  (void)arg;
  /* Would fail if the last life had left anything. */
  CHECK(rump_sys_mkdir("/directory", 0755) == 0);
  return 7;
}

static void live(unsigned round)
{
  int result = 0;
  unsigned i;

  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_call(use, NULL, &result) == 0 && result == 7);
  for (i = 0; i < TASKS; ++i) {
    start_task(be_inside, i);
  }
  (void)rtems_task_wake_after(5);
  end(round);
  CHECK(rtems_rump_call(use, NULL, &result) == EIO);
  for (i = 0; i < TASKS; ++i) {
    rtems_counting_semaphore_wait(&out);
  }
  (void)rtems_task_wake_after(5);
}

/* A supervisor: of kernels that end, that do not start, that are ended. */

static unsigned starts, ends;

/* The first line is the hypercall layer's, the second the kernel's. */
static void panic_at_second_line(char c)
{
  static unsigned lines;

  if (c == '\n' && ++lines % 2 == 0) {
    rumpuser_exit(RTEMS_RUMP_PANIC);
  }
}

static int end_again(void *arg)
{
  ++starts;
  return starts % 2 == 1 ? reboot(arg) : panic(arg);
}

static void count_end(int status, void *arg)
{
  (void)arg;
  ++ends;
  CHECK(status == (ends % 2 == 1 ? 0 : RTEMS_RUMP_PANIC));
}

static rtems_task end_soon(rtems_task_argument arg)
{
  (void)arg;
  (void)rtems_task_wake_after(20);
  CHECK(rtems_rump_end() == 0);
  rtems_counting_semaphore_post(&out);
  rtems_task_exit();
}

static int end_from_task(void *arg)
{
  rtems_id id;

  (void)arg;
  CHECK(rtems_rump_end() == EDEADLK);
  CHECK(rtems_task_create(
    rtems_build_name('E', 'N', 'D', ' '), PRIORITY, 16 * 1024,
    RTEMS_DEFAULT_MODES, RTEMS_FLOATING_POINT, &id) == RTEMS_SUCCESSFUL);
  CHECK(rtems_task_start(id, end_soon, 0) == RTEMS_SUCCESSFUL);
  return 0;
}

static void supervise(void)
{
  struct rtems_rump_config good = config, broken = config;
  struct rtems_rump_policy policy = {
    .restarts_max = 5, .delay = 1, .delay_max = 8,
    .on_start = end_again, .on_end = count_end
  };

  good.on_exit = NULL;
  broken.on_exit = NULL;
  CHECK(rtems_rump_supervise(NULL, &policy) == EINVAL);
  CHECK(rtems_rump_supervise(&good, &policy) == EIO);
  CHECK(starts == 6 && ends == 6);

  broken.console = panic_at_second_line;
  policy.on_end = NULL;
  CHECK(rtems_rump_start(&broken) == EIO);
  CHECK(rtems_rump_supervise(&broken, &policy) == EIO);
  CHECK(starts == 6);
  broken.memory = 1;
  CHECK(rtems_rump_supervise(&broken, &policy) == EINVAL);

  policy.on_start = end_from_task;
  CHECK(rtems_rump_supervise(&good, &policy) == 0);
  rtems_counting_semaphore_wait(&out);
  (void)rtems_task_wake_after(5);
}

static rtems_task Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;
  unsigned i;

  (void)arg;
  puts("*** BEGIN OF TEST GUEST RESTART ***");
  live(0);
  rtems_resource_snapshot_take(&before);
  for (i = 1; i < ROUNDS; ++i) {
    live(i);
    rtems_resource_snapshot_take(&after);
    CHECK(rtems_resource_snapshot_equal(&before, &after));
  }
  supervise();
  rtems_resource_snapshot_take(&after);
  CHECK(rtems_resource_snapshot_equal(&before, &after));
  puts("*** END OF TEST GUEST RESTART ***");
  exit(0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_MAXIMUM_PROCESSORS 4
#define CONFIGURE_MAXIMUM_TASKS 60
/* More urgent than the tasks inside. */
#define CONFIGURE_INIT_TASK_PRIORITY 90
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT
#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
