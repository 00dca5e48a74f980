/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

#define KMUTEX RUMPUSER_MTX_KMUTEX
#define SPIN RUMPUSER_MTX_SPIN

static const int kinds[] = { KMUTEX, SPIN, KMUTEX | SPIN };

static struct rumpuser_mtx *mtx;

static struct lwp *
owner(void)
{
  struct lwp *l = NULL;

  rumpuser_mutex_owner(mtx, &l);
  return l;
}

/* Mutual exclusion. */

static struct {
  int inside;
  unsigned count;
  atomic_uint overlaps;
  atomic_uint threads;
} critical;

/*
 * Who sleeps inside tempts the others to come in.  Each has a virtual CPU of
 * its own, which those who wait for a spin mutex keep.
 */
static void
enter_often(void *arg)
{
  struct lwp *l = rumpuser_curlwp();
  unsigned i;

  if (*(const int *)arg != KMUTEX) {
    l->home = 1 + (int)atomic_fetch_add(&critical.threads, 1);
    l->bound = true;
    nap();
  }
  for (i = 0; i < scaled(200); ++i) {
    rumpuser_mutex_enter(mtx);
    if (critical.inside++ != 0) {
      atomic_fetch_add(&critical.overlaps, 1);
    }
    if (i % 20 == 0) {
      nap();
    }
    ++critical.count;
    --critical.inside;
    rumpuser_mutex_exit(mtx);
  }
}

static void
one_at_a_time(void)
{
  size_t i;

  CLAUSE("C-MTX-01");
  for (i = 0; i < COUNT(kinds); ++i) {
    unsigned n = kinds[i] == KMUTEX ? 6 : host->cpus - 1;

    memset(&critical, 0, sizeof(critical));
    rumpuser_mutex_init(&mtx, kinds[i]);
    workers_run(n, enter_often, (void *)(uintptr_t)&kinds[i]);
    CHECK_EQUAL(atomic_load(&critical.overlaps), 0);
    CHECK_EQUAL(critical.count, n * scaled(200));
    rumpuser_mutex_destroy(mtx);
  }
}

/* Waiting. */

static struct {
  void (*enter)(struct rumpuser_mtx *);
  atomic_bool about_to;
  atomic_bool inside;
  unsigned gaps;
  bool has_cpu;
  int locks;
} waiter;

static void
wait_and_enter(void *arg)
{
  struct lwp *l = rumpuser_curlwp();
  unsigned before = atomic_load(&l->gaps);

  if (arg != NULL) {
    kernel_lock(3);
  }
  atomic_store(&waiter.about_to, true);
  (*waiter.enter)(mtx);
  waiter.gaps = atomic_load(&l->gaps) - before;
  waiter.has_cpu = kernel_has_cpu();
  waiter.locks = kernel_unlock();
  atomic_store(&waiter.inside, true);
  rumpuser_mutex_exit(mtx);
}

static struct worker *
start_waiter(void (*enter)(struct rumpuser_mtx *), void *arg)
{
  struct worker *thread;

  waiter.enter = enter;
  atomic_store(&waiter.about_to, false);
  atomic_store(&waiter.inside, false);
  thread = worker_start(wait_and_enter, arg);
  WAIT(atomic_load(&waiter.about_to));
  return thread;
}

static void
waiting_mutex_releases_the_cpu(void)
{
  struct worker *thread;

  CLAUSE("C-MTX-02");
  rumpuser_mutex_init(&mtx, KMUTEX);
  rumpuser_mutex_enter(mtx);
  thread = start_waiter(rumpuser_mutex_enter, &waiter);
  WAIT(worker_is_away(thread));
  /* The big lock is free meanwhile. */
  kernel_lock(1);
  CHECK_EQUAL(kernel_unlock(), 1);
  CHECK(!atomic_load(&waiter.inside));
  rumpuser_mutex_exit(mtx);
  worker_join(thread);
  CHECK_EQUAL(waiter.gaps, 1);
  CHECK(waiter.has_cpu);
  CHECK_EQUAL(waiter.locks, 3);
  rumpuser_mutex_destroy(mtx);
}

