/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

#define KMUTEX RUMPUSER_MTX_KMUTEX
#define SPIN RUMPUSER_MTX_SPIN

static const int kinds[] = { KMUTEX, SPIN, KMUTEX | SPIN };

static struct rumpuser_mtx *mtx;
static struct rumpuser_cv *cv;

static void
begin(int kind)
{
  rumpuser_mutex_init(&mtx, kind);
  rumpuser_cv_init(&cv);
}

static void
end(void)
{
  rumpuser_cv_destroy(cv);
  rumpuser_mutex_destroy(mtx);
}

static void
enter(void)
{
  rumpuser_mutex_enter(mtx);
}

static void
leave(void)
{
  rumpuser_mutex_exit(mtx);
}

static bool
has_waiters(void)
{
  int result = -1;

  rumpuser_cv_has_waiters(cv, &result);
  return result != 0;
}

static void
signal_locked(void)
{
  enter();
  rumpuser_cv_signal(cv);
  leave();
}

/* A thread that waits once, and how that went. */
struct waiter {
  enum { WAITS, WAITS_NOWRAP, WAITS_TIMED } how;
  int64_t sec, nsec;
  atomic_bool ready;
  atomic_bool woken;
  int result;
  int64_t waited;
  unsigned gaps;
  unsigned upcalls;
  int locks;
  bool has_cpu;
  bool has_mutex;
  struct worker *thread;
};

static int
wait_as(const struct waiter *w)
{
  switch (w->how) {
    case WAITS:
      rumpuser_cv_wait(cv, mtx);
      return 0;
    case WAITS_NOWRAP:
      rumpuser_cv_wait_nowrap(cv, mtx);
      return 0;
    default:
      return rumpuser_cv_timedwait(cv, mtx, w->sec, w->nsec);
  }
}

static void
waiter_run(void *arg)
{
  struct waiter *w = arg;
  struct lwp *l = rumpuser_curlwp();
  unsigned gaps, upcalls;
  int64_t start;

  kernel_lock(2);
  enter();
  atomic_store(&w->ready, true);
  gaps = atomic_load(&l->gaps);
  upcalls = kernel_upcalls_made();
  start = now();
  w->result = wait_as(w);
  w->waited = now() - start;
  w->upcalls = kernel_upcalls_made() - upcalls;
  w->gaps = atomic_load(&l->gaps) - gaps;
  w->has_cpu = kernel_has_cpu();
  w->has_mutex = rumpuser_mutex_tryenter(mtx) == NETBSD_EBUSY;
  w->locks = kernel_lock_count();
  atomic_store(&w->woken, true);
  leave();
  (void)kernel_unlock();
}

/* When this returns, the thread waits: it had the mutex until then. */
static void
waiter_start(struct waiter *w)
{
  atomic_store(&w->ready, false);
  atomic_store(&w->woken, false);
  w->thread = worker_start(waiter_run, w);
  WAIT(atomic_load(&w->ready));
  if (w->how != WAITS_NOWRAP) {
    WAIT(worker_is_away(w->thread));
  }
  enter();
  leave();
}

static unsigned
count_woken(const struct waiter *w, size_t n)
{
  unsigned count = 0;

  while (n-- > 0) {
    count += atomic_load(&w[n].woken);
  }
  return count;
}

/* Waiting. */

static void
wait_releases_the_mutex(void)
{
  size_t i;

  CLAUSE("C-CV-01");
  for (i = 0; i < COUNT(kinds); ++i) {
    static struct waiter w;

    w.how = WAITS;
    begin(kinds[i]);
    waiter_start(&w);
    CHECK_EQUAL(rumpuser_mutex_tryenter(mtx), 0);
    CHECK(!atomic_load(&w.woken));
    leave();
    signal_locked();
    worker_join(w.thread);
    end();
  }
}

