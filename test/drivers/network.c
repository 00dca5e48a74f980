/* SPDX-License-Identifier: BSD-2-Clause */

#include "network.h"

#include "addresses.h"
#include "target.h"

#include <rtems-rump/netbsd-net.h>

/* Where QEMU hands the host's connections to. */
#define PORT { 0, 7 }

#define CHUNK 32768

/* NetBSD drops what comes until it knows that nobody else has the address. */
static void
wait_for_address(void)
{
  static const struct netbsd_sockaddr_in own = {
    .len = sizeof(own), .family = NETBSD_AF_INET, .addr = { 10, 0, 2, 15 }
  };
  int fd = rump_sys_socket(NETBSD_AF_INET, NETBSD_SOCK_DGRAM, 0);

  CHECK(fd >= 0);
  while (rump_sys_bind(fd, &own, sizeof(own)) != 0) {
    CHECK(errno == EADDRNOTAVAIL);
    target_sleep(10);
  }
  CHECK(rump_sys_close(fd) == 0);
}

void
network_up(const char *interface)
{
  addresses_at_once();
  CHECK(rump_pub_netconfig_ifup(interface) == 0);
  CHECK(rump_pub_netconfig_dhcp_ipv4_oneshot(interface) == 0);
  wait_for_address();
}

static uint32_t chunk[CHUNK / sizeof(uint32_t)];

static void
fill(uint32_t begin)
{
  unsigned i;

  for (i = 0; i < CHUNK / sizeof(uint32_t); ++i) {
    chunk[i] = (begin + i) * 2654435761u;
  }
}

static int
listen_to_host(void)
{
  static const struct netbsd_sockaddr_in any = {
    .len = sizeof(any), .family = NETBSD_AF_INET, .port = PORT
  };
  int fd = rump_sys_socket(NETBSD_AF_INET, NETBSD_SOCK_STREAM, 0);

  CHECK(fd >= 0);
  CHECK(rump_sys_bind(fd, &any, sizeof(any)) == 0);
  CHECK(rump_sys_listen(fd, 1) == 0);
  return fd;
}

static int
accept_from_host(int listener)
{
  return rump_sys_accept(listener, NULL, NULL);
}

static const struct network_calls netbsd = {
  listen_to_host, accept_from_host, rump_sys_read, rump_sys_write,
  rump_sys_close
};

static const struct network_calls *calls = &netbsd;

static void
read_all(int fd, void *buffer, size_t size)
{
  char *p = buffer;

  while (size > 0) {
    ssize_t n = (*calls->read)(fd, p, size);

    CHECK(n > 0);
    p += n;
    size -= (size_t)n;
  }
}

static void
write_all(int fd, const void *buffer, size_t size)
{
  const char *p = buffer;

  while (size > 0) {
    ssize_t n = (*calls->write)(fd, p, size);

    CHECK(n > 0);
    p += n;
    size -= (size_t)n;
  }
}

static void
send_all(int fd, uint32_t chunks)
{
  uint32_t i;

  for (i = 0; i < chunks; ++i) {
    fill(i);
    write_all(fd, chunk, CHUNK);
  }
}

static void
receive_all(int fd, uint32_t chunks)
{
  static uint32_t received[CHUNK / sizeof(uint32_t)];
  uint32_t i;

  for (i = 0; i < chunks; ++i) {
    fill(~i);
    read_all(fd, received, CHUNK);
    CHECK(memcmp(received, chunk, CHUNK) == 0);
  }
}


void
network_talk(void)
{
  int listener = (*calls->listen)(), fd;
  uint32_t chunks;
  char end;

  /* Now the host connects, once. */
  puts("network: listens");
  fd = (*calls->accept)(listener);
  CHECK(fd >= 0);
  read_all(fd, &chunks, sizeof(chunks));
  send_all(fd, chunks);
  receive_all(fd, chunks);
  CHECK((*calls->read)(fd, &end, 1) == 0);
  CHECK((*calls->close)(fd) == 0);
  CHECK((*calls->close)(listener) == 0);
}

void
network_use(const struct network_calls *others)
{
  calls = others;
}
