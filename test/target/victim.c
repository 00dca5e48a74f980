/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The kernel that RTEMS_RUMP_KERNEL names fails in all ways in all places,
 * with locks held and tasks inside.
 */

#include "tenants.h"

#include "failing.h"
#include "said.h"
#include "target.h"

int rump_sys_getpid(void) NETBSD_SYSTEM_CALL("getpid");
int rump_sys_pipe2(int fds[2], int flags) NETBSD_SYSTEM_CALL("pipe2");

/*
 * On a PC all addresses are of memory.  On the simulator memcpy() is not the
 * kernel's, AddressSanitizer takes bad pointers for itself, and under
 * ThreadSanitizer nobody is preempted who loops.
 */
static const enum failing_way ways[] = {
  BY_PANIC, BY_INSTRUCTION,
#ifndef __SANITIZE_ADDRESS__
  BY_JUMP,
#ifndef __i386__
  BY_POINTER,
#endif
#endif
#ifdef __arm__
  BY_COPY,
#endif
#ifndef __SANITIZE_THREAD__
  BY_LOOP
#endif
};

/* The last one is a halt. */
#define WAYS (sizeof(ways) / sizeof(ways[0]) + 1)

static int
status_of(enum failing_way way)
{
  switch (way) {
    case BY_PANIC:
      return RTEMS_RUMP_PANIC;
    case BY_LOOP:
      return RTEMS_RUMP_WATCHDOG;
    default:
      return RTEMS_RUMP_EXCEPTION;
  }
}

/* What the kernel says then. */
static const char *const words[] = {
  [-RTEMS_RUMP_PANIC] = "told to fail",
  [-RTEMS_RUMP_EXCEPTION] = "rump kernel exception",
  [-RTEMS_RUMP_WATCHDOG] = "rump kernel watchdog"
};

/*
 * For an emulated processor that the host does not run, time passes all the
 * same: it is that of the task which is on it.
 */
#define LIMIT_MSEC (rtems_scheduler_get_processor_maximum() > 1 ? 2000 : 400)

static unsigned number;
static bool fails;
static int expected;
static unsigned ends;

static void
told(const struct rtems_rump_exit *why)
{
  bool found = false;
  unsigned i;

  ++ends;
  CHECK(why->status == expected);
  CHECK(strcmp(why->kernel, "k1") == 0);
  CHECK((why->vector != 0) == (expected == RTEMS_RUMP_EXCEPTION));
  CHECK(why->backtrace_depth > 0);
  printf("end %d:", why->status);
  for (i = 0; i < why->backtrace_depth; ++i) {
    printf(" %#lx", (unsigned long)why->backtrace[i]);
    found |= failing_is_here(why->backtrace[i]);
  }
  printf("\n");
  if (fails) {
    CHECK(found);
    CHECK(strstr(why->messages, words[-expected]) != NULL);
  }
}

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
wait_for_mutex(void *arg)
{
  (void)arg;
  failing_wait(true);
  return 0;
}

static int
wait_for_rwlock(void *arg)
{
  (void)arg;
  failing_wait(false);
  return 0;
}

static int
ask_for_directory(void *arg)
{
  (void)arg;
  while (rump_sys_mkdir("/fs", 0755) == -1) {
    CHECK_ERRNO(rump_sys_mkdir("/fs/directory", 0755), EEXIST);
    (void)rtems_task_wake_after(1);
  }
  return 0;
}

static int
end_kernel(void *arg)
{
  enum failing_place place = (number / WAYS + number % WAYS) % FAILING_PLACES;

  (void)arg;
  if (!fails) {
    return rump_sys_reboot(NETBSD_RB_NOSYNC, NULL);
  }
  failing_fail(place, ways[number % WAYS]);
  if (place == IN_FILE_SYSTEM) {
    return rump_sys_mkdir("/fs/last", 0755);
  }
  return read_empty_pipe(NULL);
}

static int (*const inside[])(void *) = {
  read_empty_pipe, wait_for_mutex, wait_for_rwlock, ask_for_directory,
  end_kernel
};

