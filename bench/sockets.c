/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * TCP, UDP and ICMP over lo0, over a bus in memory to a second kernel, and
 * through two GEMs on one cable, both ends together: by RTEMS's descriptors,
 * and by NetBSD's system calls.  The second kernel is called by the latter in
 * both cases.
 */

#include "sockets.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sockio.h>
#include <unistd.h>

#include <rtems.h>
#include <rtems/malloc.h>
#include <rtems/thread.h>

#include "bench.h"
#include "kernel.h"

#define TRANSFER_LO0 (8u << 20)
#define TRANSFER (2u << 20)
#define CHUNK 32768
#define SMALL_BUFFER 32768
#define REPETITIONS 3
#define CONNECTIONS 50
#define OPEN_CONNECTIONS 100
#define DATAGRAM 64
#define DATAGRAMS 16
#define ECHO_SIZE 64
#define ECHO_REQUEST 8
#define MTU 1500
#define PORT 7000
#define PRIORITY 110
#define SETTLE_TICKS 200

/* Until NetBSD knows that nobody else has its addresses. */
#define ADDRESS_TICKS 1000

static const struct rtems_rump_link links[][2] = {
  {
    { .driver = &rtems_rump_link_mem, .device = "bus" },
    { .driver = &rtems_rump_link_gem, .device = "gem0" }
  },
  {
    { .driver = &rtems_rump_link_mem, .device = "bus" },
    { .driver = &rtems_rump_link_gem, .device = "gem1" }
  }
};

/* The way from the first kernel to the one that serves. */
static const struct path {
  const char *name;
  bool is_lo0;
  size_t transfer;
  uint8_t address[4];
} paths[] = {
  { "lo0", true, TRANSFER_LO0, { 127, 0, 0, 1 } },
  { "bus", false, TRANSFER, { 10, 0, 0, 2 } },
  { "gem", false, TRANSFER, { 10, 0, 1, 2 } }
};

static int
rtems_bind(int fd, const void *address, uint32_t size)
{
  return bind(fd, address, size);
}

static int
rtems_connect(int fd, const void *address, uint32_t size)
{
  return connect(fd, address, size);
}

static int
rtems_accept(int fd, void *address, uint32_t *size)
{
  return accept(fd, address, size);
}

static ssize_t
rtems_sendto(
  int fd, const void *data, size_t size, int flags, const void *address,
  uint32_t address_size)
{
  return sendto(fd, data, size, flags, address, address_size);
}

static ssize_t
rtems_recvfrom(
  int fd, void *data, size_t size, int flags, void *address,
  uint32_t *address_size)
{
  return recvfrom(fd, data, size, flags, address, address_size);
}

static int
rtems_setsockopt(
  int fd, int level, int option, const void *value, uint32_t size)
{
  return setsockopt(fd, level, option, value, size);
}

static void
nothing(void)
{
}

static void
enter_first(void)
{
  (*sockets_k1.direct.enter)();
}

static void
leave_first(void)
{
  (*sockets_k1.direct.leave)();
}

#define RTEMS_CALLS \
  socket, rtems_bind, listen, rtems_connect, rtems_accept, read, write, \
  rtems_sendto, rtems_recvfrom, close, rtems_setsockopt

static const struct calls descriptors = {
  "", nothing, nothing, RTEMS_CALLS
};

static const struct calls descriptors_entered = {
  ":entered", enter_first, leave_first, RTEMS_CALLS
};

/* Who calls the first kernel, and who serves. */
static const struct calls *client, *server;
static const struct path *path;
static struct sockaddr_in address;

static char out[CHUNK], in[CHUNK];
static int receiver;

/* Of each socket; 0: as they are made, RTEMS_RUMP_TCP_BUFFER. */
static int buffer;
static rtems_binary_semaphore go = RTEMS_BINARY_SEMAPHORE_INITIALIZER("go");
static rtems_binary_semaphore done =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("done");

/* Instructions since the start, but for those while it was stopped. */
static struct {
  rtems_counter_ticks begin;
  uint64_t sum;
} watch;

static BENCH_NOINLINE void
watch_resume(void)
{
  watch.begin = rtems_counter_read();
}

static void
watch_start(void)
{
  watch.sum = 0;
  watch_resume();
}

static BENCH_NOINLINE uint64_t
watch_stop(void)
{
  watch.sum += rtems_counter_ticks_to_nanoseconds(
    rtems_counter_difference(rtems_counter_read(), watch.begin)
  );
  return watch.sum;
}

/* The measuring task serves: not measured is how it gets there. */
static void
serve_begin(void)
{
  if (server != client) {
    (void)watch_stop();
    (*server->enter)();
    watch_resume();
  }
}

static void
serve_end(void)
{
  if (server != client) {
    (void)watch_stop();
    (*server->leave)();
    watch_resume();
  }
}

static void
take_least(uint64_t *least, uint64_t value)
{
  *least = value < *least ? value : *least;
}

