/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Randomness.
 *
 * Soft requests are answered by a fast-key-erasure generator on ChaCha20 (RFC
 * 8439): each call makes a new key and the output from the old one, so what
 * was given out cannot be found again in memory.  It is seeded from the BSP's
 * getentropy(), the application's source and the clocks.
 *
 * Hard requests are answered by the application's source.  Without one the
 * generator answers as many of them as its seed may stand for: some at the
 * start, which the kernel needs to begin, and then a few each second.  It must
 * not be more, since the kernel asks again as long as it is given something.
 */

#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <rtems.h>
#include <rtems/counter.h>

#include "lock.h"

/* The block function's matrix has four rows; the key is two of them. */
typedef uint32_t row __attribute__((__vector_size__(16)));

#define KEY_ROWS 2
#define BLOCK_ROWS 4
#define KEY_SIZE (KEY_ROWS * sizeof(row))
#define BLOCK_SIZE (BLOCK_ROWS * sizeof(row))

/* Bytes of hard randomness that the seed stands for, at most and per second. */
#define CREDIT_LIMIT 256
#define CREDIT_PER_SECOND 32

static struct lock generator_lock = LOCK_INITIALIZER("rump random");
static row key[KEY_ROWS];
static size_t credit;
static time_t credit_time;

#define ADD_AND_ROTATE(a, b, d, n) \
  a += b; \
  d ^= a; \
  d = d << n | d >> (32 - n)

/* On four columns at once. */
#define QUARTER_ROUNDS(a, b, c, d) \
  ADD_AND_ROTATE(a, b, d, 16); \
  ADD_AND_ROTATE(c, d, b, 12); \
  ADD_AND_ROTATE(a, b, d, 8); \
  ADD_AND_ROTATE(c, d, b, 7)

void random_block(const row k[KEY_ROWS], uint32_t counter,
  row out[BLOCK_ROWS]);

/*
 * The block function of RFC 8439 with a nonce of zero; not static for the sake
 * of its test.  Between the rounds the rows are turned, so that diagonals
 * become columns and columns diagonals.
 */
void
random_block(const row k[KEY_ROWS], uint32_t counter, row out[BLOCK_ROWS])
{
  static const row constant = {
    0x61707865, 0x3320646e, 0x79622d32, 0x6b206574
  };
  row a = constant;
  row b = k[0];
  row c = k[1];
  row d = { counter };
  int i;

  for (i = 0; i < 10; ++i) {
    QUARTER_ROUNDS(a, b, c, d);
    b = __builtin_shufflevector(b, b, 1, 2, 3, 0);
    c = __builtin_shufflevector(c, c, 2, 3, 0, 1);
    d = __builtin_shufflevector(d, d, 3, 0, 1, 2);
    QUARTER_ROUNDS(a, b, c, d);
    b = __builtin_shufflevector(b, b, 3, 0, 1, 2);
    c = __builtin_shufflevector(c, c, 2, 3, 0, 1);
    d = __builtin_shufflevector(d, d, 1, 2, 3, 0);
  }
  out[0] = a + constant;
  out[1] = b + k[0];
  out[2] = c + k[1];
  out[3] = d + (row){ counter };
}

/* Makes the next key; what follows it in the block can be given out. */
static void
next_key(row block[BLOCK_ROWS])
{
  random_block(key, 0, block);
  memcpy(key, block, KEY_SIZE);
}

static void
mix(const row seed[KEY_ROWS])
{
  row block[BLOCK_ROWS];

  key[0] ^= seed[0];
  key[1] ^= seed[1];
  next_key(block);
  explicit_bzero(block, sizeof(block));
}

void
random_init(void)
{
  struct timespec wall, uptime;
  row seed[KEY_ROWS];
  bool strong = false;

  rtems_clock_get_realtime(&wall);
  rtems_clock_get_monotonic(&uptime);
  seed[0] = (row){ (uint32_t)wall.tv_sec, (uint32_t)wall.tv_nsec };
  seed[1] = (row){
    (uint32_t)uptime.tv_sec,
    (uint32_t)uptime.tv_nsec,
    (uint32_t)rtems_counter_read()
  };
  mix(seed);

  if (getentropy(seed, sizeof(seed)) == 0) {
    mix(seed);
  }
  if (hypercall_config.entropy != NULL) {
    strong = (*hypercall_config.entropy)(seed, sizeof(seed)) == sizeof(seed);
    mix(seed);
  }
  if (!strong) {
    rumpuser_dprintf(
      "rump: weak random seed: set rtems_rump_config::entropy\n"
    );
  }
  explicit_bzero(seed, sizeof(seed));
  credit = CREDIT_LIMIT;
  credit_time = uptime.tv_sec;
}

/* Takes up to so many bytes of the seed's credit. */
static size_t
take_credit(size_t size)
{
  struct timespec now;

  rtems_clock_get_monotonic(&now);
  lock_enter(&generator_lock);
  if (now.tv_sec - credit_time >= CREDIT_LIMIT / CREDIT_PER_SECOND) {
    credit = CREDIT_LIMIT;
  } else {
    credit += (size_t)(now.tv_sec - credit_time) * CREDIT_PER_SECOND;
  }
  if (credit > CREDIT_LIMIT) {
    credit = CREDIT_LIMIT;
  }
  credit_time = now.tv_sec;
  if (size > credit) {
    size = credit;
  }
  credit -= size;
  lock_exit(&generator_lock);
  return size;
}

static void
generate(uint8_t *out, size_t size)
{
  row old[KEY_ROWS];
  row block[BLOCK_ROWS];
  size_t begin = KEY_SIZE;
  uint32_t counter;

  lock_enter(&generator_lock);
  memcpy(old, key, sizeof(old));
  next_key(block);
  lock_exit(&generator_lock);

  for (counter = 1;; ++counter) {
    size_t n = BLOCK_SIZE - begin;

    n = size < n ? size : n;
    memcpy(out, (uint8_t *)block + begin, n);
    out += n;
    size -= n;
    if (size == 0) {
      break;
    }
    random_block(old, counter, block);
    begin = 0;
  }
  explicit_bzero(old, sizeof(old));
  explicit_bzero(block, sizeof(block));
}

static int
get_hard(void *buffer, size_t size, bool wait, size_t *done)
{
  size_t hard;

  if (hypercall_config.entropy != NULL) {
    hard = (*hypercall_config.entropy)(buffer, size);
  } else {
    hard = take_credit(size);
    generate(buffer, hard);
  }
  if (hard == 0 && !wait) {
    *done = 0;
    return NETBSD_EAGAIN;
  }
  if (hard == 0) {
    generate(buffer, size);
    hard = size;
  }
  *done = hard;
  return 0;
}

int
rumpuser_getrandom(void *buffer, size_t size, int flags, size_t *done)
{
  if ((flags & RUMPUSER_RANDOM_HARD) != 0) {
    return get_hard(
      buffer,
      size,
      (flags & RUMPUSER_RANDOM_NOWAIT) == 0,
      done
    );
  }
  generate(buffer, size);
  *done = size;
  return 0;
}
