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
#define SIZE 64

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

/* The number of the request stands where that of the process may, too. */
static void
make_request(const struct ping *ping, uint8_t packet[SIZE])
{
  unsigned i;

  memset(packet, 0, HEADER);
  packet[0] = ping->is_ipv4 ? ECHO_REQUEST : ECHO_REQUEST6;
  packet[4] = (uint8_t)((uintptr_t)ping >> 8);
  packet[5] = (uint8_t)((uintptr_t)ping >> 4);
  packet[6] = (uint8_t)(ping->sent >> 8);
  packet[7] = (uint8_t)ping->sent;
  for (i = HEADER; i < SIZE; ++i) {
    packet[i] = (uint8_t)i;
  }
  if (ping->is_ipv4) {
    uint16_t sum = checksum(packet, SIZE);

    packet[2] = (uint8_t)(sum >> 8);
    packet[3] = (uint8_t)sum;
  }
}

/* What is received of IPv4 begins with its header. */
static bool
is_reply(
  const struct ping *ping,
  const uint8_t     *packet,
  unsigned           size,
  const uint8_t      request[SIZE]
)
{
  unsigned begin = ping->is_ipv4 && size > 0 ? (packet[0] & 15u) * 4 : 0;

  return size >= begin + SIZE
    && packet[begin] == (ping->is_ipv4 ? ECHO_REPLY : ECHO_REPLY6)
    && memcmp(packet + begin + 4, request + 4, SIZE - 4) == 0;
}

static void
tell(
  const struct ping *ping, const struct sockaddr *from, int64_t microseconds)
{
  char text[COMMAND_TEXT] = "";

  (void)getnameinfo(
    from, from->sa_len, text, sizeof(text), NULL, 0, NI_NUMERICHOST);
  printf(
    "%d bytes from %s: seq %u, %ld.%03ld ms\n",
    SIZE,
    text,
    ping->sent,
    (long)(microseconds / 1000),
    (long)(microseconds % 1000)
  );
}

/* Waits for a second at most, whatever comes. */
static bool
receive(struct ping *ping, const uint8_t request[SIZE], int64_t begin)
{
  int64_t left;

  while ((left = begin + SECOND - now()) > 0) {
    struct pollfd p = { .fd = ping->fd, .events = POLLIN };
    struct sockaddr_storage from;
    socklen_t size = sizeof(from);
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
    if (n > 0 && is_reply(ping, packet, (unsigned)n, request)) {
      tell(ping, (struct sockaddr *)&from, now() - begin);
      ++ping->received;
      return true;
    }
  }
  return true;
}

static int
run(struct ping *ping, unsigned count)
{
  while (ping->sent < count) {
    uint8_t request[SIZE];
    int64_t begin = now();
    struct timespec rest;

    make_request(ping, request);
    if (sendto(ping->fd, request, sizeof(request), 0, ping->to->ai_addr,
          ping->to->ai_addrlen) != sizeof(request)
        || !receive(ping, request, begin)) {
      return command_failed("ping", "send and receive");
    }
    if (++ping->sent < count && ping->received == ping->sent) {
      begin += SECOND - now();
      rest = (struct timespec){
        .tv_nsec = begin > 0 && begin < SECOND ? (long)begin * 1000 : 0
      };
      (void)nanosleep(&rest, NULL);
    }
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