static void
report(const char *row, const char *kind, double value)
{
  printf(
    "BENCH %s_%s%s%s %.3f\n", row, path->name, kind, client->name, value);
}

static void
receive_all(void)
{
  size_t left;

  for (left = path->transfer; left > 0;) {
    ssize_t n = (*server->read)(receiver, in, sizeof(in));

    bench_check("read", n > 0);
    left -= (size_t)n;
  }
}

static rtems_task
receive(rtems_task_argument arg)
{
  (void)arg;
  for (;;) {
    rtems_binary_semaphore_wait(&go);
    (*server->enter)();
    receive_all();
    (*server->leave)();
    rtems_binary_semaphore_post(&done);
  }
}

static int
make_socket(const struct calls *calls)
{
  int fd = (*calls->socket)(AF_INET, SOCK_STREAM, 0);

  if (buffer == 0) {
    return fd;
  }
  bench_check("size", (*calls->setsockopt)(
    fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer)) == 0);
  bench_check("size", (*calls->setsockopt)(
    fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer)) == 0);
  return fd;
}

static int
make_listener(void)
{
  int fd;

  serve_begin();
  fd = make_socket(server);
  bench_check("bind", (*server->bind)(fd, &address, sizeof(address)) == 0);
  bench_check("listen", (*server->listen)(fd, 1) == 0);
  serve_end();
  return fd;
}

static void
close_served(int fd)
{
  serve_begin();
  bench_check("close", (*server->close)(fd) == 0);
  serve_end();
}

static int
make_connection(int listener, int *served)
{
  int fd = make_socket(client);

  bench_check(
    "connect", (*client->connect)(fd, &address, sizeof(address)) == 0);
  serve_begin();
  *served = (*server->accept)(listener, NULL, NULL);
  bench_check("accept", *served >= 0);
  serve_end();
  return fd;
}

static uint64_t
transfer(int sender)
{
  size_t left;

  rtems_binary_semaphore_post(&go);
  rtems_task_wake_after(2);
  watch_start();
  for (left = path->transfer; left > 0;) {
    ssize_t n = (*client->write)(sender, out, sizeof(out));

    bench_check("write", n > 0);
    left -= (size_t)n;
  }
  rtems_binary_semaphore_wait(&done);
  return watch_stop();
}

static void
measure_tcp(int listener, const char *kind)
{
  uint64_t least = UINT64_MAX;
  int sender = make_connection(listener, &receiver);
  int i;

  for (i = 0; i < REPETITIONS; ++i) {
    take_least(&least, transfer(sender));
  }
  report("tcp", kind, (double)least / path->transfer);
  bench_check("close", (*client->close)(sender) == 0);
  close_served(receiver);
}

static void
measure_connections(int listener)
{
  uint64_t least = UINT64_MAX;
  int i;

  for (i = 0; i < CONNECTIONS; ++i) {
    int served, fd;

    watch_start();
    fd = make_connection(listener, &served);
    bench_check("close", (*client->close)(fd) == 0);
    close_served(served);
    take_least(&least, watch_stop());
  }
  report("tcp_connection", "", (double)least);
}

static int
make_datagram_server(void)
{
  int fd;

  serve_begin();
  fd = (*server->socket)(AF_INET, SOCK_DGRAM, 0);
  bench_check("bind", (*server->bind)(fd, &address, sizeof(address)) == 0);
  serve_end();
  return fd;
}

/* So few at a time that there is room for all. */
static uint64_t
send_datagrams(int fd, int served)
{
  int i;

  watch_start();
  for (i = 0; i < DATAGRAMS; ++i) {
    bench_check("sendto", (*client->sendto)(
      fd, out, DATAGRAM, 0, &address, sizeof(address)) == DATAGRAM);
  }
  serve_begin();
  for (i = 0; i < DATAGRAMS; ++i) {
    bench_check("recvfrom", (*server->recvfrom)(
      served, in, sizeof(in), 0, NULL, NULL) == DATAGRAM);
  }
  serve_end();
  return watch_stop();
}

static void
measure_udp(void)
{
  uint64_t least = UINT64_MAX;
  int served = make_datagram_server(), i;
  int fd = (*client->socket)(AF_INET, SOCK_DGRAM, 0);

  for (i = 0; i < CONNECTIONS; ++i) {
    take_least(&least, send_datagrams(fd, served));
  }
  report("udp", "", (double)least / DATAGRAMS);
  bench_check("close", (*client->close)(fd) == 0);
  close_served(served);
}

/* An echo request of zeros; its checksum is the complement of its type. */
static void
measure_ping(void)
{
  uint8_t request[ECHO_SIZE] = { ECHO_REQUEST, 0, 0xff - ECHO_REQUEST, 0xff };
  int fd = (*client->socket)(AF_INET, SOCK_RAW, IPPROTO_ICMP), i;
  uint64_t least = UINT64_MAX;

  for (i = 0; i < CONNECTIONS; ++i) {
    watch_start();
    bench_check("ping", (*client->sendto)(
      fd, request, ECHO_SIZE, 0, &address, sizeof(address)) == ECHO_SIZE);
    bench_check("reply", (*client->recvfrom)(
      fd, in, sizeof(in), 0, NULL, NULL) > ECHO_SIZE);
    take_least(&least, watch_stop());
  }
  report("ping", "", (double)least);
  bench_check("close", (*client->close)(fd) == 0);
}