static void
free_mutex_keeps_the_cpu(void)
{
  unsigned before = kernel_upcalls_made();
  size_t i;

  CLAUSE("C-MTX-03");
  for (i = 0; i < COUNT(kinds); ++i) {
    rumpuser_mutex_init(&mtx, kinds[i]);
    rumpuser_mutex_enter(mtx);
    rumpuser_mutex_exit(mtx);
    rumpuser_mutex_destroy(mtx);
  }
  CHECK_EQUAL(kernel_upcalls_made() - before, 0);
}

static void
wait_with_cpu(void (*enter)(struct rumpuser_mtx *), int kind)
{
  struct worker *thread;

  rumpuser_mutex_init(&mtx, kind);
  rumpuser_mutex_enter_nowrap(mtx);
  thread = start_waiter(enter, NULL);
  settle();
  CHECK(!atomic_load(&waiter.inside));
  rumpuser_mutex_exit(mtx);
  worker_join(thread);
  CHECK_EQUAL(waiter.gaps, 0);
  CHECK(waiter.has_cpu);
  rumpuser_mutex_destroy(mtx);
}

static void
spin_keeps_the_cpu(void)
{
  CLAUSE("C-MTX-04");
  wait_with_cpu(rumpuser_mutex_enter, SPIN);
  wait_with_cpu(rumpuser_mutex_enter, SPIN | KMUTEX);
}

static void
enter_nowrap_keeps_the_cpu(void)
{
  CLAUSE("C-MTX-05");
  wait_with_cpu(rumpuser_mutex_enter_nowrap, SPIN);
  wait_with_cpu(rumpuser_mutex_enter_nowrap, SPIN | KMUTEX);
}

/*
 * An owner of low priority with something to do, and a thread of high priority
 * that wants the spin mutex: the owner has to get the processor.
 */
static void
hold_busily(void *arg)
{
  volatile unsigned i;

  (void)arg;
  rumpuser_mutex_enter_nowrap(mtx);
  atomic_store(&critical.overlaps, 1);
  WAIT(atomic_load(&waiter.about_to));
  for (i = 0; i < 100000; ++i) {
  }
  rumpuser_mutex_exit(mtx);
}

static void
spin_lets_the_owner_run(void)
{
  static const struct worker_kind low = { "low", 1, -1 };
  static const struct worker_kind high = { "rsi0/0", -1, -1 };
  struct worker *holder, *thread;

  CLAUSE("C-MTX-06");
  rumpuser_mutex_init(&mtx, SPIN);
  atomic_store(&waiter.about_to, false);
  atomic_store(&waiter.inside, false);
  atomic_store(&critical.overlaps, 0);
  waiter.enter = rumpuser_mutex_enter;
  holder = worker_start_as(&low, hold_busily, NULL);
  WAIT(atomic_load(&critical.overlaps) == 1);
  thread = worker_start_as(&high, wait_and_enter, NULL);
  worker_join(thread);
  worker_join(holder);
  CHECK(atomic_load(&waiter.inside));
  rumpuser_mutex_destroy(mtx);
}

/* Trying. */

static int tried;

static void
try(void *arg)
{
  unsigned before = kernel_upcalls_made();

  (void)arg;
  tried = rumpuser_mutex_tryenter(mtx);
  if (tried == 0) {
    rumpuser_mutex_exit(mtx);
  }
  CHECK_EQUAL(kernel_upcalls_made() - before, 0);
}

static int
try_elsewhere(void)
{
  tried = -1;
  worker_join(worker_start(try, NULL));
  return tried;
}

