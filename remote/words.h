/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief How a machine lays out numbers, and those of the kernel's machine in
 * the memory of a client.
 */

#ifndef RTEMS_RUMP_REMOTE_WORDS_H
#define RTEMS_RUMP_REMOTE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** What the C compilers of a machine do. */
struct layout {
  /** Bytes of an address, a register and a long: 4 or 8. */
  unsigned word_size;

  /** Of a number of 64 bits in a structure: 4 or 8. */
  unsigned alignment64;

  bool is_big_endian;
};

struct layout_probe {
  char before;
  uint64_t number;
};

/** That of this machine. */
#define LAYOUT_NATIVE \
  { sizeof(void *), offsetof(struct layout_probe, number), \
    __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ }

static inline bool
layout_is_equal(const struct layout *a, const struct layout *b)
{
  return a->word_size == b->word_size && a->alignment64 == b->alignment64
    && a->is_big_endian == b->is_big_endian;
}

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
