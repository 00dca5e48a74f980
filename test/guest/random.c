/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test guest: random numbers.  The pool is fed by the host as NetBSD's is; the
 * mixing is no cryptography.
 */

#include "guest.h"

#define POOL_BYTES 512u

static struct rumpuser_mtx *pool_mutex;
static uint32_t pool[POOL_BYTES / sizeof(uint32_t)];
static unsigned taken = POOL_BYTES / sizeof(uint32_t);

static uint32_t mix(uint32_t x)
{
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  return x ^ x >> 16;
}

/*
 * Takes what the host has without waiting.  A host that has nothing must say
 * so: NetBSD asks on for as long as it gets no error.
 */
static size_t feed(void)
{
  uint8_t data[POOL_BYTES / 4];
  size_t total = 0, size, i;

  while (total < POOL_BYTES && rumpuser_getrandom(data, sizeof(data),
    RUMPUSER_RANDOM_HARD | RUMPUSER_RANDOM_NOWAIT, &size) == 0) {
    ASSERT(size > 0 && size <= sizeof(data));
    kmutex_enter(pool_mutex);
    for (i = 0; i < size; i++) {
      uint32_t *word = &pool[(total + i) / 4 % (POOL_BYTES / 4)];

      *word = mix(*word + data[i]);
    }
    taken = 0;
    kmutex_exit(pool_mutex);
    total += size;
  }
  return total;
}

uint32_t guest_random_number(void)
{
  uint32_t number;
  int empty;

  kmutex_enter(pool_mutex);
  empty = taken == POOL_BYTES / 4;
  kmutex_exit(pool_mutex);
  if (empty) {
    feed();
  }
  kmutex_enter(pool_mutex);
  taken %= POOL_BYTES / 4;
  pool[taken] = mix(pool[taken] + 0x9e3779b9u + taken);
  number = pool[taken++];
  kmutex_exit(pool_mutex);
  return number;
}

/* /dev/random: straight from the host, which may wait. */
static int random_transfer(struct node *node, struct io *io)
{
  (void)node;
  if (io->write) {
    io->done = io->size;
    return 0;
  }
  while (io->done < io->size) {
    size_t size;
    int error =
      rumpuser_getrandom(io->data + io->done, io->size - io->done, 0, &size);

    if (error != 0) {
      return io->done > 0 ? 0 : error;
    }
    ASSERT(size > 0 && size <= io->size - io->done);
    io->done += size;
  }
  return 0;
}

void guest_random_init(void)
{
  size_t fed;

  pool_mutex = kmutex_new(1);
  fed = feed();
  if (guest_verbose) {
    kprintf("random: %u bytes from the host\n", (unsigned)fed);
  }
}

int guest_random_add_device(void)
{
  return ramfs_add_device("/dev/random", random_transfer);
}
