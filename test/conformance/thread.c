/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

/* Bare threads, without the harness around them. */

static atomic_uint runs;
static void *_Atomic seen_arg;
static struct lwp *_Atomic seen_lwp;

static void *
note_and_exit(void *arg)
{
  atomic_store(&seen_arg, arg);
  atomic_store(&seen_lwp, rumpuser_curlwp());
  atomic_fetch_add(&runs, 1);
  rumpuser_thread_exit();
  atomic_fetch_add(&runs, 1000);
  return NULL;
}

static int
create(const char *name, int join, int priority, int cpu, void **cookie)
{
  return rumpuser_thread_create(
    note_and_exit,
    &runs,
    name,
    join,
    priority,
    cpu,
    cookie
  );
}

static void
runs_once(void)
{
  void *cookie = NULL;

  CLAUSE("C-THR-01");
  atomic_store(&runs, 0);
  atomic_store(&seen_arg, NULL);
  REQUIRE(create("once", 1, 96, -1, &cookie) == 0);
  CHECK_EQUAL(rumpuser_thread_join(cookie), 0);
  CHECK(atomic_load(&seen_arg) == &runs);
  settle();
  CHECK_EQUAL(atomic_load(&runs), 1);
}

static void
starts_without_lwp(void)
{
  void *cookie = NULL;

  CLAUSE("C-THR-02");
  atomic_store(&seen_lwp, rumpuser_curlwp());
  REQUIRE(create("bare", 1, 96, -1, &cookie) == 0);
  CHECK_EQUAL(rumpuser_thread_join(cookie), 0);
  CHECK(atomic_load(&seen_lwp) == NULL);
}

static void
needs_no_cookie(void)
{
  int i;

  CLAUSE("C-THR-03");
  atomic_store(&runs, 0);
  for (i = 0; i < 5; ++i) {
    REQUIRE(create("detached", 0, 96, -1, NULL) == 0);
  }
  WAIT(atomic_load(&runs) == 5);
}

static atomic_bool finished;

static void
finish_late(void *arg)
{
  (void)arg;
  nap_ms(25);
  atomic_store(&finished, true);
}

static void
join_waits(void)
{
  struct worker *thread;

  CLAUSE("C-THR-04");
  atomic_store(&finished, false);
  thread = worker_start(finish_late, NULL);
  worker_join(thread);
  CHECK(atomic_load(&finished));
}

static void
join_releases_the_cpu(void)
{
  struct lwp *l = rumpuser_curlwp();
  unsigned before = atomic_load(&l->gaps);
  struct worker *thread;

  CLAUSE("C-THR-05");
  thread = worker_start(finish_late, NULL);
  kernel_lock(2);
  worker_join(thread);
  CHECK(atomic_load(&l->gaps) > before);
  CHECK_EQUAL(kernel_unlock(), 2);
}

static void
join_finds_the_ended(void)
{
  void *cookie = NULL;

  CLAUSE("C-THR-06");
  atomic_store(&runs, 0);
  REQUIRE(create("ended", 1, 96, -1, &cookie) == 0);
  WAIT(atomic_load(&runs) == 1);
  settle();
  CHECK_EQUAL(rumpuser_thread_join(cookie), 0);
}

static void
threads_leave_nothing(void)
{
  unsigned i, before;

  CLAUSE("C-THR-07");
  SKIP_UNLESS(host->tasks != NULL, "threads cannot be counted");
  before = (*host->tasks)();
  for (i = 0; i < scaled(120); ++i) {
    void *cookie = NULL;

    REQUIRE(create("joined", 1, 96, -1, &cookie) == 0);
    CHECK_EQUAL(rumpuser_thread_join(cookie), 0);
    atomic_store(&runs, 0);
    REQUIRE(create("detached", 0, 96, -1, NULL) == 0);
    WAIT(atomic_load(&runs) == 1);
  }
  /* The last of earlier tests may still have been counted. */
  WAIT((*host->tasks)() <= before);
}

static char task_name[64];

static void
get_name(void *arg)
{
  (void)arg;
  (*host->task_name)(task_name, sizeof(task_name));
}

static void
names_are_seen(void)
{
  static const char *const names[] = {
    "x", "rumpclk0", "fifteen.letters", "a.name.of.more.than.fifteen", NULL
  };
  size_t kept = host->task_name_length;
  size_t i;

  CLAUSE("C-THR-08");
  SKIP_UNLESS(host->task_name != NULL, "threads have no names");
  for (i = 0; i < COUNT(names); ++i) {
    struct worker_kind kind = { names[i], 96, -1 };

    task_name[0] = '\0';
    worker_join(worker_start_as(&kind, get_name, NULL));
    if (names[i] != NULL) {
      CHECK(strncmp(task_name, names[i], kept) == 0);
      CHECK(strlen(task_name) <= kept);
    }
  }
}

