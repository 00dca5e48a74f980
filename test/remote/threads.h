/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Several threads of a client on Linux; the file that includes this has
 * CHECK().
 */

#ifndef TEST_REMOTE_THREADS_H
#define TEST_REMOTE_THREADS_H

#include <pthread.h>

#define THREADS 4

/** Calls a function in each, with its number, and waits for all. */
static void
threads_run(void *(*work)(void *number))
{
  pthread_t ids[THREADS];
  unsigned numbers[THREADS];
  unsigned i;

  for (i = 0; i < THREADS; ++i) {
    numbers[i] = i;
    CHECK(pthread_create(&ids[i], NULL, work, &numbers[i]) == 0);
  }
  for (i = 0; i < THREADS; ++i) {
    CHECK(pthread_join(ids[i], NULL) == 0);
  }
}

#endif /* TEST_REMOTE_THREADS_H */
