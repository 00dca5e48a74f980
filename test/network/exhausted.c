/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Sockets until there are no descriptors, datagrams that nobody reads until
 * there is no memory: calls fail with the right number or wait, and when all is
 * given back the kernel is as before.
 */

#include "target.h"

#include <stdatomic.h>

#include <rtems-rump/netbsd-net.h>

#include "control.h"

#define MEMORY (6u << 20)
#define PORT 7
#define PORTS 40
#define BUFFER (192 << 10)
#define DESCRIPTORS 1024
#define TRANSFER (256u << 10)

/* Mbufs for what is under way. */
#define FEW 10

/* The counter of datagrams for sockets that are full, in NetBSD's order. */
#define UDP_FULL 6
#define UDP_COUNTERS 9

/* NetBSD's struct mbstat. */
struct mbufs {
  unsigned long reserved[7];
  uint16_t used[256];
};

/* The begin of NetBSD's struct pool_sysctl, which has 224 bytes. */
struct pool {
  char name[16];
  uint64_t flags, size, page_size, page_items, items, used, limit;
  uint64_t rest[19];
};

/* Returns how much there is of it. */
static size_t
get_variable(const char *text, void *value, size_t size)
{
  struct control_name name;

  CHECK(control_find(&rtems_rump_kernel, text, &name) == 0);
  CHECK(control_value(&rtems_rump_kernel, &name, value, &size, NULL, 0) == 0);
  return size;
}

static unsigned
count_mbufs(void)
{
  struct mbufs mbufs;
  unsigned i, n = 0;

  (void)get_variable("kern.mbuf.stats", &mbufs, sizeof(mbufs));
  for (i = 0; i < 256; ++i) {
    n += mbufs.used[i];
  }
  return n;
}

static struct pool
clusters(void)
{
  static struct pool pools[256];
  size_t count = get_variable("kern.pool", pools, sizeof(pools))
    / sizeof(pools[0]);
  size_t i;

  for (i = 0; i < count && strcmp(pools[i].name, "mclpl") != 0; ++i) {
  }
  CHECK(i < count);
  return pools[i];
}

static uint64_t
count_dropped(void)
{
  uint64_t counters[UDP_COUNTERS];

  (void)get_variable("net.inet.udp.stats", counters, sizeof(counters));
  return counters[UDP_FULL];
}

static struct netbsd_sockaddr_in
make_address(unsigned port)
{
  return (struct netbsd_sockaddr_in){
    .len = sizeof(struct netbsd_sockaddr_in),
    .family = NETBSD_AF_INET,
    .port = { 0, (uint8_t)port },
    .addr = { 127, 0, 0, 1 }
  };
}

static int
open_socket(int type, unsigned port)
{
  struct netbsd_sockaddr_in own = make_address(port);
  int fd = rump_sys_socket(NETBSD_AF_INET, type, 0);

  CHECK(fd >= 0);
  CHECK(port == 0 || rump_sys_bind(fd, &own, sizeof(own)) == 0);
  return fd;
}

/* Descriptors. */

static void
exhaust_descriptors(void)
{
  static int fds[DESCRIPTORS];
  struct netbsd_sockaddr_in to = make_address(PORT);
  int listener = open_socket(NETBSD_SOCK_STREAM, PORT);
  int client = open_socket(NETBSD_SOCK_STREAM, 0);
  int server;
  unsigned n = 0;

  CHECK(rump_sys_listen(listener, 2) == 0);
  CHECK(rump_sys_connect(client, &to, sizeof(to)) == 0);
  while (n < DESCRIPTORS && (fds[n] = rump_sys_socket(
      NETBSD_AF_INET,
      NETBSD_SOCK_DGRAM,
      0
    )) >= 0) {
    ++n;
  }
  printf("descriptors: %u, errno %d\n", n + 2, errno);
  CHECK(n > 0 && n < DESCRIPTORS && errno == EMFILE);
  /* The connection waits until there is one. */
  CHECK_ERRNO(rump_sys_accept(listener, NULL, NULL), EMFILE);
  CHECK(rump_sys_close(fds[--n]) == 0);
  server = rump_sys_accept(listener, NULL, NULL);
  CHECK(server >= 0);
  CHECK(rump_sys_close(server) == 0);
  CHECK(rump_sys_close(client) == 0);
  CHECK(rump_sys_close(listener) == 0);
  while (n > 0) {
    CHECK(rump_sys_close(fds[--n]) == 0);
  }
}

/* Datagrams that nobody reads. */

static struct flood {
  size_t size;
  atomic_uint sent;
  atomic_uint refused;
  atomic_bool ends;
  rtems_binary_semaphore ended;
} flood;

static int receivers[PORTS];

static void
open_receivers(void)
{
  const int size = BUFFER;
  unsigned i;

  for (i = 0; i < PORTS; ++i) {
    receivers[i] = open_socket(NETBSD_SOCK_DGRAM, 10 + i);
    CHECK(
      rump_sys_setsockopt(receivers[i], NETBSD_SOL_SOCKET, NETBSD_SO_RCVBUF,
        &size, sizeof(size)) == 0
    );
  }
}

static void
close_receivers(void)
{
  unsigned i;

  for (i = 0; i < PORTS; ++i) {
    CHECK(rump_sys_close(receivers[i]) == 0);
  }
}

