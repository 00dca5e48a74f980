/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A ring of received frames, each in a buffer of the link's user.
 *
 * One task at a time writes and one reads; the two need no lock.
 */

#ifndef RTEMS_RUMP_LINK_RING_H
#define RTEMS_RUMP_LINK_RING_H

#include <stdatomic.h>

#include <rtems-rump/link.h>

struct slot;

struct ring {
  /* Slots and buffers; as many as a power of two. */
  struct slot *slots;
  void **buffers;
  unsigned count;

  /* They run on over the number of slots. */
  atomic_uint written, read;

  /* Of the reader: up to where it has been told of frames. */
  unsigned lent;

  /* The reader is to be told. */
  atomic_bool armed;
};

/**
 * @retval 0 The ring is there.
 * @retval EINVAL So many buffers are not a power of two.
 * @retval ENOMEM There is no memory.
 */
int ring_init(struct ring *ring, const struct rtems_rump_link_user *user);

void ring_destroy(struct ring *ring);

/**
 * Where the next frame is written to, RTEMS_RUMP_LINK_FRAME_MAX bytes.
 *
 * @return NULL if there is no room.
 */
void *ring_next(struct ring *ring);

/** The frame that was written there is one to read. */
void ring_put(struct ring *ring, size_t size, bool is_summed, uint64_t time);

/**
 * Copies a frame into the ring and makes its checksum.
 *
 * @param size That of all parts.
 *
 * @return false if there is no room.
 */
bool ring_write(
  struct ring                       *ring,
  const struct rtems_rump_link_send *frame,
  size_t                             size,
  uint64_t                           time);

/** For who writes: whether half of the buffers are in use. */
static inline bool
ring_is_half_full(const struct ring *ring)
{
  return atomic_load_explicit(&ring->written, memory_order_relaxed)
    - atomic_load_explicit(&ring->read, memory_order_relaxed)
    >= ring->count / 2;
}

/** rtems_rump_link_driver::receive. */
unsigned ring_read(
  struct ring *ring, struct rtems_rump_link_frame *frames, unsigned max);

/** rtems_rump_link_driver::release. */
void ring_release(
  struct ring *ring, const struct rtems_rump_link_frame *frames, unsigned n);

/**
 * For the reader.  This and the end of ring_put() are sequentially
 * consistent: of one who writes and then looks for a mark, and one who leaves
 * a mark and then calls this, at least one sees what the other has done.
 */
static inline bool
ring_is_empty(const struct ring *ring)
{
  return atomic_load(&ring->written) == ring->lent;
}

/**
 * Who takes the reader's mark away tells it: either it finds the mark, after
 * it has written, or the reader finds the frame.
 */
static inline bool
ring_disarm(struct ring *ring)
{
  return atomic_exchange(&ring->armed, false);
}

/**
 * For the reader: leaves the mark.
 *
 * @return true if there is something to read and nobody will tell.
 */
static inline bool
ring_arm(struct ring *ring)
{
  (void)atomic_exchange(&ring->armed, true);
  return !ring_is_empty(ring) && ring_disarm(ring);
}

#endif /* RTEMS_RUMP_LINK_RING_H */
