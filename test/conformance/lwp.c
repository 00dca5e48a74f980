/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

/* The test itself has an lwp, so bare threads are what this is tried with. */

static void
in_bare_thread(void *(*entry)(void *), void *arg)
{
  void *cookie = NULL;

  REQUIRE(rumpuser_thread_create(entry, arg, "bare", 1, 96, -1, &cookie)
    == 0);
  CHECK_EQUAL(rumpuser_thread_join(cookie), 0);
}

static void *
try_none(void *arg)
{
  (void)arg;
  CHECK(rumpuser_curlwp() == NULL);
  rumpuser_thread_exit();
  return NULL;
}

static void
no_lwp_is_null(void)
{
  CLAUSE("C-LWP-01");
  CHECK(rumpuser_curlwp() != NULL);
  in_bare_thread(try_none, NULL);
}

static void *
try_set(void *arg)
{
  struct lwp **l = arg;

  rumpuser_curlwpop(RUMPUSER_LWP_SET, l[0]);
  CHECK(rumpuser_curlwp() == l[0]);
  rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, l[0]);
  CHECK(rumpuser_curlwp() == NULL);
  rumpuser_curlwpop(RUMPUSER_LWP_SET, l[1]);
  CHECK(rumpuser_curlwp() == l[1]);
  rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, l[1]);
  rumpuser_thread_exit();
  return NULL;
}

static void
set_and_clear(void)
{
  struct lwp *l[2] = { kernel_lwp_create(), kernel_lwp_create() };

  CLAUSE("C-LWP-02");
  in_bare_thread(try_set, l);
  kernel_lwp_destroy(l[0]);
  kernel_lwp_destroy(l[1]);
}

static struct barrier all_set;

static void
look_at_own(void *arg)
{
  struct lwp *own = rumpuser_curlwp();

  (void)arg;
  barrier_wait(&all_set, 4);
  CHECK(rumpuser_curlwp() == own);
  CHECK(own != NULL && own->cpu >= 0);
  barrier_wait(&all_set, 4);
}

static void
each_thread_has_its_own(void)
{
  CLAUSE("C-LWP-03");
  atomic_store(&all_set.arrived, 0);
  workers_run(4, look_at_own, NULL);
}

static void *
try_create(void *arg)
{
  struct lwp *l = arg;

  rumpuser_curlwpop(RUMPUSER_LWP_CREATE, l);
  CHECK(rumpuser_curlwp() == NULL);
  rumpuser_curlwpop(RUMPUSER_LWP_DESTROY, l);
  CHECK(rumpuser_curlwp() == NULL);
  rumpuser_thread_exit();
  return NULL;
}

static void
create_changes_nothing(void)
{
  static char room[1000];
  struct lwp *own = rumpuser_curlwp();
  struct lwp *l = kernel_lwp_create();
  size_t i;

  CLAUSE("C-LWP-04");
  CHECK(rumpuser_curlwp() == own);
  kernel_lwp_destroy(l);
  CHECK(rumpuser_curlwp() == own);
  in_bare_thread(try_create, l);
  /* As many as the kernel likes: only their addresses are looked at. */
  for (i = 0; i < COUNT(room); ++i) {
    rumpuser_curlwpop(RUMPUSER_LWP_CREATE, (struct lwp *)(void *)&room[i]);
  }
  for (i = 0; i < COUNT(room); ++i) {
    rumpuser_curlwpop(RUMPUSER_LWP_DESTROY, (struct lwp *)(void *)&room[i]);
  }
  CHECK(rumpuser_curlwp() == own);
}

static struct rumpuser_mtx *mtx;
static struct rumpuser_cv *cv;

static void
block_often(void *arg)
{
  struct lwp *own = rumpuser_curlwp();
  int i;

  (void)arg;
  for (i = 0; i < 10; ++i) {
    nap();
    CHECK(rumpuser_curlwp() == own);
    rumpuser_mutex_enter(mtx);
    CHECK(rumpuser_curlwp() == own);
    (void)rumpuser_cv_timedwait(cv, mtx, 0, MILLISECOND);
    CHECK(rumpuser_curlwp() == own);
    rumpuser_mutex_exit(mtx);
  }
}

static void
survives_blocking(void)
{
  CLAUSE("C-LWP-05");
  rumpuser_mutex_init(&mtx, RUMPUSER_MTX_KMUTEX);
  rumpuser_cv_init(&cv);
  workers_run(4, block_often, NULL);
  rumpuser_cv_destroy(cv);
  rumpuser_mutex_destroy(mtx);
}

static void *
try_without_upcalls(void *arg)
{
  unsigned before = kernel_upcalls_made();

  rumpuser_curlwpop(RUMPUSER_LWP_SET, arg);
  (void)rumpuser_curlwp();
  rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, arg);
  CHECK_EQUAL(kernel_upcalls_made() - before, 0);
  rumpuser_thread_exit();
  return NULL;
}

static void
needs_no_cpu(void)
{
  struct lwp *l = kernel_lwp_create();

  CLAUSE("C-LWP-06");
  in_bare_thread(try_without_upcalls, l);
  kernel_lwp_destroy(l);
}

const struct test lwp_tests[] = {
  TEST("C-LWP-01", no_lwp_is_null),
  TEST("C-LWP-02", set_and_clear),
  TEST("C-LWP-03", each_thread_has_its_own),
  TEST("C-LWP-04", create_changes_nothing),
  TEST("C-LWP-05", survives_blocking),
  TEST("C-LWP-06", needs_no_cpu),
  TESTS_END
};