static void
wait_releases_the_cpu(void)
{
  size_t i;

  CLAUSE("C-CV-02");
  for (i = 0; i < COUNT(kinds); ++i) {
    static struct waiter w;

    w.how = i == 1 ? WAITS_TIMED : WAITS;
    w.sec = 100;
    begin(kinds[i]);
    waiter_start(&w);
    kernel_lock(1);
    CHECK_EQUAL(kernel_unlock(), 1);
    signal_locked();
    worker_join(w.thread);
    CHECK_EQUAL(w.gaps, 1);
    CHECK(w.has_cpu);
    CHECK_EQUAL(w.locks, 2);
    end();
  }
}

static void
wait_returns_with_the_mutex(void)
{
  size_t i;

  CLAUSE("C-CV-03");
  for (i = 0; i < 3 * COUNT(kinds); ++i) {
    static struct waiter w;

    w.how = i % 3 == 0 ? WAITS : i % 3 == 1 ? WAITS_NOWRAP : WAITS_TIMED;
    w.sec = 100;
    begin(kinds[i / 3]);
    waiter_start(&w);
    signal_locked();
    worker_join(w.thread);
    CHECK(w.has_mutex);
    end();
  }
}

/* Waking. */

static struct waiter several[4];

static void
start_several(void)
{
  size_t i;

  for (i = 0; i < COUNT(several); ++i) {
    several[i].how = WAITS;
    waiter_start(&several[i]);
  }
}

static void
join_several(void)
{
  size_t i;

  for (i = 0; i < COUNT(several); ++i) {
    worker_join(several[i].thread);
  }
}

/* One by one, and then as many with the mutex held. */
static void
signal_each(void)
{
  unsigned i;

  start_several();
  for (i = 1; i <= COUNT(several); ++i) {
    signal_locked();
    WAIT(count_woken(several, COUNT(several)) >= i);
  }
  join_several();
  start_several();
  enter();
  for (i = 0; i < COUNT(several); ++i) {
    rumpuser_cv_signal(cv);
  }
  leave();
  WAIT(count_woken(several, COUNT(several)) == COUNT(several));
  join_several();
}

static void
signal_wakes_one(void)
{
  size_t i;

  CLAUSE("C-CV-04");
  for (i = 0; i < COUNT(kinds); ++i) {
    begin(kinds[i]);
    signal_each();
    end();
  }
}

static void
signal_wakes_no_second(void)
{
  size_t i;

  CLAUSE("C-CV-05");
  for (i = 0; i < COUNT(kinds); ++i) {
    begin(kinds[i]);
    start_several();
    signal_locked();
    WAIT(count_woken(several, COUNT(several)) >= 1);
    settle();
    CHECK_EQUAL(count_woken(several, COUNT(several)), 1);
    rumpuser_cv_broadcast(cv);
    join_several();
    end();
  }
}

static void
broadcast_wakes_all(void)
{
  size_t i;

  CLAUSE("C-CV-06");
  for (i = 0; i < COUNT(kinds); ++i) {
    begin(kinds[i]);
    start_several();
    enter();
    rumpuser_cv_broadcast(cv);
    CHECK_EQUAL(count_woken(several, COUNT(several)), 0);
    leave();
    WAIT(count_woken(several, COUNT(several)) == COUNT(several));
    rumpuser_cv_broadcast(cv);
    join_several();
    end();
  }
}

static void
signals_are_not_kept(void)
{
  CLAUSE("C-CV-07");
  begin(KMUTEX);
  rumpuser_cv_signal(cv);
  enter();
  rumpuser_cv_signal(cv);
  rumpuser_cv_broadcast(cv);
  CHECK_EQUAL(
    rumpuser_cv_timedwait(cv, mtx, 0, 15 * MILLISECOND),
    NETBSD_ETIMEDOUT
  );
  leave();
  end();
}

/* Two threads that take turns, without a time-out to help them. */
static struct {
  unsigned turn;
  atomic_uint number;
} ping;

