/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

static int64_t
get(int clock)
{
  int64_t sec = INT64_MIN;
  long nsec = -1;

  CHECK_EQUAL(rumpuser_clock_gettime(clock, &sec, &nsec), 0);
  CHECK(nsec >= 0 && nsec < SECOND);
  return sec * SECOND + nsec;
}

static int64_t
monotonic(void)
{
  return get(RUMPUSER_CLOCK_ABSMONO);
}

static int
sleep_for(int64_t nanoseconds)
{
  return rumpuser_clock_sleep(
    RUMPUSER_CLOCK_RELWALL,
    nanoseconds / SECOND,
    (long)(nanoseconds % SECOND)
  );
}

static int
sleep_until(int64_t time)
{
  return rumpuser_clock_sleep(
    RUMPUSER_CLOCK_ABSMONO,
    time / SECOND,
    (long)(time % SECOND)
  );
}

static bool
is_near(int64_t a, int64_t b, int64_t tolerance)
{
  return a - b <= tolerance && b - a <= tolerance;
}

static void
wall_clock_is_the_host_s(void)
{
  CLAUSE("C-CLK-01");
  SKIP_UNLESS(host->wall != NULL, "no wall clock to compare with");
  CHECK(is_near(get(RUMPUSER_CLOCK_RELWALL), (*host->wall)(), SECOND / 2));
  nap_ms(20);
  CHECK(is_near(get(RUMPUSER_CLOCK_RELWALL), (*host->wall)(), SECOND / 2));
}

/* Each reading is after all that any thread has made before. */
static _Atomic int64_t latest;

static void
watch_clock(void *arg)
{
  unsigned i;

  (void)arg;
  for (i = 0; i < scaled(2000); ++i) {
    int64_t seen = atomic_load(&latest);
    int64_t time = monotonic();

    if (!CHECK(time >= seen)) {
      break;
    }
    while (seen < time
        && !atomic_compare_exchange_weak(&latest, &seen, time)) {
    }
    if (i % 400 == 0) {
      nap();
    }
  }
}

static void
monotonic_clock_is_monotonic(void)
{
  int64_t begin, uptime;

  CLAUSE("C-CLK-02");
  atomic_store(&latest, 0);
  workers_run(3, watch_clock, NULL);

  begin = monotonic();
  uptime = now();
  nap_ms(60);
  CHECK(monotonic() > begin);
  /* Exact to what one can be held up between two readings. */
  CHECK(is_near(monotonic() - begin, now() - uptime, 25 * MILLISECOND));
}

static const int64_t durations[] = {
  0, 1, 1000, MILLISECOND - 1, MILLISECOND, 3 * MILLISECOND + 7,
  11 * MILLISECOND, 25 * MILLISECOND, 40 * MILLISECOND
};

static void
relative_sleep_is_long_enough(void)
{
  size_t i;

  CLAUSE("C-CLK-03");
  for (i = 0; i < COUNT(durations); ++i) {
    int64_t begin = now();

    CHECK_EQUAL(sleep_for(durations[i]), 0);
    CHECK(now() - begin >= durations[i]);
  }
}

static void
absolute_sleep_is_long_enough(void)
{
  int64_t deadline = monotonic();
  size_t i;

  CLAUSE("C-CLK-04");
  for (i = 0; i < COUNT(durations); ++i) {
    deadline = monotonic() + durations[i];
    CHECK_EQUAL(sleep_until(deadline), 0);
    CHECK(monotonic() >= deadline);
  }
}

/*
 * As clock threads: until times that lie close together, many between the same
 * two of the host's clock ticks, some not.
 */
static void
sleep_shortly(void *arg)
{
  static atomic_uint sleeps;
  int i;

  (void)arg;
  for (i = 0; i < 40; ++i) {
    int64_t deadline = monotonic()
      + atomic_fetch_add(&sleeps, 1) * 7 % 20 * (MILLISECOND / 10);

    CHECK_EQUAL(sleep_until(deadline), 0);
    CHECK(monotonic() >= deadline);
  }
}

