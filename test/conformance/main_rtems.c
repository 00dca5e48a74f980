/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The conformance tests of this project's hypercall layer, as an application
 * of RTEMS: on a target and on the simulator.
 *
 * Environment, where there is one: CLAUSE runs only the tests of this clause
 * or section, LONG=1 the long forms.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pthread_getname_np() */
#endif

#include "harness.h"

#include <stdlib.h>
#include <unistd.h>

#include <pthread.h>
#include <rtems.h>
#include <rtems/bspIo.h>
#include <rtems/libcsupport.h>
#include <rtems/libio.h>
#ifdef __rtems__
#include <pthread.h>
#include <sys/stat.h>
#else
#include <simulator/simulator.h>

#include "linux_host.h"
#endif

#include <rtems-rump/config.h>

#include "../exit.h"
#include "disk.h"

int hypercall_configure(const struct rtems_rump_config *config);
bool hypercall_end(void);

#define CEILING 96u
#define MEMORY ((size_t)8 << 20)
#define MAXIMUM_TASKS 64

static rtems_resource_snapshot before;

/* The layer's configuration. */

static atomic_bool entropy_available = true;

static size_t
entropy(void *buffer, size_t size)
{
  static uint32_t state = 2463534242u;
  unsigned char *p = buffer;
  size_t i;

  for (i = 0; atomic_load(&entropy_available) && i < size; ++i) {
    p[i] = (unsigned char)next_number(&state);
  }
  return i;
}

static void
set_entropy(bool available)
{
  atomic_store(&entropy_available, available);
}

static char console_text[8192];
static atomic_uint console_length;
static atomic_bool console_caught;

static void
console(char c)
{
  if (!atomic_load(&console_caught)) {
    rtems_putc(c);
  } else {
    unsigned i = atomic_fetch_add(&console_length, 1);

    if (i < sizeof(console_text)) {
      console_text[i] = c;
    }
  }
}

static void
console_begin(void)
{
  atomic_store(&console_length, 0);
  atomic_store(&console_caught, true);
}

static size_t
console_end(char *buffer, size_t size)
{
  size_t length = atomic_load(&console_length);

  atomic_store(&console_caught, false);
  if (length > sizeof(console_text)) {
    length = sizeof(console_text);
  }
  if (length >= size) {
    length = size - 1;
  }
  memcpy(buffer, console_text, length);
  buffer[length] = '\0';
  return length;
}

static atomic_int signal_raised;

static int
on_signal(int signal)
{
  atomic_store(&signal_raised, signal);
  return 0;
}

static int
last_signal(void)
{
  return atomic_exchange(&signal_raised, 0);
}

static void
on_exit_of_kernel(const struct rtems_rump_exit *why)
{
  int status = why->status;

#ifndef __rtems__
  if (getenv("CONFORMANCE_END") != NULL) {
    fflush(stdout);
    _exit(status == RTEMS_RUMP_PANIC ? LINUX_PANIC : status);
  }
#endif
  printf("# the kernel has ended with status %d\n", status);
  harness_give_up("nobody has asked for this");
}

static const char *const parameters[] = {
  "RUMP_CONFORMANCE=Some Value=7",
  NULL
};

static const struct rtems_rump_config config = {
  .hostname = "conformance.host",
  .processors = 3,
  .memory = MEMORY,
  .ceiling = CEILING,
  .parameters = parameters,
  .entropy = entropy,
  .console = console,
  .on_exit = on_exit_of_kernel,
  .on_signal = on_signal
};

/* The host. */

static int64_t
nanoseconds(const struct timespec *t)
{
  return t->tv_sec * SECOND + t->tv_nsec;
}

static int64_t
monotonic(void)
{
  struct timespec t;

  rtems_clock_get_monotonic(&t);
  return nanoseconds(&t);
}

static int64_t
wall(void)
{
  struct timespec t;

  rtems_clock_get_realtime(&t);
  return nanoseconds(&t);
}

