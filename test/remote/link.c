/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Two links with a line between them that changes, loses and adds bytes:
 * whatever is written at one end is read at the other.  For libFuzzer with
 * -DLIBFUZZER, one link gets an input.
 */

#include "corpus.h"
#include "link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition) \
  ((condition) ? (void)0 : fail(__LINE__, #condition))

#define TOTAL 200000u

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
fail(int line, const char *what)
{
  printf("not ok: link.c:%d: %s\n", line, what);
  abort();
}

/* Numbers that repeat with their seed (xorshift). */
static uint32_t state = 2463534242u;

static uint32_t
number(void)
{
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

/* One byte of so many is changed, lost or added; 0: none. */
static unsigned noise;

/* The time, in milliseconds. */
static uint64_t now;

static size_t
disturb(const unsigned char *from, size_t size, unsigned char *to)
{
  size_t length = 0;
  size_t i;

  for (i = 0; i < size; ++i) {
    unsigned what = noise != 0 && number() % noise == 0 ? number() % 3 : 3;

    if (what != 1) {
      to[length++] = what == 0 ? (unsigned char)number() : from[i];
    }
    if (what == 2) {
      to[length++] = (unsigned char)number();
    }
  }
  return length;
}

/* Carries all that one end has to say to the other; false: nothing. */
static bool
carry(struct link *from, struct link *to)
{
  unsigned char frame[LINK_FRAME_SIZE], disturbed[2 * LINK_FRAME_SIZE];
  size_t size;
  bool was_there = false;

  while ((size = link_output(from, frame, now)) > 0) {
    CHECK(size <= sizeof(frame));
    was_there = true;
    link_input(to, disturbed, disturb(frame, size, disturbed), now);
  }
  return was_there;
}

static unsigned char
pattern(uint32_t at, unsigned seed)
{
  return (unsigned char)(at * 7 + (at >> 8) + seed);
}

static void
write_some(struct link *link, uint32_t *at, unsigned seed)
{
  unsigned char bytes[1500];
  size_t size = number() % sizeof(bytes);
  size_t i;

  size = size < TOTAL - *at ? size : TOTAL - *at;
  for (i = 0; i < size; ++i) {
    bytes[i] = pattern(*at + (uint32_t)i, seed);
  }
  *at += (uint32_t)link_write(link, bytes, size, now);
}

static void
read_some(struct link *link, uint32_t *at, unsigned seed)
{
  unsigned char bytes[1500];
  size_t size = link_read(link, bytes, number() % sizeof(bytes));
  size_t i;

  for (i = 0; i < size; ++i) {
    CHECK(bytes[i] == pattern(*at + (uint32_t)i, seed));
  }
  *at += (uint32_t)size;
}

static struct link client, server;

/* Time goes on when nothing happens. */
static void
step(void)
{
  bool happens = carry(&client, &server);

  happens |= carry(&server, &client);
  if (server.state == LINK_IS_CALLED) {
    link_accept(&server, now);
  }
  now += happens ? 1 : 50;
}

static void
connect_both(uint32_t connection)
{
  unsigned i;

  link_call(&client, connection, now);
  for (i = 0; i < 1000 && (client.state != LINK_IS_OPEN
      || server.state != LINK_IS_OPEN || server.number != connection); ++i) {
    step();
    if (server.state == LINK_IS_OVER) {
      link_free(&server, now);
    }
  }
  CHECK(client.state == LINK_IS_OPEN && server.state == LINK_IS_OPEN);
}

/* Both write and read at once. */
static void
exchange(unsigned how_noisy)
{
  uint32_t written[2] = { 0, 0 }, read[2] = { 0, 0 };
  uint64_t begin = now;
  unsigned seed = number() % 256;

  noise = how_noisy;
  link_init(&client, false);
  connect_both(number());
  while (read[0] < TOTAL || read[1] < TOTAL) {
    write_some(&client, &written[0], seed);
    write_some(&server, &written[1], seed + 1);
    read_some(&server, &read[0], seed);
    read_some(&client, &read[1], seed + 1);
    step();
    CHECK(client.state == LINK_IS_OPEN && server.state == LINK_IS_OPEN);
    CHECK(now - begin < 3600000);
  }
  printf("# noise 1/%u: %u bytes each way in %lu ms\n", how_noisy, TOTAL,
    (unsigned long)(now - begin));
}

/* What was sent before the end arrives, and both know of the end. */
static void
ends(void)
{
  static unsigned char bytes[LINK_BUFFER_SIZE];
  size_t got = 0;
  unsigned i;

  CHECK(link_write(&server, bytes, 5000, now) == 5000);
  link_end(&server, now);
  CHECK(link_write(&server, bytes, 1, now) == 0);
  for (i = 0; i < 1000 && (client.state == LINK_IS_OPEN
      || server.state != LINK_IS_OVER); ++i) {
    step();
  }
  CHECK(client.state == LINK_IS_OVER && server.state == LINK_IS_OVER);
  got = link_read(&client, bytes, sizeof(bytes));
  CHECK(got == 5000);
  link_free(&client, now);
  link_free(&server, now);
  CHECK(client.state == LINK_IS_FREE && server.state == LINK_IS_FREE);
}

/* What is sent again can be more than before: the peer has some of it. */
static void
overlap(void)
{
  unsigned char frame[LINK_FRAME_SIZE], got[600];
  uint32_t at = 0;
  size_t i;

  noise = 0;
  link_init(&client, false);
  connect_both(number());
  for (i = 0; i < 6; ++i) {
    unsigned char bytes[100];
    size_t k;

    for (k = 0; k < sizeof(bytes); ++k) {
      bytes[k] = pattern(at + (uint32_t)k, 9);
    }
    at += (uint32_t)link_write(&client, bytes, sizeof(bytes), now);
    (void)carry(&client, &server);
    while (link_output(&server, frame, now) > 0) {
      /* The acknowledgement is lost. */
    }
    now += LINK_RETRY_LAST;
  }
  CHECK(link_read(&server, got, sizeof(got)) == at);
  for (i = 0; i < at; ++i) {
    CHECK(got[i] == pattern((uint32_t)i, 9));
  }
  ends();
}

/* A line that has carried something else before, without a flag. */
static void
long_noise(void)
{
  unsigned char bytes[4 * LINK_PACKET_SIZE];

  memset(bytes, 'x', sizeof(bytes));
  link_input(&server, bytes, sizeof(bytes), now);
  link_init(&client, false);
  connect_both(number());
  link_input(&server, bytes, sizeof(bytes), now);
  CHECK(server.length <= LINK_PACKET_SIZE);
  ends();
}

/* A peer that is silent is given up, and one that has started anew is seen. */
static void
deaths(void)
{
  unsigned char frame[LINK_FRAME_SIZE];
  uint64_t begin;

  noise = 0;
  link_init(&client, false);
  connect_both(1);
  CHECK(link_write(&server, "x", 1, now) == 1);
  begin = now;
  while (server.state == LINK_IS_OPEN) {
    (void)link_output(&server, frame, now);
    CHECK(link_timeout(&server, now) != 0);
    now += 10;
    CHECK(now - begin < 60000);
  }
  CHECK(now - begin > 5000);
  link_free(&server, now);

  connect_both(2);
  link_init(&client, false);
  link_call(&client, 3, now);
  (void)carry(&client, &server);
  CHECK(server.state == LINK_IS_OVER);
  link_free(&server, now);
  connect_both(4);

  /* The server has forgotten it. */
  link_init(&server, true);
  CHECK(link_write(&client, "x", 1, now) == 1);
  step();
  CHECK(client.state == LINK_IS_OVER);
}

static uint32_t
crc_of(const char *text)
{
  return link_crc(0, text, strlen(text));
}

#ifndef LIBFUZZER
int
main(int argc, char **argv)
{
  static const unsigned levels[] = { 0, 100000, 10000, 3000, 1000 };
  unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
  size_t i;

  if (argc > 1) {
    fuzz_corpus(argv[1], LLVMFuzzerTestOneInput);
  }
  CHECK(crc_of("123456789") == 0xcbf43926);
  CHECK(crc_of("") == 0);
  link_init(&server, true);
  while (rounds-- > 0) {
    for (i = 0; i < sizeof(levels) / sizeof(levels[0]); ++i) {
      exchange(levels[i]);
      ends();
    }
    overlap();
    long_noise();
    deaths();
    link_init(&server, true);
    for (i = 0; i < 20000; ++i) {
      unsigned char bytes[64];
      size_t k;

      for (k = 0; k < sizeof(bytes); ++k) {
        bytes[k] = number() % 8 == 0 ? 0x7e : (unsigned char)number();
      }
      (void)LLVMFuzzerTestOneInput(bytes, sizeof(bytes));
    }
  }
  puts("*** END OF TEST REMOTE LINK ***");
  return 0;
}
#endif

/* Packets whose check is right and all else is not. */
static void
put_packet(struct link *link, const uint8_t *bytes, size_t size)
{
  unsigned char packet[LINK_PACKET_SIZE];
  unsigned char frame[LINK_FRAME_SIZE];
  uint32_t check;
  size_t length = 0;
  size_t i;

  size = size < LINK_PACKET_SIZE - 4 ? size : LINK_PACKET_SIZE - 4;
  memcpy(packet, bytes, size);
  check = link_crc(0, packet, size);
  for (i = 0; i < 4; ++i) {
    packet[size++] = (unsigned char)(check >> 8 * i);
  }
  frame[length++] = 0x7e;
  for (i = 0; i < size; ++i) {
    bool has_to_escape = packet[i] == 0x7e || packet[i] == 0x7d;

    if (has_to_escape) {
      frame[length++] = 0x7d;
    }
    frame[length++] = has_to_escape ? packet[i] ^ 0x20 : packet[i];
  }
  frame[length++] = 0x7e;
  link_input(link, frame, length, now);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  static struct link link;
  unsigned char frame[LINK_FRAME_SIZE], got[100];
  uint8_t copy[64];
  unsigned i;

  link_init(&link, size % 2 == 0);
  link_call(&link, 7, now);
  link_input(&link, bytes, size, now);
  size = size < sizeof(copy) ? size : sizeof(copy);
  memcpy(copy, bytes, size);
  for (i = 0; i < 6 && size >= LINK_HEADER_SIZE; ++i) {
    copy[0] = (uint8_t)(1 + (bytes[i] & 7));
    memcpy(copy + 1, (const unsigned char[]){ 7, 0, 0, 0 }, 4);
    if ((bytes[i + 1] & 1) != 0) {
      memset(copy + 6, 0, 3);
      memset(copy + 10, 0, 3);
    }
    put_packet(&link, copy, size);
    if (link.state == LINK_IS_CALLED) {
      link_accept(&link, now);
    }
    (void)link_write(&link, bytes, size, now);
    (void)link_read(&link, got, sizeof(got));
    (void)link_output(&link, frame, now);
    CHECK(link_room(&link) <= LINK_BUFFER_SIZE);
    CHECK(link_available(&link) <= LINK_BUFFER_SIZE);
    now += 400;
  }
  return 0;
}
