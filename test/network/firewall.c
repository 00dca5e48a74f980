/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's packet filter and its capture device, in the second of two kernels,
 * mostly on lo0: what a rule blocks does not arrive, what it passes does, and
 * what goes over the interface can be read.
 */

#include "host.h"

#include <rtems-rump/firewall.h>
#include <rtems-rump/netbsd-net.h>

#define ICMP 1
#define TCP 6
#define UDP 17
#define BLOCKED 7
#define OPEN 8
#define DONT_WAIT 0x80

/* Of NetBSD's <net/bpf.h>. */
#define BPF_GET_SIZE 0x40044266ul
#define BPF_SET_INTERFACE 0x8090426cul
#define BPF_IMMEDIATE 0x80044270ul

struct bpf_header {
  long time[2];
  uint32_t captured;
  uint32_t size;
  uint16_t header_size;
};

int rump_sys_ioctl(int fd, unsigned long command, void *arg)
  NETBSD_SYSTEM_CALL("ioctl");

union address {
  struct netbsd_sockaddr_in v4;
  struct netbsd_sockaddr_in6 v6;
};

static union address
make_address(int family, uint8_t port)
{
  union address address = { .v4.family = (uint8_t)family };

  if (family == NETBSD_AF_INET) {
    address.v4.len = sizeof(address.v4);
    memcpy(address.v4.addr, (uint8_t[4]){ 127, 0, 0, 1 }, 4);
  } else {
    address.v6.len = sizeof(address.v6);
    address.v6.addr[15] = 1;
  }
  address.v4.port[1] = port;
  return address;
}

static int
open_socket(int family, int type, uint8_t port)
{
  union address own = make_address(family, port);
  int fd = rump_sys_socket(family, type, 0);

  CHECK(fd >= 0);
  CHECK(port == 0 || rump_sys_bind(fd, &own, own.v4.len) == 0);
  return fd;
}

/* A datagram to a port and one to a port that is open; both come, or one. */
static bool
arrives(int family, uint8_t port)
{
  union address to = make_address(family, port);
  union address open = make_address(family, OPEN + 1);
  int blocked_fd = open_socket(family, NETBSD_SOCK_DGRAM, port);
  int open_fd = open_socket(family, NETBSD_SOCK_DGRAM, OPEN + 1);
  int fd = open_socket(family, NETBSD_SOCK_DGRAM, 0);
  char byte = 'x';
  bool came;

  (void)rump_sys_sendto(fd, &byte, 1, 0, &to, to.v4.len);
  CHECK(rump_sys_sendto(fd, &byte, 1, 0, &open, open.v4.len) == 1);
  CHECK(rump_sys_recvfrom(open_fd, &byte, 1, 0, NULL, NULL) == 1);
  came = rump_sys_recvfrom(blocked_fd, &byte, 1, DONT_WAIT, NULL, NULL) == 1;
  CHECK(came || errno == EAGAIN);
  CHECK(rump_sys_close(fd) == 0 && rump_sys_close(open_fd) == 0);
  CHECK(rump_sys_close(blocked_fd) == 0);
  return came;
}

/* 0, or the error of a connection by TCP. */
static int
connects(uint8_t port)
{
  union address to = make_address(NETBSD_AF_INET, port);
  int listener = open_socket(NETBSD_AF_INET, NETBSD_SOCK_STREAM, port);
  int fd = open_socket(NETBSD_AF_INET, NETBSD_SOCK_STREAM, 0);
  int error;

  CHECK(rump_sys_listen(listener, 1) == 0);
  error = rump_sys_connect(fd, &to, to.v4.len) == 0 ? 0 : errno;
  if (error == 0) {
    CHECK(rump_sys_close(rump_sys_accept(listener, NULL, NULL)) == 0);
  }
  CHECK(rump_sys_close(fd) == 0 && rump_sys_close(listener) == 0);
  return error;
}

static void
set(const struct rtems_rump_firewall_rule *rule)
{
  CHECK(rtems_rump_firewall_set(rule, 1) == 0);
}

static void
test_udp(void)
{
  struct rtems_rump_firewall_rule rule = {
    .action = RTEMS_RUMP_BLOCK, .in = true, .interface = "lo0",
    .protocol = UDP, .first_port = BLOCKED, .last_port = BLOCKED
  };

  CHECK(arrives(NETBSD_AF_INET, BLOCKED));
  set(&rule);
  CHECK(!arrives(NETBSD_AF_INET, BLOCKED));
  CHECK(!arrives(NETBSD_AF_INET6, BLOCKED));
  CHECK(arrives(NETBSD_AF_INET, OPEN));
  CHECK(connects(BLOCKED) == 0);

  rule.interface = "other0";
  set(&rule);
  CHECK(arrives(NETBSD_AF_INET, BLOCKED));
  rule.interface = NULL;
  rule.in = false;
  rule.out = true;
  set(&rule);
  CHECK(!arrives(NETBSD_AF_INET, BLOCKED));
  CHECK(rtems_rump_firewall_off() == 0);
  CHECK(arrives(NETBSD_AF_INET, BLOCKED));
}

