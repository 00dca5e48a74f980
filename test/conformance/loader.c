/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

/*
 * This program has no link sets and was not brought by a dynamic linker, so
 * there is nothing that the host would know better than the kernel.
 */

static struct {
  unsigned modules, components, counters;
  bool empty_symbols;
} reported;

static void
module_init(const struct modinfo *const *start, size_t count)
{
  (void)start;
  (void)count;
  ++reported.modules;
}

static int
symbol_load(void *symbols, uint64_t size, char *strings, uint64_t length)
{
  if (symbols == NULL || size == 0 || strings == NULL || length == 0) {
    reported.empty_symbols = true;
  }
  return 0;
}

static void
component_load(const struct rump_component *component)
{
  (void)component;
  ++reported.components;
}

static void
counter_attach(struct evcnt *counter)
{
  (void)counter;
  ++reported.counters;
}

static void
bootstrap(rump_evcntattach_fn attach)
{
  memset(&reported, 0, sizeof(reported));
  rumpuser_dl_bootstrap(module_init, symbol_load, component_load, attach);
}

static void
linked_in_is_left_to_the_kernel(void)
{
  CLAUSE("C-LDR-01");
  SKIP_UNLESS(HAVE(rumpuser_dl_bootstrap), "no loader");
  bootstrap(counter_attach);
  CHECK_EQUAL(reported.modules, 0);
  CHECK_EQUAL(reported.components, 0);
  CHECK_EQUAL(reported.counters, 0);
  CLAUSE("C-LDR-02");
  CHECK(!reported.empty_symbols);
}

/* An older kernel passes no fourth argument: it may be anything. */
static void
older_kernels_are_served(void)
{
  CLAUSE("C-LDR-03");
  SKIP_UNLESS(HAVE(rumpuser_dl_bootstrap), "no loader");
  bootstrap(NULL);
  CHECK_EQUAL(reported.components, 0);
}

const struct test loader_tests[] = {
  TEST("C-LDR-01 C-LDR-02", linked_in_is_left_to_the_kernel),
  TEST("C-LDR-03", older_kernels_are_served),
  TESTS_END
};
