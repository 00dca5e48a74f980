/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Frames that are nearly right.
 */

#ifndef TEST_REMOTE_FUZZ_H
#define TEST_REMOTE_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "protocol.h"

/* Numbers that repeat with their seed (xorshift). */
static inline uint32_t
fuzz_number(uint32_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

static inline uint64_t
fuzz_odd_value(uint32_t *state)
{
  static const uint64_t values[] = {
    0, 1, 4, 7, 8, 15, 16, 23, 24, 25, 40, 64, 255, 256, 257, 280, 281, 4096,
    65536, INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX, UINT64_MAX - 24
  };

  return values[fuzz_number(state) % (sizeof(values) / sizeof(values[0]))];
}

/* Appends a frame whose payload is zeros and returns the new length. */
static inline size_t
fuzz_put(
  unsigned char *bytes, size_t length, const struct sp_header *header)
{
  memcpy(bytes + length, header, sizeof(*header));
  memset(
    bytes + length + sizeof(*header),
    0,
    (size_t)header->size - sizeof(*header)
  );
  return length + (size_t)header->size;
}

/* Appends a frame of up to 400 bytes and returns the new length. */
static inline size_t
fuzz_frame(uint32_t *state, unsigned char *bytes, size_t length)
{
  uint32_t r = fuzz_number(state);
  size_t payload = r % 8 == 0 ? fuzz_number(state) % 300
    : (const size_t[]){ 0, 4, 8, 16, 20, 24, 40, 256 }[r / 8 % 8];
  struct sp_header header = {
    .size = sizeof(header) + payload,
    .number = fuzz_number(state) % 4,
    .class = (uint16_t)(r / 64 % 4),
    .type = (uint16_t)(r / 256 % 11),
    .what = r / 4096 % 21
  };
  size_t i;

  if (fuzz_number(state) % 16 == 0) {
    header.size = fuzz_odd_value(state);
  }
  if (fuzz_number(state) % 16 == 0) {
    header.what = (uint32_t)fuzz_odd_value(state);
  }
  memcpy(bytes + length, &header, sizeof(header));
  length += sizeof(header);
  for (i = 0; i < payload; i += sizeof(uint64_t)) {
    uint64_t word = fuzz_number(state) % 4 == 0 ? fuzz_odd_value(state)
      : fuzz_number(state) % 300;
    size_t rest = payload - i;

    memcpy(
      bytes + length + i,
      &word,
      rest < sizeof(word) ? rest : sizeof(word)
    );
  }
  return length + payload;
}

/* Changes a few bytes, one time in four. */
static inline void
fuzz_bytes(uint32_t *state, unsigned char *bytes, size_t length)
{
  unsigned changes = fuzz_number(state) % 4 == 0 ? fuzz_number(state) % 6 : 0;

  while (changes-- > 0 && length > 0) {
    bytes[fuzz_number(state) % length] = (unsigned char)fuzz_number(state);
  }
}

#endif /* TEST_REMOTE_FUZZ_H */
