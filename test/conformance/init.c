/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The start: before rumpuser_init(), the call itself, and what a kernel does
 * before it has virtual CPUs.
 */

#include "harness.h"

static struct {
  int error;
  unsigned upcalls;
} init;

void
init_host(void)
{
  atomic_store(&harness_running, true);
  init.error = rumpuser_init(RUMPUSER_VERSION, &kernel_upcalls);
  init.upcalls = kernel_upcalls_made();
  atomic_store(&harness_running, false);
  if (init.error != 0) {
    harness_give_up("rumpuser_init() has failed");
  }
}

static void
refuses_other_versions(void)
{
  static const int versions[] = {
    RUMPUSER_VERSION - 1, RUMPUSER_VERSION + 1, 0, -1, 1 << 30
  };
  size_t i;

  CLAUSE("C-INIT-02");
  for (i = 0; i < COUNT(versions); ++i) {
    CHECK(rumpuser_init(versions[i], &kernel_upcalls) != 0);
  }
}

static void
prints_before_init(void)
{
  char output[64];

  CLAUSE("C-CON-03");
  SKIP_UNLESS(host->console_begin != NULL, "no access to the console");
  (*host->console_begin)();
  rumpuser_dprintf("early %d\n", 1);
  (*host->console_end)(output, sizeof(output));
  CHECK(strcmp(output, "early 1\n") == 0);
}

const struct test early_tests[] = {
  TEST("C-INIT-02 C-INIT-03", refuses_other_versions),
  TEST("C-CON-03", prints_before_init),
  TESTS_END
};

/* Whether init_host() went well; if not it has given up. */
static void
accepts_its_version(void)
{
  CLAUSE("C-INIT-01");
  CHECK_EQUAL(init.error, 0);
  CLAUSE("C-INIT-04");
  CHECK_EQUAL(init.upcalls, 0);
}

static void
locks_work(void)
{
  static const int kinds[] = {
    RUMPUSER_MTX_KMUTEX,
    RUMPUSER_MTX_SPIN,
    RUMPUSER_MTX_KMUTEX | RUMPUSER_MTX_SPIN
  };
  struct rumpuser_rw *rw;
  size_t i;

  for (i = 0; i < COUNT(kinds); ++i) {
    struct rumpuser_mtx *mtx;

    rumpuser_mutex_init(&mtx, kinds[i]);
    rumpuser_mutex_enter(mtx);
    rumpuser_mutex_exit(mtx);
    CHECK_EQUAL(rumpuser_mutex_tryenter(mtx), 0);
    rumpuser_mutex_exit(mtx);
    rumpuser_mutex_destroy(mtx);
  }
  rumpuser_rw_init(&rw);
  rumpuser_rw_enter(RUMPUSER_RW_READER, rw);
  rumpuser_rw_exit(rw);
  rumpuser_rw_enter(RUMPUSER_RW_WRITER, rw);
  rumpuser_rw_exit(rw);
  rumpuser_rw_destroy(rw);
}

static void
works_without_cpu(void)
{
  unsigned before = kernel_upcalls_made();
  struct rumpuser_cv *cv;
  int64_t sec;
  long nsec;
  char buffer[256];
  void *p;

  CLAUSE("C-INIT-05");
  locks_work();
  rumpuser_cv_init(&cv);
  rumpuser_cv_signal(cv);
  rumpuser_cv_broadcast(cv);
  rumpuser_cv_destroy(cv);
  REQUIRE(rumpuser_malloc(100, 0, &p) == 0);
  rumpuser_free(p, 100);
  CHECK_EQUAL(rumpuser_clock_gettime(RUMPUSER_CLOCK_RELWALL, &sec, &nsec), 0);
  CHECK_EQUAL(
    rumpuser_getparam(RUMPUSER_PARAM_NCPU, buffer, sizeof(buffer)),
    0
  );
  CHECK_EQUAL(kernel_upcalls_made() - before, 0);
}

const struct test boot_tests[] = {
  TEST("C-INIT-01 C-INIT-03 C-INIT-04", accepts_its_version),
  TEST("C-INIT-05", works_without_cpu),
  TESTS_END
};
