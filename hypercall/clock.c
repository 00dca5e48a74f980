/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Clocks.  All waiting is until a time of the monotonic clock, which nobody
 * sets; it ends with the first clock tick at or after that time.
 */

#include "clock.h"

#include <stdatomic.h>

#include <rtems.h>

#include "hypercall.h"

#define NSEC_PER_SEC 1000000000

/* Thirty years: RTEMS's clocks count further, but their sums do not. */
#define FAR_FUTURE_SEC INT64_C(0x3fffffff)

/* That RTEMS's clock has been set, and who wants to know. */
static atomic_bool set_noted;
static struct waitq setting = WAITQ_INITIALIZER("rump clock setting");
static bool set_told;

void
clock_deadline(struct timespec *deadline, int64_t sec, int64_t nsec)
{
  rtems_clock_get_monotonic(deadline);
  if (sec < 0 || nsec < 0) {
    return;
  }
  if (sec > FAR_FUTURE_SEC || nsec / NSEC_PER_SEC > FAR_FUTURE_SEC) {
    sec = FAR_FUTURE_SEC;
    nsec = 0;
  }
  nsec += deadline->tv_nsec;
  deadline->tv_sec += sec + nsec / NSEC_PER_SEC;
  deadline->tv_nsec = nsec % NSEC_PER_SEC;
}

int
rumpuser_clock_gettime(int clock, int64_t *sec, long *nsec)
{
  struct timespec now;

  switch (clock) {
    case RUMPUSER_CLOCK_RELWALL:
      rtems_clock_get_realtime(&now);
      break;
    case RUMPUSER_CLOCK_ABSMONO:
      rtems_clock_get_monotonic(&now);
      break;
    default:
      return NETBSD_EINVAL;
  }
  *sec = now.tv_sec;
  *nsec = now.tv_nsec;
  return 0;
}

static bool
has_passed(const struct timespec *deadline)
{
  struct timespec now;

  rtems_clock_get_monotonic(&now);
  return now.tv_sec > deadline->tv_sec
    || (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec);
}

void
clock_note_setting(void)
{
  atomic_store_explicit(&set_noted, true, memory_order_relaxed);
}

static SLOW_PATH void
tell_of_setting(void)
{
  struct waitq_context ctx;

  atomic_store_explicit(&set_noted, false, memory_order_relaxed);
  waitq_lock(&setting, &ctx);
  set_told = true;
  waitq_wake_all(&setting, &ctx);
}

void
clock_wait_for_setting(void)
{
  struct waitq_context ctx;

  waitq_lock(&setting, &ctx);
  while (!set_told) {
    (void)occupant_wait(&setting, &ctx, NULL, NULL, NULL);
    waitq_lock(&setting, &ctx);
  }
  set_told = false;
  waitq_unlock(&setting, &ctx);
}

/* Ticks of the kernel that a clock thread may catch up in one of RTEMS's. */
static unsigned
catch_up_limit(void)
{
  return 2 + 2 * rtems_configuration_get_microseconds_per_tick() / 10000;
}

/*
 * A clock thread that is late asks for each missed tick: it must catch up, and
 * would not if it blocked for each.  But it is of the highest priority, and
 * the others must run meanwhile.
 */
static void
be_late(void)
{
  static __thread unsigned times;

  ++times;
  if (times >= catch_up_limit()) {
    times = 0;
    rtems_task_wake_after(1);
  }
}

/* Nobody wakes who sleeps, hence a queue of its own: no lock is shared. */
static void
sleep_alone(const struct timespec *deadline)
{
  struct waitq sleeper = WAITQ_INITIALIZER("rump sleep");
  struct waitq_context ctx;

  waitq_lock(&sleeper, &ctx);
  (void)occupant_wait(&sleeper, &ctx, deadline, NULL, NULL);
}

/*
 * The clock threads of all virtual CPUs sleep until the same of RTEMS's ticks,
 * and each time-out makes the tick's interrupt longer.  So only the first to
 * come has one; it wakes the others.
 */
