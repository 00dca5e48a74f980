/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A host on networks of Linux, for the program interop:
 *
 *   network-peer DEVICE...
 *
 * It is 10.0.N.2 and fd00:N::2 on the N-th device, and serves
 *
 *   port 7   what it is sent is sent back, on as many connections as there are
 *            descriptors;
 *   port 80  the files of a folder, by the web server of the example
 *            pc-appliance;
 *   port 9   one line that tells what the kernel uses; then it ends, if it was
 *            sent "end".
 */

#include <poll.h>
#include <stdatomic.h>

#include <rtems-rump/link.h>
#include <rtems-rump/netbsd-net.h>
#include <simulator/simulator.h>

#include "../../examples/pc-appliance/http.h"
#include "addresses.h"
#include "target.h"

#define DEVICES 2
#define CONNECTIONS 1010
#define LISTENERS 2
#define DESCRIPTORS 1024
#define ECHO 7
#define CONTROL 9
#define HTTP 80
#define FILE_SIZE (300u << 10)

int rump_sys_pollts(
  struct pollfd *fds, unsigned count, const void *timeout,
  const void *signals)
  NETBSD_SYSTEM_CALL("pollts50");
int rump_sys_setrlimit(int resource, const void *limit)
  NETBSD_SYSTEM_CALL("setrlimit");

/* NetBSD's struct mbstat. */
struct mbufs {
  unsigned long reserved[4], drops, waits, drains;
  uint16_t used[256];
};

static struct rtems_rump_link links[DEVICES];

static void
add_interface(unsigned n)
{
  char name[16], address[32];

  addresses_at_once();
  (void)snprintf(name, sizeof(name), "virt%u", n);
  CHECK(rump_pub_netconfig_ifcreate(name) == 0);
  (void)snprintf(address, sizeof(address), "10.0.%u.2", n);
  CHECK(rump_pub_netconfig_ipv4_ifaddr_cidr(name, address, 24) == 0);
  (void)snprintf(address, sizeof(address), "fd00:%u::2", n);
  CHECK(rump_pub_netconfig_ipv6_ifaddr(name, address, 64) == 0);
  CHECK(rump_pub_netconfig_ifup(name) == 0);
}

static int
listener(int family, uint8_t port)
{
  struct netbsd_sockaddr_in6 any = {
    .len = family == NETBSD_AF_INET
      ? sizeof(struct netbsd_sockaddr_in) : sizeof(any),
    .family = (uint8_t)family,
    .port = { 0, port }
  };
  int fd = rump_sys_socket(family, NETBSD_SOCK_STREAM, 0);

  CHECK(fd >= 0);
  CHECK(rump_sys_bind(fd, &any, any.len) == 0);
  CHECK(rump_sys_listen(fd, 128) == 0);
  return fd;
}

/* Too much for a stack. */
static struct pollfd fds[LISTENERS + CONNECTIONS];
static char data[64 << 10];
static atomic_uint connections;

static bool
send_all(int fd, const char *bytes, size_t size)
{
  while (size > 0) {
    ssize_t n = rump_sys_write(fd, bytes, size);

    if (n <= 0) {
      return false;
    }
    bytes += n;
    size -= (size_t)n;
  }
  return true;
}

static bool
echo_once(int fd)
{
  ssize_t n = rump_sys_read(fd, data, sizeof(data));

  return n > 0 && send_all(fd, data, (size_t)n);
}

static unsigned
take(unsigned n, int from)
{
  int fd = rump_sys_accept(from, NULL, NULL);

  if (fd < 0) {
    return n;
  }
  CHECK(n < LISTENERS + CONNECTIONS);
  fds[n] = (struct pollfd){ .fd = fd, .events = POLLIN };
  return n + 1;
}

