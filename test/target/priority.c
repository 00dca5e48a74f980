/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Bounded blocking.  The kernel has one virtual CPU; tasks of middle priority,
 * below its band, want all processors.
 *
 *   ceiling      a task of low priority inside is not delayed by them, nor
 *                who waits for the virtual CPU it has
 *   lock         nor who waits for a lock of the kernel that it holds while it
 *                waits for a disk; without rtems_rump_enter() the middle ones
 *                would win, as soon as it has given the lock back and still
 *                has the virtual CPU
 *   visits       a task of low priority that calls by RTEMS's file system goes
 *                on with its own, and is not preempted by the middle ones as
 *                soon as somebody waits for the virtual CPU it has
 *   call-outs    a task that loops at the callers' level does not stop the
 *                kernel's clock and soft interrupts
 */

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rtems/libio.h>

#include <rtems-rump/filesystem.h>

#include "disk.h"

#define HIGH (RTEMS_RUMP_DEFAULT_CEILING + 2)
#define MIDDLE 130
#define LOW 200

#define MIDDLE_MSEC 1500
#define DISK_MSEC 60
/* What the urgent task may wait, beside a disk. */
#define BOUND_MSEC 700

int rump_sys___sysctl(const int *name, unsigned length, void *old,
  size_t *old_size, const void *new, size_t new_size)
  NETBSD_SYSTEM_CALL("__sysctl");

struct netbsd_sigevent {
  int notify;
  int signal;
  void *value, *function, *attributes;
};

struct netbsd_itimerspec {
  struct netbsd_timespec interval, value;
};

int rump_sys_timer_create(int clock, struct netbsd_sigevent *event, int *id)
  NETBSD_SYSTEM_CALL("timer_create");
int rump_sys_timer_settime(int id, int flags,
  const struct netbsd_itimerspec *value, struct netbsd_itimerspec *old)
  NETBSD_SYSTEM_CALL("timer_settime50");
int rump_sys_timer_gettime(int id, struct netbsd_itimerspec *value)
  NETBSD_SYSTEM_CALL("timer_gettime50");

static atomic_bool stop;
static atomic_uint running;
static atomic_bool low_is_in;
static atomic_uint middle_turns;

static char buffer[64 * 1024];

static void
spin(unsigned msec)
{
  uint64_t begin = target_msec();

  while (target_msec() - begin < msec) {
  }
}

static void
task_ends(void)
{
  atomic_fetch_sub(&running, 1);
  rtems_task_exit();
}

static void
start(rtems_task_priority priority, rtems_task_entry entry)
{
  atomic_fetch_add(&running, 1);
  (void)target_task(priority, entry, 0);
}

static void
wait_for_all(void)
{
  while (atomic_load(&running) != 0) {
    target_sleep(10);
  }
  atomic_store(&stop, false);
}

/* The processors are busy most of the time, from a tick on. */
static rtems_task
middle(rtems_task_argument arg)
{
  (void)arg;
  while (!atomic_load(&stop)) {
    atomic_fetch_add(&middle_turns, 1);
    spin(MIDDLE_MSEC);
    target_sleep(10);
  }
  task_ends();
}

static void
start_middle(void)
{
  uint32_t i;

  for (i = 0; i < rtems_scheduler_get_processor_maximum(); ++i) {
    start(MIDDLE, middle);
  }
}

/* Nearly always inside. */
static rtems_task
low_writer(rtems_task_argument arg)
{
  int fd;

  (void)arg;
  CHECK(rtems_rump_enter() == 0);
  fd = rump_sys_open("/low", NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);
  CHECK(fd >= 0);
  while (!atomic_load(&stop)) {
    CHECK(
      rump_sys_pwrite(fd, buffer, sizeof(buffer), 0) == sizeof(buffer)
    );
    atomic_store(&low_is_in, true);
    /* Inside, callers are equals. */
    (void)rtems_task_wake_after(RTEMS_YIELD_PROCESSOR);
  }
  CHECK(rump_sys_close(fd) == 0);
  rtems_rump_leave();
  task_ends();
}

static void
ceiling(void)
{
  uint64_t worst = 0;
  unsigned i;

  start(LOW, low_writer);
  while (!atomic_load(&low_is_in)) {
    target_sleep(10);
  }
  start_middle();
  for (i = 0; i < 60; ++i) {
    uint64_t begin;

    target_sleep(10);
    begin = target_msec();
    CHECK(rump_sys_getpid() == 1);
    CHECK_ERRNO(rump_sys_open("/none", NETBSD_O_RDONLY), ENOENT);
    if (target_msec() - begin > worst) {
      worst = target_msec() - begin;
    }
  }
  printf("ceiling: waited %u ms at most\n", (unsigned)worst);
  CHECK(worst < BOUND_MSEC);
  atomic_store(&stop, true);
  wait_for_all();
}

static rtems_task
low_sync(rtems_task_argument arg)
{
  int fd;

  (void)arg;
  CHECK(rtems_rump_enter() == 0);
  fd = rump_sys_open("/disk/file", NETBSD_O_RDWR);
  CHECK(fd >= 0);
  CHECK(rump_sys_pwrite(fd, buffer, 4096, 0) == 4096);
  atomic_store(
    &disk_behaviour.delay,
    DISK_MSEC * rtems_clock_get_ticks_per_second() / 1000
  );
  atomic_store(&low_is_in, true);
  CHECK(rump_sys_fsync(fd) == 0);
  CHECK(rump_sys_close(fd) == 0);
  rtems_rump_leave();
  task_ends();
}

