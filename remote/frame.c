/* SPDX-License-Identifier: BSD-2-Clause */

#include "frame.h"

#include <errno.h>

/* Whether the header's size can be true. */
static bool
has_size(const struct frame *frame)
{
  return frame->header.size >= sizeof(frame->header)
    && frame->header.size - sizeof(frame->header) <= SIZE_MAX / 2;
}

static int
receive_piece(struct frame *frame, struct transport *transport)
{
  while (frame->got < frame->size) {
    size_t received;
    int error = transport_receive(
      transport,
      frame->to + frame->got,
      frame->size - frame->got,
      &received
    );

    if (error != 0) {
      return error;
    }
    frame->got += received;
  }
  return 0;
}

int
frame_receive(
  struct frame     *frame,
  struct transport *transport,
  enum frame_step (*next)(struct frame *frame, void *arg),
  void             *arg
)
{
  enum frame_step step;

  do {
    int error = receive_piece(frame, transport);

    if (error != 0) {
      return error;
    }
    if (frame->pieces++ == 0) {
      if (frame->is_swapped) {
        frame_swap(&frame->header);
      }
      if (!has_size(frame)) {
        return EPROTO;
      }
    }
    step = (*next)(frame, arg);
  } while (step == FRAME_GOES_ON);
  return step == FRAME_IS_COMPLETE ? 0 : EPROTO;
}

int
frame_advance(struct iovec **parts, int count, size_t sent)
{
  struct iovec *part = *parts;

  while (count > 0 && sent >= part->iov_len) {
    sent -= part->iov_len;
    ++part;
    --count;
  }
  if (count > 0) {
    part->iov_base = (char *)part->iov_base + sent;
    part->iov_len -= sent;
  }
  *parts = part;
  return count;
}

int
frame_errno(uint32_t error)
{
  switch (error) {
    case SP_ERROR_TRY_AGAIN:
      return EAGAIN;
    case SP_ERROR_AUTHENTICATION:
      return EPERM;
    case SP_ERROR_INVALID_PREFORK:
      return ESRCH;
    case SP_ERROR_FORK_FAILED:
      return EIO;
    case SP_ERROR_IN_EXEC:
      return EBUSY;
    case SP_ERROR_NO_MEMORY:
      return ENOMEM;
    case SP_ERROR_MALFORMED:
      return EINVAL;
    default:
      return EPROTO;
  }
}
