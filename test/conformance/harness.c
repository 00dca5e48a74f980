/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

#define THREADS 96

const struct host *host;
atomic_bool harness_running;

static struct worker threads[THREADS];

/* The running test. */
static const struct test *current;
static _Atomic(const char *) clause;
static atomic_uint failures;
static const char *skipped;

static struct {
  unsigned ok, failed, skipped, deviations;
} result;

/* Judging. */

void
harness_clause(const char *id)
{
  atomic_store(&clause, id);
}

/* Of many failures of one test, the first few tell enough. */
static bool
count_failure(void)
{
  return atomic_fetch_add(&failures, 1) < 8;
}

bool
harness_check(bool condition, const char *text, const char *file, int line)
{
  if (!condition && count_failure()) {
    printf("# %s: %s:%d: %s\n", atomic_load(&clause), file, line, text);
  }
  return condition;
}

bool
harness_check_equal(
  int64_t     value,
  int64_t     expected,
  const char *text,
  const char *file,
  int         line
)
{
  if (value != expected && count_failure()) {
    printf(
      "# %s: %s:%d: %s is %lld, not %lld\n",
      atomic_load(&clause),
      file,
      line,
      text,
      (long long)value,
      (long long)expected
    );
  }
  return value == expected;
}

void
harness_skip(const char *reason)
{
  skipped = reason;
}

void
harness_give_up(const char *reason)
{
  printf("# given up: %s\n", reason);
  printf(
    "not ok %s %s\n",
    current == NULL ? "-" : current->clauses,
    current == NULL ? "-" : current->name
  );
  fflush(stdout);
  (*host->end)(1);
  abort();
}

/* The clause, or one of the section, if only that is named. */
static bool
covers(const struct test *test, const char *id)
{
  const char *p = test->clauses;
  size_t length = strlen(id);

  while ((p = strstr(p, id)) != NULL) {
    if (p[length] == '\0' || p[length] == ' ' || p[length] == '-') {
      return true;
    }
    ++p;
  }
  return false;
}

const char *
harness_test_name(void)
{
  return current->name;
}

static const struct host_deviation *
find_deviation(const struct test *test)
{
  const struct host_deviation *d = host->deviations;

  for (; d != NULL && d->clause != NULL; ++d) {
    if (covers(test, d->clause)) {
      return d;
    }
  }
  return NULL;
}

static void
report(const struct host_deviation *deviation)
{
  const char *verdict;

  if (atomic_load(&failures) > 0) {
    verdict = deviation != NULL ? "deviation" : "not ok";
    ++*(deviation != NULL ? &result.deviations : &result.failed);
  } else if (skipped != NULL) {
    verdict = "skip";
    ++result.skipped;
  } else {
    verdict = "ok";
    ++result.ok;
  }
  printf("%s %s %s", verdict, current->clauses, current->name);
  if (atomic_load(&failures) > 0 && deviation != NULL) {
    printf(": %s", deviation->reason);
  } else if (skipped != NULL) {
    printf(": %s", skipped);
  }
  printf("\n");
  fflush(stdout);
}

unsigned
harness_patience(void)
{
  return host->patience != 0 ? 1000 * host->patience : 2500;
}

/* A test that fails may wait in vain a few times. */
static unsigned
watch_seconds(void)
{
  unsigned seconds = 4 * harness_patience() / 1000 + 2;

  return host->thorough ? 20 * seconds : seconds;
}

static void
run_test(const struct test *test, bool in_kernel)
{
  const struct host_deviation *deviation = find_deviation(test);

  current = test;
  harness_clause("C");
  atomic_store(&failures, 0);
  skipped = NULL;
  if (deviation != NULL && deviation->fatal) {
    atomic_store(&failures, 1);
    report(deviation);
    return;
  }
  if (host->watch != NULL) {
    (*host->watch)(watch_seconds());
  }
  atomic_store(&harness_running, true);
  (*test->run)();
  atomic_store(&harness_running, false);
  if (in_kernel && !kernel_has_cpu()) {
    harness_give_up("the test has lost its virtual CPU");
  }
  if (host->watch != NULL) {
    (*host->watch)(0);
  }
  report(deviation);
}

static void
run_tests(const struct test *test, bool in_kernel)
{
  for (; test->clauses != NULL; ++test) {
    if (
      host->clause == NULL
        || covers(test, host->clause)
        || strcmp(test->name, host->clause) == 0
    ) {
      run_test(test, in_kernel);
    }
  }
}

/* Time. */

void
nap_ms(int milliseconds)
{
  (void)rumpuser_clock_sleep(
    RUMPUSER_CLOCK_RELWALL,
    milliseconds / 1000,
    milliseconds % 1000 * MILLISECOND
  );
}

void
nap(void)
{
  nap_ms(1);
}

void
settle(void)
{
  nap_ms(8);
}

