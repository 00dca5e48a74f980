/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * TCP through a driver of a network card, in each direction, with a
 * peer on the host: bench/cards.py; and the same between two sockets over lo0,
 * both ends together.  bench/plugin-processors.c counts.
 */

#include "cards.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <rtems.h>

#include "bench.h"
#include "region.h"

#define SIZE (1u << 20)
#define CHUNK 32768
#define REPETITIONS 8
#define PORT 7

static const struct calls *calls;

static char buffer[CHUNK];

/* The sockets of a phase; over lo0 the second is the other end. */
static int near, far;

static void
write_all(int fd, const void *data, size_t size)
{
  bench_check("write", (*calls->write)(fd, data, size) == (ssize_t)size);
}

static void
read_all(int fd, size_t size)
{
  while (size > 0) {
    ssize_t n = (*calls->read)(fd, buffer, size < CHUNK ? size : CHUNK);

    bench_check("read", n > 0);
    size -= (size_t)n;
  }
}

/* Has the host take so many bytes, and then give so many. */
static void
ask_host(uint32_t take, uint32_t give)
{
  uint32_t request[2] = { take, give };

  write_all(near, request, sizeof(request));
}

static void
send_all(void)
{
  unsigned i;

  ask_host(SIZE, 1);
  for (i = 0; i < SIZE / CHUNK; ++i) {
    write_all(near, buffer, CHUNK);
  }
  read_all(near, 1);
}

static void
receive_all(void)
{
  ask_host(0, SIZE);
  read_all(near, SIZE);
}

static void
loop(void)
{
  unsigned i;

  for (i = 0; i < SIZE / CHUNK; ++i) {
    write_all(near, buffer, CHUNK);
    read_all(far, CHUNK);
  }
}

static void
measure(const char *name, const char *row, void (*operate)(void))
{
  int i;

  printf("BENCH PHASE tcp_%s_%s %u\n", name, row, SIZE);
  for (i = 0; i < REPETITIONS; ++i) {
    rtems_task_wake_after(2);
    bench_begin();
    (*operate)();
    bench_end();
  }
  bench_phase();
}

static int
new_socket(void)
{
  int fd = (*calls->socket)(AF_INET, SOCK_STREAM, 0);

  bench_check("socket", fd >= 0);
  return fd;
}

static void
connect_to(const struct sockaddr_in *peer)
{
  near = new_socket();
  bench_check("connect", (*calls->connect)(near, peer, sizeof(*peer)) == 0);
}

static struct sockaddr_in
address_of(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
  return (struct sockaddr_in){
    .sin_len = sizeof(struct sockaddr_in), .sin_family = AF_INET,
    .sin_port = htons(PORT),
    .sin_addr = {
      htonl((uint32_t)a << 24 | (uint32_t)b << 16 | (uint32_t)c << 8 | d)
    }
  };
}

void
cards_measure(const struct calls *by, const char *name, uint8_t network)
{
  struct sockaddr_in host = address_of(10, 0, network, 100);

  calls = by;
  connect_to(&host);
  measure(name, "send", send_all);
  measure(name, "receive", receive_all);
  bench_check("close", (*calls->close)(near) == 0);
}

void
cards_measure_lo0(const struct calls *by)
{
  struct sockaddr_in self = address_of(127, 0, 0, 1);
  int listener;

  calls = by;
  listener = new_socket();
  bench_check("bind", (*calls->bind)(listener, &self, sizeof(self)) == 0);
  bench_check("listen", (*calls->listen)(listener, 1) == 0);
  connect_to(&self);
  far = (*calls->accept)(listener, NULL, NULL);
  bench_check("accept", far >= 0);
  measure("lo0", "both", loop);
}
