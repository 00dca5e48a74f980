/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Records follow each other.  Where the end of the ring is too near for one, a
 * record without a frame fills it up.
 */

#include "ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Its size divides that of the ring, so there is always room for one. */
struct record {
  uint64_t time;
  /* Of the frame; 0: there is none up to the end of the ring. */
  uint32_t size;
  uint32_t reserved;
};

int
ring_init(struct ring *ring, size_t size)
{
  size = size == 0 ? RING_SIZE_DEFAULT : size;
  if (size < RING_SIZE_MIN || (size & (size - 1)) != 0) {
    return EINVAL;
  }
  ring->data = malloc(size);
  if (ring->data == NULL) {
    return ENOMEM;
  }
  ring->size = size;
  atomic_init(&ring->written, 0);
  atomic_init(&ring->read, 0);
  atomic_init(&ring->armed, false);
  ring->lent = 0;
  return 0;
}

void
ring_destroy(struct ring *ring)
{
  free(ring->data);
  ring->data = NULL;
}

static size_t
record_size(size_t frame)
{
  const size_t unit = sizeof(struct record);

  return unit + (frame + unit - 1) / unit * unit;
}

static struct record *
record_at(const struct ring *ring, size_t position)
{
  return (struct record *)(ring->data + (position & (ring->size - 1)));
}

static size_t
to_end(const struct ring *ring, size_t position)
{
  return ring->size - (position & (ring->size - 1));
}

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

bool
ring_write(
  struct ring                       *ring,
  const struct rtems_rump_link_send *frame,
  size_t                             size,
  uint64_t                           time)
{
  size_t at = atomic_load_explicit(&ring->written, memory_order_relaxed);
  size_t room = ring->size
    - (at - atomic_load_explicit(&ring->read, memory_order_acquire));
  size_t need = record_size(size);
  size_t skip = to_end(ring, at) < need ? to_end(ring, at) : 0;
  struct record *record;

  if (size == 0 || need + skip > room) {
    return false;
  }
  if (skip > 0) {
    record_at(ring, at)->size = 0;
  }
  record = record_at(ring, at + skip);
  record->size = (uint32_t)size;
  record->time = time;
  frame_copy(record + 1, frame);
  atomic_store(&ring->written, at + skip + need);
  return true;
}

unsigned
ring_read(
  struct ring *ring, struct rtems_rump_link_frame *frames, unsigned max)
{
  size_t written = atomic_load_explicit(&ring->written, memory_order_acquire);
  unsigned n = 0;

  while (n < max && ring->lent != written) {
    struct record *record = record_at(ring, ring->lent);

    if (record->size == 0) {
      ring->lent += to_end(ring, ring->lent);
      continue;
    }
    frames[n].data = record + 1;
    frames[n].size = record->size;
    frames[n].time = record->time;
    ring->lent += record_size(record->size);
    ++n;
  }
  return n;
}

void
ring_release(struct ring *ring)
{
  atomic_store_explicit(&ring->read, ring->lent, memory_order_release);
}
