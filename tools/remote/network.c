/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Commands for the network, of IPv4.
 */

#include "kernel.h"

#include "../../bridge/abi/net.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

/* Commands, of ioctl(). */
#define SIOCSIFFLAGS 0x80906910u
#define SIOCGIFFLAGS 0xc0906911u
#define SIOCDIFADDR 0x80906919u
#define SIOCGIFMTU 0xc090697eu

#define IFF_UP 0x1

/* Of struct netbsd_ifaliasreq and struct netbsd_ifconf. */
#define FORMAT_ALIAS "64s"
#define FORMAT_LIST "i&"

/* A list of requests. */
#define LIST_MAX 128

static int
control(intptr_t fd, uint32_t command, const char *format, void *argument)
{
  return CALL(SYS_IOCTL, NULL, NUMBER(fd),
    RTEMS_RUMP_ARG_COMMAND(command, format),
    RTEMS_RUMP_ARG_VECTOR(RTEMS_RUMP_INOUT, format, argument, 1,
      RTEMS_RUMP_OUT));
}

/* What is too long is cut off. */
static void
put_name(char to[16], const char *name)
{
  size_t length = strlen(name);

  memcpy(to, name, length < 16 ? length : 15);
}

static void
put_address(uint8_t to[16], uint32_t address)
{
  to[0] = 16;
  to[1] = NETBSD_AF_INET;
  memcpy(to + 4, &address, sizeof(address));
}