static void
test_addresses(void)
{
  struct rtems_rump_firewall_rule rule = {
    .action = RTEMS_RUMP_BLOCK, .protocol = UDP,
    .first_port = 1, .last_port = BLOCKED
  };

  rule.from = "127.0.0.0/31";
  set(&rule);
  CHECK(!arrives(NETBSD_AF_INET, BLOCKED));
  CHECK(arrives(NETBSD_AF_INET6, BLOCKED));
  rule.from = "127.0.0.2/31";
  set(&rule);
  CHECK(arrives(NETBSD_AF_INET, BLOCKED));
  rule.from = NULL;
  rule.to = "::1";
  set(&rule);
  CHECK(arrives(NETBSD_AF_INET, BLOCKED));
  CHECK(!arrives(NETBSD_AF_INET6, BLOCKED));
  rule.from = "::/64";
  rule.to = "::2/127";
  set(&rule);
  CHECK(arrives(NETBSD_AF_INET6, BLOCKED));
}

static void
test_refusal(void)
{
  static const struct rtems_rump_firewall_rule rule = {
    .action = RTEMS_RUMP_REFUSE, .in = true, .protocol = TCP,
    .first_port = BLOCKED, .last_port = BLOCKED
  };

  set(&rule);
  CHECK(connects(BLOCKED) == ECONNREFUSED);
  CHECK(connects(OPEN) == 0);
}

/* The other kernel does not reach this one, but answers come back. */
static void
test_connections(void)
{
  static const struct rtems_rump_firewall_rule rules[] = {
    { .action = RTEMS_RUMP_PASS_CONNECTION, .out = true },
    { .action = RTEMS_RUMP_BLOCK, .in = true, .interface = "virt0" }
  };

  CHECK(network_host_k1.ping(0, 2, 64, 1, 30) == 1);
  CHECK(rtems_rump_firewall_set(rules, 2) == 0);
  CHECK(network_host_k1.ping(0, 2, 64, 1, 1) == 0);
  CHECK(network_host_k2.ping(0, 1, 64, 1, 30) == 1);
}

static void
test_errors(void)
{
  static const struct rtems_rump_firewall_rule wrong[] = {
    { .action = 9 },
    { .interface = "" },
    { .interface = "lo0</string>" },
    { .interface = "a123456789012345" },
    { .from = "127.0.0.1/33" },
    { .to = "127.0.0" },
    { .to = "::1/" },
    { .from = "127.0.0.1", .to = "::1" },
    { .first_port = 7, .last_port = 7 },
    { .protocol = ICMP, .first_port = 7, .last_port = 7 },
    { .protocol = TCP, .first_port = 8, .last_port = 7 }
  };
  unsigned i;

  for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
    CHECK(rtems_rump_firewall_set(&wrong[i], 1) == EINVAL);
  }
  CHECK(rtems_rump_firewall_set(wrong, RTEMS_RUMP_FIREWALL_RULES + 1)
    == E2BIG);
}

/* A packet with the family before it, as on each interface without a link. */
static bool
is_datagram(const struct bpf_header *header)
{
  const uint8_t *ip = (const uint8_t *)header + header->header_size + 4;

  return header->captured == 4 + 20 + 8 + 1 && ip[0] == 0x45 && ip[9] == UDP
    && ip[23] == OPEN && ip[28] == 'x';
}

static bool
has_datagram(const uint8_t *packets, size_t size)
{
  size_t at = 0;

  while (at + sizeof(struct bpf_header) < size) {
    const struct bpf_header *header = (const void *)(packets + at);

    if (is_datagram(header)) {
      return true;
    }
    at += (header->header_size + header->captured + sizeof(long) - 1)
      / sizeof(long) * sizeof(long);
  }
  return false;
}

/* The ends of earlier connections may come first. */
static void
test_capture(void)
{
  static _Alignas(16) uint8_t buffer[65536];
  uint8_t interface[144] = "lo0";
  unsigned size = 0, on = 1;
  int fd = rump_sys_open("/dev/bpf", NETBSD_O_RDWR, 0);
  ssize_t n;

  CHECK(fd >= 0);
  CHECK(rump_sys_ioctl(fd, BPF_GET_SIZE, &size) == 0);
  CHECK(size <= sizeof(buffer));
  CHECK(rump_sys_ioctl(fd, BPF_SET_INTERFACE, interface) == 0);
  CHECK(rump_sys_ioctl(fd, BPF_IMMEDIATE, &on) == 0);
  CHECK(arrives(NETBSD_AF_INET, OPEN));
  do {
    n = rump_sys_read(fd, buffer, size);
    CHECK(n > 0);
  } while (!has_datagram(buffer, (size_t)n));
  CHECK(rump_sys_close(fd) == 0);
}

static void
live(unsigned life)
{
  static const struct rtems_rump_link links[] = {
    { .driver = &rtems_rump_link_mem, .device = "lan" }
  };

  (void)life;
  network_host_k1.start(links, 1);
  network_host_k1.add_interface(0, 0, 1);
  network_host_k2.start(links, 1);
  network_host_k2.add_interface(0, 0, 2);
  CHECK(rtems_rump_enter() == 0);
  test_udp();
  test_addresses();
  test_refusal();
  test_errors();
  CHECK(rtems_rump_firewall_off() == 0);
  test_capture();
  rtems_rump_leave();
  test_connections();
  network_host_k1.end();
  network_host_k2.end();
  CHECK(rtems_rump_firewall_off() != 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("NETWORK FIREWALL");
  target_live_twice(live);
  TARGET_END("NETWORK FIREWALL");
}

#define CONFIGURE_MAXIMUM_TASKS 120
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#define CONFIGURE_INIT_TASK_STACK_SIZE (64 * 1024)
#include "config.h"