static void
step_wall(int seconds)
{
  struct timespec t;

  rtems_clock_get_realtime(&t);
  t.tv_sec += seconds;
  if (clock_settime(CLOCK_REALTIME, &t) != 0) {
    harness_give_up("the clock cannot be set");
  }
}

static unsigned
count_tasks(void)
{
  rtems_resource_snapshot snapshot;

  rtems_resource_snapshot_take(&snapshot);
  return snapshot.rtems_api.active_tasks;
}

/* Makes all tasks that RTEMS has room for. */
static void
exhaust_tasks(bool on)
{
  static rtems_id tasks[MAXIMUM_TASKS];
  static size_t count;

  while (on && count < MAXIMUM_TASKS
      && rtems_task_create(
        rtems_build_name('F', 'U', 'L', 'L'),
        200,
        RTEMS_MINIMUM_STACK_SIZE,
        RTEMS_DEFAULT_MODES,
        RTEMS_DEFAULT_ATTRIBUTES,
        &tasks[count]
      ) == RTEMS_SUCCESSFUL) {
    ++count;
  }
  while (!on && count > 0) {
    (void)rtems_task_delete(tasks[--count]);
  }
}

/* The simulator has the names of the Classic API only, with their blanks. */
static void
task_name(char *buffer, size_t size)
{
#ifdef __rtems__
  (void)pthread_getname_np(pthread_self(), buffer, size);
#else
  (void)pthread_getname_np(pthread_self(), buffer, size);
  buffer[strcspn(buffer, " ")] = '\0';
#endif
}

static int
task_priority(void)
{
  rtems_task_priority priority = 0;

  (void)rtems_task_set_priority(
    RTEMS_SELF,
    RTEMS_CURRENT_PRIORITY,
    &priority
  );
  return -(int)priority;
}

static bool
finish(void)
{
  (void)hypercall_end();
  return rtems_resource_snapshot_check(&before);
}

static void
end(int status)
{
#ifdef __rtems__
  rtems_shutdown_executive((uint32_t)status);
#else
  _exit(status);
#endif
}

#ifdef __rtems__
/* One variable: setenv() would keep memory, which counts as lost then. */
static void
set_environment(const char *name, const char *value)
{
  static char variable[64];
  static char *list[] = { variable, NULL };
  static char **others;

  if (environ != list) {
    others = environ;
  }
  if (value != NULL) {
    (void)snprintf(variable, sizeof(variable), "%s=%s", name, value);
  }
  environ = value != NULL ? list : others;
}

static int
errno_of(int error)
{
  switch (error) {
    case NETBSD_ENOENT:
      return ENOENT;
    case NETBSD_EINVAL:
      return EINVAL;
    case NETBSD_EAGAIN:
      return EAGAIN;
    case NETBSD_ETIMEDOUT:
      return ETIMEDOUT;
    case NETBSD_ENAMETOOLONG:
      return ENAMETOOLONG;
    default:
      return ENOSYS;
  }
}

/* A test that takes too long. */

static atomic_uint seconds_left;

static rtems_task
watch_task(rtems_task_argument arg)
{
  (void)arg;
  for (;;) {
    (void)rtems_task_wake_after(rtems_clock_get_ticks_per_second());
    if (atomic_load(&seconds_left) > 0
        && atomic_fetch_sub(&seconds_left, 1) == 1) {
      printk("# time is up\nnot ok %s\n", harness_test_name());
      end(1);
    }
  }
}

static void
watch(unsigned seconds)
{
  atomic_store(&seconds_left, seconds);
}