static void
take_turns(void *arg)
{
  unsigned me = atomic_fetch_add(&ping.number, 1) % 2;
  unsigned rounds = scaled(*(const unsigned *)arg);
  unsigned i;

  for (i = 0; i < rounds; ++i) {
    enter();
    while (ping.turn % 2 != me) {
      rumpuser_cv_wait(cv, mtx);
    }
    ++ping.turn;
    rumpuser_cv_signal(cv);
    leave();
  }
}

static void
no_wakeup_is_lost(void)
{
  static unsigned rounds = 400;
  size_t i;

  CLAUSE("C-CV-08");
  for (i = 0; i < COUNT(kinds); ++i) {
    memset(&ping, 0, sizeof(ping));
    begin(kinds[i]);
    workers_run(2, take_turns, &rounds);
    CHECK_EQUAL(ping.turn, 2 * scaled(rounds));
    end();
  }
}

/* Time. */

static int
timed(int64_t sec, int64_t nsec)
{
  int error;

  enter();
  error = rumpuser_cv_timedwait(cv, mtx, sec, nsec);
  leave();
  return error;
}

static void
time_out_is_not_early(void)
{
  static const int64_t durations[] = {
    1, 1000, MILLISECOND, 4 * MILLISECOND + 3, 13 * MILLISECOND,
    31 * MILLISECOND
  };
  size_t i;

  CLAUSE("C-CV-09");
  begin(KMUTEX);
  for (i = 0; i < COUNT(durations); ++i) {
    int64_t start = now();

    CHECK_EQUAL(timed(0, durations[i]), NETBSD_ETIMEDOUT);
    CHECK(now() - start >= durations[i]);
    CHECK(now() - start < durations[i] + SECOND);
  }
  end();
}

static void
signal_in_time_is_success(void)
{
  static struct waiter w;

  CLAUSE("C-CV-10");
  begin(KMUTEX);
  w.how = WAITS_TIMED;
  w.sec = 20;
  waiter_start(&w);
  signal_locked();
  worker_join(w.thread);
  CHECK_EQUAL(w.result, 0);
  CHECK(w.waited < 10 * SECOND);
  waiter_start(&w);
  rumpuser_cv_broadcast(cv);
  worker_join(w.thread);
  CHECK_EQUAL(w.result, 0);
  end();
}

static void
no_time_is_over(void)
{
  static const int64_t times[][2] = {
    { 0, 0 }, { -1, 0 }, { 0, -1 }, { INT64_MIN, 0 }, { -1, 999999999 }
  };
  int64_t start = now();
  size_t i;

  CLAUSE("C-CV-11");
  begin(KMUTEX);
  for (i = 0; i < COUNT(times); ++i) {
    CHECK_EQUAL(timed(times[i][0], times[i][1]), NETBSD_ETIMEDOUT);
  }
  CHECK(now() - start < SECOND);
  end();
}

static void
steps_do_not_move_time_outs(void)
{
  static struct waiter w[2];

  CLAUSE("C-CV-12");
  SKIP_UNLESS(host->step_wall != NULL, "the wall clock cannot be set");
  begin(KMUTEX);
  w[0].how = w[1].how = WAITS_TIMED;
  w[0].nsec = w[1].nsec = 90 * MILLISECOND;
  waiter_start(&w[0]);
  (*host->step_wall)(3600);
  waiter_start(&w[1]);
  (*host->step_wall)(-3600);
  worker_join(w[0].thread);
  worker_join(w[1].thread);
  CHECK(w[0].waited >= 90 * MILLISECOND && w[0].waited < 2 * SECOND);
  CHECK(w[1].waited >= 90 * MILLISECOND && w[1].waited < 2 * SECOND);
  end();
}