static void
mutex_tryenter_tells(void)
{
  size_t i;

  CLAUSE("C-MTX-07");
  for (i = 0; i < COUNT(kinds); ++i) {
    rumpuser_mutex_init(&mtx, kinds[i]);
    CHECK_EQUAL(rumpuser_mutex_tryenter(mtx), 0);
    CHECK_EQUAL(rumpuser_mutex_tryenter(mtx), NETBSD_EBUSY);
    CHECK_EQUAL(try_elsewhere(), NETBSD_EBUSY);
    rumpuser_mutex_exit(mtx);
    CHECK_EQUAL(try_elsewhere(), 0);
    CHECK_EQUAL(rumpuser_mutex_tryenter(mtx), 0);
    rumpuser_mutex_exit(mtx);
    rumpuser_mutex_destroy(mtx);
  }
}

/* Giving back. */

static atomic_uint entered;

static void
enter_once(void *arg)
{
  (void)arg;
  rumpuser_mutex_enter(mtx);
  atomic_fetch_add(&entered, 1);
  rumpuser_mutex_exit(mtx);
}

static void
mutex_exit_lets_all_in(void)
{
  struct worker *threads[5];
  size_t i;

  CLAUSE("C-MTX-08");
  atomic_store(&entered, 0);
  rumpuser_mutex_init(&mtx, KMUTEX);
  rumpuser_mutex_enter(mtx);
  for (i = 0; i < COUNT(threads); ++i) {
    threads[i] = worker_start(enter_once, NULL);
    WAIT(worker_is_away(threads[i]));
  }
  CHECK_EQUAL(atomic_load(&entered), 0);
  rumpuser_mutex_exit(mtx);
  for (i = 0; i < COUNT(threads); ++i) {
    worker_join(threads[i]);
  }
  CHECK_EQUAL(atomic_load(&entered), COUNT(threads));
  CHECK_EQUAL(rumpuser_mutex_tryenter(mtx), 0);
  rumpuser_mutex_exit(mtx);
  rumpuser_mutex_destroy(mtx);
}

static void
mutex_tries_keep_the_cpu(void)
{
  struct worker *thread;
  unsigned before;

  CLAUSE("C-MTX-09");
  rumpuser_mutex_init(&mtx, KMUTEX);
  rumpuser_mutex_enter(mtx);
  thread = start_waiter(rumpuser_mutex_enter, NULL);
  WAIT(worker_is_away(thread));
  before = kernel_upcalls_made();
  CHECK(rumpuser_mutex_tryenter(mtx) != 0);
  (void)owner();
  rumpuser_mutex_exit(mtx);
  CHECK_EQUAL(kernel_upcalls_made() - before, 0);
  worker_join(thread);
  rumpuser_mutex_destroy(mtx);
}

static struct lwp *_Atomic seen_owner;

static void
look_at_owner(void *arg)
{
  (void)arg;
  atomic_store(&seen_owner, owner());
}

static void
check_owner(struct lwp *expected)
{
  CHECK(owner() == expected);
  worker_join(worker_start(look_at_owner, NULL));
  CHECK(atomic_load(&seen_owner) == expected);
}

static void
owner_is_known(void)
{
  struct lwp *self = rumpuser_curlwp();
  size_t i;

  CLAUSE("C-MTX-10");
  for (i = 0; i < COUNT(kinds); ++i) {
    if ((kinds[i] & KMUTEX) == 0) {
      continue;
    }
    rumpuser_mutex_init(&mtx, kinds[i]);
    check_owner(NULL);
    rumpuser_mutex_enter(mtx);
    check_owner(self);
    rumpuser_mutex_exit(mtx);
    check_owner(NULL);
    CHECK_EQUAL(rumpuser_mutex_tryenter(mtx), 0);
    check_owner(self);
    rumpuser_mutex_exit(mtx);
    if ((kinds[i] & SPIN) != 0) {
      rumpuser_mutex_enter_nowrap(mtx);
      check_owner(self);
      rumpuser_mutex_exit(mtx);
    }
    check_owner(NULL);
    rumpuser_mutex_destroy(mtx);
  }
}