static void
watch_begin(void)
{
  rtems_id id;

  if (rtems_task_create(
        rtems_build_name('W', 'A', 'T', 'C'),
        10,
        2 * RTEMS_MINIMUM_STACK_SIZE,
        RTEMS_DEFAULT_MODES,
        RTEMS_DEFAULT_ATTRIBUTES,
        &id
      ) != RTEMS_SUCCESSFUL
      || rtems_task_start(id, watch_task, 0) != RTEMS_SUCCESSFUL) {
    harness_give_up("no watch");
  }
}
#else /* __rtems__ */
static void
fail_files(enum host_failure what)
{
  static const enum sim_fault faults[] = {
    [HOST_READ] = SIM_FAULT_READ,
    [HOST_WRITE] = SIM_FAULT_WRITE,
    [HOST_SYNC] = SIM_FAULT_FSYNC
  };
  size_t i;

  for (i = HOST_READ; i < COUNT(faults); ++i) {
    (void)sim_fault_stop(faults[i]);
  }
  if (what != HOST_NOTHING) {
    sim_fault_start(faults[what], 1, SIM_FAULT_FOREVER, 0);
  }
}
#endif /* __rtems__ */

static struct host rtems_host = {
#ifdef __rtems__
  .name = "RTEMS",
  .task_name_length = 15,
  /* An emulator with more processors than the machine has halts some. */
  .patience = 20,
  .watch = watch,
  .environment = set_environment,
  .errno_of = errno_of,
  .directory = "/",
  .stream = "/stream",
  .character_device = "/dev/console",
#else
  .name = "simulator",
  .task_name_length = 15,
  .watch = linux_watch,
  .environment = linux_environment,
  .errno_of = linux_errno_of,
  .directory = linux_directory,
  .character_device = "/dev/null",
  .stream = linux_stream,
  .sparse_files = true,
  .run_to_end = linux_run_to_end,
  .fail_files = fail_files,
#endif
  .cpus = 6,
  .processors = 3,
  .hostname = "conformance.host",
  .parameter = "RUMP_CONFORMANCE",
  .parameter_value = "Some Value=7",
  .memory = MEMORY,
  .end = end,
  .finish = finish,
  .monotonic = monotonic,
  .wall = wall,
  .step_wall = step_wall,
  .entropy = set_entropy,
  .last_signal = last_signal,
  .console_begin = console_begin,
  .console_end = console_end,
  .tasks = count_tasks,
  .exhaust_tasks = exhaust_tasks,
  .task_name = task_name,
  .task_priority = task_priority
};

rtems_task
Init(rtems_task_argument arg)
{
  rtems_task_priority old;
  int status;

  (void)arg;
  /* As a caller of the kernel has it. */
  (void)rtems_task_set_priority(RTEMS_SELF, CEILING + 2, &old);
  printf("\n# conformance\n");
#ifdef __rtems__
  (void)mkfifo("/stream", 0600);
  watch_begin();
#else
  linux_begin();
#endif
  rtems_host.disk = disk_create();
  rtems_host.clause = getenv("CLAUSE");
#ifdef CONFORMANCE_CLAUSE
  rtems_host.clause = CONFORMANCE_CLAUSE;
#endif
  rtems_host.thorough =
    getenv("LONG") != NULL && strcmp(getenv("LONG"), "1") == 0;
#ifdef __rtems__
  rtems_host.slow = rtems_scheduler_get_processor_maximum() > 1;
#endif
#ifdef CONFORMANCE_LONG
  rtems_host.thorough = true;
#endif
  rtems_resource_snapshot_take(&before);
  if (hypercall_configure(&config) != 0) {
    harness_give_up("no configuration");
  }
  status = harness_main(&rtems_host);
#ifndef __rtems__
  linux_end();
#endif
  test_exit(status);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_MICROSECONDS_PER_TICK 1000
#define CONFIGURE_MAXIMUM_PROCESSORS 4
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 64
#define CONFIGURE_MAXIMUM_TASKS MAXIMUM_TASKS
#define CONFIGURE_IMFS_ENABLE_MKFIFO
#define CONFIGURE_MAXIMUM_POSIX_KEYS 4
#define CONFIGURE_UNIFIED_WORK_AREAS
#define CONFIGURE_INIT_TASK_STACK_SIZE (64 * 1024)
#define CONFIGURE_INIT_TASK_ATTRIBUTES RTEMS_FLOATING_POINT
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT
#include <rtems/confdefs.h>
