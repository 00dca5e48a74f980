/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

static char output[8192];

#define NEED_CONSOLE() \
  SKIP_UNLESS(host->console_begin != NULL, "no access to the console")

static void
characters_come_as_they_are(void)
{
  static const char text[] = "Az09 ~!\t\n%d%s\n";
  size_t i, length;

  CLAUSE("C-CON-01");
  NEED_CONSOLE();
  (*host->console_begin)();
  for (i = 0; text[i] != '\0'; ++i) {
    rumpuser_putchar(text[i]);
  }
  length = (*host->console_end)(output, sizeof(output));
  CHECK_EQUAL(length, strlen(text));
  CHECK(strcmp(output, text) == 0);
}

static void
formats_are_printf_s(void)
{
  static const char expected[] =
    "[   -7|0x00ff|18446744073709551615|str|c|%|-9000000000|ab]\n";
  static char longer[700];
  size_t length;

  CLAUSE("C-CON-02");
  NEED_CONSOLE();
  (*host->console_begin)();
  rumpuser_dprintf(
    "[%5d|0x%04x|%llu|%s|%c|%%|%lld|%.2s]\n",
    -7,
    255u,
    18446744073709551615ull,
    "str",
    'c',
    -9000000000ll,
    "abc"
  );
  (*host->console_end)(output, sizeof(output));
  CHECK(strcmp(output, expected) == 0);

  /* Longer than a line: the kernel prints whole structures in one call. */
  memset(longer, 'x', sizeof(longer) - 1);
  (*host->console_begin)();
  rumpuser_dprintf("%s.\n", longer);
  length = (*host->console_end)(output, sizeof(output));
  CHECK_EQUAL(length, sizeof(longer) + 1);
}

static void
console_keeps_the_cpu(void)
{
  unsigned before = kernel_upcalls_made();

  CLAUSE("C-CON-04");
  NEED_CONSOLE();
  (*host->console_begin)();
  rumpuser_putchar('a');
  rumpuser_dprintf("%d\n", 1);
  (*host->console_end)(output, sizeof(output));
  CHECK_EQUAL(kernel_upcalls_made() - before, 0);
}

static atomic_uint letter;

static void
print_letters(void *arg)
{
  char c = (char)('a' + atomic_fetch_add(&letter, 1) % 4);
  int i;

  (void)arg;
  for (i = 0; i < 100; ++i) {
    if (i % 2 == 0) {
      rumpuser_putchar(c);
    } else {
      rumpuser_dprintf("%c", c);
    }
    if (i % 25 == 0) {
      nap();
    }
  }
}

static void
threads_print(void)
{
  unsigned counts[4] = { 0 };
  size_t i;

  CLAUSE("C-CON-05");
  NEED_CONSOLE();
  (*host->console_begin)();
  workers_run(4, print_letters, NULL);
  (*host->console_end)(output, sizeof(output));
  for (i = 0; output[i] != '\0'; ++i) {
    if (output[i] >= 'a' && output[i] < 'e') {
      ++counts[output[i] - 'a'];
    }
  }
  for (i = 0; i < 4; ++i) {
    CHECK_EQUAL(counts[i], 100);
  }
}

const struct test console_tests[] = {
  TEST("C-CON-01", characters_come_as_they_are),
  TEST("C-CON-02", formats_are_printf_s),
  TEST("C-CON-04", console_keeps_the_cpu),
  TEST("C-CON-05", threads_print),
  TESTS_END
};
