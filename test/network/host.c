/* SPDX-License-Identifier: BSD-2-Clause */

/* For the kernel that RTEMS_RUMP_KERNEL names. */

#include "host.h"

#include <rtems-rump/netbsd-net.h>

#include "../target/addresses.h"

#ifdef NETWORK_SHMIF
#define INTERFACE "shmif"
int rump_pub_netconfig_ifsetlinkstr(const char *interface, const char *string)
  NETBSD_PUBLIC("netconfig_ifsetlinkstr");
#else
#define INTERFACE "virt"
#endif

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

#define MEMORY (8u << 20)
#define PORT 7
#define CHUNK 8192

#define PING_MAX 20000
#define ICMP_ECHO 8
#define ICMP_ECHO_REPLY 0
#define IP_HEADER 20
#define ICMP_HEADER 8

static void
start(const struct rtems_rump_link *links, unsigned count)
{
  static struct rtems_rump_config config;

  config = (struct rtems_rump_config){
    .memory = MEMORY,
    .restartable = true,
    .links = links,
    .link_count = count
  };
  CHECK(rtems_rump_start(&config) == 0);
}

static void
end(void)
{
  CHECK(rtems_rump_end() == 0);
}

static int
create(const char *interface)
{
  return rump_pub_netconfig_ifcreate(interface);
}

static int
destroy(const char *interface)
{
  int error = rump_pub_netconfig_ifdown(interface);

  return error != 0 ? error : rump_pub_netconfig_ifdestroy(interface);
}

static void
add_gateway(const char *address)
{
  CHECK(rump_pub_netconfig_ipv4_gw(address) == 0);
}

/* sysctl net.inet.ip.forwarding. */
static void
forward(bool does)
{
  static const int name[] = { 4, 2, 0, 1 };
  int value = does;

  CHECK(rump_sys___sysctl(name, 4, NULL, NULL, &value, sizeof(value)) == 0);
}

static int
open_socket(int family, int type, int protocol, unsigned seconds)
{
  const struct netbsd_timeval timeout = { .tv_sec = seconds };
  int fd = rump_sys_socket(family, type, protocol);

  CHECK(fd >= 0);
  CHECK(
    rump_sys_setsockopt(fd, NETBSD_SOL_SOCKET, NETBSD_SO_RCVTIMEO, &timeout,
      sizeof(timeout)) == 0
  );
  return fd;
}

union address {
  struct netbsd_sockaddr_in v4;
  struct netbsd_sockaddr_in6 v6;
};

/* Bus and number 0: any address. */
static uint32_t
make_address(union address *a, int family, unsigned bus, unsigned number)
{
  memset(a, 0, sizeof(*a));
  if (family == NETBSD_AF_INET) {
    a->v4.len = sizeof(a->v4);
    a->v4.port[1] = PORT;
    if (number > 0) {
      const uint8_t address[4] =
        { 10, 0, (uint8_t)bus, (uint8_t)number };

      memcpy(a->v4.addr, address, sizeof(address));
    }
    a->v4.family = (uint8_t)family;
    return sizeof(a->v4);
  }
  a->v6.len = sizeof(a->v6);
  a->v6.family = (uint8_t)family;
  a->v6.port[1] = PORT;
  if (number > 0) {
    a->v6.addr[0] = 0xfd;
    a->v6.addr[3] = (uint8_t)bus;
    a->v6.addr[15] = (uint8_t)number;
  }
  return sizeof(a->v6);
}

static bool
has_address(unsigned bus, unsigned number)
{
  union address own;
  uint32_t size = make_address(&own, NETBSD_AF_INET, bus, number);
  int fd = open_socket(NETBSD_AF_INET, NETBSD_SOCK_DGRAM, 0, 0);
  bool has = rump_sys_bind(fd, &own, size) == 0;

  CHECK(has || errno == EADDRNOTAVAIL);
  CHECK(rump_sys_close(fd) == 0);
  return has;
}

static void
add_interface(unsigned interface, unsigned bus, unsigned number)
{
  char name[16], address[32];

  (void)snprintf(name, sizeof(name), INTERFACE "%u", interface);
  addresses_at_once();
  CHECK(create(name) == 0);
#ifdef NETWORK_SHMIF
  CHECK(rump_pub_netconfig_ifsetlinkstr(name, "lan") == 0);
#endif
  (void)snprintf(address, sizeof(address), "10.0.%u.%u", bus, number);
  CHECK(rump_pub_netconfig_ipv4_ifaddr_cidr(name, address, 24) == 0);
  (void)snprintf(address, sizeof(address), "fd00:%u::%u", bus, number);
  CHECK(rump_pub_netconfig_ipv6_ifaddr(name, address, 64) == 0);
  CHECK(rump_pub_netconfig_ifup(name) == 0);
}