static void
hints_are_hints(void)
{
  static const int priorities[] = {
    -1, 0, 1, 63, 64, 96, 127, 128, 160, 192, 223, 224, 100000, -100000
  };
  static const int cpus[] = { -1, 0, 1, 3, 31, 1000 };
  size_t i, j;

  CLAUSE("C-THR-09");
  for (i = 0; i < COUNT(priorities); ++i) {
    for (j = 0; j < COUNT(cpus); ++j) {
      void *cookie = NULL;

      atomic_store(&runs, 0);
      REQUIRE(create("hinted", 1, priorities[i], cpus[j], &cookie) == 0);
      CHECK_EQUAL(rumpuser_thread_join(cookie), 0);
      CHECK_EQUAL(atomic_load(&runs), 1);
    }
  }
}

static void
lack_of_threads_is_told(void)
{
  void *cookie = NULL;
  int error;

  CLAUSE("C-THR-10");
  SKIP_UNLESS(host->exhaust_tasks != NULL, "threads cannot be exhausted");
  (*host->exhaust_tasks)(true);
  /* A thread that has been joined may give back its task a little later. */
  nap_ms(30);
  (*host->exhaust_tasks)(true);
  error = create("too many", 1, 96, -1, &cookie);
  (*host->exhaust_tasks)(false);
  CHECK_EQUAL(error, NETBSD_EAGAIN);
  atomic_store(&runs, 0);
  REQUIRE(create("again", 1, 96, -1, &cookie) == 0);
  CHECK_EQUAL(rumpuser_thread_join(cookie), 0);
  CHECK_EQUAL(atomic_load(&runs), 1);
}

static void
second_join_is_told(void)
{
  void *cookie = NULL;

  CLAUSE("C-THR-11");
  REQUIRE(create("joined", 1, 96, -1, &cookie) == 0);
  CHECK_EQUAL(rumpuser_thread_join(cookie), 0);
  CHECK_EQUAL(rumpuser_thread_join(cookie), NETBSD_EINVAL);
}

static void
get_priority(void *arg)
{
  *(int *)arg = (*host->task_priority)();
}

static int
priority_of(const char *name, int priority)
{
  struct worker_kind kind = { name, priority, -1 };
  int result = 0;

  worker_join(worker_start_as(&kind, get_priority, &result));
  return result;
}

/* NetBSD's priorities: 0 user, 96 kernel thread, 128 real-time; -1 none. */
static void
classes_have_their_order(void)
{
  int ordinary;

  CLAUSE("C-THR-12");
  SKIP_UNLESS(host->task_priority != NULL, "priorities cannot be seen");
  ordinary = priority_of("vdrain", 96);
  CHECK(priority_of("rsi0/1", -1) > ordinary);
  CHECK(priority_of("rumpclk0", -1) > ordinary);
  CHECK(priority_of("rsi3/0", -1) >= priority_of("audio", 200));
  CHECK(priority_of("audio", 200) > ordinary);
  CHECK(priority_of("user", 10) <= ordinary);
  CHECK(priority_of("none", -1) <= ordinary);
}

static void
create_and_join(void *arg)
{
  unsigned i;

  (void)arg;
  for (i = 0; i < scaled(25); ++i) {
    void *cookies[3];
    size_t j;

    for (j = 0; j < COUNT(cookies); ++j) {
      cookies[j] = NULL;
      REQUIRE(create("storm", 1, (int)(30 * j), -1, &cookies[j]) == 0);
    }
    for (j = 0; j < COUNT(cookies); ++j) {
      CHECK_EQUAL(rumpuser_thread_join(cookies[j]), 0);
    }
  }
}

static void
storm_of_threads(void)
{
  CLAUSE("C-THR-13");
  atomic_store(&runs, 0);
  workers_run(4, create_and_join, NULL);
  CHECK_EQUAL(atomic_load(&runs), 4 * 3 * scaled(25));
}

const struct test thread_tests[] = {
  TEST("C-THR-01", runs_once),
  TEST("C-THR-02", starts_without_lwp),
  TEST("C-THR-03", needs_no_cookie),
  TEST("C-THR-04", join_waits),
  TEST("C-THR-05", join_releases_the_cpu),
  TEST("C-THR-06", join_finds_the_ended),
  TEST("C-THR-07", threads_leave_nothing),
  TEST("C-THR-08", names_are_seen),
  TEST("C-THR-09", hints_are_hints),
  TEST("C-THR-10", lack_of_threads_is_told),
  TEST("C-THR-11", second_join_is_told),
  TEST("C-THR-12", classes_have_their_order),
  TEST("C-THR-13", storm_of_threads),
  TESTS_END
};
