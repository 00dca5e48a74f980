/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Marks what bench/qemutrace.py counts.
 *
 * The instructions between bench_begin() and bench_end() are attributed to the
 * file they come from: the kernel object, the benchmark itself, or the host,
 * which is all else.
 */

#ifndef RTEMS_RUMP_BENCH_REGION_H
#define RTEMS_RUMP_BENCH_REGION_H

/**
 * Tells the name of the next region, and how often it does what it measures.
 * Returns just after a clock tick, with nothing left to do for the console.
 */
void bench_region(const char *name, unsigned times);

void bench_begin(void);
void bench_end(void);

/** Where something else begins, for bench/plugin-processors.c. */
void bench_phase(void);

#endif /* RTEMS_RUMP_BENCH_REGION_H */