/* ICMP; one task at a time. */

/* Too much for a stack. */
static uint8_t request[PING_MAX], packet[IP_HEADER + PING_MAX];

static uint16_t
checksum(const uint8_t *p, size_t size)
{
  uint32_t sum = 0;
  size_t i;

  for (i = 0; i < size; ++i) {
    sum += (uint32_t)p[i] << (i % 2 == 0 ? 8 : 0);
  }
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~sum;
}

static void
make_request(size_t size, unsigned sequence)
{
  uint16_t sum;
  size_t i;

  for (i = 0; i < size; ++i) {
    request[i] = (uint8_t)(i * 7 + sequence);
  }
  memset(request, 0, ICMP_HEADER);
  request[0] = ICMP_ECHO;
  request[7] = (uint8_t)sequence;
  sum = checksum(request, size);
  request[2] = (uint8_t)(sum >> 8);
  request[3] = (uint8_t)sum;
}

static bool
is_reply(ssize_t n, size_t size)
{
  return n == (ssize_t)(IP_HEADER + size)
    && packet[IP_HEADER] == ICMP_ECHO_REPLY
    && memcmp(packet + IP_HEADER + ICMP_HEADER, request + ICMP_HEADER,
      size - ICMP_HEADER) == 0
    && packet[IP_HEADER + 7] == request[7];
}

static bool
ping_once(int fd, const union address *to, size_t size)
{
  if (rump_sys_sendto(fd, request, size, 0, to, sizeof(to->v4))
      != (ssize_t)size) {
    return false;
  }
  for (;;) {
    ssize_t n = rump_sys_recvfrom(fd, packet, sizeof(packet), 0, NULL, NULL);

    if (n < 0) {
      return false;
    }
    if (is_reply(n, size)) {
      return true;
    }
  }
}

/* The default is 8 KiB for raw sockets. */
static void
set_buffers(int fd)
{
  int size = 2 * PING_MAX;

  CHECK(
    rump_sys_setsockopt(fd, NETBSD_SOL_SOCKET, NETBSD_SO_SNDBUF, &size,
      sizeof(size)) == 0
  );
  CHECK(
    rump_sys_setsockopt(fd, NETBSD_SOL_SOCKET, NETBSD_SO_RCVBUF, &size,
      sizeof(size)) == 0
  );
}

static unsigned
ping(
  unsigned bus, unsigned number, size_t size, unsigned count,
  unsigned timeout)
{
  union address to;
  unsigned i, answered = 0;
  int fd;

  CHECK(size <= PING_MAX);
  CHECK(rtems_rump_enter() == 0);
  fd = open_socket(NETBSD_AF_INET, NETBSD_SOCK_RAW, NETBSD_IPPROTO_ICMP,
    timeout);
  set_buffers(fd);
  (void)make_address(&to, NETBSD_AF_INET, bus, number);
  for (i = 0; i < count; ++i) {
    make_request(size, i);
    answered += ping_once(fd, &to, size);
  }
  CHECK(rump_sys_close(fd) == 0);
  rtems_rump_leave();
  return answered;
}

/* UDP. */

static void
udp_serve(int family, unsigned count, rtems_binary_semaphore *bound)
{
  uint8_t data[2048];
  union address own, from;
  uint32_t size;
  int fd;

  CHECK(rtems_rump_enter() == 0);
  fd = open_socket(family, NETBSD_SOCK_DGRAM, 0, 60);
  size = make_address(&own, family, 0, 0);
  CHECK(rump_sys_bind(fd, &own, size) == 0);
  rtems_binary_semaphore_post(bound);
  for (; count > 0; --count) {
    ssize_t n;

    size = sizeof(from);
    n = rump_sys_recvfrom(fd, data, sizeof(data), 0, &from, &size);
    CHECK(n > 0);
    CHECK(rump_sys_sendto(fd, data, (size_t)n, 0, &from, size) == n);
  }
  CHECK(rump_sys_close(fd) == 0);
  rtems_rump_leave();
}

