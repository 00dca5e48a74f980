/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Commands for the network, of IPv4.
 */

#include "kernel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#define NETBSD_AF_INET 2
#define NETBSD_AF_LINK 18
#define NETBSD_AF_INET6 24
#define NETBSD_SOCK_DGRAM 2
#define NETBSD_SOCK_RAW 3
#define NETBSD_IPPROTO_ICMP 1
#define NETBSD_SOL_SOCKET 0xffff
#define NETBSD_SO_RCVTIMEO 0x100c

/* Commands, of ioctl(), with the size of their argument in them. */
#define SIOCSIFFLAGS 0x80906910u
#define SIOCGIFFLAGS 0xc0906911u
#define SIOCDIFADDR 0x80906919u
#define SIOCAIFADDR 0x8040691au
#define SIOCGIFALIAS 0xc040691bu
#define SIOCGIFCONF_32 0xc0086926u
#define SIOCGIFCONF_64 0xc0106926u
#define SIOCGIFMTU 0xc090697eu

#define IFF_UP 0x1u

/* A request: a name, and what it is about. */
#define NAME_SIZE 16u
#define REQUEST_SIZE 144u
#define REQUEST DATA
#define VALUE (REQUEST + NAME_SIZE)

/* Addresses of an alias have a size of their own. */
#define ALIAS_MASK (VALUE + 32)

/* A list of requests. */
#define LIST (DATA + 1024)
#define LIST_SIZE (128 * REQUEST_SIZE)

static int
request(intptr_t fd, unsigned command)
{
  return CALL3(SYS_IOCTL, NULL, fd, command, REQUEST);
}

static void
begin_request(const char *name)
{
  size_t length = strlen(name);

  memset(arena + REQUEST, 0, REQUEST_SIZE);
  memcpy(arena + REQUEST, name, length < NAME_SIZE ? length : NAME_SIZE - 1);
}

static void
put_address(uint32_t at, uint32_t address)
{
  put(at, 16, 1);
  put(at + 1, NETBSD_AF_INET, 1);
  memcpy(arena + at + 4, &address, sizeof(address));
}

static unsigned
prefix_length(uint32_t at)
{
  uint32_t mask;
  unsigned length = 0;

  memcpy(&mask, arena + at, sizeof(mask));
  for (mask = ntohl(mask); (mask & 0x80000000u) != 0; mask <<= 1) {
    ++length;
  }
  return length;
}

static int
show_interface(intptr_t fd, const char *name)
{
  static const struct {
    unsigned flag;
    const char *name;
  } names[] = {
    { 0x1, "up" }, { 0x2, "broadcast" }, { 0x8, "loopback" },
    { 0x10, "pointopoint" }, { 0x40, "running" }, { 0x100, "promisc" },
    { 0x8000, "multicast" }
  };
  unsigned flags;
  size_t i;
  int error;

  begin_request(name);
  error = request(fd, SIOCGIFFLAGS);
  if (error != 0) {
    return report(name, error);
  }
  flags = (unsigned)get(VALUE, 2);
  printf("%.15s:", name);
  for (i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
    if ((flags & names[i].flag) != 0) {
      printf(" %s", names[i].name);
    }
  }
  begin_request(name);
  if (request(fd, SIOCGIFMTU) == 0) {
    printf(" mtu %" PRIu64, get(VALUE, 4));
  }
  (void)putchar('\n');
  return 0;
}

/* The name of an interface is in a sockaddr_dl before its address. */
static void
show_link_address(const unsigned char *address)
{
  unsigned i, size = address[6] <= 8 ? address[6] : 0;

  for (i = 0; i < size && 8u + address[5] + size < 128; ++i) {
    printf("%s%02x", i == 0 ? "    address " : ":",
      address[8 + address[5] + i]);
  }
  if (i > 0) {
    (void)putchar('\n');
  }
}

/* NetBSD has the number of the interface in it if it is one of a link. */
static void
show_ipv6(const unsigned char *from)
{
  unsigned char address[16];
  char text[INET6_ADDRSTRLEN];

  memcpy(address, from, sizeof(address));
  if (address[0] == 0xfe && (address[1] & 0xc0) == 0x80) {
    address[2] = address[3] = 0;
  }
  printf("    inet6 %s\n", inet_ntop(AF_INET6, address, text, sizeof(text)));
}

