/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * System calls of a client in the image of the kernel, by mem://, beside the
 * same calls made directly.
 */

#include <stdlib.h>

#include <rtems.h>
#include <rtems/thread.h>

#include <rtems-rump/netbsd.h>
#include <rtems-rump/remote.h>

#include "bench.h"
#include "kernel.h"

#define URL "mem://bench"

#define SETTLE_TICKS 200

/* Calls in one repetition, and repetitions, the least of which counts. */
#define CALLS 100u
#define REPETITIONS 20

/* NetBSD's numbers. */
enum { SYS_READ = 3, SYS_GETPID = 20, SYS_OPEN = 5 };

static struct rtems_rump_client *client;
static char buffer[64];
static int direct_fd;
static intptr_t remote_fd;

static rtems_binary_semaphore there = RTEMS_BINARY_SEMAPHORE_INITIALIZER("to");
static rtems_binary_semaphore back = RTEMS_BINARY_SEMAPHORE_INITIALIZER("back");

static intptr_t
remote_call(int number, intptr_t a, intptr_t b, intptr_t c)
{
  const intptr_t arguments[] = { a, b, c };
  intptr_t values[2];
  int error;

  bench_check("remote call", rtems_rump_client_syscall(
    client, number, arguments, sizeof(arguments), &error, values) == 0
    && error == 0);
  return values[0];
}

static void
remote_getpid(void)
{
  (void)remote_call(SYS_GETPID, 0, 0, 0);
}

static void
remote_read(void)
{
  (void)remote_call(
    SYS_READ, remote_fd, (intptr_t)buffer, sizeof(buffer));
}

static void
direct_getpid(void)
{
  (void)bench_getpid();
}

static void
direct_read(void)
{
  (void)rump_sys_read(direct_fd, buffer, sizeof(buffer));
}

/* The task is as urgent as the server's. */
static rtems_task
answer(rtems_task_argument arg)
{
  (void)arg;
  for (;;) {
    rtems_binary_semaphore_wait(&there);
    rtems_binary_semaphore_post(&back);
  }
}

static void
wake_twice(void)
{
  rtems_binary_semaphore_post(&there);
  rtems_binary_semaphore_wait(&back);
}

static void
measure(const char *name, void (*call)(void))
{
  uint64_t least = UINT64_MAX;
  unsigned i, k;

  for (i = 0; i < REPETITIONS; ++i) {
    rtems_counter_ticks begin = rtems_counter_read();
    uint64_t took;

    for (k = 0; k < CALLS; ++k) {
      (*call)();
    }
    took = rtems_counter_ticks_to_nanoseconds(
      rtems_counter_difference(rtems_counter_read(), begin));
    least = took < least ? took : least;
  }
  bench_report(name, (least + CALLS / 2) / CALLS);
}

static void
start_answering(void)
{
  rtems_id id;

  bench_check("task", rtems_task_create(
    rtems_build_name('A', 'N', 'S', 'W'),
    RTEMS_RUMP_DEFAULT_CEILING + 2,
    RTEMS_MINIMUM_STACK_SIZE,
    RTEMS_DEFAULT_MODES,
    RTEMS_DEFAULT_ATTRIBUTES,
    &id
  ) == RTEMS_SUCCESSFUL);
  bench_check("task",
    rtems_task_start(id, answer, 0) == RTEMS_SUCCESSFUL);
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = { .server = { .url = URL } };

  (void)arg;
  bench_check("start", bench_start(&config) == 0);
  start_answering();
  (void)rtems_task_wake_after(SETTLE_TICKS);
  bench_check("client", rtems_rump_client_open(URL, NULL, &client) == 0);
  remote_fd = remote_call(SYS_OPEN, (intptr_t)"/dev/zero", 0, 0);
  measure("remote_two_wakeups", wake_twice);
  measure("remote_getpid", remote_getpid);
  measure("remote_read_64", remote_read);
  bench_enter();
  direct_fd = rump_sys_open("/dev/zero", NETBSD_O_RDONLY);
  bench_check("open", direct_fd >= 0);
  measure("remote_getpid:direct", direct_getpid);
  measure("remote_read_64:direct", direct_read);
  bench_leave();
  puts("BENCH END");
  exit(0);
}

#define CONFIGURE_MAXIMUM_PROCESSORS 1
#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
