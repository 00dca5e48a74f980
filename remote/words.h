/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Numbers as the kernel's machine has them, in the memory of a client.
 */

#ifndef RTEMS_RUMP_REMOTE_WORDS_H
#define RTEMS_RUMP_REMOTE_WORDS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/** A machine. */
struct words {
  /** Bytes of an address and a register: 4 or 8. */
  unsigned size;

  /** Its byte order is not that of this machine. */
  bool are_swapped;
};

static inline uint32_t
words_get32(const struct words *words, const void *from)
{
  uint32_t number;

  memcpy(&number, from, sizeof(number));
  return words->are_swapped ? __builtin_bswap32(number) : number;
}

static inline uint64_t
words_get(const struct words *words, const void *from)
{
  uint64_t word;

  if (words->size == sizeof(uint32_t)) {
    return words_get32(words, from);
  }
  memcpy(&word, from, sizeof(word));
  return words->are_swapped ? __builtin_bswap64(word) : word;
}

static inline void
words_put(const struct words *words, void *to, uint64_t word64)
{
  uint32_t word32 = (uint32_t)word64;

  if (words->are_swapped) {
    word32 = __builtin_bswap32(word32);
    word64 = __builtin_bswap64(word64);
  }
  if (words->size == sizeof(word32)) {
    memcpy(to, &word32, sizeof(word32));
  } else {
    memcpy(to, &word64, sizeof(word64));
  }
}

#endif /* RTEMS_RUMP_REMOTE_WORDS_H */
