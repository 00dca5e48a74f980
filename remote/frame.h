/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Frames as they come in, piece by piece.
 *
 * The header is read first, then whatever the receiver of the frame says: it
 * looks at what is there before it lets anything else in, and names the
 * memory that the next bytes belong to, so that data is copied once.
 */

#ifndef RTEMS_RUMP_REMOTE_FRAME_H
#define RTEMS_RUMP_REMOTE_FRAME_H

#include "protocol.h"
#include "transport.h"

/** What is done with a frame whose last piece is there. */
enum frame_step {
  /** The next piece is set, by frame_expect(). */
  FRAME_GOES_ON,
  FRAME_IS_COMPLETE,
  FRAME_IS_BAD
};

struct frame {
  struct sp_header header;

  /** The peer's byte order is the other one. */
  bool is_swapped;

  /** Pieces that are there; the header is the first. */
  unsigned pieces;

  /* The one that is read. */
  unsigned char *to;
  size_t size;
  size_t got;
};

/** The frame's next piece; it may be empty. */
static inline void
frame_expect(struct frame *frame, void *to, size_t size)
{
  frame->to = to;
  frame->size = size;
  frame->got = 0;
}

/** Between the byte order of this machine and the other one. */
static inline void
frame_swap(struct sp_header *header)
{
  header->size = __builtin_bswap64(header->size);
  header->number = __builtin_bswap64(header->number);
  header->class = __builtin_bswap16(header->class);
  header->type = __builtin_bswap16(header->type);
  header->what = __builtin_bswap32(header->what);
}

/** Begins a frame. */
static inline void
frame_begin(struct frame *frame)
{
  frame->pieces = 0;
  frame_expect(frame, &frame->header, sizeof(frame->header));
}

/** What of the frame comes after its header; the header is checked. */
static inline size_t
frame_payload(const struct frame *frame)
{
  return (size_t)(frame->header.size - sizeof(frame->header));
}

/**
 * Receives until the frame is complete.
 *
 * @param next Called after each piece.
 *
 * @retval 0 The frame is complete; frame_begin() makes it ready for the next.
 * @retval EAGAIN There is no more at this moment.
 * @retval EPROTO The frame is bad.
 * @retval other The connection is over.
 */
int frame_receive(
  struct frame     *frame,
  struct transport *transport,
  enum frame_step (*next)(struct frame *frame, void *arg),
  void             *arg
);

/**
 * Makes the parts of a frame to send, and writes its size into the header.
 *
 * @return How many parts there are.
 */
static inline int
frame_parts(
  struct iovec      parts[2],
  struct sp_header *header,
  const void       *data,
  size_t            size
)
{
  header->size = sizeof(*header) + size;
  parts[0] = (struct iovec){ header, sizeof(*header) };
  parts[1] = (struct iovec){ (void *)(uintptr_t)data, size };
  return size > 0 ? 2 : 1;
}

/**
 * Takes from the parts what has been sent of them.
 *
 * @return How many parts are left; they begin at *parts.
 */
int frame_advance(struct iovec **parts, int count, size_t sent);

/** The errno value of the host for an error on the wire; never 0. */
int frame_errno(uint32_t error);

#endif /* RTEMS_RUMP_REMOTE_FRAME_H */