/* More of them, one after the other, than fit into memory. */
static void
mutexes_leave_nothing(void)
{
  size_t n = host->memory != 0 ? host->memory / 24 : 20000;

  CLAUSE("C-MTX-11");
  while (n-- > 0) {
    rumpuser_mutex_init(&mtx, KMUTEX);
    rumpuser_mutex_destroy(mtx);
  }
}

static void
spin_is_told(void)
{
  size_t i;

  CLAUSE("C-MTX-12");
  SKIP_UNLESS(HAVE(rumpuser_mutex_spin_p), "no rumpuser_mutex_spin_p()");
  for (i = 0; i < COUNT(kinds); ++i) {
    rumpuser_mutex_init(&mtx, kinds[i]);
    CHECK_EQUAL(rumpuser_mutex_spin_p(mtx) != 0, (kinds[i] & SPIN) != 0);
    rumpuser_mutex_destroy(mtx);
  }
}

/* Priorities. */

static struct {
  atomic_bool held;
  int own, high, inherited, after;
} inheritance;

static void
hold_until_raised(void *arg)
{
  (void)arg;
  inheritance.own = (*host->task_priority)();
  rumpuser_mutex_enter(mtx);
  atomic_store(&inheritance.held, true);
  WAIT((*host->task_priority)() != inheritance.own);
  inheritance.inherited = (*host->task_priority)();
  rumpuser_mutex_exit(mtx);
  inheritance.after = (*host->task_priority)();
}

static void
want_highly(void *arg)
{
  (void)arg;
  inheritance.high = (*host->task_priority)();
  rumpuser_mutex_enter(mtx);
  rumpuser_mutex_exit(mtx);
}

static void
owner_inherits(void)
{
  static const struct worker_kind low = { "low", 1, -1 };
  static const struct worker_kind high = { "rsi0/0", -1, -1 };
  size_t i;

  CLAUSE("C-MTX-13");
  SKIP_UNLESS(host->task_priority != NULL, "priorities cannot be seen");
  for (i = 0; i < COUNT(kinds); ++i) {
    struct worker *holder, *thread;

    rumpuser_mutex_init(&mtx, kinds[i]);
    atomic_store(&inheritance.held, false);
    holder = worker_start_as(&low, hold_until_raised, NULL);
    WAIT(atomic_load(&inheritance.held));
    thread = worker_start_as(&high, want_highly, NULL);
    worker_join(thread);
    worker_join(holder);
    CHECK_EQUAL(inheritance.inherited, inheritance.high);
    CHECK_EQUAL(inheritance.after, inheritance.own);
    rumpuser_mutex_destroy(mtx);
  }
}

/* What must not be done. */

static void
exit_free(void *arg)
{
  (void)arg;
  rumpuser_mutex_init(&mtx, KMUTEX);
  rumpuser_mutex_exit(mtx);
}

static void
hold_for_ever(void *arg)
{
  (void)arg;
  rumpuser_mutex_enter(mtx);
  atomic_store(&entered, 1);
  for (;;) {
    nap_ms(1000);
  }
}

static void
exit_as_stranger(void *arg)
{
  (void)arg;
  rumpuser_mutex_init(&mtx, KMUTEX);
  atomic_store(&entered, 0);
  (void)worker_start(hold_for_ever, NULL);
  WAIT(atomic_load(&entered) == 1);
  rumpuser_mutex_exit(mtx);
}

static void
stranger_s_mutex_exit_is_a_panic(void)
{
  CLAUSE("C-MTX-14");
  SKIP_UNLESS(host->run_to_end != NULL, "a kernel cannot end here");
  CHECK_EQUAL((*host->run_to_end)(exit_free, NULL), RUMPUSER_PANIC);
  CHECK_EQUAL((*host->run_to_end)(exit_as_stranger, NULL), RUMPUSER_PANIC);
}

static void
enter_twice(void *arg)
{
  rumpuser_mutex_init(&mtx, *(const int *)arg);
  rumpuser_mutex_enter(mtx);
  rumpuser_mutex_enter(mtx);
}

