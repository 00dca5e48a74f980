/* SPDX-License-Identifier: BSD-2-Clause */

#include "socket-rows.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rtems.h>
#include <rtems/thread.h>

#include "bench.h"

#define TRANSFER (8u << 20)
#define CHUNK 32768
#define SMALL_BUFFER 32768
#define REPETITIONS 3
#define CONNECTIONS 50
#define OPEN_CONNECTIONS 100
#define DATAGRAM 64
#define DATAGRAMS 16
#define ECHO_SIZE 64
#define ECHO_REQUEST 8
#define PORT 7000
#define PRIORITY 110

const struct socket_path socket_rows_lo0 = {
  "lo0", TRANSFER, { 127, 0, 0, 1 }, NULL
};

/* Who calls the first kernel, and who serves. */
static const struct calls *client, *server;
static const struct socket_path *path;
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
  int on = 1, fd;

  serve_begin();
  fd = make_socket(server);
  bench_check("reuse", (*server->setsockopt)(
    fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0);
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
set_path(const struct socket_path *p, const struct calls *c)
{
  path = p;
  client = c;
  server = p->server != NULL ? p->server : c;
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

void
socket_rows_measure(const struct socket_path *p, const struct calls *c)
{
  set_path(p, c);
  (*c->enter)();
  measure_with(0, "");
  if (server == client) {
    measure_with(SMALL_BUFFER, "_32k");
  }
  measure_udp();
  measure_ping();
  (*c->leave)();
}

void
socket_rows_transfer(const struct calls *c, const char *kind)
{
  set_path(&socket_rows_lo0, c);
  (*c->enter)();
  measure_with(0, kind);
  (*c->leave)();
}

void
socket_rows_start(void)
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

size_t
socket_rows_connection_memory(
  const struct calls *c, size_t (*memory_used)(void))
{
  static int fds[OPEN_CONNECTIONS][2];
  size_t before, after;
  int listener, i;

  set_path(&socket_rows_lo0, c);
  buffer = 0;
  listener = make_listener();
  before = (*memory_used)();
  for (i = 0; i < OPEN_CONNECTIONS; ++i) {
    fds[i][0] = make_connection(listener, &fds[i][1]);
  }
  after = (*memory_used)();
  for (i = 0; i < OPEN_CONNECTIONS; ++i) {
    bench_check("close", (*c->close)(fds[i][0]) == 0
      && (*c->close)(fds[i][1]) == 0);
  }
  close_served(listener);
  return (after - before) / OPEN_CONNECTIONS;
}
