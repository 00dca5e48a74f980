/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

#define GUARD 0x7e

static char buffer[300];

/* Asks with a buffer of @a size bytes and looks whether more was written. */
static int
get(const char *name, size_t size)
{
  int error;
  size_t i;

  memset(buffer, GUARD, sizeof(buffer));
  error = rumpuser_getparam(name, buffer, size);
  for (i = size; i < sizeof(buffer); ++i) {
    if (!CHECK(buffer[i] == GUARD)) {
      break;
    }
  }
  if (error == 0) {
    CHECK(memchr(buffer, '\0', size) != NULL);
  }
  return error;
}

static void
processors_are_a_number(void)
{
  char *end;
  long n;

  CLAUSE("C-PAR-01");
  REQUIRE(get(RUMPUSER_PARAM_NCPU, 32) == 0);
  n = strtol(buffer, &end, 10);
  CHECK(*end == '\0' && end != buffer);
  CHECK(n >= 1 && n <= 32);
  if (host->processors != 0) {
    CHECK_EQUAL(n, host->processors);
  }
}

static void
host_has_a_name(void)
{
  CLAUSE("C-PAR-02");
  REQUIRE(get(RUMPUSER_PARAM_HOSTNAME, 256) == 0);
  CHECK(buffer[0] != '\0');
  if (host->hostname != NULL) {
    CHECK(strcmp(buffer, host->hostname) == 0);
  }
}

static void
unknown_mandatory_is_told(void)
{
  CLAUSE("C-PAR-03");
  CHECK_EQUAL(get("_RUMPUSER_UNKNOWN", 64), NETBSD_EINVAL);
  CHECK_EQUAL(get("_", 64), NETBSD_EINVAL);
  CHECK_EQUAL(get("_RUMPUSER_NCPUX", 64), NETBSD_EINVAL);
}

static void
unknown_optional_is_told(void)
{
  CLAUSE("C-PAR-04");
  CHECK_EQUAL(get("RUMP_NO_SUCH_PARAMETER", 64), NETBSD_ENOENT);
  CHECK_EQUAL(get("", 64), NETBSD_ENOENT);
}

static void
configured_is_answered(void)
{
  CLAUSE("C-PAR-05");
  SKIP_UNLESS(host->parameter != NULL, "no parameter is configured");
  CHECK_EQUAL(get(host->parameter, 64), 0);
  CHECK(strcmp(buffer, host->parameter_value) == 0);
}

static void
environment_is_looked_up(void)
{
  CLAUSE("C-PAR-06");
  SKIP_UNLESS(host->environment != NULL, "no environment");
  (*host->environment)("RUMP_FROM_ENVIRONMENT", "42");
  CHECK_EQUAL(get("RUMP_FROM_ENVIRONMENT", 64), 0);
  CHECK(strcmp(buffer, "42") == 0);
  (*host->environment)("RUMP_FROM_ENVIRONMENT", NULL);
  CHECK_EQUAL(get("RUMP_FROM_ENVIRONMENT", 64), NETBSD_ENOENT);
  if (host->parameter != NULL) {
    (*host->environment)(host->parameter, "other");
    CHECK_EQUAL(get(host->parameter, 64), 0);
    CHECK(strcmp(buffer, host->parameter_value) == 0);
    (*host->environment)(host->parameter, NULL);
  }
}

static void
names_are_whole(void)
{
  char name[64];
  size_t length;

  CLAUSE("C-PAR-07");
  SKIP_UNLESS(host->parameter != NULL, "no parameter is configured");
  length = strlen(host->parameter);
  (void)snprintf(name, sizeof(name), "%sX", host->parameter);
  CHECK_EQUAL(get(name, 64), NETBSD_ENOENT);
  name[length - 1] = '\0';
  CHECK_EQUAL(get(name, 64), NETBSD_ENOENT);
}

static const char *const given[] = {
  RUMPUSER_PARAM_NCPU, RUMPUSER_PARAM_HOSTNAME, NULL
};

static void
small_buffers_are_refused(void)
{
  size_t i;

  CLAUSE("C-PAR-08");
  for (i = 0; i < COUNT(given); ++i) {
    const char *name = given[i] != NULL ? given[i] : host->parameter;
    size_t length, size;

    if (name == NULL || !CHECK_EQUAL(get(name, 256), 0)) {
      continue;
    }
    length = strlen(buffer);
    for (size = 0; size <= length; ++size) {
      CHECK(get(name, size) > 0);
    }
  }
}

static void
fitting_buffers_suffice(void)
{
  size_t i;

  CLAUSE("C-PAR-09");
  for (i = 0; i < COUNT(given); ++i) {
    const char *name = given[i] != NULL ? given[i] : host->parameter;

    if (name != NULL && CHECK_EQUAL(get(name, 256), 0)) {
      CHECK_EQUAL(get(name, strlen(buffer) + 1), 0);
    }
  }
}

static void
memory_has_a_limit(void)
{
  unsigned long limit;
  char *end;

  CLAUSE("C-PAR-10");
  CHECK_EQUAL(get("RUMP_MEMLIMIT", 64), 0);
  limit = strtoul(buffer, &end, 10);
  limit <<= *end == 'k' ? 10 : *end == 'm' ? 20 : *end == 'g' ? 30 : 0;
  CHECK(end != buffer && strlen(end) <= 1);
  if (host->memory != 0) {
    CHECK(limit < host->memory);
    CHECK(limit >= host->memory / 2);
  }
}

const struct test param_tests[] = {
  TEST("C-PAR-01", processors_are_a_number),
  TEST("C-PAR-02", host_has_a_name),
  TEST("C-PAR-03", unknown_mandatory_is_told),
  TEST("C-PAR-04", unknown_optional_is_told),
  TEST("C-PAR-05", configured_is_answered),
  TEST("C-PAR-06", environment_is_looked_up),
  TEST("C-PAR-07", names_are_whole),
  TEST("C-PAR-08", small_buffers_are_refused),
  TEST("C-PAR-09", fitting_buffers_suffice),
  TEST("C-PAR-10", memory_has_a_limit),
  TESTS_END
};