static rtems_task
echo(rtems_task_argument arg)
{
  static const uint64_t limit[2] = { DESCRIPTORS, DESCRIPTORS };
  unsigned n = LISTENERS;

  (void)arg;
  CHECK(rtems_rump_enter() == 0);
  CHECK(rump_sys_setrlimit(8, limit) == 0);
  fds[0].fd = listener(NETBSD_AF_INET, ECHO);
  fds[1].fd = listener(NETBSD_AF_INET6, ECHO);
  fds[0].events = fds[1].events = POLLIN;
  while (rump_sys_pollts(fds, n, NULL, NULL) > 0) {
    unsigned i;

    for (i = n; i-- > LISTENERS;) {
      if (fds[i].revents != 0 && !echo_once(fds[i].fd)) {
        (void)rump_sys_close(fds[i].fd);
        fds[i] = fds[--n];
      }
    }
    for (i = 0; i < LISTENERS; ++i) {
      n = fds[i].revents != 0 ? take(n, fds[i].fd) : n;
    }
    atomic_store(&connections, n - LISTENERS);
  }
  rtems_task_exit();
}

static void
make_file(void)
{
  unsigned i;
  int fd;

  for (i = 0; i < sizeof(data); ++i) {
    data[i] = (char)(i * 2654435761u >> 24);
  }
  CHECK(rump_sys_mkdir(HTTP_ROOT, 0755) == 0);
  fd = rump_sys_open(
    HTTP_ROOT "/file",
    NETBSD_O_RDWR | NETBSD_O_CREAT,
    0644
  );
  CHECK(fd >= 0);
  for (i = 0; i < FILE_SIZE; i += sizeof(data) / 16) {
    CHECK(rump_sys_write(fd, data + i % sizeof(data), sizeof(data) / 16) > 0);
  }
  CHECK(rump_sys_close(fd) == 0);
}

static rtems_task
serve_files(rtems_task_argument arg)
{
  int from, client;

  (void)arg;
  CHECK(rtems_rump_enter() == 0);
  from = listener(NETBSD_AF_INET, HTTP);
  while ((client = rump_sys_accept(from, NULL, NULL)) >= 0) {
    http_serve(client);
    (void)rump_sys_close(client);
  }
  rtems_task_exit();
}

/* sysctl kern.mbuf.stats. */
static unsigned
count_mbufs(void)
{
  static const int name[] = { 1, 39, 6 };
  struct mbufs mbufs;
  size_t size = sizeof(mbufs);
  unsigned i, n = 0;

  CHECK(rump_sys___sysctl(name, 3, &mbufs, &size, NULL, 0) == 0);
  for (i = 0; i < 256; ++i) {
    n += mbufs.used[i];
  }
  return n;
}

/*
 * Returns whether to go on.  The client closes first: who does remembers the
 * connection for a minute, with an mbuf.
 */
static bool
control(int client)
{
  struct rtems_rump_usage usage;
  char text[128], command[8] = "";
  int n;

  rtems_rump_get_usage(&usage);
  n = snprintf(text, sizeof(text), "%zu %d %u %u\n", usage.memory_used, client,
    atomic_load(&connections), count_mbufs());
  (void)rump_sys_read(client, command, sizeof(command) - 1);
  CHECK(send_all(client, text, (size_t)n));
  CHECK(rump_sys_read(client, text, sizeof(text)) == 0);
  CHECK(rump_sys_close(client) == 0);
  return strcmp(command, "end") != 0;
}

static rtems_task
Init(rtems_task_argument arg)
{
  struct rtems_rump_config config = { .memory = 32u << 20, .links = links };
  int from, client;

  (void)arg;
  TARGET_BEGIN("NETWORK PEER");
  for (; (int)config.link_count + 1 < sim_argc; ++config.link_count) {
    CHECK(config.link_count < DEVICES);
    links[config.link_count] = (struct rtems_rump_link){
      .driver = &rtems_rump_link_tap,
      .device = sim_argv[config.link_count + 1]
    };
  }
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  for (unsigned i = 0; i < config.link_count; ++i) {
    add_interface(i);
  }
  make_file();
  (void)target_task(TARGET_PRIORITY, echo, 0);
  (void)target_task(TARGET_PRIORITY, serve_files, 0);
  from = listener(NETBSD_AF_INET, CONTROL);
  do {
    client = rump_sys_accept(from, NULL, NULL);
    CHECK(client >= 0);
  } while (control(client));
  /* What closes a connection comes once more. */
  target_sleep(100);
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
  TARGET_END("NETWORK PEER");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
