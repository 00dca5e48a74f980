/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A client opens a connection, says by JSON what it wants, opens others for the
 * data, and says when it has enough; then both tell what they have counted.
 */

#include "iperf3.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define COOKIE 37
#define STREAMS 8
#define BLOCK (128 * 1024)
#define TEXT 2048
#define LONGEST_TEXT (64 * 1024)

/* In bytes of both ways of a datagram's begin. */
#define UDP_HEADER 16

/* One byte each. */
enum state {
  TEST_START = 1,
  TEST_RUNNING = 2,
  TEST_END = 4,
  PARAM_EXCHANGE = 9,
  CREATE_STREAMS = 10,
  EXCHANGE_RESULTS = 13,
  DISPLAY_RESULTS = 14,
  DONE = 16,
  SERVER_ERROR = 0xfe
};

/* What the client is told when it wants what is not here. */
#define NOT_IMPLEMENTED 13

struct stream {
  int fd;
  uint64_t bytes;
  uint64_t packets;
  int64_t lost;
  double jitter;
  double transit;
};

struct test {
  int control;
  char cookie[COOKIE];
  bool is_udp;
  bool is_reverse;
  bool is_64bit;
  unsigned size;
  double bits_per_second;
  unsigned count;
  struct stream streams[STREAMS];
  double begin;
};

static char block[BLOCK];