static void
long_time_outs_do_not_overflow(void)
{
  static const int64_t ages[][2] = {
    { INT64_C(1) << 31, 0 }, { INT64_C(1) << 32, 999999999 },
    { INT64_MAX / SECOND + 1, 0 }, { INT64_MAX, 999999999 }
  };
  static struct waiter w[COUNT(ages)];
  size_t i;

  CLAUSE("C-CV-13");
  begin(KMUTEX);
  for (i = 0; i < COUNT(ages); ++i) {
    w[i].how = WAITS_TIMED;
    w[i].sec = ages[i][0];
    w[i].nsec = ages[i][1];
    waiter_start(&w[i]);
  }
  nap_ms(40);
  CHECK_EQUAL(count_woken(w, COUNT(w)), 0);
  rumpuser_cv_broadcast(cv);
  for (i = 0; i < COUNT(ages); ++i) {
    worker_join(w[i].thread);
    CHECK_EQUAL(w[i].result, 0);
  }
  end();
}

/* Kinds of waiting and of mutexes. */

static void
wait_nowrap_keeps_the_cpu(void)
{
  static struct waiter w;
  size_t i;

  CLAUSE("C-CV-14");
  for (i = 0; i < COUNT(kinds); ++i) {
    begin(kinds[i]);
    w.how = WAITS_NOWRAP;
    waiter_start(&w);
    settle();
    CHECK(!atomic_load(&w.woken));
    CHECK_EQUAL(rumpuser_mutex_tryenter(mtx), 0);
    leave();
    rumpuser_cv_signal(cv);
    worker_join(w.thread);
    CHECK_EQUAL(w.upcalls, 0);
    CHECK(w.has_cpu);
    end();
  }
}

static void
waiters_are_seen(void)
{
  static struct waiter w[2];

  CLAUSE("C-CV-15");
  begin(KMUTEX);
  CHECK(!has_waiters());
  w[0].how = w[1].how = WAITS;
  waiter_start(&w[0]);
  CHECK(has_waiters());
  waiter_start(&w[1]);
  enter();
  rumpuser_cv_signal(cv);
  /* One is woken, though it cannot return yet, and one is not. */
  CHECK(has_waiters());
  rumpuser_cv_signal(cv);
  CHECK(!has_waiters());
  leave();
  worker_join(w[0].thread);
  worker_join(w[1].thread);
  CHECK(!has_waiters());
  CHECK_EQUAL(timed(0, MILLISECOND), NETBSD_ETIMEDOUT);
  CHECK(!has_waiters());
  end();
}

/* What a waiter has when it asks for its virtual CPU again. */
static struct {
  bool has_mutex;
  unsigned times;
} probed;

static void
probe(void *arg)
{
  (void)arg;
  ++probed.times;
  probed.has_mutex = rumpuser_mutex_tryenter(mtx) != 0;
  if (!probed.has_mutex) {
    rumpuser_mutex_exit(mtx);
  }
}

static void
wait_probed(void *arg)
{
  struct lwp *l = rumpuser_curlwp();
  struct waiter *w = arg;

  l->probe = probe;
  enter();
  atomic_store(&w->ready, true);
  (void)wait_as(w);
  l->probe = NULL;
  CHECK(l->released_with == mtx);
  CHECK(l->retaken_with == mtx);
  CHECK_EQUAL(rumpuser_mutex_tryenter(mtx), NETBSD_EBUSY);
  CHECK(kernel_has_cpu());
  leave();
}

/* Signals without the mutex, so that nobody else holds it when probed. */
static void
check_order(int kind, bool mutex_first)
{
  static struct waiter w;
  int i;

  for (i = 0; i < 2; ++i) {
    begin(kind);
    w.how = i == 0 ? WAITS : WAITS_TIMED;
    w.sec = 100;
    probed.times = 0;
    atomic_store(&w.ready, false);
    w.thread = worker_start(wait_probed, &w);
    WAIT(worker_is_away(w.thread));
    enter();
    leave();
    rumpuser_cv_signal(cv);
    worker_join(w.thread);
    CHECK_EQUAL(probed.times, 1);
    CHECK_EQUAL(probed.has_mutex, mutex_first);
    end();
  }
}

