/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's drivers of network cards: an address by DHCP, and TCP with the host
 * in both directions.  The host says how much, and compares what it gets; so
 * does this.
 */

#include "target.h"

#ifndef INTERFACE
#error "INTERFACE names the kernel's interface, as wm0"
#endif

#define AF_INET_ 2
#define SOCK_STREAM_ 1

/* Where QEMU hands the host's connections to. */
#define PORT { 0, 7 }

#define CHUNK 32768

struct netbsd_sockaddr_in {
  uint8_t len, family, port[2], addr[4], zero[8];
};

int rump_sys_socket(int domain, int type, int protocol)
  NETBSD_SYSTEM_CALL("socket30");
int rump_sys_bind(int fd, const void *address, unsigned size)
  NETBSD_SYSTEM_CALL("bind");
int rump_sys_listen(int fd, int backlog) NETBSD_SYSTEM_CALL("listen");
int rump_sys_accept(int fd, void *address, unsigned *size)
  NETBSD_SYSTEM_CALL("accept");
int rump_pub_netconfig_ifup(const char *name)
  NETBSD_PUBLIC("netconfig_ifup");
int rump_pub_netconfig_dhcp_ipv4_oneshot(const char *name)
  NETBSD_PUBLIC("netconfig_dhcp_ipv4_oneshot");

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
    .len = sizeof(any), .family = AF_INET_, .port = PORT
  };
  int fd = rump_sys_socket(AF_INET_, SOCK_STREAM_, 0);

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

static void
talk(void)
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

static void
live(void)
{
  static const struct rtems_rump_config config = {
    .memory = 16 << 20, .restartable = true
  };

  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  CHECK(rump_pub_netconfig_ifup(INTERFACE) == 0);
  CHECK(rump_pub_netconfig_dhcp_ipv4_oneshot(INTERFACE) == 0);
  talk();
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;

  (void)arg;
  TARGET_BEGIN("NET");
  live();
  rtems_resource_snapshot_take(&before);
  live();
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
  TARGET_END("NET");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