static void
own_mutex_is_a_panic(void)
{
  size_t i;

  CLAUSE("C-MTX-15");
  SKIP_UNLESS(host->run_to_end != NULL, "a kernel cannot end here");
  for (i = 0; i < COUNT(kinds); ++i) {
    CHECK_EQUAL(
      (*host->run_to_end)(enter_twice, (void *)(uintptr_t)&kinds[i]),
      RUMPUSER_PANIC
    );
  }
}

static void
destroy_held(void *arg)
{
  (void)arg;
  rumpuser_mutex_init(&mtx, KMUTEX);
  rumpuser_mutex_enter(mtx);
  rumpuser_mutex_destroy(mtx);
}

static void
destroying_a_held_mutex_is_a_panic(void)
{
  CLAUSE("C-MTX-16");
  SKIP_UNLESS(host->run_to_end != NULL, "a kernel cannot end here");
  CHECK_EQUAL((*host->run_to_end)(destroy_held, NULL), RUMPUSER_PANIC);
}

/*
 * The next owner destroys the mutex and its memory is used again: exit must
 * not touch it any more.
 */
static void
enter_and_give_back(void *arg)
{
  struct rumpuser_mtx *m = arg;

  rumpuser_mutex_enter(m);
  atomic_store(&entered, 1);
  WAIT(atomic_load(&entered) == 2);
  rumpuser_mutex_exit(m);
}

static void
reuse_memory(struct worker *last)
{
  static const size_t sizes[] = { 16, 32, 64, 128, 256 };
  unsigned char *blocks[COUNT(sizes)];
  size_t i, j;

  for (i = 0; i < COUNT(sizes); ++i) {
    void *p = NULL;

    REQUIRE(rumpuser_malloc(sizes[i], 0, &p) == 0);
    blocks[i] = memset(p, 0, sizes[i]);
  }
  worker_join(last);
  for (i = 0; i < COUNT(sizes); ++i) {
    for (j = 0; j < sizes[i] && blocks[i][j] == 0; ++j) {
    }
    CHECK_EQUAL(j, sizes[i]);
    rumpuser_free(blocks[i], sizes[i]);
  }
}

static void
exit_is_the_last_touch(void)
{
  unsigned round;

  CLAUSE("C-MTX-17");
  for (round = 0; round < scaled(20); ++round) {
    struct rumpuser_mtx *m;
    struct worker *thread;

    rumpuser_mutex_init(&m, KMUTEX);
    atomic_store(&entered, 0);
    thread = worker_start(enter_and_give_back, m);
    WAIT(atomic_load(&entered) == 1);
    atomic_store(&entered, 2);
    rumpuser_mutex_enter(m);
    rumpuser_mutex_exit(m);
    rumpuser_mutex_destroy(m);
    reuse_memory(thread);
  }
}

const struct test mutex_tests[] = {
  TEST("C-MTX-01", one_at_a_time),
  TEST("C-MTX-02", waiting_mutex_releases_the_cpu),
  TEST("C-MTX-03", free_mutex_keeps_the_cpu),
  TEST("C-MTX-04", spin_keeps_the_cpu),
  TEST("C-MTX-05", enter_nowrap_keeps_the_cpu),
  TEST("C-MTX-06", spin_lets_the_owner_run),
  TEST("C-MTX-07", mutex_tryenter_tells),
  TEST("C-MTX-08", mutex_exit_lets_all_in),
  TEST("C-MTX-09", mutex_tries_keep_the_cpu),
  TEST("C-MTX-10", owner_is_known),
  TEST("C-MTX-11", mutexes_leave_nothing),
  TEST("C-MTX-12", spin_is_told),
  TEST("C-MTX-13", owner_inherits),
  TEST("C-MTX-14", stranger_s_mutex_exit_is_a_panic),
  TEST("C-MTX-15", own_mutex_is_a_panic),
  TEST("C-MTX-16", destroying_a_held_mutex_is_a_panic),
  TEST("C-MTX-17", exit_is_the_last_touch),
  TESTS_END
};