static void
many_absolute_sleeps_are_long_enough(void)
{
  CLAUSE("C-CLK-04");
  CLAUSE("C-CLK-11");
  workers_run(6, sleep_shortly, NULL);
}

static void
past_is_over(void)
{
  int64_t begin = now();
  int i;

  CLAUSE("C-CLK-05");
  for (i = 0; i < 20; ++i) {
    CHECK_EQUAL(sleep_until(monotonic() - i * 10 * MILLISECOND), 0);
  }
  CHECK_EQUAL(rumpuser_clock_sleep(RUMPUSER_CLOCK_ABSMONO, 0, 0), 0);
  CHECK(now() - begin < SECOND);
}

static void
sleep_releases_the_cpu(void)
{
  struct lwp *l = rumpuser_curlwp();
  unsigned before = atomic_load(&l->gaps);

  CLAUSE("C-CLK-06");
  kernel_lock(2);
  CHECK_EQUAL(sleep_for(MILLISECOND), 0);
  CHECK_EQUAL(atomic_load(&l->gaps) - before, 1);
  CHECK_EQUAL(kernel_lock_count(), 2);
  CHECK_EQUAL(sleep_until(monotonic() + MILLISECOND), 0);
  CHECK_EQUAL(atomic_load(&l->gaps) - before, 2);
  CHECK_EQUAL(kernel_unlock(), 2);
}

static void
reading_keeps_the_cpu(void)
{
  unsigned before = kernel_upcalls_made();

  CLAUSE("C-CLK-07");
  (void)monotonic();
  (void)get(RUMPUSER_CLOCK_RELWALL);
  CHECK_EQUAL(kernel_upcalls_made() - before, 0);
}

/* A sleeper, whose end others wait for. */
struct sleeper {
  int clock;
  int64_t duration;
  atomic_bool asleep;
  int64_t slept;
};

static void
sleeper_run(void *arg)
{
  struct sleeper *s = arg;
  int64_t begin = now();

  atomic_store(&s->asleep, true);
  CHECK_EQUAL(
    s->clock == RUMPUSER_CLOCK_RELWALL
      ? sleep_for(s->duration)
      : sleep_until(monotonic() + s->duration),
    0
  );
  s->slept = now() - begin;
}

static void
steps_do_not_move_sleeps(void)
{
  static struct sleeper sleepers[4];
  struct worker *threads[4];
  int i;

  CLAUSE("C-CLK-08");
  SKIP_UNLESS(host->step_wall != NULL, "the wall clock cannot be set");
  for (i = 0; i < 4; ++i) {
    sleepers[i].clock = i % 2 == 0
      ? RUMPUSER_CLOCK_RELWALL
      : RUMPUSER_CLOCK_ABSMONO;
    sleepers[i].duration = 80 * MILLISECOND;
    atomic_store(&sleepers[i].asleep, false);
    threads[i] = worker_start(sleeper_run, &sleepers[i]);
    WAIT(worker_is_away(threads[i]));
    if (i == 1) {
      (*host->step_wall)(3600);
    }
  }
  (*host->step_wall)(-3600);
  for (i = 0; i < 4; ++i) {
    worker_join(threads[i]);
    CHECK(sleepers[i].slept >= 80 * MILLISECOND);
    CHECK(sleepers[i].slept < 1800 * SECOND);
  }
}

static void
steps_are_seen(void)
{
  int64_t begin = get(RUMPUSER_CLOCK_RELWALL);
  int64_t mono = monotonic();

  CLAUSE("C-CLK-09");
  SKIP_UNLESS(host->step_wall != NULL, "the wall clock cannot be set");
  (*host->step_wall)(7200);
  CHECK(is_near(
    get(RUMPUSER_CLOCK_RELWALL),
    begin + 7200 * SECOND,
    2 * SECOND
  ));
  CHECK(is_near(monotonic(), mono, 2 * SECOND));
  (*host->step_wall)(-7200);
  CHECK(is_near(get(RUMPUSER_CLOCK_RELWALL), begin, 2 * SECOND));
}