int64_t
now(void)
{
  int64_t sec = 0;
  long nsec = 0;

  if (host->monotonic != NULL) {
    return (*host->monotonic)();
  }
  (void)rumpuser_clock_gettime(RUMPUSER_CLOCK_ABSMONO, &sec, &nsec);
  return sec * SECOND + nsec;
}

unsigned
scaled(unsigned n)
{
  return host->thorough ? 50 * n : host->slow ? (n + 4) / 5 : n;
}

uint32_t
next_number(uint32_t *state)
{
  uint32_t x = *state;

  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  *state = x;
  return x;
}

/* Threads. */

static struct worker *
worker_allocate(void)
{
  size_t i;

  for (i = 0; i < THREADS; ++i) {
    if (!atomic_exchange(&threads[i].used, true)) {
      return &threads[i];
    }
  }
  harness_give_up("too many threads");
  return NULL;
}

/* What NetBSD does around the function of a kernel thread. */
static void *
worker_bounce(void *arg)
{
  struct worker *thread = arg;

  kernel_enter(thread->lwp);
  (*thread->run)(thread->arg);
  atomic_store(&thread->done, true);
  kernel_leave();
  rumpuser_thread_exit();
  return NULL;
}

struct worker *
worker_start_as(
  const struct worker_kind *kind,
  void                    (*run)(void *arg),
  void                     *arg
)
{
  struct worker *thread = worker_allocate();
  int error;

  thread->lwp = kernel_lwp_create();
  thread->run = run;
  thread->arg = arg;
  thread->cookie = NULL;
  atomic_store(&thread->done, false);
  error = rumpuser_thread_create(
    worker_bounce,
    thread,
    kind->name,
    1,
    kind->priority,
    kind->cpu,
    &thread->cookie
  );
  if (error != 0) {
    harness_give_up("no thread");
  }
  return thread;
}

struct worker *
worker_start(void (*run)(void *arg), void *arg)
{
  static const struct worker_kind kind = { "test", 96, -1 };

  return worker_start_as(&kind, run, arg);
}

void
worker_join(struct worker *thread)
{
  CHECK_EQUAL(rumpuser_thread_join(thread->cookie), 0);
  CHECK(atomic_load(&thread->done));
  kernel_lwp_destroy(thread->lwp);
  atomic_store(&thread->used, false);
}

void
workers_run(unsigned n, void (*run)(void *arg), void *arg)
{
  struct worker *started[16];
  unsigned i;

  for (i = 0; i < n && i < COUNT(started); ++i) {
    started[i] = worker_start(run, arg);
  }
  while (i > 0) {
    worker_join(started[--i]);
  }
}

bool
worker_is_away(struct worker *thread)
{
  return atomic_load(&thread->lwp->away);
}

void
barrier_wait(struct barrier *barrier, unsigned members)
{
  unsigned round = atomic_fetch_add(&barrier->arrived, 1) / members + 1;

  WAIT(atomic_load(&barrier->arrived) >= round * members);
}

/* Files. */

const char *
file_name(char *buffer, const char *name)
{
  (void)snprintf(buffer, 128, "%s%s", host->directory, name);
  return buffer;
}

/* The whole. */

static const struct test *const sections[] = {
  memory_tests,
  file_tests,
  block_tests,
  clock_tests,
  param_tests,
  error_tests,
  console_tests,
  random_tests,
  thread_tests,
  lwp_tests,
  mutex_tests,
  rwlock_tests,
  condvar_tests,
  loader_tests,
  component_tests,
  proxy_tests,
  exit_tests
};

static void
finished(void)
{
  CLAUSE("C-EXIT-05");
  SKIP_UNLESS(host->finish != NULL, "the host has no end");
  CHECK((*host->finish)());
}

static const struct test end_tests[] = {
  TEST("C-EXIT-05", finished),
  TESTS_END
};

static int
conclude(void)
{
  printf(
    "# %u ok, %u failed, %u deviations, %u skipped\n",
    result.ok,
    result.failed,
    result.deviations,
    result.skipped
  );
  if (result.ok + result.failed + result.deviations + result.skipped == 0) {
    printf("# no test has run\n");
    return 1;
  }
  if (result.failed == 0) {
    printf("\n*** END OF TEST CONFORMANCE ***\n");
  }
  fflush(stdout);
  return result.failed != 0;
}

int
harness_main(const struct host *h)
{
  struct lwp *l;
  size_t i;

  host = h;
  printf("\n*** BEGIN OF TEST CONFORMANCE ***\n# host: %s\n", h->name);
  run_tests(early_tests, false);
  init_host();
  kernel_use_cpus(1);
  l = kernel_lwp_create();
  rumpuser_curlwpop(RUMPUSER_LWP_SET, l);
  run_tests(boot_tests, false);
  rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, l);

  kernel_boot(h->cpus);
  l->home = 0;
  l->bound = true;
  kernel_enter(l);
  for (i = 0; i < COUNT(sections); ++i) {
    run_tests(sections[i], true);
  }
  kernel_leave();
  kernel_lwp_destroy(l);
  run_tests(end_tests, false);
  return conclude();
}