#define CALLERS (sizeof(inside) / sizeof(inside[0]))

static rtems_task
call(rtems_task_argument arg)
{
  int result;

  CHECK(rtems_rump_call(inside[arg], NULL, &result) == EIO);
  rtems_task_exit();
}

/* Fails if anything of the last life is left. */
static int
use(void *arg)
{
  struct netbsd_tmpfs_args args = { .version = 1, .root_mode = 0755 };
  int fd;

  (void)arg;
  CHECK(rump_sys_mkdir("/fs", 0755) == 0);
  CHECK(rump_sys_mount("tmpfs", "/fs", 0, &args, sizeof(args)) == 0);
  CHECK(rump_sys_mkdir("/fs/directory", 0755) == 0);
  fd =
    rump_sys_open("/fs/directory/file", NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);
  CHECK(fd >= 0);
  CHECK(rump_sys_write(fd, "alive", 5) == 5);
  CHECK(rump_sys_close(fd) == 0);
  failing_prepare();
  return 0;
}

void
victim_live(unsigned n)
{
  const struct rtems_rump_config config = {
    .hostname = "victim",
    .processors = 2,
    .memory = 4 << 20,
    .restartable = true,
    .watchdog = LIMIT_MSEC,

    .console = listen,
    .on_exit = told
  };
  rtems_id callers[CALLERS];
  int status, result;
  unsigned i;

  number = n;
  fails = number % WAYS < WAYS - 1;
  expected = fails ? status_of(ways[number % WAYS]) : 0;
  forget();
  ends = 0;
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_call(use, NULL, &result) == 0);
  for (i = 0; i < CALLERS; ++i) {
    callers[i] = target_task(TARGET_PRIORITY + (i == CALLERS - 1), call, i);
  }
  CHECK(rtems_rump_wait(&status) == 0);
  CHECK(status == expected);
  CHECK(ends == 1);
  CHECK(rtems_rump_end() == 0);
  for (i = 0; i < CALLERS; ++i) {
    target_wait_for_end(callers[i]);
  }
}

/* System calls without a lock. */
static int
ask_again_and_again(void *arg)
{
  uint64_t begin = target_msec();

  (void)arg;
  CHECK(rtems_rump_enter() == 0);
  while (target_msec() - begin < 3 * (unsigned)LIMIT_MSEC) {
    CHECK(rump_sys_getpid() > 0);
  }
  rtems_rump_leave();
  return 0;
}

static rtems_task
be_busy(rtems_task_argument arg)
{
  int result;

  (void)arg;
  CHECK(rtems_rump_call(ask_again_and_again, NULL, &result) == 0);
  rtems_task_exit();
}

static void
keep_processor(unsigned msec)
{
  uint64_t begin = target_msec();

  while (target_msec() - begin < msec) {
  }
}

void
victim_be_busy(void)
{
  const struct rtems_rump_config config = {
    .processors = 2,
    .memory = 4 << 20,
    .restartable = true,
    .watchdog = LIMIT_MSEC,
    .console = listen
  };

  rtems_id first, second;

  forget();
  CHECK(rtems_rump_start(&config) == 0);
  first = target_task(TARGET_PRIORITY, be_busy, 0);
  second = target_task(TARGET_PRIORITY, be_busy, 0);
  target_sleep(LIMIT_MSEC / 2);
  keep_processor(3 * LIMIT_MSEC / 2);
  target_wait_for_end(first);
  target_wait_for_end(second);
  CHECK(rtems_rump_end() == 0);
}

static int
loop_in_thread(void *arg)
{
  (void)arg;
  failing_prepare();
  failing_fail(IN_THREAD, BY_LOOP);
  return 0;
}

/* It is deleted, after some time. */
void
victim_loop(void)
{
  static const struct rtems_rump_config config = {
    .processors = 2,
    .memory = 4 << 20,
    .restartable = true,
    .console = listen
  };
  int result;

  forget();
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_call(loop_in_thread, NULL, &result) == 0);
  target_sleep(100);
  CHECK(rtems_rump_end() == 0);
  target_sleep(20);
}
