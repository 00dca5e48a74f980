/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

#define NEED_COMPONENTS() \
  SKIP_UNLESS( \
    HAVE(rumpuser_component_unschedule), \
    "no rumpuser_component functions" \
  )

static void
component_gives_up_the_cpu(void)
{
  struct lwp *l = rumpuser_curlwp();
  unsigned before = atomic_load(&l->gaps);
  bool had_cpu;
  void *cookie;

  CLAUSE("C-CMP-01");
  NEED_COMPONENTS();
  cookie = rumpuser_component_unschedule();
  had_cpu = kernel_has_cpu();
  rumpuser_component_schedule(cookie);
  CHECK(!had_cpu);
  CHECK(kernel_has_cpu());
  CHECK_EQUAL(atomic_load(&l->gaps) - before, 1);
}

static void
cookie_keeps_the_lock(void)
{
  int during;
  void *cookie;

  CLAUSE("C-CMP-02");
  NEED_COMPONENTS();
  kernel_lock(5);
  cookie = rumpuser_component_unschedule();
  during = kernel_lock_count();
  rumpuser_component_schedule(cookie);
  CHECK_EQUAL(during, 0);
  CHECK_EQUAL(kernel_unlock(), 5);
}

/* A host thread of a component: no lwp of its own at first. */

static void *
be_kernel_thread(void *arg)
{
  struct lwp *own;

  (void)arg;
  CLAUSE("C-CMP-03");
  rumpuser_component_kthread();
  own = rumpuser_curlwp();
  CHECK(own != NULL);
  CHECK(!kernel_has_cpu());

  CLAUSE("C-CMP-04");
  CHECK(rumpuser_component_curlwp() == own);
  CHECK(rumpuser_curlwp() == own);
  CHECK(!kernel_has_cpu());

  CLAUSE("C-CMP-05");
  rumpuser_component_kthread_release();
  CHECK(rumpuser_curlwp() == NULL);
  rumpuser_thread_exit();
  return NULL;
}

static void
thread_becomes_the_kernel_s(void)
{
  void *cookie = NULL;

  CLAUSE("C-CMP-03");
  NEED_COMPONENTS();
  REQUIRE(rumpuser_thread_create(
    be_kernel_thread,
    NULL,
    "component",
    1,
    96,
    -1,
    &cookie
  ) == 0);
  CHECK_EQUAL(rumpuser_thread_join(cookie), 0);
}

static void *
switch_lwps(void *arg)
{
  struct lwp *other = arg;
  struct lwp *own;

  rumpuser_component_kthread();
  own = rumpuser_component_curlwp();
  rumpuser_component_switchlwp(other);
  CHECK(rumpuser_component_curlwp() == other);
  CHECK(rumpuser_curlwp() == other);
  rumpuser_component_switchlwp(own);
  CHECK(rumpuser_component_curlwp() == own);
  rumpuser_component_switchlwp(NULL);
  CHECK(rumpuser_curlwp() == NULL);
  if (own != NULL) {
    kernel_lwp_destroy(own);
  }
  rumpuser_thread_exit();
  return NULL;
}

static void
lwp_can_be_switched(void)
{
  struct lwp *other = kernel_lwp_create();
  void *cookie = NULL;

  CLAUSE("C-CMP-06");
  NEED_COMPONENTS();
  REQUIRE(rumpuser_thread_create(
    switch_lwps,
    other,
    "component",
    1,
    96,
    -1,
    &cookie
  ) == 0);
  CHECK_EQUAL(rumpuser_thread_join(cookie), 0);
  kernel_lwp_destroy(other);
}

/* Host errors that C names, and NetBSD's numbers of them. */
static void
errors_are_translated(void)
{
  static const int pairs[][2] = {
    { 0, 0 }, { EPERM, 1 }, { ENOENT, 2 }, { EIO, 5 }, { EBADF, 9 },
    { EDEADLK, 11 }, { ENOMEM, 12 }, { EBUSY, 16 }, { EEXIST, 17 },
    { EINVAL, 22 }, { ENOSPC, 28 }, { ERANGE, 34 }, { EAGAIN, 35 },
    { EINPROGRESS, 36 }, { ENOTSOCK, 38 }, { EMSGSIZE, 40 },
    { EADDRINUSE, 48 }, { ECONNRESET, 54 }, { ENOBUFS, 55 },
    { ETIMEDOUT, 60 }, { ECONNREFUSED, 61 }, { ELOOP, 62 },
    { ENAMETOOLONG, 63 }, { ENOTEMPTY, 66 }, { ESTALE, 70 },
    { ENOLCK, 77 }, { ENOSYS, 78 }, { EOVERFLOW, 84 }, { EILSEQ, 85 },
    { ECANCELED, 87 }, { EPROTO, 96 }
  };
  static const int unknown[] = { 9999, -1, INT32_MAX };
  size_t i;

  CLAUSE("C-CMP-07");
  NEED_COMPONENTS();
  for (i = 0; i < COUNT(pairs); ++i) {
    CHECK_EQUAL(rumpuser_component_errtrans(pairs[i][0]), pairs[i][1]);
  }
  for (i = 0; i < COUNT(unknown); ++i) {
    int error = rumpuser_component_errtrans(unknown[i]);

    CHECK(error > 0 && error <= 96);
  }
}

const struct test component_tests[] = {
  TEST("C-CMP-01", component_gives_up_the_cpu),
  TEST("C-CMP-02", cookie_keeps_the_lock),
  TEST("C-CMP-03 C-CMP-04 C-CMP-05", thread_becomes_the_kernel_s),
  TEST("C-CMP-06", lwp_can_be_switched),
  TEST("C-CMP-07", errors_are_translated),
  TESTS_END
};
