/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

static void
errno_is_set(void)
{
  static const int errors[] = {
    NETBSD_ENOENT, NETBSD_EINVAL, NETBSD_EAGAIN, NETBSD_ETIMEDOUT,
    NETBSD_ENAMETOOLONG, NETBSD_ENOSYS
  };
  size_t i;

  CLAUSE("C-ERR-01");
  SKIP_UNLESS(host->errno_of != NULL, "the host's errno is not known");
  for (i = 0; i < COUNT(errors); ++i) {
    errno = 0;
    rumpuser_seterrno(errors[i]);
    CHECK_EQUAL(errno, (*host->errno_of)(errors[i]));
  }
  rumpuser_seterrno(0);
  CHECK(errno == 0 || errno == (*host->errno_of)(errors[i - 1]));
}

static atomic_int step;

static void
keep_errno(void *arg)
{
  (void)arg;
  rumpuser_seterrno(NETBSD_ENOENT);
  atomic_store(&step, 1);
  WAIT(atomic_load(&step) == 2);
  CHECK_EQUAL(errno, ENOENT);
}

static void
errno_is_of_the_thread(void)
{
  struct worker *thread;

  CLAUSE("C-ERR-02");
  atomic_store(&step, 0);
  thread = worker_start(keep_errno, NULL);
  WAIT(atomic_load(&step) == 1);
  errno = 0;
  rumpuser_seterrno(NETBSD_EINVAL);
  CHECK_EQUAL(errno, EINVAL);
  atomic_store(&step, 2);
  worker_join(thread);
}

const struct test error_tests[] = {
  TEST("C-ERR-01", errno_is_set),
  TEST("C-ERR-02", errno_is_of_the_thread),
  TESTS_END
};