static double
now(void)
{
  struct timespec time;

  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static bool
read_all(int fd, void *data, size_t size)
{
  char *to = data;

  while (size > 0) {
    ssize_t n = recv(fd, to, size, 0);

    if (n <= 0) {
      return false;
    }
    to += n;
    size -= (size_t)n;
  }
  return true;
}

static bool
write_all(int fd, const void *data, size_t size)
{
  const char *from = data;

  while (size > 0) {
    ssize_t n = send(fd, from, size, 0);

    if (n <= 0) {
      return false;
    }
    from += n;
    size -= (size_t)n;
  }
  return true;
}

static bool
say(const struct test *test, enum state state)
{
  uint8_t byte = (uint8_t)state;

  return write_all(test->control, &byte, 1);
}

/* A text that is too long is passed over but for its begin. */
static bool
read_text(int fd, char text[TEXT])
{
  uint32_t size, kept;

  if (!read_all(fd, &size, sizeof(size))) {
    return false;
  }
  size = ntohl(size);
  kept = size < TEXT ? size : TEXT - 1;
  if (size > LONGEST_TEXT || !read_all(fd, text, kept)) {
    return false;
  }
  text[kept] = '\0';
  return read_all(fd, block, size - kept);
}

/* A member of the only object that matters; 0 if there is none. */
static double
number(const char *text, const char *name)
{
  char key[32];
  const char *found;

  (void)snprintf(key, sizeof(key), "\"%s\":", name);
  found = strstr(text, key);
  if (found == NULL) {
    return 0;
  }
  found += strlen(key);
  return strncmp(found, "true", 4) == 0 ? 1 : strtod(found, NULL);
}

static bool
read_parameters(struct test *test)
{
  char text[TEXT];

  if (!say(test, PARAM_EXCHANGE) || !read_text(test->control, text)) {
    return false;
  }
  test->is_udp = number(text, "udp") != 0;
  test->is_reverse = number(text, "reverse") != 0;
  test->is_64bit = number(text, "udp_counters_64bit") != 0;
  test->size = (unsigned)number(text, "len");
  test->count = (unsigned)number(text, "parallel");
  test->bits_per_second = number(text, "bandwidth");
  if (test->count < 1 || test->count > STREAMS || test->size < UDP_HEADER
      || test->size > BLOCK || number(text, "bidirectional") != 0) {
    const uint32_t error[2] = { htonl(NOT_IMPLEMENTED), 0 };

    (void)say(test, SERVER_ERROR);
    (void)write_all(test->control, error, sizeof(error));
    return false;
  }
  return true;
}

/* Whose cookie is another's is no connection of this test. */
static bool
open_tcp(struct test *test, int listener, struct stream *stream)
{
  char cookie[COOKIE];

  stream->fd = accept(listener, NULL, NULL);
  return stream->fd >= 0 && read_all(stream->fd, cookie, COOKIE)
    && memcmp(cookie, test->cookie, COOKIE) == 0;
}

static int
bind_udp(void)
{
  struct sockaddr_in any = {
    .sin_len = sizeof(any),
    .sin_family = AF_INET,
    .sin_port = htons(IPERF3_PORT)
  };
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  int on = 1;

  (void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  return bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0 ? fd : -1;
}

/* The client sends four bytes, and wants four. */
static bool
open_udp(struct stream *stream)
{
  struct sockaddr_in from;
  socklen_t size = sizeof(from);
  uint32_t word = 0x39383736;
  uint32_t theirs;

  return stream->fd >= 0
    && recvfrom(stream->fd, &theirs, sizeof(theirs), 0,
      (struct sockaddr *)&from, &size) == sizeof(theirs)
    && connect(stream->fd, (struct sockaddr *)&from, size) == 0
    && send(stream->fd, &word, sizeof(word), 0) == sizeof(word);
}

/* The client sends its first datagram to a socket that is there. */
static bool
open_streams(struct test *test, int listener)
{
  unsigned i;

  if (test->is_udp) {
    test->streams[0].fd = bind_udp();
  }
  if (!say(test, CREATE_STREAMS)) {
    return false;
  }
  for (i = 0; i < test->count; ++i) {
    if (test->is_udp ? !open_udp(&test->streams[i])
        : !open_tcp(test, listener, &test->streams[i])) {
      return false;
    }
    if (test->is_udp && i + 1 < test->count) {
      test->streams[i + 1].fd = bind_udp();
    }
  }
  return true;
}

/* Seconds, microseconds and a number, from 1 on. */
static void
count_datagram(const struct test *test, struct stream *stream)
{
  uint32_t words[4];
  uint64_t sequence;
  double transit, change;

  memcpy(words, block, sizeof(words));
  sequence = test->is_64bit
    ? (uint64_t)ntohl(words[2]) << 32 | ntohl(words[3]) : ntohl(words[2]);
  if (sequence > stream->packets) {
    stream->lost += (int64_t)(sequence - stream->packets - 1);
    stream->packets = sequence;
  } else {
    --stream->lost;
  }
  transit = now() - (double)ntohl(words[0]) - (double)ntohl(words[1]) * 1e-6;
  change = transit - stream->transit;
  if (stream->transit != 0) {
    stream->jitter += ((change < 0 ? -change : change) - stream->jitter) / 16;
  }
  stream->transit = transit;
}

static void
receive(const struct test *test, struct stream *stream)
{
  ssize_t n = recv(stream->fd, block, BLOCK, MSG_DONTWAIT);

  if (n > 0) {
    stream->bytes += (uint64_t)n;
  }
  if (test->is_udp && n >= UDP_HEADER) {
    count_datagram(test, stream);
  }
}

static void
put_header(const struct test *test, uint64_t sequence)
{
  double time = now();
  uint32_t words[4] = {
    htonl((uint32_t)time),
    htonl((uint32_t)((time - (uint32_t)time) * 1e6)),
    htonl((uint32_t)(test->is_64bit ? sequence >> 32 : sequence)),
    htonl((uint32_t)sequence)
  };

  memcpy(block, words, test->is_64bit ? 16 : 12);
}

/* A datagram waits for its time. */
static void
transmit(const struct test *test, struct stream *stream)
{
  double due = (now() - test->begin) * test->bits_per_second / 8;
  ssize_t n;

  if (test->is_udp) {
    if (test->bits_per_second > 0 && (double)stream->bytes > due) {
      return;
    }
    put_header(test, stream->packets + 1);
  }
  n = send(stream->fd, block, test->size, MSG_DONTWAIT);
  if (n > 0) {
    stream->bytes += (uint64_t)n;
    ++stream->packets;
  }
}

/* Datagrams have their time each 10 ms, as many as are due. */
static bool
wait_for(const struct test *test, struct pollfd fds[STREAMS + 1])
{
  bool is_paced = test->is_udp && test->is_reverse;
  unsigned i;

  fds[0] = (struct pollfd){ .fd = test->control, .events = POLLIN };
  for (i = 0; i < test->count; ++i) {
    fds[i + 1] = (struct pollfd){
      .fd = test->streams[i].fd,
      .events = test->is_reverse ? POLLOUT : POLLIN
    };
  }
  return poll(fds, is_paced ? 1 : test->count + 1, is_paced ? 10 : 60000)
    >= (is_paced ? 0 : 1);
}

static void
exchange(struct test *test, struct stream *stream)
{
  uint64_t before;

  do {
    before = stream->bytes;
    if (test->is_reverse) {
      transmit(test, stream);
    } else {
      receive(test, stream);
    }
  } while (test->is_udp && stream->bytes != before);
}

/* Until the client ends it, which is all that it says meanwhile. */
static bool
run(struct test *test)
{
  struct pollfd fds[STREAMS + 1];
  uint8_t state;
  unsigned i;

  memset(block, 'x', sizeof(block));
  test->begin = now();
  if (!say(test, TEST_START) || !say(test, TEST_RUNNING)) {
    return false;
  }
  while (wait_for(test, fds)) {
    for (i = 0; i < test->count; ++i) {
      exchange(test, &test->streams[i]);
    }
    if (fds[0].revents != 0) {
      return read_all(test->control, &state, 1) && state == TEST_END;
    }
  }
  return false;
}

/* The client numbers its connections 1, 3, 4 and so on. */
static bool
tell_results(const struct test *test)
{
  static char text[STREAMS * 256];
  double seconds = now() - test->begin;
  uint32_t size;
  unsigned i;
  int n = sprintf(text, "{\"cpu_util_total\":0,\"cpu_util_user\":0,"
    "\"cpu_util_system\":0,\"sender_has_retransmits\":0,\"streams\":[");

  for (i = 0; i < test->count; ++i) {
    const struct stream *stream = &test->streams[i];

    n += sprintf(text + n, "%s{\"id\":%u,\"bytes\":%llu,\"retransmits\":0,"
      "\"jitter\":%.6f,\"errors\":%lld,\"packets\":%llu,"
      "\"start_time\":0,\"end_time\":%.6f}", i == 0 ? "" : ",",
      i == 0 ? 1 : i + 2, (unsigned long long)stream->bytes, stream->jitter,
      (long long)stream->lost, (unsigned long long)stream->packets, seconds);
  }
  n += sprintf(text + n, "]}");
  size = htonl((uint32_t)n);
  return write_all(test->control, &size, sizeof(size))
    && write_all(test->control, text, (size_t)n);
}

static void
close_streams(struct test *test)
{
  unsigned i;

  for (i = 0; i < STREAMS; ++i) {
    if (test->streams[i].fd >= 0) {
      (void)close(test->streams[i].fd);
      test->streams[i].fd = -1;
    }
  }
}

/* A client that receives goes on when its connections have ended. */
static bool
finish(struct test *test)
{
  char text[TEXT];
  uint8_t state;

  close_streams(test);
  return say(test, EXCHANGE_RESULTS) && read_text(test->control, text)
    && tell_results(test) && say(test, DISPLAY_RESULTS)
    && read_all(test->control, &state, 1) && state == DONE;
}

int
iperf3_serve(int listener, int control)
{
  struct test test = { .control = control };
  bool is_done;
  unsigned i;

  for (i = 0; i < STREAMS; ++i) {
    test.streams[i].fd = -1;
  }
  is_done = read_all(control, test.cookie, COOKIE) && read_parameters(&test)
    && open_streams(&test, listener) && run(&test) && finish(&test);
  close_streams(&test);
  return is_done ? 0 : -1;
}