static void
cpu_comes_before_kernel_spin_mutex(void)
{
  CLAUSE("C-CV-16");
  check_order(SPIN | KMUTEX, false);
}

static void
spin_mutex_comes_before_cpu(void)
{
  CLAUSE("C-CV-17");
  check_order(SPIN, true);
}

/*
 * As soft interrupts wait: with the mutex of their virtual CPU, which is not
 * held on entry, and what they wait for guarded by that CPU: here the one that
 * the test itself has.
 */
static struct {
  unsigned posted, handled;
  atomic_bool stop;
  bool timed;
} softint;

static void
softint_run(void *arg)
{
  struct lwp *l = rumpuser_curlwp();

  (void)arg;
  l->bound = true;
  l->home = 0;
  nap();
  while (!atomic_load(&softint.stop)) {
    if (softint.handled < softint.posted) {
      ++softint.handled;
    } else if (softint.timed) {
      (void)rumpuser_cv_timedwait(cv, kernel_cpu_mutex(), 100, 0);
    } else {
      rumpuser_cv_wait(cv, kernel_cpu_mutex());
    }
    CHECK(kernel_has_cpu());
  }
}

static void
softint_post(void)
{
  unsigned naps = 0;

  ++softint.posted;
  rumpuser_cv_signal(cv);
  while (softint.handled < softint.posted && naps < harness_patience()) {
    nap();
    ++naps;
  }
  CHECK_EQUAL(softint.handled, softint.posted);
}

static void
scheduler_mutex_is_an_interlock(void)
{
  unsigned i;

  CLAUSE("C-CV-18");
  for (i = 0; i < 2; ++i) {
    struct worker *thread;
    unsigned n;

    begin(KMUTEX);
    memset(&softint, 0, sizeof(softint));
    softint.timed = i == 1;
    thread = worker_start(softint_run, NULL);
    for (n = 0; n < scaled(40); ++n) {
      softint_post();
    }
    atomic_store(&softint.stop, true);
    rumpuser_cv_signal(cv);
    worker_join(thread);
    end();
  }
}

static void
waking_keeps_the_cpu(void)
{
  static struct waiter w[2];
  unsigned before;

  CLAUSE("C-CV-19");
  begin(KMUTEX);
  w[0].how = w[1].how = WAITS;
  waiter_start(&w[0]);
  waiter_start(&w[1]);
  before = kernel_upcalls_made();
  (void)has_waiters();
  rumpuser_cv_signal(cv);
  rumpuser_cv_broadcast(cv);
  CHECK_EQUAL(kernel_upcalls_made() - before, 0);
  worker_join(w[0].thread);
  worker_join(w[1].thread);
  end();
}

static void
waking_needs_no_mutex(void)
{
  static struct waiter w;
  int i;

  CLAUSE("C-CV-20");
  for (i = 0; i < 2; ++i) {
    begin(KMUTEX);
    w.how = WAITS;
    waiter_start(&w);
    if (i == 0) {
      rumpuser_cv_signal(cv);
    } else {
      rumpuser_cv_broadcast(cv);
    }
    WAIT(atomic_load(&w.woken));
    rumpuser_cv_broadcast(cv);
    worker_join(w.thread);
    end();
  }
}

/* One who waits without a limit among many whose time is always over. */
static struct {
  bool token;
  unsigned consumed;
  atomic_bool stop;
} storm;

static void
consume(void *arg)
{
  unsigned i;

  (void)arg;
  for (i = 0; i < scaled(60); ++i) {
    enter();
    while (!storm.token) {
      rumpuser_cv_wait(cv, mtx);
    }
    storm.token = false;
    ++storm.consumed;
    leave();
  }
}

