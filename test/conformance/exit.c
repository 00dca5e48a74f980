/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

static void
exit_with(void *arg)
{
  rumpuser_exit(*(const int *)arg);
}

static int
status_of(int status)
{
  return (*host->run_to_end)(exit_with, &status);
}

static void
status_is_passed_on(void)
{
  CLAUSE("C-EXIT-01");
  SKIP_UNLESS(host->run_to_end != NULL, "a kernel cannot end here");
  CHECK_EQUAL(status_of(0), 0);
  CHECK_EQUAL(status_of(3), 3);
}

static void
panic_is_told_apart(void)
{
  CLAUSE("C-EXIT-02");
  SKIP_UNLESS(host->run_to_end != NULL, "a kernel cannot end here");
  CHECK_EQUAL(status_of(RUMPUSER_PANIC), RUMPUSER_PANIC);
}

/* The kernel names the process of its own that the signal is for. */
static void
signals_are_raised(void)
{
  static const int64_t pids[] = { RUMPUSER_PID_SELF, 1, 17 };
  size_t i;

  CLAUSE("C-EXIT-03");
  SKIP_UNLESS(host->last_signal != NULL, "signals cannot be seen");
  for (i = 0; i < COUNT(pids); ++i) {
    (void)(*host->last_signal)();
    (void)rumpuser_kill(pids[i], 30);
    CHECK_EQUAL((*host->last_signal)(), 30);
    (void)rumpuser_kill(pids[i], 23);
    CHECK_EQUAL((*host->last_signal)(), 23);
  }
}

static void
unknown_signals_do_no_harm(void)
{
  static const int signals[] = { 0, -1, 33, 1000 };
  size_t i;

  CLAUSE("C-EXIT-04");
  for (i = 0; i < COUNT(signals); ++i) {
    (void)rumpuser_kill(RUMPUSER_PID_SELF, signals[i]);
  }
  CHECK(kernel_has_cpu());
}

const struct test exit_tests[] = {
  TEST("C-EXIT-01", status_is_passed_on),
  TEST("C-EXIT-02", panic_is_told_apart),
  TEST("C-EXIT-03", signals_are_raised),
  TEST("C-EXIT-04", unknown_signals_do_no_harm),
  TESTS_END
};