static void
udp_call(int family, unsigned bus, unsigned number, unsigned count)
{
  uint8_t data[1400], back[2048];
  union address to;
  uint32_t size;
  unsigned i;
  int fd;

  CHECK(rtems_rump_enter() == 0);
  fd = open_socket(family, NETBSD_SOCK_DGRAM, 0, 60);
  size = make_address(&to, family, bus, number);
  for (i = 0; i < count; ++i) {
    size_t length = 1 + i * 61 % sizeof(data);

    memset(data, (int)i, length);
    CHECK(rump_sys_sendto(fd, data, length, 0, &to, size)
      == (ssize_t)length);
    CHECK(rump_sys_recvfrom(fd, back, sizeof(back), 0, NULL, NULL)
      == (ssize_t)length);
    CHECK(memcmp(data, back, length) == 0);
  }
  CHECK(rump_sys_close(fd) == 0);
  rtems_rump_leave();
}

/* TCP; one task at a time. */

/* Too much for a stack. */
static uint8_t data[CHUNK], expected[CHUNK];

static void
fill(uint8_t *bytes, uint32_t at, uint32_t size)
{
  uint32_t i;

  for (i = 0; i < size; ++i) {
    bytes[i] = (uint8_t)((at + i) * 2654435761u >> 24);
  }
}

static void
send_all(int fd, uint32_t size, uint32_t seed)
{
  uint32_t at = 0;

  while (at < size) {
    uint32_t n = size - at < CHUNK ? size - at : CHUNK;
    uint32_t done = 0;

    fill(data, at + seed, n);
    while (done < n) {
      ssize_t k = rump_sys_write(fd, data + done, n - done);

      CHECK(k > 0);
      done += (uint32_t)k;
    }
    at += n;
  }
}

static void
receive_all(int fd, uint32_t size, uint32_t seed)
{
  uint32_t at = 0;

  while (at < size) {
    ssize_t n = rump_sys_read(fd, data, CHUNK);

    CHECK(n > 0);
    fill(expected, at + seed, (uint32_t)n);
    CHECK(memcmp(data, expected, (size_t)n) == 0);
    at += (uint32_t)n;
  }
  CHECK(at == size);
}

static void
tcp_serve(uint32_t size)
{
  union address own;
  int listener, fd;
  char byte;

  CHECK(rtems_rump_enter() == 0);
  listener = open_socket(NETBSD_AF_INET, NETBSD_SOCK_STREAM, 0, 120);
  (void)make_address(&own, NETBSD_AF_INET, 0, 0);
  CHECK(rump_sys_bind(listener, &own, sizeof(own.v4)) == 0);
  CHECK(rump_sys_listen(listener, 2) == 0);
  fd = rump_sys_accept(listener, NULL, NULL);
  CHECK(fd >= 0);
  receive_all(fd, size, 0);
  send_all(fd, size, 12345);
  CHECK(rump_sys_read(fd, &byte, 1) == 0);
  CHECK(rump_sys_close(fd) == 0);
  CHECK(rump_sys_close(listener) == 0);
  rtems_rump_leave();
}

static void
tcp_call(unsigned bus, unsigned number, uint32_t size)
{
  union address to;
  int fd;

  CHECK(rtems_rump_enter() == 0);
  (void)make_address(&to, NETBSD_AF_INET, bus, number);
  /* The server may not listen yet. */
  for (;;) {
    fd = open_socket(NETBSD_AF_INET, NETBSD_SOCK_STREAM, 0, 120);
    if (rump_sys_connect(fd, &to, sizeof(to.v4)) == 0) {
      break;
    }
    CHECK(errno == ECONNREFUSED);
    CHECK(rump_sys_close(fd) == 0);
    target_sleep(20);
  }
  send_all(fd, size, 0);
  receive_all(fd, size, 12345);
  CHECK(rump_sys_close(fd) == 0);
  rtems_rump_leave();
}

/* sysctl net.inet.tcp.stats: 64-bit numbers, of NetBSD's tcp_var.h. */
static unsigned
tcp_received(void)
{
  static const int name[] = { 4, 2, 6, 30 };
  static uint64_t numbers[128];
  size_t size = sizeof(numbers);

  CHECK(rump_sys___sysctl(name, 4, numbers, &size, NULL, 0) == 0);
  return (unsigned)numbers[28];
}

static void
get_usage(unsigned interface, struct rtems_rump_link_usage *usage)
{
  CHECK(rtems_rump_get_link_usage(interface, usage) == 0);
}

const struct network_host JOIN(network_host_, RTEMS_RUMP_KERNEL) = {
  .start = start,
  .add_interface = add_interface,
  .add_gateway = add_gateway,
  .forward = forward,
  .has_address = has_address,
  .create = create,
  .destroy = destroy,
  .end = end,
  .ping = ping,
  .udp_serve = udp_serve,
  .udp_call = udp_call,
  .tcp_serve = tcp_serve,
  .tcp_call = tcp_call,
  .tcp_received = tcp_received,
  .get_usage = get_usage
};
