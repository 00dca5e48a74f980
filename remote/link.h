/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A reliable connection over a line that loses and changes bytes.
 *
 * Packets are framed as in HDLC on an asynchronous line (RFC 1662): flags
 * around them, escaped bytes, a frame check sequence of 32 bits.  After noise
 * the next flag is the beginning of the next packet.  What is lost is sent
 * again, from there on (go back n); each side tells how much room it has.
 *
 * There is one connection at a time.  It has a number that the one who calls
 * has chosen; packets of others are answered by an end.
 *
 * | field | bytes | |
 * |---|---|---|
 * | type | 1 | enum link_type |
 * | connection | 4 | its number |
 * | sequence | 4 | of the first byte of data |
 * | acknowledged | 4 | the next byte that is wanted |
 * | window | 2 | room for bytes from there |
 * | data | 0 to 512 | |
 * | check | 4 | CRC-32 of all that |
 *
 * Numbers are little-endian.  Nothing here waits, and nothing is locked.
 */

#ifndef RTEMS_RUMP_REMOTE_LINK_H
#define RTEMS_RUMP_REMOTE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_HEADER_SIZE 15u
#define LINK_DATA_SIZE 512u
#define LINK_CHECK_SIZE 4u
#define LINK_PACKET_SIZE (LINK_HEADER_SIZE + LINK_DATA_SIZE + LINK_CHECK_SIZE)

/** With each byte escaped, and flags. */
#define LINK_FRAME_SIZE (2 * LINK_PACKET_SIZE + 2)

/** A power of two. */
#define LINK_BUFFER_SIZE 8192u

/** Milliseconds after which something is sent again: at first, and at most. */
#define LINK_RETRY_FIRST 300u
#define LINK_RETRY_LAST 2400u

/** Times without progress after which the connection is over; some 20 s. */
#define LINK_RETRIES 11u

enum link_type {
  /** Asks for a connection. */
  LINK_CALL = 1,
  LINK_ACCEPT,
  /** Is to be acknowledged, also if there is no data in it. */
  LINK_DATA,
  LINK_ACKNOWLEDGE,
  /** The same, and something is missing. */
  LINK_MISSING,
  LINK_END
};

enum link_state {
  LINK_IS_FREE,
  /** Of the one who calls: there is no answer yet. */
  LINK_IS_CALLING,
  /** Of the other: nobody has accepted yet. */
  LINK_IS_CALLED,
  LINK_IS_OPEN,
  /** Shut down here: what was sent arrives, then the end is told. */
  LINK_IS_ENDING,
  LINK_IS_OVER
};

struct link {
  enum link_state state;

  /** Takes calls. */
  bool is_listening;

  /** Nobody has the connection; when it is over it is free. */
  bool is_released;

  /** The end is told behind data that is not acknowledged. */
  bool has_to_leave;
  uint32_t number;

  /* To the peer: up to which byte it is acknowledged, sent, written. */
  uint32_t acknowledged, sent, written;
  uint32_t window;
  bool goes_back;

  /* From the peer: up to which byte it is read, received, and the room that
     the peer knows of. */
  uint32_t read, received;
  uint32_t announced;

  /* To be sent. */
  bool has_to_accept, has_to_acknowledge, is_missing, has_to_probe;
  bool has_to_end;
  uint32_t end_of;

  /* Until something is sent again; in milliseconds. */
  uint64_t deadline;
  unsigned interval;
  unsigned tries;

  /* The packet that comes in. */
  unsigned char packet[LINK_PACKET_SIZE];
  size_t length;
  bool is_escaped, is_too_long;

  unsigned char out[LINK_BUFFER_SIZE], in[LINK_BUFFER_SIZE];
};

/* In several kernels of an image they are the same. */
#define link_init rtems_rump_link_init
#define link_call rtems_rump_link_call
#define link_accept rtems_rump_link_accept
#define link_end rtems_rump_link_end
#define link_free rtems_rump_link_free
#define link_input rtems_rump_link_input
#define link_output rtems_rump_link_output
#define link_timeout rtems_rump_link_timeout
#define link_write rtems_rump_link_write
#define link_read rtems_rump_link_read
#define link_crc rtems_rump_link_crc

void link_init(struct link *link, bool is_listening);

/** Begins a connection with a number that none had recently. */
void link_call(struct link *link, uint32_t number, uint64_t now);

/** Accepts the connection that LINK_IS_CALLED. */
void link_accept(struct link *link, uint64_t now);

/** Nothing is received any more, and nothing new is sent. */
void link_end(struct link *link, uint64_t now);

/** Nobody has the connection any more: what is left ends by itself. */
void link_free(struct link *link, uint64_t now);

/**
 * After that: the line goes away.  The peer is told of the end behind what can
 * still be sent, and nothing is sent again.
 */
void link_leave(struct link *link);

/** What has come from the line. */
void link_input(
  struct link *link, const unsigned char *bytes, size_t size, uint64_t now);

/** Makes the next frame for the line; returns its size, 0 if there is none. */
size_t link_output(
  struct link *link, unsigned char frame[LINK_FRAME_SIZE], uint64_t now);

/** Milliseconds until link_output() has to be called; -1: for ever. */
int link_timeout(const struct link *link, uint64_t now);

/** Returns how much of it there was room for, while it is open. */
size_t link_write(
  struct link *link, const void *bytes, size_t size, uint64_t now);

/** Returns how much there was. */
size_t link_read(struct link *link, void *bytes, size_t size);

static inline size_t
link_room(const struct link *link)
{
  return LINK_BUFFER_SIZE - (link->written - link->acknowledged);
}

static inline size_t
link_available(const struct link *link)
{
  return link->received - link->read;
}

/** CRC-32 of ISO/IEC 3309; of what is in pieces, the one of those before. */
uint32_t link_crc(uint32_t crc, const void *bytes, size_t size);

#endif /* RTEMS_RUMP_REMOTE_LINK_H */
