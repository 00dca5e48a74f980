/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The shell command "ping".
 */

#include <rtems-rump/netshell.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

#define COUNT 4
#define COUNT_MAX 1000
#define SECOND 1000000
#define HEADER 8
#define TIME_SIZE sizeof(int64_t)
#define SIZE 64

/* For replies after the last request, in microseconds. */
#define PATIENCE (10 * SECOND)

/* Types of messages. */
#define ECHO_REQUEST 8
#define ECHO_REPLY 0
#define ECHO_REQUEST6 128
#define ECHO_REPLY6 129

struct ping {
  int fd;
  bool is_ipv4;
  const struct addrinfo *to;
  unsigned sent;
  unsigned received;

  /* A bit for each reply. */
  uint8_t seen[(COUNT_MAX + 7) / 8];
};

static int64_t
now(void)
{
  struct timespec time;

  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * SECOND + time.tv_nsec / 1000;
}

static uint16_t
checksum(const uint8_t *data, unsigned size)
{
  uint32_t sum = 0;
  unsigned i;

  for (i = 0; i + 1 < size; i += 2) {
    sum += (uint32_t)(data[i] << 8 | data[i + 1]);
  }
  sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~(sum + (sum >> 16));
}

/*
 * The number of the request stands where that of the process may, too; its time
 * comes back with the reply.
 */
static void
make_request(const struct ping *ping, uint8_t packet[SIZE])
{
  int64_t time = now();
  unsigned i;

  memset(packet, 0, HEADER);
  packet[0] = ping->is_ipv4 ? ECHO_REQUEST : ECHO_REQUEST6;
  packet[4] = (uint8_t)((uintptr_t)ping >> 8);
  packet[5] = (uint8_t)((uintptr_t)ping >> 4);
  packet[6] = (uint8_t)(ping->sent >> 8);
  packet[7] = (uint8_t)ping->sent;
  memcpy(packet + HEADER, &time, TIME_SIZE);
  for (i = HEADER + TIME_SIZE; i < SIZE; ++i) {
    packet[i] = (uint8_t)i;
  }
  if (ping->is_ipv4) {
    uint16_t sum = checksum(packet, SIZE);

    packet[2] = (uint8_t)(sum >> 8);
    packet[3] = (uint8_t)sum;
  }
}

/* What is received of IPv4 begins with its header. */
static const uint8_t *
reply_in(const struct ping *ping, const uint8_t *packet, unsigned size)
{
  unsigned begin = ping->is_ipv4 && size > 0 ? (packet[0] & 15u) * 4 : 0;
  uint8_t own[SIZE];

  make_request(ping, own);
  packet += begin;
  return size >= begin + SIZE
    && packet[0] == (ping->is_ipv4 ? ECHO_REPLY : ECHO_REPLY6)
    && memcmp(packet + 4, own + 4, 2) == 0
    && memcmp(packet + HEADER + TIME_SIZE, own + HEADER + TIME_SIZE,
      SIZE - HEADER - TIME_SIZE) == 0 ? packet : NULL;
}

static void
tell(unsigned number, const struct sockaddr *from, int64_t microseconds)
{
  char text[COMMAND_TEXT] = "";

  (void)getnameinfo(
    from, from->sa_len, text, sizeof(text), NULL, 0, NI_NUMERICHOST);
  printf(
    "%d bytes from %s: seq %u, %ld.%03ld ms\n",
    SIZE,
    text,
    number,
    (long)(microseconds / 1000),
    (long)(microseconds % 1000)
  );
}

/* Each request has one reply that counts, also if it comes late. */
static void
take(struct ping *ping, const uint8_t *reply, const struct sockaddr *from)
{
  unsigned number = (unsigned)reply[6] << 8 | reply[7];
  uint8_t bit = (uint8_t)(1u << number % 8);
  int64_t time;

  if (number >= ping->sent || (ping->seen[number / 8] & bit) != 0) {
    return;
  }
  ping->seen[number / 8] |= bit;
  ++ping->received;
  memcpy(&time, reply + HEADER, TIME_SIZE);
  tell(number, from, now() - time);
}

/* Until there is a reply to each request, or it is so late. */
static bool
receive(struct ping *ping, int64_t end)
{
  int64_t left;

  while (ping->received < ping->sent && (left = end - now()) > 0) {
    struct pollfd p = { .fd = ping->fd, .events = POLLIN };
    struct sockaddr_storage from;
    socklen_t size = sizeof(from);
    const uint8_t *reply;
    uint8_t packet[256];
    ssize_t n;

    if (poll(&p, 1, (int)(left / 1000) + 1) <= 0) {
      continue;
    }
    n = recvfrom(ping->fd, packet, sizeof(packet), MSG_DONTWAIT,
      (struct sockaddr *)&from, &size);
    if (n < 0 && errno != EAGAIN) {
      return false;
    }
    reply = n > 0 ? reply_in(ping, packet, (unsigned)n) : NULL;
    if (reply != NULL) {
      take(ping, reply, (struct sockaddr *)&from);
    }
  }
  return true;
}

static bool
send_request(struct ping *ping)
{
  uint8_t request[SIZE];

  make_request(ping, request);
  ++ping->sent;
  return sendto(ping->fd, request, sizeof(request), 0, ping->to->ai_addr,
    ping->to->ai_addrlen) == sizeof(request);
}

static void
sleep_until(int64_t end)
{
  int64_t left = end - now();
  struct timespec rest = { .tv_nsec = (long)left * 1000 };

  if (left > 0 && left < SECOND) {
    (void)nanosleep(&rest, NULL);
  }
}

static int
run(struct ping *ping, unsigned count)
{
  int64_t next = now();
  bool works = true;

  while (works && ping->sent < count) {
    sleep_until(next);
    next = now() + SECOND;
    works = send_request(ping) && receive(ping, next);
  }
  if (!works || !receive(ping, next + PATIENCE)) {
    return command_failed("ping", "send and receive");
  }
  printf("%u sent, %u received\n", ping->sent, ping->received);
  return ping->received == 0;
}

static int
ping_address(const struct addrinfo *to, unsigned count)
{
  struct ping ping = { .is_ipv4 = to->ai_family == AF_INET, .to = to };
  int result;

  ping.fd = socket(
    to->ai_family,
    SOCK_RAW,
    ping.is_ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6
  );
  if (ping.fd < 0) {
    return command_failed("ping", "socket");
  }
  result = run(&ping, count);
  (void)close(ping.fd);
  return result;
}

static int
ping_command(int argc, char **argv)
{
  const struct addrinfo hints = { .ai_socktype = SOCK_RAW };
  struct addrinfo *to;
  unsigned long count = COUNT;
  int error, result;

  if (argc == 3) {
    count = strtoul(argv[2], NULL, 10);
  }
  if (argc < 2 || argc > 3 || count == 0 || count > COUNT_MAX) {
    return command_usage(rtems_rump_ping_command.usage);
  }
  error = getaddrinfo(argv[1], NULL, &hints, &to);
  if (error != 0) {
    printf("ping: %s: %s\n", argv[1], gai_strerror(error));
    return 1;
  }
  result = ping_address(to, (unsigned)count);
  freeaddrinfo(to);
  return result;
}

rtems_shell_cmd_t rtems_rump_ping_command = {
  .name = "ping",
  .usage = "ping HOST [COUNT]",
  .topic = "net",
  .command = ping_command
};
