/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Remote clients and daemon mode: not served, and told so.
 */

#include "harness.h"

#define NEED_PROXY() \
  SKIP_UNLESS(HAVE(rumpuser_sp_init), "no rumpuser_sp functions")

static void
server_is_refused(void)
{
  CLAUSE("C-SP-01");
  NEED_PROXY();
  CHECK_EQUAL(
    rumpuser_sp_init("unix://conformance", "NetBSD", "7.99", "rtems"),
    NETBSD_ENOSYS
  );
}

static void
copies_are_refused(void)
{
  char ours[16] = "ours";
  char theirs[16] = "theirs";
  size_t length = sizeof(ours);
  void *p = NULL;

  CLAUSE("C-SP-02");
  NEED_PROXY();
  CHECK_EQUAL(rumpuser_sp_copyin(NULL, theirs, ours, 4), NETBSD_ENOSYS);
  CHECK_EQUAL(
    rumpuser_sp_copyinstr(NULL, theirs, ours, &length),
    NETBSD_ENOSYS
  );
  CHECK_EQUAL(rumpuser_sp_copyout(NULL, ours, theirs, 4), NETBSD_ENOSYS);
  CHECK_EQUAL(
    rumpuser_sp_copyoutstr(NULL, ours, theirs, &length),
    NETBSD_ENOSYS
  );
  CHECK_EQUAL(rumpuser_sp_anonmmap(NULL, 4096, &p), NETBSD_ENOSYS);
  CHECK_EQUAL(rumpuser_sp_raise(NULL, 15), NETBSD_ENOSYS);
  CHECK(strcmp(ours, "ours") == 0);
  CHECK(strcmp(theirs, "theirs") == 0);
}

static void
end_of_server_does_no_harm(void)
{
  CLAUSE("C-SP-03");
  NEED_PROXY();
  rumpuser_sp_fini(NULL);
  CHECK(kernel_has_cpu());
}

static void
daemon_mode_does_no_harm(void)
{
  int error;

  CLAUSE("C-SP-04");
  error = rumpuser_daemonize_begin();
  CHECK(error == 0 || error == NETBSD_ENOSYS);
  CHECK_EQUAL(rumpuser_daemonize_done(0), error);
  CHECK(kernel_has_cpu());
}

const struct test proxy_tests[] = {
  TEST("C-SP-01", server_is_refused),
  TEST("C-SP-02", copies_are_refused),
  TEST("C-SP-03", end_of_server_does_no_harm),
  TEST("C-SP-04", daemon_mode_does_no_harm),
  TESTS_END
};
