/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Addresses of names: numbers, and what a name server on lo0 tells, which also
 * sends what is not the answer, or nothing.
 */

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rtems-rump/resolver.h>
#include <rtems-rump/socket.h>

#include "target.h"

#define PORT 5300
#define HEADER 12
#define TYPE_A 1
#define TYPE_AAAA 28
#define NO_NAME 3

/* What a query asks for begins here with the length of its first label. */
static bool
asks_for(const uint8_t *query, const char *label)
{
  return query[HEADER] == strlen(label)
    && memcmp(query + HEADER + 1, label, strlen(label)) == 0;
}

static void
reply(int fd, const void *packet, size_t size, const struct sockaddr_in *to)
{
  CHECK(sendto(
    fd, packet, size, 0, (const struct sockaddr *)to, sizeof(*to)
  ) == (ssize_t)size);
}

static void
answer(int fd, uint8_t *packet, size_t size, const struct sockaddr_in *to)
{
  static const uint8_t ipv4[] = {
    0xc0, HEADER, 0, TYPE_A, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 7
  };
  static const uint8_t ipv6[] = {
    0xc0, HEADER, 0, TYPE_AAAA, 0, 1, 0, 0, 0, 9, 0, 16,
    0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7
  };
  bool is_ipv4 = packet[size - 3] == TYPE_A;

  packet[2] |= 0x80;
  if (asks_for(packet, "none")) {
    packet[3] |= NO_NAME;
    reply(fd, packet, size, to);
    return;
  }
  if (asks_for(packet, "silent")) {
    return;
  }
  if (asks_for(packet, "four") && !is_ipv4) {
    reply(fd, packet, size, to);
    return;
  }
  /* First what somebody else might send. */
  reply(fd, "rubbish", 7, to);
  packet[0] ^= 1;
  reply(fd, packet, size, to);
  packet[0] ^= 1;
  packet[7] = 1;
  memcpy(packet + size, is_ipv4 ? ipv4 : ipv6, is_ipv4 ? 16 : 28);
  reply(fd, packet, size + (is_ipv4 ? sizeof(ipv4) : sizeof(ipv6)), to);
}

static rtems_task
serve(rtems_task_argument fd)
{
  for (;;) {
    struct sockaddr_in from;
    socklen_t from_size = sizeof(from);
    uint8_t packet[512];
    ssize_t n = recvfrom(
      (int)fd,
      packet,
      sizeof(packet) - 28,
      0,
      (struct sockaddr *)&from,
      &from_size
    );

    if (n < 0) {
      CHECK(errno == EBADF);
      rtems_task_exit();
    }
    CHECK(n > HEADER + 4);
    answer((int)fd, packet, (size_t)n, &from);
  }
}

static rtems_id
start_server(int *fd)
{
  struct sockaddr_in address = {
    .sin_len = sizeof(address),
    .sin_family = AF_INET,
    .sin_port = htons(PORT),
    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
  };

  *fd = socket(AF_INET, SOCK_DGRAM, 0);
  CHECK(*fd >= 0);
  CHECK(bind(*fd, (struct sockaddr *)&address, sizeof(address)) == 0);
  return target_task(TARGET_PRIORITY, serve, (rtems_task_argument)*fd);
}

/* The addresses, as text with a space after each. */
static const char *
found(const char *node, const char *service, const struct addrinfo *hints)
{
  static char text[200];
  struct addrinfo *info, *i;
  int error = getaddrinfo(node, service, hints, &info);

  if (error != 0) {
    sprintf(text, "error %d", error);
    return text;
  }
  text[0] = '\0';
  for (i = info; i != NULL; i = i->ai_next) {
    char name[INET6_ADDRSTRLEN], port[8];

    CHECK(getnameinfo(i->ai_addr, i->ai_addrlen, name, sizeof(name), port,
      sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) == 0);
    sprintf(text + strlen(text), "%s:%s/%d ", name, port, i->ai_socktype);
  }
  freeaddrinfo(info);
  return text;
}

static void
check_text(const char *text, const char *expected)
{
  if (strcmp(text, expected) != 0) {
    printf("not ok: \"%s\" instead of \"%s\"\n", text, expected);
    test_exit(1);
  }
}

static void
test_numbers(void)
{
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
  char error[16];

  check_text(found("1.2.3.4", "80", &hints), "1.2.3.4:80/1 ");
  check_text(found("fe80::1", NULL, &hints), "fe80::1:0/1 ");
  check_text(found("1.2.3.4", "80", NULL), "1.2.3.4:80/1 1.2.3.4:80/2 ");
  check_text(found(NULL, "7", &hints), "::1:7/1 127.0.0.1:7/1 ");
  check_text(found("localhost", "7", &hints), "::1:7/1 127.0.0.1:7/1 ");
  hints.ai_flags = AI_PASSIVE;
  hints.ai_family = AF_INET;
  check_text(found(NULL, "7", &hints), "0.0.0.0:7/1 ");
  sprintf(error, "error %d", EAI_FAMILY);
  check_text(found("fe80::1", "7", &hints), error);
  sprintf(error, "error %d", EAI_SERVICE);
  check_text(found("1.2.3.4", "http", &hints), error);
  check_text(found("1.2.3.4", "65536", &hints), error);
  check_text(found("1.2.3.4", "-1", &hints), error);
  sprintf(error, "error %d", EAI_NONAME);
  check_text(found(NULL, NULL, &hints), error);
  hints.ai_flags = AI_NUMERICHOST;
  check_text(found("four.test", "7", &hints), error);
  hints.ai_flags = 0x40000000;
  sprintf(error, "error %d", EAI_BADFLAGS);
  check_text(found("1.2.3.4", "7", &hints), error);
}

