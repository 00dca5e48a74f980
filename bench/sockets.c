/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * TCP over lo0, both ends together: by RTEMS's descriptors, and by NetBSD's
 * system calls.
 */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rtems.h>
#include <rtems/thread.h>

#include <rtems-rump/socket.h>
#include <rtems-rump/netbsd-net.h>

#include "bench.h"
#include "kernel.h"

#define TRANSFER (8u << 20)
#define CHUNK 32768
#define LARGE_BUFFER 131072
#define REPETITIONS 3
#define CONNECTIONS 50
#define PORT 7000
#define PRIORITY 110
#define SETTLE_TICKS 200

/* A way to call sockets; a connection is made by RTEMS's or NetBSD's calls. */
struct calls {
  const char *name;
  bool enters;
  int (*socket)(int domain, int type, int protocol);
  int (*bind)(int fd, const void *address, uint32_t size);
  int (*listen)(int fd, int backlog);
  int (*connect)(int fd, const void *address, uint32_t size);
  int (*accept)(int fd, void *address, uint32_t *size);
  ssize_t (*read)(int fd, void *buffer, size_t size);
  ssize_t (*write)(int fd, const void *buffer, size_t size);
  int (*close)(int fd);
  int (*setsockopt)(
    int fd, int level, int option, const void *value, uint32_t size);
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

static int
rtems_setsockopt(
  int fd, int level, int option, const void *value, uint32_t size)
{
  return setsockopt(fd, level, option, value, size);
}

int rump_sys_connect(int fd, const void *address, uint32_t size)
  NETBSD_SYSTEM_CALL("connect");

static const struct calls rtems = {
  "", false, socket, rtems_bind, listen, rtems_connect, rtems_accept, read,
  write, close, rtems_setsockopt
};

static const struct calls rtems_entered = {
  ":entered", true, socket, rtems_bind, listen, rtems_connect, rtems_accept,
  read, write, close, rtems_setsockopt
};

static const struct calls netbsd = {
  ":direct", true, rump_sys_socket, rump_sys_bind, rump_sys_listen,
  rump_sys_connect, rump_sys_accept, rump_sys_read, rump_sys_write,
  rump_sys_close, rump_sys_setsockopt
};

static const struct sockaddr_in address = {
  .sin_len = sizeof(address),
  .sin_family = AF_INET,
  .sin_port = htons(PORT),
  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
};

static char out[CHUNK], in[CHUNK];
static const struct calls *calls;
static int receiver;

/* Of each socket; 0: as NetBSD makes them, 32 KiB. */
static int buffer;
static rtems_binary_semaphore go = RTEMS_BINARY_SEMAPHORE_INITIALIZER("go");
static rtems_binary_semaphore done =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("done");

static void
receive_all(void)
{
  size_t left;

  for (left = TRANSFER; left > 0;) {
    ssize_t n = (*calls->read)(receiver, in, sizeof(in));

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
    if (calls->enters) {
      bench_enter();
    }
    receive_all();
    if (calls->enters) {
      bench_leave();
    }
    rtems_binary_semaphore_post(&done);
  }
}

/* Two of the options are the same in both worlds. */
static int
make_socket(void)
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
listener(void)
{
  int fd = make_socket();

  bench_check("bind", (*calls->bind)(fd, &address, sizeof(address)) == 0);
  bench_check("listen", (*calls->listen)(fd, 1) == 0);
  return fd;
}

static int
client(int l, int *server)
{
  int fd = make_socket();

  bench_check(
    "connect", (*calls->connect)(fd, &address, sizeof(address)) == 0);
  *server = (*calls->accept)(l, NULL, NULL);
  bench_check("accept", *server >= 0);
  return fd;
}

static uint64_t
nsec_since(rtems_counter_ticks begin)
{
  return rtems_counter_ticks_to_nanoseconds(
    rtems_counter_difference(rtems_counter_read(), begin)
  );
}

static uint64_t
transfer(int sender)
{
  rtems_counter_ticks begin;
  size_t left;

  rtems_binary_semaphore_post(&go);
  rtems_task_wake_after(2);
  begin = rtems_counter_read();
  for (left = TRANSFER; left > 0;) {
    ssize_t n = (*calls->write)(sender, out, sizeof(out));

    bench_check("write", n > 0);
    left -= (size_t)n;
  }
  rtems_binary_semaphore_wait(&done);
  return nsec_since(begin);
}

static void
take_least(uint64_t *least, uint64_t value)
{
  *least = value < *least ? value : *least;
}

static void
throughput(int l)
{
  const char *row = buffer == 0 ? "tcp_lo0" : "tcp_lo0_128k";
  uint64_t least = UINT64_MAX;
  int sender = client(l, &receiver), i;

  for (i = 0; i < REPETITIONS; ++i) {
    take_least(&least, transfer(sender));
  }
  printf("BENCH %s%s %.3f\n", row, calls->name, (double)least / TRANSFER);
  bench_check("close", (*calls->close)(sender) == 0);
  bench_check("close", (*calls->close)(receiver) == 0);
}

static void
connections(int l)
{
  uint64_t least = UINT64_MAX;
  int i;

  for (i = 0; i < CONNECTIONS; ++i) {
    rtems_counter_ticks begin = rtems_counter_read();
    int server, fd = client(l, &server);

    bench_check("close", (*calls->close)(fd) == 0);
    bench_check("close", (*calls->close)(server) == 0);
    take_least(&least, nsec_since(begin));
  }
  printf("BENCH tcp_connection%s %.0f\n", calls->name, (double)least);
}

static void
measure(const struct calls *c)
{
  int l;

  calls = c;
  if (c->enters) {
    bench_enter();
  }
  l = listener();
  throughput(l);
  if (buffer == 0) {
    connections(l);
  }
  bench_check("close", (*calls->close)(l) == 0);
  if (c->enters) {
    bench_leave();
  }
}

static void
measure_all(int buffer_size)
{
  buffer = buffer_size;
  measure(&netbsd);
  measure(&rtems);
  measure(&rtems_entered);
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

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = { .memory = 16u << 20 };

  (void)arg;
  bench_check("start", bench_start(&config) == 0);
  bench_check("register", rtems_rump_socket_register() == 0);
  rtems_task_wake_after(SETTLE_TICKS);
  start_receiver();
  measure_all(0);
  measure_all(LARGE_BUFFER);
  puts("BENCH END");
  exit(0);
}

#define CONFIGURE_MAXIMUM_PROCESSORS 1
#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
