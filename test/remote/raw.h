/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A client that sends whatever a test wants.
 */

#ifndef TEST_REMOTE_RAW_H
#define TEST_REMOTE_RAW_H

#include <stdbool.h>

#include "protocol.h"
#include "sync.h"

#include "../target/target.h"

struct raw {
  struct transport *transport;
  struct sync_gate gate;
};

/** For connections that are encrypted. */
static const struct transport_secret *raw_secret;

/** Returns false if the connection is over before all is there. */
static inline bool
raw_receive(struct raw *raw, void *to, size_t size)
{
  size_t got = 0;

  while (got < size) {
    size_t received;
    int error = transport_receive(
      raw->transport,
      (char *)to + got,
      size - got,
      &received
    );

    if (error == 0) {
      got += received;
    } else if (error == EAGAIN) {
      sync_gate_wait(&raw->gate, raw->transport, TRANSPORT_RECEIVE);
    } else {
      return false;
    }
  }
  return true;
}

/** Returns false if the connection is over. */
static inline bool
raw_send(struct raw *raw, const void *bytes, size_t size)
{
  size_t done = 0;

  while (done < size) {
    struct iovec part = { (char *)(uintptr_t)bytes + done, size - done };
    size_t sent;
    int error = transport_send(raw->transport, &part, 1, &sent);

    if (error == 0) {
      done += sent;
    } else if (error == EAGAIN) {
      sync_gate_wait(&raw->gate, raw->transport, TRANSPORT_SEND);
    } else {
      return false;
    }
  }
  return true;
}

/** Connects; false if the server does not want that. */
static inline bool
raw_connect(struct raw *raw, const char *url)
{
  char c = 0;
  int error;

  /* The server may not have accepted those before yet. */
  while ((error = rtems_rump_transport_connect(url, &raw->transport))
    == EAGAIN) {
    target_sleep(5);
  }
  CHECK(error == 0);
  CHECK(transport_secure(raw->transport, raw_secret) == 0);
  sync_gate_init(&raw->gate, raw->transport);
  while (c != '\n') {
    if (!raw_receive(raw, &c, 1)) {
      return false;
    }
  }
  return true;
}

static inline void
raw_close(struct raw *raw)
{
  transport_close(raw->transport);
  sync_gate_destroy(&raw->gate);
}

/** Connects.  The places of clients that have gone may not be free yet. */
static inline void
raw_join(struct raw *raw, const char *url)
{
  int tries = 0;

  while (!raw_connect(raw, url)) {
    raw_close(raw);
    CHECK(++tries < 1000);
    target_sleep(10);
  }
}

static inline bool
raw_frame(
  struct raw   *raw,
  enum sp_class class,
  enum sp_type  type,
  uint32_t      what,
  uint64_t      number,
  const void   *payload,
  size_t        size
)
{
  struct sp_header header = {
    .size = sizeof(header) + size,
    .number = number,
    .class = class,
    .type = type,
    .what = what
  };

  return raw_send(raw, &header, sizeof(header))
    && raw_send(raw, payload, size);
}

/** Connects as a guest. */
static inline void
raw_open(struct raw *raw, const char *url)
{
  struct sp_header header;
  int zero = -1;

  raw_join(raw, url);
  CHECK(raw_frame(raw, SP_REQUEST, SP_HANDSHAKE, SP_GUEST, 5, "raw", 4));
  CHECK(raw_receive(raw, &header, sizeof(header)));
  CHECK(header.size == sizeof(header) + sizeof(zero));
  CHECK(header.class == SP_RESPONSE && header.type == SP_HANDSHAKE);
  CHECK(header.number == 5);
  CHECK(raw_receive(raw, &zero, sizeof(zero)));
  CHECK(zero == 0);
}

/** Receives what there is, up to the end of the connection. */
static inline void
raw_expect_end(struct raw *raw)
{
  char c;

  while (raw_receive(raw, &c, 1)) {
  }
  raw_close(raw);
}

#endif /* TEST_REMOTE_RAW_H */
