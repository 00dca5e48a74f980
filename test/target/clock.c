/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The kernel's wall clock follows RTEMS's; its sleeps last as long as they
 * should, whatever happens to the wall clock.
 */

#include "target.h"

#include <stdatomic.h>

#define FOLLOW_MSEC 1000
#define SLEEP_MSEC 300
/* Late by this much: a test that shares its processor with others. */
#define LATE_MSEC 400

int rump_sys_nanosleep(
  const struct netbsd_timespec *time, struct netbsd_timespec *rest)
  NETBSD_SYSTEM_CALL("nanosleep50");
int rump_sys_select(
  int fds, void *in, void *out, void *ex, struct netbsd_timeval *time)
  NETBSD_SYSTEM_CALL("select50");

static atomic_bool stop;
static rtems_binary_semaphore stopped =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("stopped");

static void
set_year(unsigned year)
{
  rtems_time_of_day tod = { .year = year, .month = 6, .day = 1 };

  CHECK(rtems_clock_set(&tod) == RTEMS_SUCCESSFUL);
}

static int64_t
difference_msec(void)
{
  struct netbsd_timespec kernel;
  struct timespec host;

  CHECK(rump_sys_clock_gettime(NETBSD_CLOCK_REALTIME, &kernel) == 0);
  rtems_clock_get_realtime(&host);
  return (kernel.tv_sec - host.tv_sec) * 1000
    + (kernel.tv_nsec - host.tv_nsec) / (long)NSEC_PER_MSEC;
}

static bool
agree(void)
{
  int64_t difference = difference_msec();

  return difference > -200 && difference < 200;
}

static void
follow(unsigned year)
{
  uint64_t begin;

  set_year(year);
  begin = target_msec();
  while (!agree()) {
    CHECK(target_msec() - begin < FOLLOW_MSEC);
    target_sleep(20);
  }
  printf("%u: %u ms\n", year, (unsigned)(target_msec() - begin));
}

static void
wall_clock(void)
{
  static const unsigned years[] = { 2030, 2001, 2024, 2037, 1999, 2026 };
  unsigned i;

  /* NetBSD reads the clock early in its boot. */
  CHECK(difference_msec() > -1000 && difference_msec() <= 0);
  for (i = 0; i < sizeof(years) / sizeof(years[0]); ++i) {
    follow(years[i]);
  }
  /* Set twice at once: the last counts. */
  set_year(2010);
  follow(2020);
}

static uint64_t
now_nsec(void)
{
  struct timespec now;

  rtems_clock_get_monotonic(&now);
  return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

static void
check_duration(uint64_t begin, unsigned msec)
{
  uint64_t took = now_nsec() - begin;

  CHECK(took >= msec * NSEC_PER_MSEC);
  CHECK(took < (msec + LATE_MSEC) * NSEC_PER_MSEC);
}

static void
sleep_and_check(unsigned msec)
{
  struct netbsd_timespec time = {
    .tv_nsec = (long)(msec * NSEC_PER_MSEC)
  };
  struct netbsd_timeval timeout = { .tv_usec = (int32_t)msec * 1000 };
  uint64_t begin = now_nsec();

  CHECK(rump_sys_nanosleep(&time, NULL) == 0);
  check_duration(begin, msec);
  begin = now_nsec();
  CHECK(rump_sys_select(0, NULL, NULL, NULL, &timeout) == 0);
  check_duration(begin, msec);
}

static rtems_task
turn_clock(rtems_task_argument arg)
{
  (void)arg;
  while (!atomic_load(&stop)) {
    set_year(2035);
    target_sleep(30);
    set_year(2005);
    target_sleep(30);
  }
  rtems_binary_semaphore_post(&stopped);
  rtems_task_exit();
}

static void
monotonic(void)
{
  struct netbsd_timespec kernel;
  struct timespec host;
  int64_t difference;

  CHECK(rump_sys_clock_gettime(NETBSD_CLOCK_MONOTONIC, &kernel) == 0);
  rtems_clock_get_monotonic(&host);
  difference = (host.tv_sec - kernel.tv_sec) * 1000
    + (host.tv_nsec - kernel.tv_nsec) / (long)NSEC_PER_MSEC;
  /* NetBSD's begins when the kernel boots. */
  CHECK(difference > -1000 && difference < 5000);
}

static void
sleeps(void)
{
  unsigned msec;

  for (msec = 1; msec <= 64; msec *= 4) {
    sleep_and_check(msec);
  }
  (void)target_task(TARGET_PRIORITY - 20, turn_clock, 0);
  sleep_and_check(SLEEP_MSEC);
  sleep_and_check(50);
  monotonic();
  atomic_store(&stop, true);
  rtems_binary_semaphore_wait(&stopped);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("CLOCK");
  set_year(2025);
  CHECK(rtems_rump_start(NULL) == 0);
  CHECK(rtems_rump_enter() == 0);
  wall_clock();
  sleeps();
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
  /* Nobody follows any more. */
  set_year(2030);
  TARGET_END("CLOCK");
}

#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
