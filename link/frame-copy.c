/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Copies of frames, in one pass with their checksums.  That is the sum of all
 * 16-bit words in the processor's byte order, which comes out right in any, and
 * so that of all 32-bit words, put together in the end.
 */

#include "frame-copy.h"

#include <string.h>

void
frame_copy(void *to, const struct rtems_rump_link_send *frame)
{
  unsigned char *p = to;
  unsigned i;

  for (i = 0; i < frame->count; ++i) {
    if (frame->parts[i].iov_len > 0) {
      memcpy(p, frame->parts[i].iov_base, frame->parts[i].iov_len);
      p += frame->parts[i].iov_len;
    }
  }
}

static uint32_t
fold(uint64_t sum)
{
  while (sum >> 16 != 0) {
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return (uint32_t)sum;
}

#define BLOCK 16u

#ifdef __ARM_NEON

/* Ten instructions for 64 bytes; of intrinsics a compiler makes 22. */
static uint64_t
copy_blocks(unsigned char *to, const unsigned char *from, size_t size)
{
  uint64_t sum;

  __asm__ volatile(
    "vmov.i32 q8, #0\n"
    "subs %[size], #64\n"
    "blt 2f\n"
    "1:\n"
    "vld1.8 {d0-d3}, [%[from]]!\n"
    "vld1.8 {d4-d7}, [%[from]]!\n"
    "vst1.8 {d0-d3}, [%[to]]!\n"
    "vst1.8 {d4-d7}, [%[to]]!\n"
    "vpadal.u32 q8, q0\n"
    "vpadal.u32 q8, q1\n"
    "vpadal.u32 q8, q2\n"
    "vpadal.u32 q8, q3\n"
    "subs %[size], #64\n"
    "bge 1b\n"
    "2:\n"
    "adds %[size], #64\n"
    "beq 4f\n"
    "3:\n"
    "vld1.8 {d0-d1}, [%[from]]!\n"
    "vst1.8 {d0-d1}, [%[to]]!\n"
    "vpadal.u32 q8, q0\n"
    "subs %[size], #16\n"
    "bgt 3b\n"
    "4:\n"
    "vadd.i64 d16, d16, d17\n"
    "vmov %Q[sum], %R[sum], d16\n"
    : [sum] "=r" (sum), [to] "+r" (to), [from] "+r" (from),
      [size] "+r" (size)
    :
    : "d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d16", "d17", "cc",
      "memory"
  );
  return sum;
}

#endif

static uint64_t
copy_words(
  unsigned char *restrict to, const unsigned char *restrict from, size_t size)
{
  uint64_t sum = 0;
  uint32_t word = 0;

  for (; size >= sizeof(word); size -= sizeof(word)) {
    memcpy(&word, from, sizeof(word));
    memcpy(to, &word, sizeof(word));
    sum += word;
    from += sizeof(word);
    to += sizeof(word);
  }
  if (size > 0) {
    word = 0;
    memcpy(&word, from, size);
    memcpy(to, &word, size);
    sum += word;
  }
  return sum;
}

#ifndef __ARM_NEON
#define copy_blocks copy_words
#endif

static uint32_t
copy_and_sum(unsigned char *to, const unsigned char *from, size_t size)
{
  size_t blocks = size & ~(size_t)(BLOCK - 1);

  return fold(copy_blocks(to, from, blocks)
    + copy_words(to + blocks, from + blocks, size - blocks));
}

/* Of a part that begins at an odd place each byte is the other of a word. */
static uint32_t
turn(uint32_t sum, size_t at)
{
  return at % 2 == 0 ? sum : (sum << 8 & 0xff00) | sum >> 8;
}

void
frame_copy_sum(
  void *to, const struct rtems_rump_link_send *frame, size_t size)
{
  unsigned char *p = to;
  uint32_t sum = 0;
  size_t at = 0, end;
  uint16_t word;
  unsigned i;

  if (frame->sum_begin == 0 || frame->sum_at + sizeof(word) > size) {
    frame_copy(to, frame);
    return;
  }
  for (i = 0; i < frame->count; ++i, at = end) {
    const unsigned char *from = frame->parts[i].iov_base;
    size_t begin = frame->sum_begin > at ? frame->sum_begin : at;

    end = at + frame->parts[i].iov_len;
    begin = begin < end ? begin : end;
    if (begin > at) {
      memcpy(p + at, from, begin - at);
    }
    if (end > begin) {
      sum += turn(copy_and_sum(p + begin, from + (begin - at), end - begin),
        begin - frame->sum_begin);
    }
  }
  word = (uint16_t)~fold(sum);
  /* None at all is told by zero, which is the same number. */
  word = word == 0 ? 0xffff : word;
  memcpy(p + frame->sum_at, &word, sizeof(word));
}