static void
set_path(const struct path *p, const struct calls *c)
{
  path = p;
  client = c;
  server = p->is_lo0 ? c : &sockets_k2.direct;
  address = (struct sockaddr_in){
    .sin_len = sizeof(address),
    .sin_family = AF_INET,
    .sin_port = htons(PORT)
  };
  memcpy(&address.sin_addr, p->address, sizeof(p->address));
}

static void
measure_with(int buffer_size, const char *kind)
{
  int listener;

  buffer = buffer_size;
  listener = make_listener();
  measure_tcp(listener, kind);
  if (kind[0] == '\0') {
    measure_connections(listener);
  }
  close_served(listener);
}

static void
measure_path(const struct path *p, const struct calls *c)
{
  set_path(p, c);
  (*c->enter)();
  measure_with(0, "");
  if (p->is_lo0) {
    measure_with(SMALL_BUFFER, "_32k");
  }
  measure_udp();
  measure_ping();
  (*c->leave)();
}

/* Over lo0 in segments as those of Ethernet. */
static void
measure_segments(const struct calls *c)
{
  set_path(&paths[0], c);
  (*c->enter)();
  measure_with(0, "_1460");
  (*c->leave)();
}

static void
measure_paths(const struct calls *c)
{
  unsigned i;

  for (i = 0; i < RTEMS_ARRAY_SIZE(paths); ++i) {
    measure_path(&paths[i], c);
  }
}

static void
start_receiver(void)
{
  rtems_id id;

  bench_check("task", rtems_task_create(
    rtems_build_name('R', 'E', 'C', 'V'),
    PRIORITY,
    16 * 1024,
    RTEMS_DEFAULT_MODES,
    RTEMS_FLOATING_POINT,
    &id
  ) == RTEMS_SUCCESSFUL);
  bench_check("start", rtems_task_start(id, receive, 0) == RTEMS_SUCCESSFUL);
}

/* All that is taken but what the first kernel leaves unused. */
static size_t
memory_used(bool runs)
{
  Heap_Information_block info;

  bench_check("malloc_info", malloc_info(&info) == 0);
  return info.Used.total - (runs ? (*sockets_k1.unused)() : 0);
}

static void
start_first(void)
{
  size_t before = memory_used(false), at_rest;

  (*sockets_k1.start)(links[0], 2);
  (*sockets_k1.register_sockets)();
  rtems_task_wake_after(SETTLE_TICKS);
  at_rest = memory_used(true);
  bench_report("network_memory", at_rest - before);
  (*sockets_k1.add_interface)("virt0", "10.0.0.1");
  bench_report("network_memory_bus", memory_used(true) - at_rest);
}

/* Both ends, idle. */
static void
connection_memory(void)
{
  static int fds[OPEN_CONNECTIONS][2];
  int listener, i;
  size_t before;

  set_path(&paths[0], &descriptors);
  buffer = 0;
  listener = make_listener();
  before = memory_used(true);
  for (i = 0; i < OPEN_CONNECTIONS; ++i) {
    fds[i][0] = make_connection(listener, &fds[i][1]);
  }
  bench_report("tcp_connection_memory",
    (memory_used(true) - before) / OPEN_CONNECTIONS);
  for (i = 0; i < OPEN_CONNECTIONS; ++i) {
    bench_check("close", close(fds[i][0]) == 0 && close(fds[i][1]) == 0);
  }
  close_served(listener);
}

static void
start_second(void)
{
  (*sockets_k2.start)(links[1], 2);
  (*sockets_k2.add_interface)("virt0", "10.0.0.2");
  (*sockets_k1.add_interface)("virt1", "10.0.1.1");
  (*sockets_k2.add_interface)("virt1", "10.0.1.2");
  rtems_task_wake_after(ADDRESS_TICKS);
}

static void
set_mtu(void)
{
  struct ifreq request = { .ifr_name = "lo0", .ifr_mtu = MTU };
  int fd = socket(AF_INET, SOCK_DGRAM, 0);

  bench_check("mtu", ioctl(fd, SIOCSIFMTU, &request) == 0);
  bench_check("close", close(fd) == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  start_first();
  connection_memory();
  start_second();
  start_receiver();
  measure_paths(&sockets_k1.direct);
  measure_paths(&descriptors);
  measure_paths(&descriptors_entered);
  set_mtu();
  measure_segments(&sockets_k1.direct);
  measure_segments(&descriptors);
  measure_segments(&descriptors_entered);
  puts("BENCH END");
  exit(0);
}

#define CONFIGURE_MAXIMUM_PROCESSORS 1
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 220
#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
