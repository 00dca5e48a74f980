/* SPDX-License-Identifier: BSD-2-Clause */

#include "ring.h"

#include <errno.h>
#include <stdlib.h>

#include "frame-copy.h"

struct slot {
  uint64_t time;
  uint16_t size;
  bool is_summed;
};

int
ring_init(struct ring *ring, const struct rtems_rump_link_user *user)
{
  unsigned n = user->buffer_count;

  if (n == 0 || (n & (n - 1)) != 0) {
    return EINVAL;
  }
  ring->slots = calloc(n, sizeof(*ring->slots));
  if (ring->slots == NULL) {
    return ENOMEM;
  }
  ring->buffers = user->buffers;
  ring->count = n;
  atomic_init(&ring->written, 0);
  atomic_init(&ring->read, 0);
  atomic_init(&ring->armed, false);
  ring->lent = 0;
  return 0;
}

void
ring_destroy(struct ring *ring)
{
  free(ring->slots);
  ring->slots = NULL;
}

static unsigned char *
frame_at(const struct ring *ring, unsigned at)
{
  return (unsigned char *)ring->buffers[at & (ring->count - 1)]
    + RTEMS_RUMP_LINK_OFFSET;
}

void *
ring_next(struct ring *ring)
{
  unsigned at = atomic_load_explicit(&ring->written, memory_order_relaxed);

  if (at - atomic_load_explicit(&ring->read, memory_order_acquire)
      == ring->count) {
    return NULL;
  }
  return frame_at(ring, at);
}

void
ring_put(struct ring *ring, size_t size, bool is_summed, uint64_t time)
{
  unsigned at = atomic_load_explicit(&ring->written, memory_order_relaxed);
  struct slot *slot = &ring->slots[at & (ring->count - 1)];

  slot->size = (uint16_t)size;
  slot->is_summed = is_summed;
  slot->time = time;
  atomic_store(&ring->written, at + 1);
}

bool
ring_write(
  struct ring                       *ring,
  const struct rtems_rump_link_send *frame,
  size_t                             size,
  uint64_t                           time)
{
  void *to = ring_next(ring);

  if (to == NULL) {
    return false;
  }
  frame_copy_sum(to, frame, size);
  ring_put(ring, size, frame->sum_begin != 0, time);
  return true;
}

unsigned
ring_read(
  struct ring *ring, struct rtems_rump_link_frame *frames, unsigned max)
{
  unsigned written =
    atomic_load_explicit(&ring->written, memory_order_acquire);
  unsigned n;

  for (n = 0; n < max && ring->lent != written; ++n, ++ring->lent) {
    const struct slot *slot = &ring->slots[ring->lent & (ring->count - 1)];

    frames[n].buffer = ring->buffers[ring->lent & (ring->count - 1)];
    frames[n].data = frame_at(ring, ring->lent);
    frames[n].size = slot->size;
    frames[n].is_summed = slot->is_summed;
    frames[n].time = slot->time;
  }
  return n;
}

void
ring_release(
  struct ring *ring, const struct rtems_rump_link_frame *frames, unsigned n)
{
  unsigned at = atomic_load_explicit(&ring->read, memory_order_relaxed);
  unsigned i;

  for (i = 0; i < n; ++i) {
    ring->buffers[(at + i) & (ring->count - 1)] = frames[i].buffer;
  }
  atomic_store_explicit(&ring->read, at + n, memory_order_release);
}
