/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Rows of system calls of remote clients.
 */

#ifndef RTEMS_RUMP_BENCH_REMOTE_H
#define RTEMS_RUMP_BENCH_REMOTE_H

#include <rtems-rump/remote.h>

/** Calls in one repetition, and repetitions, the least of which counts. */
#ifndef REMOTE_CALLS
#define REMOTE_CALLS 100u
#define REMOTE_REPETITIONS 20u
#endif

#define REMOTE_BUFFER_SIZE 64

/** What the program measures, once it runs. */
void remote_measure_all(void);

/**
 * Counts the instructions of a call: by the clock, or with BENCH_HOST as a
 * region, for who counts from outside.
 */
void remote_count(const char *name, void (*call)(void));

/** The calls of a client, and their round trips. */
void remote_measure(
  const char *prefix,
  const char *url,
  const struct rtems_rump_client_config *config);

/** A connection made, with a process, and ended. */
void remote_measure_connection(
  const char *prefix,
  const char *url,
  const struct rtems_rump_client_config *config);

/** The same calls as a client's, made by a task; after remote_measure(). */
void remote_measure_direct(const char *prefix);

/** Listens at one more place. */
void remote_serve(const char *url);

#endif /* RTEMS_RUMP_BENCH_REMOTE_H */
