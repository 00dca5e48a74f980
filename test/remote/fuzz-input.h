/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A connection whose peer sends the bytes of an input, in pieces, and
 * takes what it gets.
 */

#ifndef TEST_REMOTE_FUZZ_INPUT_H
#define TEST_REMOTE_FUZZ_INPUT_H

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "sync.h"
#include "transport.h"

static struct {
  struct transport transport;
  struct sync_mutex lock;
  uint8_t *bytes;
  size_t size, at;
  unsigned turn;
  atomic_bool is_over;
} input = { .lock = SYNC_MUTEX_INITIALIZER("input") };

/** Reads what is sent, for checkers. */
static inline size_t
input_take(const struct iovec *parts, int count)
{
  volatile unsigned char sum = 0;
  size_t size = 0;
  int i;

  for (i = 0; i < count; ++i) {
    size_t at;

    for (at = 0; at < parts[i].iov_len; ++at) {
      sum = sum ^ ((const unsigned char *)parts[i].iov_base)[at];
    }
    size += parts[i].iov_len;
  }
  return size;
}

/* Now and then there is nothing, and then less than is wanted. */
static int
input_next(void *buffer, size_t size, size_t *received)
{
  size_t left = input.is_over ? 0 : input.size - input.at;

  ++input.turn;
  if (left == 0) {
    return ENOTCONN;
  }
  if (input.turn % 5 == 0) {
    return EAGAIN;
  }
  size = size < left ? size : left;
  size = input.turn % 3 == 0 && size > 7 ? 7 : size;
  memcpy(buffer, input.bytes + input.at, size);
  input.at += size;
  *received = size;
  return 0;
}

static int
input_receive(
  struct transport *t, void *buffer, size_t size, size_t *received)
{
  int error;

  (void)t;
  sync_lock(&input.lock);
  error = input_next(buffer, size, received);
  sync_unlock(&input.lock);
  return error;
}

static void
input_watch(struct transport *t, const struct transport_watcher *watcher)
{
  (void)t;
  (void)watcher;
}

static bool
input_arm(struct transport *t, enum transport_event event)
{
  (void)t;
  (void)event;
  return true;
}

static void
input_shutdown(struct transport *t)
{
  (void)t;
  input.is_over = true;
}

/** The input begins; its bytes may change. */
static inline void
input_begin(const struct transport_ops *ops, uint8_t *bytes, size_t size)
{
  input.transport.ops = ops;
  input.bytes = bytes;
  input.size = size;
  input.at = 0;
  input.turn = 0;
  input.is_over = false;
}

#endif /* TEST_REMOTE_FUZZ_INPUT_H */