static void
time_out_often(void *arg)
{
  int64_t nsec = 1000;

  (void)arg;
  while (!atomic_load(&storm.stop)) {
    int error;

    enter();
    error = rumpuser_cv_timedwait(cv, mtx, 0, nsec);
    CHECK(error == 0 || error == NETBSD_ETIMEDOUT);
    CHECK_EQUAL(rumpuser_mutex_tryenter(mtx), NETBSD_EBUSY);
    leave();
    nsec = (nsec * 7 + 13) % (2 * MILLISECOND);
  }
}

static void
produce(void)
{
  unsigned naps = 0;
  bool token;

  enter();
  storm.token = true;
  rumpuser_cv_broadcast(cv);
  do {
    leave();
    if (naps > 0) {
      nap();
    }
    enter();
    token = storm.token;
  } while (token && ++naps < harness_patience());
  CHECK(!token);
  leave();
}

static void
storm_of_time_outs(void)
{
  struct worker *threads[4];
  unsigned i;

  CLAUSE("C-CV-21");
  memset(&storm, 0, sizeof(storm));
  begin(KMUTEX);
  threads[0] = worker_start(consume, NULL);
  for (i = 1; i < COUNT(threads); ++i) {
    threads[i] = worker_start(time_out_often, NULL);
  }
  for (i = 0; i < scaled(60); ++i) {
    produce();
  }
  atomic_store(&storm.stop, true);
  for (i = 0; i < COUNT(threads); ++i) {
    worker_join(threads[i]);
  }
  CHECK_EQUAL(storm.consumed, scaled(60));
  end();
}

static void
condvars_leave_nothing(void)
{
  size_t n = host->memory != 0 ? host->memory / 16 : 20000;

  CLAUSE("C-CV-22");
  while (n-- > 0) {
    rumpuser_cv_init(&cv);
    rumpuser_cv_destroy(cv);
  }
}

static void
destroy_waited_for(void *arg)
{
  static struct waiter w;

  (void)arg;
  w.how = WAITS;
  begin(KMUTEX);
  waiter_start(&w);
  rumpuser_cv_destroy(cv);
}

static void
destroying_a_used_condvar_is_a_panic(void)
{
  CLAUSE("C-CV-23");
  SKIP_UNLESS(host->run_to_end != NULL, "a kernel cannot end here");
  CHECK_EQUAL((*host->run_to_end)(destroy_waited_for, NULL), RUMPUSER_PANIC);
}

const struct test condvar_tests[] = {
  TEST("C-CV-01", wait_releases_the_mutex),
  TEST("C-CV-02", wait_releases_the_cpu),
  TEST("C-CV-03", wait_returns_with_the_mutex),
  TEST("C-CV-04", signal_wakes_one),
  TEST("C-CV-05", signal_wakes_no_second),
  TEST("C-CV-06", broadcast_wakes_all),
  TEST("C-CV-07", signals_are_not_kept),
  TEST("C-CV-08", no_wakeup_is_lost),
  TEST("C-CV-09", time_out_is_not_early),
  TEST("C-CV-10", signal_in_time_is_success),
  TEST("C-CV-11", no_time_is_over),
  TEST("C-CV-12", steps_do_not_move_time_outs),
  TEST("C-CV-13", long_time_outs_do_not_overflow),
  TEST("C-CV-14", wait_nowrap_keeps_the_cpu),
  TEST("C-CV-15", waiters_are_seen),
  TEST("C-CV-16", cpu_comes_before_kernel_spin_mutex),
  TEST("C-CV-17", spin_mutex_comes_before_cpu),
  TEST("C-CV-18", scheduler_mutex_is_an_interlock),
  TEST("C-CV-19", waking_keeps_the_cpu),
  TEST("C-CV-20", waking_needs_no_mutex),
  TEST("C-CV-21", storm_of_time_outs),
  TEST("C-CV-22", condvars_leave_nothing),
  TEST("C-CV-23", destroying_a_used_condvar_is_a_panic),
  TESTS_END
};