static rtems_task
send_flood(rtems_task_argument arg)
{
  static uint8_t data[1400];
  unsigned i = 0;
  int fd;

  (void)arg;
  CHECK(rtems_rump_enter() == 0);
  fd = open_socket(NETBSD_SOCK_DGRAM, 0);
  while (!atomic_load(&flood.ends)) {
    struct netbsd_sockaddr_in to = make_address(10 + i++ % PORTS);

    /* Who watches is as urgent, and there may be one processor only. */
    (void)rtems_task_wake_after(RTEMS_YIELD_PROCESSOR);
    if (rump_sys_sendto(fd, data, flood.size, 0, &to, sizeof(to))
        == (ssize_t)flood.size) {
      atomic_fetch_add(&flood.sent, 1);
    } else {
      CHECK(errno == ENOBUFS || errno == ENOMEM || errno == ECONNREFUSED);
      atomic_fetch_add(&flood.refused, 1);
      target_sleep(1);
    }
  }
  CHECK(rump_sys_close(fd) == 0);
  rtems_rump_leave();
  rtems_binary_semaphore_post(&flood.ended);
  rtems_task_exit();
}

static void
start_flood(size_t size)
{
  flood.size = size;
  atomic_store(&flood.sent, 0);
  atomic_store(&flood.refused, 0);
  atomic_store(&flood.ends, false);
  rtems_binary_semaphore_init(&flood.ended, "flood ended");
  (void)target_task(TARGET_PRIORITY, send_flood, 0);
}

static size_t
memory_used(void)
{
  struct rtems_rump_usage usage;

  rtems_rump_get_usage(&usage);
  return usage.memory_used;
}

static void
show(const char *what)
{
  struct rtems_rump_usage usage;
  struct pool pool = clusters();

  rtems_rump_get_usage(&usage);
  printf(
    "%s: %u sent, %u refused, %lu dropped, %u mbufs, clusters %lu of %lu, "
    "memory %zu of %zu, failures %lu\n",
    what,
    atomic_load(&flood.sent),
    atomic_load(&flood.refused),
    (unsigned long)count_dropped(),
    count_mbufs(),
    (unsigned long)pool.used,
    (unsigned long)pool.limit,
    usage.memory_used,
    usage.memory_size,
    usage.memory_failures
  );
}

/*
 * Until nothing more is to be had: the sender waits, is refused, or what it
 * sends is dropped.
 */
static void
await_shortage(void)
{
  unsigned last;

  do {
    last = count_mbufs();
    target_sleep(500);
  } while (memory_used() < MEMORY / 4 * 3 || count_mbufs() > last);
}

/* The flood ends by itself when its memory is back. */
static void
exhaust(size_t size)
{
  struct rtems_rump_usage usage;

  open_receivers();
  start_flood(size);
  await_shortage();
  show("shortage");
  rtems_rump_get_usage(&usage);
  CHECK(usage.memory_failures == 0);
  close_receivers();
  atomic_store(&flood.ends, true);
  rtems_binary_semaphore_wait(&flood.ended);
}

/* All works as before. */

static rtems_task
serve(rtems_task_argument arg)
{
  static uint8_t data[8192];
  int client;
  ssize_t n;

  CHECK(rtems_rump_enter() == 0);
  client = rump_sys_accept((int)arg, NULL, NULL);
  CHECK(client >= 0);
  while ((n = rump_sys_read(client, data, sizeof(data))) > 0) {
    CHECK(rump_sys_write(client, data, (size_t)n) == n);
  }
  CHECK(n == 0 && rump_sys_close(client) == 0);
  rtems_rump_leave();
  rtems_binary_semaphore_post(&flood.ended);
  rtems_task_exit();
}

/* NetBSD takes pages back from stores of mbufs when others want them. */
static void
await_socket(void)
{
  int fd;

  while ((fd = rump_sys_socket(NETBSD_AF_INET, NETBSD_SOCK_STREAM, 0)) < 0) {
    CHECK(errno == ENOBUFS);
    target_sleep(10);
  }
  CHECK(rump_sys_close(fd) == 0);
}

static void
transfer(void)
{
  static uint8_t data[4096];
  struct netbsd_sockaddr_in to = make_address(PORT);
  int listener = open_socket(NETBSD_SOCK_STREAM, PORT);
  int fd = open_socket(NETBSD_SOCK_STREAM, 0);
  size_t done, back;

  CHECK(rump_sys_listen(listener, 1) == 0);
  (void)target_task(TARGET_PRIORITY, serve, (rtems_task_argument)listener);
  CHECK(rump_sys_connect(fd, &to, sizeof(to)) == 0);
  for (done = 0; done < TRANSFER; done += sizeof(data)) {
    memset(data, (int)(done >> 12), sizeof(data));
    CHECK(rump_sys_write(fd, data, sizeof(data)) == sizeof(data));
    for (back = 0; back < sizeof(data);) {
      ssize_t n = rump_sys_read(fd, data + back, sizeof(data) - back);

      CHECK(n > 0 && data[back] == (uint8_t)(done >> 12));
      back += (size_t)n;
    }
  }
  CHECK(rump_sys_close(fd) == 0);
  rtems_binary_semaphore_wait(&flood.ended);
  CHECK(rump_sys_close(listener) == 0);
}

static void
live(unsigned life)
{
  static const struct rtems_rump_config config = {
    .memory = MEMORY, .restartable = true
  };
  /* In clusters, and in mbufs. */
  static const size_t sizes[] = { 1400, 64 };
  unsigned before;

  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  exhaust_descriptors();
  before = count_mbufs();
  exhaust(sizes[life % 2]);
  while (count_mbufs() > before + FEW) {
    target_sleep(10);
  }
  await_socket();
  transfer();
  show("after");
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("NETWORK EXHAUSTED");
  target_live_twice(live);
  TARGET_END("NETWORK EXHAUSTED");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#define CONFIGURE_INIT_TASK_STACK_SIZE (64 * 1024)
#include "config.h"
