/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A bounded ring of frames, each in one piece.
 *
 * One task at a time writes and one reads; the two need no lock.
 */

#ifndef RTEMS_RUMP_LINK_RING_H
#define RTEMS_RUMP_LINK_RING_H

#include <stdatomic.h>

#include <rtems-rump/link.h>

/** Least size of a ring; sizes are powers of two. */
#define RING_SIZE_MIN (size_t)4096
#define RING_SIZE_DEFAULT (size_t)(128u << 10)

struct ring {
  unsigned char *data;
  size_t size;

  /* They run on over the size. */
  atomic_size_t written, read;

  /* Of the reader: up to where frames are lent. */
  size_t lent;

  /* The reader is to be told. */
  atomic_bool armed;
};

/**
 * @param size 0: the default.
 *
 * @retval 0 The ring is there.
 * @retval EINVAL It cannot have this size.
 * @retval ENOMEM There is no memory.
 */
int ring_init(struct ring *ring, size_t size);

void ring_destroy(struct ring *ring);

/**
 * Copies a frame into the ring.
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

/** Lends frames until ring_release(). */
unsigned ring_read(
  struct ring *ring, struct rtems_rump_link_frame *frames, unsigned max);

void ring_release(struct ring *ring);

/**
 * For the reader.  This and the end of ring_write() are sequentially
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

/** Size of all parts of a frame. */
static inline size_t
frame_size(const struct rtems_rump_link_send *frame)
{
  size_t size = 0;
  unsigned i;

  for (i = 0; i < frame->count; ++i) {
    size += frame->parts[i].iov_len;
  }
  return size;
}

/** Copies all parts of a frame to one place. */
void frame_copy(void *to, const struct rtems_rump_link_send *frame);

#endif /* RTEMS_RUMP_LINK_RING_H */
