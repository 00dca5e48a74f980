/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The time of day: the host's until it is set, and from then on at a constant
 * distance from it.
 */

#include "scheduler.h"

#include <errno.h>
#include <sys/time.h>
#include <time.h>

#include <rtems/score/todimpl.h>
#include <rtems/thread.h>

#define SECOND INT64_C(1000000000)

int __real_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_clock_settime(clockid_t clock, const struct timespec *t);
int __wrap_gettimeofday(struct timeval *t, void *zone);
time_t __wrap_time(time_t *result);

static rtems_mutex mutex = RTEMS_MUTEX_INITIALIZER("time of day");
static Chain_Node hooks = { &hooks, &hooks };
static _Atomic int64_t ahead_of_host;

static int64_t
host_realtime(void)
{
  struct timespec now;

  __real_clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * SECOND + now.tv_nsec;
}

void
rtems_clock_get_realtime(struct timespec *time_snapshot)
{
  int64_t now = host_realtime() + atomic_load(&ahead_of_host);

  time_snapshot->tv_sec = now / SECOND;
  time_snapshot->tv_nsec = now % SECOND;
}

void
_TOD_Hook_Register(TOD_Hook *hook)
{
  rtems_mutex_lock(&mutex);
  hook->Node.next = &hooks;
  hook->Node.previous = hooks.previous;
  hooks.previous->next = &hook->Node;
  hooks.previous = &hook->Node;
  rtems_mutex_unlock(&mutex);
}

void
_TOD_Hook_Unregister(TOD_Hook *hook)
{
  rtems_mutex_lock(&mutex);
  hook->Node.previous->next = hook->Node.next;
  hook->Node.next->previous = hook->Node.previous;
  rtems_mutex_unlock(&mutex);
}

/* RTEMS calls them with interrupts off: they may not block. */
static Status_Control
run_hooks(const struct timespec *tod)
{
  Status_Control status = STATUS_SUCCESSFUL;
  const Chain_Node *node = hooks.next;

  while (node != &hooks && status == STATUS_SUCCESSFUL) {
    const TOD_Hook *hook = RTEMS_CONTAINER_OF(node, TOD_Hook, Node);

    node = node->next;
    status = (*hook->handler)(TOD_ACTION_SET_CLOCK, tod);
  }
  return status;
}

static Status_Control
set(const struct timespec *tod)
{
  rtems_interrupt_lock lock = RTEMS_INTERRUPT_LOCK_INITIALIZER("hooks");
  rtems_interrupt_lock_context context;
  Status_Control status;

  rtems_mutex_lock(&mutex);
  rtems_interrupt_lock_acquire(&lock, &context);
  status = run_hooks(tod);
  if (status == STATUS_SUCCESSFUL) {
    atomic_store(
      &ahead_of_host,
      tod->tv_sec * SECOND + tod->tv_nsec - host_realtime()
    );
  }
  rtems_interrupt_lock_release(&lock, &context);
  rtems_mutex_unlock(&mutex);
  return status;
}

static bool
is_valid(const rtems_time_of_day *tod)
{
  static const uint8_t days[] = {
    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
  };
  bool leap = tod->year % 4 == 0; /* from 1988 to 2099 */

  return tod->year >= 1988 && tod->year <= 2099
    && tod->month >= 1 && tod->month <= 12
    && tod->day >= 1
    && tod->day <= days[tod->month - 1] + (leap && tod->month == 2 ? 1u : 0u)
    && tod->hour < 24 && tod->minute < 60 && tod->second < 60
    && tod->ticks < rtems_clock_get_ticks_per_second();
}

rtems_status_code
rtems_clock_set(const rtems_time_of_day *time_of_day)
{
  struct timespec ts;
  struct tm tm;

  if (time_of_day == NULL) {
    return RTEMS_INVALID_ADDRESS;
  }
  if (!is_valid(time_of_day)) {
    return RTEMS_INVALID_CLOCK;
  }
  tm = (struct tm) {
    .tm_year = (int)time_of_day->year - 1900,
    .tm_mon = (int)time_of_day->month - 1,
    .tm_mday = (int)time_of_day->day,
    .tm_hour = (int)time_of_day->hour,
    .tm_min = (int)time_of_day->minute,
    .tm_sec = (int)time_of_day->second
  };
  ts.tv_sec = timegm(&tm);
  ts.tv_nsec = (long)time_of_day->ticks
    * (long)rtems_configuration_get_nanoseconds_per_tick();
  return (rtems_status_code)set(&ts);
}

rtems_status_code
rtems_clock_get_tod(rtems_time_of_day *time_of_day)
{
  struct timespec now;
  struct tm tm;

  if (time_of_day == NULL) {
    return RTEMS_INVALID_ADDRESS;
  }
  rtems_clock_get_realtime(&now);
  gmtime_r(&now.tv_sec, &tm);
  *time_of_day = (rtems_time_of_day) {
    .year = (uint32_t)tm.tm_year + 1900,
    .month = (uint32_t)tm.tm_mon + 1,
    .day = (uint32_t)tm.tm_mday,
    .hour = (uint32_t)tm.tm_hour,
    .minute = (uint32_t)tm.tm_min,
    .second = (uint32_t)tm.tm_sec,
    .ticks = (uint32_t)now.tv_nsec
      / rtems_configuration_get_nanoseconds_per_tick()
  };
  return RTEMS_SUCCESSFUL;
}

rtems_status_code
rtems_clock_get_tod_timeval(struct timeval *time_of_day)
{
  if (time_of_day == NULL) {
    return RTEMS_INVALID_ADDRESS;
  }
  __wrap_gettimeofday(time_of_day, NULL);
  return RTEMS_SUCCESSFUL;
}

/* The host's functions, on these clocks. */

int
__wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
  if (clock == CLOCK_REALTIME) {
    rtems_clock_get_realtime(t);
  } else if (clock == CLOCK_MONOTONIC) {
    rtems_clock_get_monotonic(t);
  } else {
    return __real_clock_gettime(clock, t);
  }
  return 0;
}

int
__wrap_clock_settime(clockid_t clock, const struct timespec *t)
{
  if (clock != CLOCK_REALTIME || set(t) != STATUS_SUCCESSFUL) {
    errno = EINVAL;
    return -1;
  }
  return 0;
}

int
__wrap_gettimeofday(struct timeval *t, void *zone)
{
  struct timespec now;

  (void)zone;
  rtems_clock_get_realtime(&now);
  t->tv_sec = now.tv_sec;
  t->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t
__wrap_time(time_t *result)
{
  struct timespec now;

  rtems_clock_get_realtime(&now);
  if (result != NULL) {
    *result = now.tv_sec;
  }
  return now.tv_sec;
}