static struct {
  struct waitq followers;
  bool led;
  int64_t tick;
} sleepers = { .followers = WAITQ_INITIALIZER("rump clocks") };

static int64_t
nanoseconds(const struct timespec *t)
{
  return t->tv_sec * INT64_C(1000000000) + t->tv_nsec;
}

/* The time of RTEMS's tick that ends a sleep; 0 for one that is not near. */
static int64_t
tick_of(const struct timespec *deadline)
{
  int64_t length = rtems_configuration_get_nanoseconds_per_tick();
  struct timespec last;
  int64_t tick, end;

  rtems_clock_get_monotonic_coarse(&last);
  if (deadline->tv_sec - last.tv_sec > 1) {
    return 0;
  }
  end = nanoseconds(deadline);
  tick = nanoseconds(&last) + length;
  if (tick < end) {
    tick += length;
  }
  return tick < end ? 0 : tick;
}

/* Ticks as computed at different times are not equal to the nanosecond. */
static bool
is_led_to(int64_t tick)
{
  int64_t length = rtems_configuration_get_nanoseconds_per_tick();
  int64_t late = sleepers.tick - tick;

  return sleepers.led && late < length / 2 && late > -length / 2;
}

/*
 * Returns true after the tick, if another clock thread waits for it, too; else
 * the caller may have become the one that others follow.
 */
static bool
sleep_led(int64_t tick, bool *leads)
{
  struct waitq_context ctx;

  waitq_lock(&sleepers.followers, &ctx);
  if (is_led_to(tick)) {
    (void)occupant_wait(&sleepers.followers, &ctx, NULL, NULL, NULL);
    return true;
  }
  *leads = !sleepers.led;
  if (*leads) {
    sleepers.led = true;
    sleepers.tick = tick;
  }
  waitq_unlock(&sleepers.followers, &ctx);
  return false;
}

static void
wake_followers(void)
{
  struct waitq_context ctx;

  waitq_lock(&sleepers.followers, &ctx);
  sleepers.led = false;
  waitq_wake_all(&sleepers.followers, &ctx);
}

/* Clock threads are of one priority: none waits for one that is less urgent. */
static void
sleep_until_tick(const struct timespec *deadline)
{
  /* With one virtual CPU there is one clock thread. */
  int64_t tick = hypercall_config.processors > 1 ? tick_of(deadline) : 0;
  bool leads = false;

  if (tick != 0 && sleep_led(tick, &leads) && has_passed(deadline)) {
    return;
  }
  sleep_alone(deadline);
  if (leads) {
    wake_followers();
  }
}

/*
 * A relative sleep lasts at least until the next tick: the page daemon sleeps a
 * nanosecond, again and again, so that the owner of a lock gets a processor.
 */
int
rumpuser_clock_sleep(int clock, int64_t sec, long nsec)
{
  rtems_interval begin = rtems_clock_get_ticks_since_boot();
  struct timespec deadline;
  int nlocks;

  if (nsec < 0 || nsec >= NSEC_PER_SEC) {
    return NETBSD_EINVAL;
  }
  switch (clock) {
    case RUMPUSER_CLOCK_RELWALL:
      clock_deadline(&deadline, sec, nsec);
      break;
    case RUMPUSER_CLOCK_ABSMONO:
      deadline.tv_sec = sec;
      deadline.tv_nsec = nsec;
      break;
    default:
      return NETBSD_EINVAL;
  }

  nlocks = hypercall_unschedule(NULL);
  if (has_passed(&deadline)) {
    be_late();
  } else if (clock == RUMPUSER_CLOCK_ABSMONO) {
    sleep_until_tick(&deadline);
  } else {
    sleep_alone(&deadline);
  }
  if (clock == RUMPUSER_CLOCK_RELWALL
      && begin == rtems_clock_get_ticks_since_boot()) {
    rtems_task_wake_after(1);
  }
  if (PREDICT_FALSE(
        atomic_load_explicit(&set_noted, memory_order_relaxed)
      )) {
    tell_of_setting();
  }
  hypercall_schedule(nlocks, NULL);
  return 0;
}
