/* SPDX-License-Identifier: BSD-2-Clause */

#include "network.h"

#include "target.h"

#include <rtems-rump/netbsd-net.h>

/* Where QEMU hands the host's connections to. */
#define PORT { 0, 7 }

#define CHUNK 32768

void
network_up(const char *interface)
{
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

static void
read_all(int fd, void *buffer, size_t size)
{
  char *p = buffer;

  while (size > 0) {
    ssize_t n = rump_sys_read(fd, p, size);

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
    ssize_t n = rump_sys_write(fd, p, size);

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
    int fd = rump_sys_accept(listener, NULL, NULL);

    CHECK(fd >= 0);
    if (rump_sys_write(fd, "hello", 5) == 5
        && rump_sys_read(fd, chunks, sizeof(*chunks)) == sizeof(*chunks)) {
      return fd;
    }
    CHECK(rump_sys_close(fd) == 0);
  }
}

void
network_talk(void)
{
  int listener = listen_to_host();
  uint32_t chunks;
  int fd = accept_host(listener, &chunks);
  char end;

  send_all(fd, chunks);
  receive_all(fd, chunks);
  CHECK(rump_sys_read(fd, &end, 1) == 0);
  CHECK(rump_sys_close(fd) == 0);
  CHECK(rump_sys_close(listener) == 0);
}