static void
lock_of_kernel(void)
{
  uint64_t begin;
  uint64_t took;
  unsigned requests;
  int fd = rump_sys_open("/disk/file", NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);

  CHECK(fd >= 0);
  CHECK(rump_sys_write(fd, buffer, 8192) == 8192);
  CHECK(rump_sys_fsync(fd) == 0);
  atomic_store(&low_is_in, false);
  start(LOW, low_sync);
  while (!atomic_load(&low_is_in)) {
    target_sleep(10);
  }
  /* It waits for the disk and holds the file's lock. */
  requests = atomic_load(&disk_behaviour.requests);
  start_middle();
  begin = target_msec();
  CHECK(rump_sys_pwrite(fd, buffer, 4096, 0) == 4096);
  took = target_msec() - begin;
  requests = atomic_load(&disk_behaviour.requests) - requests;
  printf(
    "lock: waited %u ms for %u disk requests of %u ms\n",
    (unsigned)took,
    requests,
    DISK_MSEC
  );
  CHECK(requests > 0);
  CHECK(took < (requests + 1) * DISK_MSEC + BOUND_MSEC);
  atomic_store(&stop, true);
  atomic_store(&disk_behaviour.delay, 0);
  wait_for_all();
  CHECK(rump_sys_close(fd) == 0);
}

static rtems_task_priority
own_priority(void)
{
  rtems_task_priority priority;

  (void)rtems_task_set_priority(
    RTEMS_SELF,
    RTEMS_CURRENT_PRIORITY,
    &priority
  );
  return priority;
}

/* Nearly always inside, but it does not stay. */
static rtems_task
low_visitor(rtems_task_argument arg)
{
  int fd = open("/files/low", O_RDWR | O_CREAT, 0644);

  (void)arg;
  CHECK(fd >= 0);
  while (!atomic_load(&stop)) {
    CHECK(pwrite(fd, buffer, sizeof(buffer), 0) == sizeof(buffer));
    CHECK(own_priority() == LOW);
    atomic_store(&low_is_in, true);
  }
  CHECK(close(fd) == 0);
  task_ends();
}

/* Soon after the middle ones have come: while they stay, the low one waits. */
static uint64_t
time_a_visit(void)
{
  unsigned turns = atomic_load(&middle_turns);
  struct stat status;
  uint64_t begin;

  while (atomic_load(&middle_turns) == turns) {
    target_sleep(10);
  }
  begin = target_msec();
  CHECK(stat("/files/low", &status) == 0);
  CHECK(status.st_size > 0);
  return target_msec() - begin;
}

static void
visits(void)
{
  uint64_t worst = 0;
  unsigned i;

  CHECK(rtems_rump_filesystem_register(NULL) == 0);
  CHECK(mkdir("/files", 0755) == 0);
  CHECK(mount("tmpfs", "/files", "rump-tmpfs", RTEMS_FILESYSTEM_READ_WRITE,
    NULL) == 0);
  atomic_store(&low_is_in, false);
  start(LOW, low_visitor);
  while (!atomic_load(&low_is_in)) {
    target_sleep(10);
  }
  start_middle();
  for (i = 0; i < 2; ++i) {
    uint64_t took = time_a_visit();

    worst = took > worst ? took : worst;
  }
  printf("visits: waited %u ms at most\n", (unsigned)worst);
  CHECK(worst < BOUND_MSEC);
  atomic_store(&stop, true);
  wait_for_all();
  CHECK(unmount("/files") == 0);
}

static int
kernel_ticks(void)
{
  /* kern.hardclock_ticks */
  static const int name[] = { 1, 80 };
  int ticks = -1;
  size_t size = sizeof(ticks);

  CHECK(rump_sys___sysctl(name, 2, &ticks, &size, NULL, 0) == 0);
  return ticks;
}

static rtems_task
loop(rtems_task_argument arg)
{
  (void)arg;
  CHECK(rtems_rump_enter() == 0);
  while (!atomic_load(&stop)) {
  }
  rtems_rump_leave();
  task_ends();
}

/*
 * All processors loop at the callers' level, this task among them.  A timer
 * that goes off every 50 ms is started again by a call-out: else it has
 * nothing left from the first time on, and not only until the call-out comes.
 */
static void
call_outs(void)
{
  struct netbsd_sigevent event = { .notify = 0 };
  struct netbsd_itimerspec timer = {
    .interval = { .tv_nsec = 50 * (long)NSEC_PER_MSEC },
    .value = { .tv_nsec = 50 * (long)NSEC_PER_MSEC }
  };
  unsigned started = 0;
  uint32_t i;
  int ticks;
  int id;

  CHECK(rump_sys_timer_create(NETBSD_CLOCK_REALTIME, &event, &id) == 0);
  CHECK(rump_sys_timer_settime(id, 0, &timer, NULL) == 0);
  for (i = 1; i < rtems_scheduler_get_processor_maximum(); ++i) {
    start(HIGH, loop);
  }
  target_sleep(100);
  ticks = kernel_ticks();
  spin(1000);
  ticks = kernel_ticks() - ticks;
  for (i = 0; i < 10; ++i) {
    spin(73);
    CHECK(rump_sys_timer_gettime(id, &timer) == 0);
    if (timer.value.tv_nsec > 0) {
      ++started;
    }
  }
  printf(
    "call-outs: %d ticks in a second, timer has time left %u of 10 times\n",
    ticks,
    started
  );
  CHECK(started >= 3);
  CHECK(ticks >= 80 && ticks <= 150);
  atomic_store(&stop, true);
  wait_for_all();
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = { .processors = 1 };

  (void)arg;
  TARGET_BEGIN("PRIORITY");
  disk_make_unreliable();
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  disk_mount();
  ceiling();
  lock_of_kernel();
  visits();
  call_outs();
  disk_unmount();
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
  TARGET_END("PRIORITY");
}

#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_INIT_TASK_PRIORITY HIGH
#include "config.h"
