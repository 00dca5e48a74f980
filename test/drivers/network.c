/* SPDX-License-Identifier: BSD-2-Clause */

#include "network.h"

#include "addresses.h"
#include "target.h"

#include <rtems-rump/netbsd-net.h>

/* Where QEMU hands the host's connections to. */
#define PORT { 0, 7 }

#define CHUNK 32768

void
network_up(const char *interface)
{
  addresses_at_once();
  CHECK(rump_pub_netconfig_ifup(interface) == 0);
  CHECK(rump_pub_netconfig_dhcp_ipv4_oneshot(interface) == 0);
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

/* The host may have given up earlier attempts. */
static int
accept_host(int listener, uint32_t *chunks)
{
  for (;;) {
    int fd = (*calls->accept)(listener);

    CHECK(fd >= 0);
    if ((*calls->write)(fd, "hello", 5) == 5
        && (*calls->read)(fd, chunks, sizeof(*chunks)) == sizeof(*chunks)) {
      return fd;
    }
    CHECK((*calls->close)(fd) == 0);
  }
}

void
network_talk(void)
{
  int listener = (*calls->listen)();
  uint32_t chunks;
  int fd = accept_host(listener, &chunks);
  char end;

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