static void
show_address(intptr_t fd, const char *name, const unsigned char *address)
{
  char text[INET6_ADDRSTRLEN];

  switch (address[1]) {
    case NETBSD_AF_INET:
      begin_request(name);
      memcpy(arena + VALUE, address, 16);
      printf("    inet %s",
        inet_ntop(AF_INET, address + 4, text, sizeof(text)));
      if (request(fd, SIOCGIFALIAS) == 0) {
        printf("/%u", prefix_length(ALIAS_MASK + 4));
      }
      (void)putchar('\n');
      break;
    case NETBSD_AF_INET6:
      show_ipv6(address + 8);
      break;
    case NETBSD_AF_LINK:
      show_link_address(address);
      break;
    default:
      break;
  }
}

/* Those of one interface come one after the other. */
static int
show(intptr_t fd, const char *only)
{
  char last[NAME_SIZE] = "";
  uint32_t at, size;
  bool is_found = false;
  int status = 0, error;

  put(DATA, LIST_SIZE, 4);
  put(DATA + word, LIST, word);
  error = CALL3(SYS_IOCTL, NULL, fd,
    word == 8 ? SIOCGIFCONF_64 : SIOCGIFCONF_32, DATA);
  if (error != 0) {
    return report("ifconfig", error);
  }
  size = (uint32_t)get(DATA, 4);
  for (at = 0; size <= LIST_SIZE && at + REQUEST_SIZE <= size;
      at += REQUEST_SIZE) {
    char name[NAME_SIZE];

    (void)snprintf(name, sizeof(name), "%.15s", (char *)arena + LIST + at);
    if (only != NULL && strcmp(only, name) != 0) {
      continue;
    }
    is_found = true;
    if (strcmp(last, name) != 0) {
      status |= show_interface(fd, name);
    }
    memcpy(last, name, sizeof(last));
    show_address(fd, name, arena + LIST + at + NAME_SIZE);
  }
  return only != NULL && !is_found ? report(only, 6) : status;
}

static int
set_up(intptr_t fd, const char *name, bool is_up)
{
  int error;

  begin_request(name);
  error = request(fd, SIOCGIFFLAGS);
  if (error == 0) {
    uint64_t flags = get(VALUE, 2);

    put(VALUE, is_up ? flags | IFF_UP : flags & ~(uint64_t)IFF_UP, 2);
    error = request(fd, SIOCSIFFLAGS);
  }
  return report(name, error);
}

/* As 10.0.0.1/24. */
static bool
parse_address(const char *text, uint32_t *address, uint32_t *mask)
{
  char host[INET_ADDRSTRLEN];
  const char *slash = strchr(text, '/');
  size_t length = slash != NULL ? (size_t)(slash - text) : strlen(text);
  unsigned long bits = 32;
  char *end = "";

  if (length >= sizeof(host)) {
    return false;
  }
  memcpy(host, text, length);
  host[length] = '\0';
  if (slash != NULL) {
    bits = strtoul(slash + 1, &end, 10);
  }
  *mask = htonl(bits == 0 ? 0 : UINT32_MAX << (32 - bits % 33));
  return inet_pton(AF_INET, host, address) == 1 && *end == '\0' && bits <= 32;
}

static int
set_address(intptr_t fd, const char *name, const char *text, bool deletes)
{
  uint32_t address, mask;

  if (!parse_address(text, &address, &mask)) {
    return complain(text, "that is no address");
  }
  begin_request(name);
  put_address(VALUE, address);
  if (!deletes) {
    put_address(ALIAS_MASK, mask);
  }
  return report(name, request(fd, deletes ? SIOCDIFADDR : SIOCAIFADDR));
}

static int
configure(intptr_t fd, int count, char **words)
{
  if (count <= 2) {
    return show(fd, count == 2 ? words[1] : NULL);
  }
  if (strcmp(words[2], "up") == 0 || strcmp(words[2], "down") == 0) {
    return set_up(fd, words[1], words[2][0] == 'u');
  }
  return count == 3 ? set_address(fd, words[1], words[2], false)
    : strcmp(words[2], "delete") == 0
      ? set_address(fd, words[1], words[3], true)
      : complain(words[2], "what an interface is told is up, down, an address "
        "or delete and one");
}

int
do_ifconfig(int count, char **words)
{
  intptr_t fd;
  int status;
  int error = CALL3(SYS_SOCKET, &fd, NETBSD_AF_INET, NETBSD_SOCK_DGRAM, 0);

  if (error != 0) {
    return report("ifconfig", error);
  }
  status = configure(fd, count, words);
  (void)CALL1(SYS_CLOSE, NULL, fd);
  return status;
}

/* Of a ping: the address, the packet, and what is received with its header. */
#define PING_TO DATA
#define PING_PACKET (DATA + 64)
#define PING_ANSWER (DATA + 1024)
#define PING_SIZE 64u
#define PING_SECOND 1000000

static int64_t
now(void)
{
  struct timespec time;

  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * PING_SECOND + time.tv_nsec / 1000;
}

