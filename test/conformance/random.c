/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

static const int kinds[] = {
  0,
  RUMPUSER_RANDOM_NOWAIT,
  RUMPUSER_RANDOM_HARD,
  RUMPUSER_RANDOM_HARD | RUMPUSER_RANDOM_NOWAIT
};

static uint8_t bytes[70000];

/* Gets all of it in as many steps as it takes. */
static bool
fill(uint8_t *p, size_t size, int flags)
{
  size_t total = 0;

  while (total < size) {
    size_t n = 0;

    if (!CHECK_EQUAL(rumpuser_getrandom(p + total, size - total, flags, &n), 0)
        || !CHECK(n > 0 && n <= size - total)) {
      return false;
    }
    total += n;
  }
  return true;
}

static void
reports_what_it_wrote(void)
{
  static const size_t sizes[] = { 1, 2, 31, 32, 33, 64, 500, 4096, 65536 };
  size_t i, j;

  CLAUSE("C-RND-01");
  for (i = 0; i < COUNT(sizes); ++i) {
    size_t n = 0;

    memset(bytes, 0x3c, sizeof(bytes));
    CHECK_EQUAL(rumpuser_getrandom(bytes, sizes[i], 0, &n), 0);
    CHECK(n >= 1 && n <= sizes[i]);
    for (j = n; j < sizeof(bytes) && bytes[j] == 0x3c; ++j) {
    }
    CHECK_EQUAL(j, sizeof(bytes));
  }
}

static void
success_is_never_empty(void)
{
  size_t k;
  int i;

  CLAUSE("C-RND-02");
  for (k = 0; k < COUNT(kinds); ++k) {
    for (i = 0; i < 20; ++i) {
      size_t n = 0;

      if (rumpuser_getrandom(bytes, 100, kinds[k], &n) == 0) {
        CHECK(n > 0);
      } else {
        CHECK((kinds[k] & RUMPUSER_RANDOM_NOWAIT) != 0);
      }
    }
  }
}

static void
lack_of_entropy_is_told(void)
{
  size_t n = 0;

  CLAUSE("C-RND-03");
  SKIP_UNLESS(host->entropy != NULL, "entropy is not under control");
  (*host->entropy)(false);
  CHECK_EQUAL(
    rumpuser_getrandom(
      bytes,
      64,
      RUMPUSER_RANDOM_HARD | RUMPUSER_RANDOM_NOWAIT,
      &n
    ),
    NETBSD_EAGAIN
  );
  CHECK_EQUAL(rumpuser_getrandom(bytes, 64, RUMPUSER_RANDOM_NOWAIT, &n), 0);
  (*host->entropy)(true);
  CHECK_EQUAL(
    rumpuser_getrandom(
      bytes,
      64,
      RUMPUSER_RANDOM_HARD | RUMPUSER_RANDOM_NOWAIT,
      &n
    ),
    0
  );
}

/* Whoever may wait always gets something, also without true randomness. */
static void
waiting_succeeds(void)
{
  CLAUSE("C-RND-04");
  fill(bytes, 256, 0);
  if (host->entropy != NULL) {
    (*host->entropy)(false);
  }
  fill(bytes, 64, RUMPUSER_RANDOM_HARD);
  fill(bytes, 64, 0);
  if (host->entropy != NULL) {
    (*host->entropy)(true);
  }
}

static unsigned
count_ones(const uint8_t *p, size_t size)
{
  unsigned ones = 0;
  size_t i;
  int bit;

  for (i = 0; i < size; ++i) {
    for (bit = 0; bit < 8; ++bit) {
      ones += p[i] >> bit & 1u;
    }
  }
  return ones;
}

/* Six standard deviations and more from what is expected. */
static void
looks_random(void)
{
  const size_t size = 8192;
  unsigned counts[256] = { 0 };
  unsigned repeats = 0;
  unsigned ones;
  size_t i;

  CLAUSE("C-RND-05");
  REQUIRE(fill(bytes, 2 * size, 0));
  ones = count_ones(bytes, size);
  CHECK(ones > 32768 - 800 && ones < 32768 + 800);
  for (i = 0; i < size; ++i) {
    ++counts[bytes[i]];
    repeats += bytes[i] == bytes[size + i];
  }
  for (i = 0; i < 256; ++i) {
    CHECK(counts[i] > 0 && counts[i] < 75);
  }
  CHECK(repeats < 75);
}

/* Filled twice over different bytes, hardly one is left as it was. */
static void
all_of_it_is_written(void)
{
  static const size_t sizes[] = { 1, 7, 63, 64, 65, 1000, 5000 };
  size_t i, j;

  CLAUSE("C-RND-06");
  for (i = 0; i < COUNT(sizes); ++i) {
    size_t j0 = sizes[i] < 16 ? 0 : sizes[i] - 16;
    unsigned zeros = 0;
    int round;

    for (round = 0; round < 16; ++round) {
      memset(bytes, 0, sizes[i]);
      REQUIRE(fill(bytes, sizes[i], 0));
      for (j = j0; j < sizes[i]; ++j) {
        zeros += bytes[j] == 0;
      }
    }
    CHECK(zeros < 12);
  }
}

const struct test random_tests[] = {
  TEST("C-RND-01", reports_what_it_wrote),
  TEST("C-RND-02", success_is_never_empty),
  TEST("C-RND-03", lack_of_entropy_is_told),
  TEST("C-RND-04", waiting_succeeds),
  TEST("C-RND-05", looks_random),
  TEST("C-RND-06", all_of_it_is_written),
  TESTS_END
};
