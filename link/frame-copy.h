/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What drivers do with frames to send.
 */

#ifndef RTEMS_RUMP_LINK_FRAME_COPY_H
#define RTEMS_RUMP_LINK_FRAME_COPY_H

#include <rtems-rump/link.h>

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

/** One of its bytes, which may be in any part; 0 behind its end. */
static inline uint8_t
frame_byte(const struct rtems_rump_link_send *frame, size_t at)
{
  unsigned i;

  for (i = 0; i < frame->count; ++i) {
    if (at < frame->parts[i].iov_len) {
      return ((const uint8_t *)frame->parts[i].iov_base)[at];
    }
    at -= frame->parts[i].iov_len;
  }
  return 0;
}

/** Copies all parts of a frame to one place. */
void frame_copy(void *to, const struct rtems_rump_link_send *frame);

/** The same, and stores the checksum that is asked for. */
void frame_copy_sum(
  void *to, const struct rtems_rump_link_send *frame, size_t size);

#endif /* RTEMS_RUMP_LINK_FRAME_COPY_H */