static void
write_services(void)
{
  FILE *file;

  CHECK(mkdir("/etc", 0755) == 0 || errno == EEXIST);
  file = fopen("/etc/services", "w");
  CHECK(file != NULL);
  fputs("# nothing 1/tcp\n\nalone\nbroken 7\nhigh 65536/tcp\n"
    "ntp 123/tcp\nntp\t123/udp clock # time\n"
    "both 5/udp\nboth 6/tcp\nlast 8/tcp third second", file);
  CHECK(fclose(file) == 0);
}

static void
test_services(void)
{
  static const char *const unknown[] = {
    "nothing", "1/tcp", "#", "alone", "broken", "high", "time", "clock", ""
  };
  struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
  char error[16];
  size_t i;

  write_services();
  check_text(found("1.2.3.4", "ntp", &hints), "1.2.3.4:123/2 ");
  check_text(found("1.2.3.4", "clock", &hints), "1.2.3.4:123/2 ");
  check_text(found("1.2.3.4", "both", &hints), "1.2.3.4:5/2 ");
  hints.ai_socktype = 0;
  hints.ai_protocol = IPPROTO_TCP;
  check_text(found("1.2.3.4", "both", &hints), "1.2.3.4:6/1 ");
  check_text(found("1.2.3.4", "second", &hints), "1.2.3.4:8/1 ");
  sprintf(error, "error %d", EAI_SERVICE);
  for (i = 0; i < RTEMS_ARRAY_SIZE(unknown); ++i) {
    check_text(found("1.2.3.4", unknown[i], &hints), error);
  }
  hints.ai_flags = AI_NUMERICSERV;
  check_text(found("1.2.3.4", "both", &hints), error);
  CHECK(unlink("/etc/services") == 0);
}

/* Emulated processors take their time, for what is answered. */
static void
set_server(unsigned timeout)
{
  const struct rtems_rump_resolver resolver = {
    .servers = { "127.0.0.1" }, .timeout = timeout, .port = PORT
  };

  CHECK(rtems_rump_resolver_set(&resolver) == 0);
}

/* Two attempts of 200 ms. */
static void
test_silence(void)
{
  struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
  char error[16];
  uint64_t begin;

  set_server(200);
  sprintf(error, "error %d", EAI_AGAIN);
  begin = target_msec();
  check_text(found("silent.test", "5", &hints), error);
  begin = target_msec() - begin;
  CHECK(begin >= 380 && begin < 20000);
}

static void
test_names(void)
{
  struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
  struct hostent *host;
  char error[16];

  check_text(found("both.test", "5", &hints),
    "192.0.2.7:5/2 2001:db8::7:5/2 ");
  check_text(found("four.test", "5", &hints), "192.0.2.7:5/2 ");
  hints.ai_family = AF_INET6;
  check_text(found("both.test", "5", &hints), "2001:db8::7:5/2 ");
  sprintf(error, "error %d", EAI_NONAME);
  check_text(found("four.test", "5", &hints), error);
  check_text(found("none.test", "5", &hints), error);
  check_text(found("a..b", "5", &hints), error);

  host = gethostbyname("four.test");
  CHECK(host != NULL && host->h_length == 4);
  CHECK(memcmp(host->h_addr, "\300\0\2\7", 4) == 0);
  CHECK(host->h_addr_list[1] == NULL);
  CHECK(gethostbyname("none.test") == NULL && h_errno == HOST_NOT_FOUND);
}

static void
live(unsigned life)
{
  static const struct rtems_rump_config config = {
    .memory = 16 << 20, .restartable = true
  };
  static const struct rtems_rump_resolver bad = { .servers = { "name" } };
  rtems_id server;
  int fd;

  (void)life;
  CHECK(rtems_rump_start(&config) == 0);
  set_server(30000);
  CHECK(rtems_rump_resolver_set(&bad) == EINVAL);
  server = start_server(&fd);
  test_numbers();
  test_services();
  test_names();
  test_silence();
  CHECK(close(fd) == 0);
  target_wait_for_end(server);
  CHECK(rtems_rump_end() == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("RESOLVER");
  CHECK(rtems_rump_socket_register() == 0);
  target_live_twice(live);
  TARGET_END("RESOLVER");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