static void
make_packet(unsigned number, unsigned identity)
{
  unsigned char *p = arena + PING_PACKET;
  uint32_t sum = 0;
  unsigned i;

  memset(p, 0, 8);
  p[0] = 8; /* an echo request */
  p[4] = (unsigned char)(identity >> 8);
  p[5] = (unsigned char)identity;
  p[6] = (unsigned char)(number >> 8);
  p[7] = (unsigned char)number;
  for (i = 8; i < PING_SIZE; ++i) {
    p[i] = (unsigned char)i;
  }
  for (i = 0; i < PING_SIZE; i += 2) {
    sum += (uint32_t)(p[i] << 8 | p[i + 1]);
  }
  sum = (sum & 0xffff) + (sum >> 16);
  sum = ~(sum + (sum >> 16));
  p[2] = (unsigned char)(sum >> 8);
  p[3] = (unsigned char)sum;
}

static bool
is_answer(intptr_t size)
{
  const unsigned char *p = arena + PING_ANSWER;
  intptr_t header = (p[0] & 15) * 4;

  return size >= header + (intptr_t)PING_SIZE && p[header] == 0
    && memcmp(p + header + 4, arena + PING_PACKET + 4, PING_SIZE - 4) == 0;
}

/* One request; others' answers may come between. */
static int
ping_once(intptr_t fd, unsigned number, const char *host, bool *is_answered)
{
  int64_t begin = now();
  intptr_t size = 0;
  int error;

  make_packet(number, 0x7275);
  error = call(SYS_SENDTO, NULL, 6, (uint64_t)fd, (uint64_t)PING_PACKET,
    (uint64_t)PING_SIZE, (uint64_t)0, (uint64_t)PING_TO, (uint64_t)16);
  *is_answered = false;
  while (error == 0 && !*is_answered && now() - begin < PING_SECOND) {
    error = call(SYS_RECVFROM, &size, 6, (uint64_t)fd, (uint64_t)PING_ANSWER,
      (uint64_t)256, (uint64_t)0, (uint64_t)0, (uint64_t)0);
    *is_answered = error == 0 && is_answer(size);
  }
  if (*is_answered) {
    int64_t time = now() - begin;

    printf("%u bytes from %s: seq %u, %" PRId64 ".%03u ms\n", PING_SIZE, host,
      number, time / 1000, (unsigned)(time % 1000));
    (void)fflush(stdout);
  }
  return error == NETBSD_EAGAIN ? 0 : error;
}

static int
ping(intptr_t fd, const char *host, unsigned count)
{
  unsigned sent, answered = 0;
  int error = 0;

  for (sent = 0; sent < count && error == 0; ++sent) {
    int64_t begin = now();
    bool is_answered;

    error = ping_once(fd, sent, host, &is_answered);
    answered += is_answered;
    begin += PING_SECOND - now();
    if (sent + 1 < count && begin > 0) {
      struct timespec rest = { 0, (long)begin * 1000 - 1 };

      (void)nanosleep(&rest, NULL);
    }
  }
  printf("%u sent, %u received\n", sent, answered);
  return error != 0 ? report(host, error) : answered == 0;
}

/* Answers are waited for no longer than a second. */
static int
set_patience(intptr_t fd)
{
  memset(arena + DATA, 0, 16);
  put(DATA, 1, 8);
  return call(SYS_SETSOCKOPT, NULL, 5, (uint64_t)fd,
    (uint64_t)NETBSD_SOL_SOCKET, (uint64_t)NETBSD_SO_RCVTIMEO, (uint64_t)DATA,
    (uint64_t)(alignment64 == 4 ? 12 : 16));
}

int
do_ping(int count, char **words)
{
  uint32_t address;
  unsigned long requests = count > 2 ? strtoul(words[2], NULL, 10) : 4;
  intptr_t fd;
  int error, status;

  if (inet_pton(AF_INET, words[1], &address) != 1) {
    return complain(words[1], "that is no address of IPv4");
  }
  if (requests == 0 || requests > 1000) {
    return complain(words[2], "1 to 1000 requests");
  }
  error = CALL3(SYS_SOCKET, &fd, NETBSD_AF_INET, NETBSD_SOCK_RAW,
    NETBSD_IPPROTO_ICMP);
  if (error == 0) {
    error = set_patience(fd);
  }
  if (error != 0) {
    return report("ping", error);
  }
  memset(arena + PING_TO, 0, 16);
  put_address(PING_TO, address);
  status = ping(fd, words[1], (unsigned)requests);
  (void)CALL1(SYS_CLOSE, NULL, fd);
  return status;
}
