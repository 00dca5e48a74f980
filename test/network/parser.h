/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Checks, and bytes by chance that are the same in each run.
 */

#ifndef TEST_NETWORK_PARSER_H
#define TEST_NETWORK_PARSER_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition) \
  ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

static inline void
check_failed(const char *file, int line, const char *what)
{
  printf("not ok: %s:%d: %s\n", file, line, what);
  exit(1);
}

static inline uint32_t
by_chance(void)
{
  static uint32_t state = 2463534242u;

  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

#endif /* TEST_NETWORK_PARSER_H */