static unsigned
prefix_length(const uint8_t address[16])
{
  uint32_t mask;
  unsigned length = 0;

  memcpy(&mask, address + 4, sizeof(mask));
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
  struct netbsd_ifreq request = { .name = "" };
  size_t i;
  int error;

  put_name(request.name, name);
  error = control(fd, SIOCGIFFLAGS, RTEMS_RUMP_FORMAT_IFREQ_FLAGS, &request);
  if (error != 0) {
    return report(name, error);
  }
  printf("%.15s:", name);
  for (i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
    if ((request.flags & names[i].flag) != 0) {
      printf(" %s", names[i].name);
    }
  }
  if (control(fd, SIOCGIFMTU, RTEMS_RUMP_FORMAT_IFREQ_NUMBER, &request)
      == 0) {
    printf(" mtu %" PRIi32, request.number);
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
  struct netbsd_ifaliasreq alias = { .name = "" };
  char text[INET6_ADDRSTRLEN];

  switch (address[1]) {
    case NETBSD_AF_INET:
      put_name(alias.name, name);
      memcpy(alias.address, address, sizeof(alias.address));
      printf("    inet %s",
        inet_ntop(AF_INET, address + 4, text, sizeof(text)));
      if (control(fd, NETBSD_SIOCGIFALIAS, FORMAT_ALIAS, &alias) == 0) {
        printf("/%u", prefix_length(alias.mask));
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
  static struct netbsd_ifreq list[LIST_MAX];
  struct netbsd_ifconf all = { sizeof(list), list };
  char last[sizeof(list[0].name)] = "";
  bool is_found = false;
  int status = 0, count, i;
  int error = control(fd, NETBSD_SIOCGIFCONF, FORMAT_LIST, &all);

  if (error != 0) {
    return report("ifconfig", error);
  }
  count = all.size / (int)sizeof(list[0]);
  for (i = 0; i < count && i < LIST_MAX; ++i) {
    char name[sizeof(list[0].name)];

    (void)snprintf(name, sizeof(name), "%.15s", list[i].name);
    if (only != NULL && strcmp(only, name) != 0) {
      continue;
    }
    is_found = true;
    if (strcmp(last, name) != 0) {
      status |= show_interface(fd, name);
    }
    memcpy(last, name, sizeof(last));
    show_address(fd, name, list[i].address);
  }
  return only != NULL && !is_found ? report(only, 6) : status;
}

static int
set_up(intptr_t fd, const char *name, bool is_up)
{
  struct netbsd_ifreq request = { .name = "" };
  int error;

  put_name(request.name, name);
  error = control(fd, SIOCGIFFLAGS, RTEMS_RUMP_FORMAT_IFREQ_FLAGS, &request);
  if (error == 0) {
    request.flags = (int16_t)(
      is_up ? request.flags | IFF_UP : request.flags & ~IFF_UP);
    error = control(
      fd, SIOCSIFFLAGS, RTEMS_RUMP_FORMAT_IFREQ_FLAGS, &request);
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
  struct netbsd_ifaliasreq alias = { .name = "" };
  struct netbsd_ifreq request = { .name = "" };
  uint32_t address, mask;

  if (!parse_address(text, &address, &mask)) {
    return complain(text, "that is no address");
  }
  put_name(request.name, name);
  put_address(request.address, address);
  put_name(alias.name, name);
  put_address(alias.address, address);
  put_address(alias.mask, mask);
  return report(name, deletes
    ? control(fd, SIOCDIFADDR, RTEMS_RUMP_FORMAT_IFREQ, &request)
    : control(fd, NETBSD_SIOCAIFADDR, FORMAT_ALIAS, &alias));
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
  int error = CALL(SYS_SOCKET, &fd, NUMBER(NETBSD_AF_INET),
    NUMBER(NETBSD_SOCK_DGRAM), NUMBER(0));

  if (error != 0) {
    return report("ifconfig", error);
  }
  status = configure(fd, count, words);
  (void)CALL(SYS_CLOSE, NULL, NUMBER(fd));
  return status;
}

#define PING_SIZE 64u
#define PING_SECOND 1000000

/* The packet, and what is received with its header. */
struct echo {
  struct netbsd_sockaddr_in to;
  unsigned char packet[PING_SIZE], answer[256];
};

static int64_t
now(void)
{
  struct timespec time;

  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * PING_SECOND + time.tv_nsec / 1000;
}

static void
make_packet(unsigned char p[PING_SIZE], unsigned number, unsigned identity)
{
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
is_answer(const struct echo *echo, intptr_t size)
{
  const unsigned char *p = echo->answer;
  intptr_t header = (p[0] & 15) * 4;

  return size >= header + (intptr_t)PING_SIZE && p[header] == 0
    && memcmp(p + header + 4, echo->packet + 4, PING_SIZE - 4) == 0;
}

/* One request; others' answers may come between. */
static int
ping_once(
  intptr_t     fd,
  struct echo *echo,
  unsigned     number,
  const char  *host,
  bool        *is_answered
)
{
  int64_t begin = now();
  intptr_t size = 0;
  int error;

  make_packet(echo->packet, number, 0x7275);
  error = CALL(SYS_SENDTO, NULL, NUMBER(fd),
    READS_BYTES(echo->packet, PING_SIZE), NUMBER(PING_SIZE), NUMBER(0),
    READS_BYTES(&echo->to, sizeof(echo->to)), NUMBER(sizeof(echo->to)));
  *is_answered = false;
  while (error == 0 && !*is_answered && now() - begin < PING_SECOND) {
    error = CALL(SYS_RECVFROM, &size, NUMBER(fd),
      WRITES_BYTES(echo->answer, sizeof(echo->answer)),
      NUMBER(sizeof(echo->answer)), NUMBER(0), NUMBER(0), NUMBER(0));
    *is_answered = error == 0 && is_answer(echo, size);
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
ping(intptr_t fd, struct echo *echo, const char *host, unsigned count)
{
  unsigned sent, answered = 0;
  int error = 0;

  for (sent = 0; sent < count && error == 0; ++sent) {
    int64_t begin = now();
    bool is_answered;

    error = ping_once(fd, echo, sent, host, &is_answered);
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
  static const struct netbsd_timeval second = { .tv_sec = 1 };

  return CALL(SYS_SETSOCKOPT, NULL, NUMBER(fd), NUMBER(NETBSD_SOL_SOCKET),
    NUMBER(NETBSD_SO_RCVTIMEO), READS(RTEMS_RUMP_FORMAT_TIMEVAL, &second),
    SIZE(RTEMS_RUMP_FORMAT_TIMEVAL, 1));
}

int
do_ping(int count, char **words)
{
  struct echo echo = { .to = { .len = sizeof(echo.to) } };
  unsigned long requests = count > 2 ? strtoul(words[2], NULL, 10) : 4;
  intptr_t fd;
  int error, status;

  if (inet_pton(AF_INET, words[1], echo.to.addr) != 1) {
    return complain(words[1], "that is no address of IPv4");
  }
  if (requests == 0 || requests > 1000) {
    return complain(words[2], "1 to 1000 requests");
  }
  error = CALL(SYS_SOCKET, &fd, NUMBER(NETBSD_AF_INET),
    NUMBER(NETBSD_SOCK_RAW), NUMBER(NETBSD_IPPROTO_ICMP));
  if (error == 0) {
    error = set_patience(fd);
  }
  if (error != 0) {
    return report("ping", error);
  }
  echo.to.family = NETBSD_AF_INET;
  status = ping(fd, &echo, words[1], (unsigned)requests);
  (void)CALL(SYS_CLOSE, NULL, NUMBER(fd));
  return status;
}
