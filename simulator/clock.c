/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Clock ticks, in real time, and what waits for them.
 *
 * Tick n happens when the host's clock has passed n tick lengths since the
 * start, or later if the host is slow: it never happens early.
 */

#include "scheduler.h"

#include <time.h>

#include <rtems/counter.h>

int __real_clock_gettime(clockid_t clock, struct timespec *t);

#define SECOND INT64_C(1000000000)

static int64_t boot; /* on the host's monotonic clock */
static atomic_uint ticks;
static task *timed;

static int64_t
host_now(void)
{
  struct timespec now;

  __real_clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * SECOND + now.tv_nsec;
}

/* RTEMS's clock starts at one second. */
int64_t
sim_now(void)
{
  return host_now() - boot + SECOND;
}

static int64_t
tick_length(void)
{
  return (int64_t)sim_configuration.microseconds_per_tick * 1000;
}

static int64_t
tick_time(int64_t tick)
{
  return SECOND + tick * tick_length();
}

/* From the last tick that is due, even if it is late. */
int64_t
sim_deadline(rtems_interval interval)
{
  return tick_time((sim_now() - SECOND) / tick_length() + interval);
}

void
sim_set_timeout(task *t, int64_t deadline)
{
  task **p = &timed;

  while (*p != NULL && (*p)->deadline <= deadline) {
    p = &(*p)->next_timed;
  }
  t->deadline = deadline;
  t->timed = true;
  t->next_timed = *p;
  *p = t;
}

void
sim_cancel_timeout(task *t)
{
  task **p = &timed;

  while (*p != t) {
    p = &(*p)->next_timed;
  }
  *p = t->next_timed;
  t->timed = false;
}

static void
tick(unsigned n)
{
  sim_enter();
  atomic_store(&ticks, n);
  while (timed != NULL && timed->deadline <= tick_time(n)) {
    sim_wake(timed, RTEMS_TIMEOUT);
  }
  sim_remind();
  sim_leave();
}

static void *
generate_ticks(void *arg)
{
  (void)arg;
  for (unsigned n = 1;; ++n) {
    int64_t next = boot + n * tick_length();
    struct timespec t = { next / SECOND, next % SECOND };

    while (host_now() < next) {
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
    }
    tick(n);
  }
  return NULL;
}

void
sim_clock_initialize(void)
{
  pthread_t thread;

  boot = host_now();
  if (pthread_create(&thread, NULL, generate_ticks, NULL) != 0) {
    rtems_panic("simulator: no thread for the clock\n");
  }
  pthread_detach(thread);
}

rtems_interval
rtems_clock_get_ticks_since_boot(void)
{
  return atomic_load(&ticks);
}

rtems_interval
rtems_clock_get_ticks_per_second(void)
{
  return 1000000 / sim_configuration.microseconds_per_tick;
}

uint32_t
rtems_configuration_get_microseconds_per_tick(void)
{
  return sim_configuration.microseconds_per_tick;
}

uint32_t
rtems_configuration_get_nanoseconds_per_tick(void)
{
  return sim_configuration.microseconds_per_tick * 1000;
}

void
rtems_clock_get_monotonic(struct timespec *time_snapshot)
{
  int64_t now = sim_now();

  time_snapshot->tv_sec = now / SECOND;
  time_snapshot->tv_nsec = now % SECOND;
}

void
rtems_clock_get_monotonic_coarse(struct timespec *time_snapshot)
{
  int64_t then = tick_time(atomic_load(&ticks));

  time_snapshot->tv_sec = then / SECOND;
  time_snapshot->tv_nsec = then % SECOND;
}

/* Unlike the monotonic clock, the uptime starts at zero. */
rtems_status_code
rtems_clock_get_uptime(struct timespec *uptime)
{
  if (uptime == NULL) {
    return RTEMS_INVALID_ADDRESS;
  }
  rtems_clock_get_monotonic(uptime);
  --uptime->tv_sec;
  return RTEMS_SUCCESSFUL;
}

time_t
rtems_clock_get_uptime_seconds(void)
{
  return sim_now() / SECOND - 1;
}

uint64_t
rtems_clock_get_uptime_nanoseconds(void)
{
  return (uint64_t)(sim_now() - SECOND);
}

rtems_counter_ticks
rtems_counter_read(void)
{
  return (rtems_counter_ticks)host_now();
}

void
rtems_counter_delay_ticks(rtems_counter_ticks delay)
{
  rtems_counter_ticks begin = rtems_counter_read();

  while (rtems_counter_read() - begin < delay) {
    continue;
  }
}
