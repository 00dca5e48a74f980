/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief How the benchmark programs measure and report.
 *
 * Under QEMU's -icount shift=0 a nanosecond is an instruction, so what the
 * CPU counter shows between two moments is a number of instructions.
 */

#ifndef RTEMS_RUMP_BENCH_H
#define RTEMS_RUMP_BENCH_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <rtems/counter.h>

#define BENCH_NOINLINE __attribute__((__noinline__, __noclone__))

/* The body of a measured loop, so that the loop itself weighs little. */
#define BENCH_TEN(x) x x x x x x x x x x

/** Keeps the compiler from leaving out what seems to have no use. */
#define BENCH_KEEP() __asm__ volatile("" ::: "memory")

/** Calls of a body in one repetition; a multiple of ten. */
#define BENCH_CALLS 1000u

/** Repetitions, the least of which counts: it had no clock tick. */
#define BENCH_REPETITIONS 20

/** Runs a body BENCH_CALLS times. */
typedef void (*bench_loop)(void);

/** A loop of @a body with the name @a name. */
#define BENCH_LOOP(name, body) \
  static BENCH_NOINLINE void \
  name(void) \
  { \
    unsigned bench_i; \
\
    for (bench_i = BENCH_CALLS / 10; bench_i != 0; --bench_i) { \
      BENCH_TEN(body) \
      __asm__ volatile("" : "+r" (bench_i)); \
    } \
  }

static inline uint64_t
bench_once(bench_loop loop)
{
  rtems_counter_ticks begin = rtems_counter_read();

  (*loop)();
  return rtems_counter_ticks_to_nanoseconds(
    rtems_counter_difference(rtems_counter_read(), begin)
  );
}

static inline uint64_t
bench_least(bench_loop loop)
{
  uint64_t least = UINT64_MAX;
  int i;

  for (i = 0; i < BENCH_REPETITIONS; ++i) {
    uint64_t took = bench_once(loop);

    if (took < least) {
      least = took;
    }
  }
  return least;
}

/** Instructions of one call of the body, beyond those of the empty loop. */
static inline uint32_t
bench_per_call(bench_loop loop, bench_loop empty)
{
  uint64_t all = bench_least(loop) - bench_least(empty);

  return (uint32_t)((all + BENCH_CALLS / 2) / BENCH_CALLS);
}

/** A line for bench/run.py. */
static inline void
bench_report(const char *name, uint64_t value)
{
  printf("BENCH %s %" PRIu64 "\n", name, value);
}

static inline void
bench_check(const char *what, bool ok)
{
  if (!ok) {
    printf("bench: %s failed\n", what);
    exit(1);
  }
}

#endif /* RTEMS_RUMP_BENCH_H */