static void
nonsense_is_refused(void)
{
  int64_t sec;
  long nsec;

  CLAUSE("C-CLK-10");
  CHECK_EQUAL(rumpuser_clock_gettime(2, &sec, &nsec), NETBSD_EINVAL);
  CHECK_EQUAL(rumpuser_clock_gettime(-1, &sec, &nsec), NETBSD_EINVAL);
  CHECK_EQUAL(rumpuser_clock_sleep(2, 0, 1), NETBSD_EINVAL);
  CHECK_EQUAL(
    rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, 0, -1),
    NETBSD_EINVAL
  );
  CHECK_EQUAL(
    rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, 0, 1000000000),
    NETBSD_EINVAL
  );
  CHECK_EQUAL(
    rumpuser_clock_sleep(RUMPUSER_CLOCK_ABSMONO, 0, -1),
    NETBSD_EINVAL
  );
}

static void
sleep_briefly(void *arg)
{
  (void)arg;
  CHECK_EQUAL(sleep_for(400 * MILLISECOND), 0);
}

static void
sleeps_are_parallel(void)
{
  int64_t begin = now();

  CLAUSE("C-CLK-11");
  workers_run(16, sleep_briefly, NULL);
  CHECK(now() - begin < 16 * 400 * MILLISECOND);
}

static atomic_bool has_run;

static void
run_once(void *arg)
{
  (void)arg;
  atomic_store(&has_run, true);
}

static void
short_sleep_lets_others_run(void)
{
  struct worker *worker;
  int i;

  CLAUSE("C-CLK-13");
  atomic_store(&has_run, false);
  worker = worker_start(run_once, NULL);
  for (i = 0; i < 500 && !atomic_load(&has_run); ++i) {
    CHECK_EQUAL(sleep_for(1), 0);
  }
  CHECK(atomic_load(&has_run));
  worker_join(worker);
}

/* Sleepers that only the end of the kernel, or of the process, ends. */

static atomic_uint woken;

static void
sleep_for_ages(void *arg)
{
  int64_t sec = *(const int64_t *)arg;

  (void)rumpuser_clock_sleep(RUMPUSER_CLOCK_RELWALL, sec, 999999999);
  atomic_fetch_add(&woken, 1);
  for (;;) {
    nap_ms(1000000);
  }
}

static void
sleep_until_doomsday(void *arg)
{
  int64_t sec = *(const int64_t *)arg;

  (void)rumpuser_clock_sleep(RUMPUSER_CLOCK_ABSMONO, sec, 999999999);
  atomic_fetch_add(&woken, 1);
  for (;;) {
    nap_ms(1000000);
  }
}

static void
long_sleeps_do_not_overflow(void)
{
  static const int64_t ages[] = {
    INT64_C(1) << 32, INT64_MAX / SECOND + 1, INT64_MAX
  };
  size_t i;

  CLAUSE("C-CLK-12");
  atomic_store(&woken, 0);
  for (i = 0; i < COUNT(ages); ++i) {
    (void)worker_start(sleep_for_ages, (void *)(uintptr_t)&ages[i]);
    (void)worker_start(sleep_until_doomsday, (void *)(uintptr_t)&ages[i]);
  }
  nap_ms(60);
  CHECK_EQUAL(atomic_load(&woken), 0);
}

const struct test clock_tests[] = {
  TEST("C-CLK-01", wall_clock_is_the_host_s),
  TEST("C-CLK-02", monotonic_clock_is_monotonic),
  TEST("C-CLK-03", relative_sleep_is_long_enough),
  TEST("C-CLK-04", absolute_sleep_is_long_enough),
  TEST("C-CLK-04", many_absolute_sleeps_are_long_enough),
  TEST("C-CLK-05", past_is_over),
  TEST("C-CLK-06", sleep_releases_the_cpu),
  TEST("C-CLK-07", reading_keeps_the_cpu),
  TEST("C-CLK-08", steps_do_not_move_sleeps),
  TEST("C-CLK-09", steps_are_seen),
  TEST("C-CLK-10", nonsense_is_refused),
  TEST("C-CLK-11", sleeps_are_parallel),
  TEST("C-CLK-13", short_sleep_lets_others_run),
  TEST("C-CLK-12", long_sleeps_do_not_overflow),
  TESTS_END
};
