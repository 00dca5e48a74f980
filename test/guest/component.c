/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test guest: /dev/echo, a driver whose other half stands on the host side of
 * the border, as a network interface's does.  What is written comes back by a
 * host thread that uses rumpuser_component_*.
 */

#include "guest.h"

void *rumpuser_component_unschedule(void);
void rumpuser_component_schedule(void *cookie);
void rumpuser_component_kthread(void);
struct lwp *rumpuser_component_curlwp(void);
void rumpuser_component_switchlwp(struct lwp *l);
void rumpuser_component_kthread_release(void);
int rumpuser_component_errtrans(int error);

#define RING 1024u

struct ring {
  char data[RING];
  unsigned head, tail;
};

/* The kernel's half. */
static struct rumpuser_mtx *input_mutex;
static struct rumpuser_cv *input_cv;
static struct ring input;

/* The host's half; nobody waits here with a virtual CPU. */
static struct rumpuser_mtx *wire_mutex;
static struct rumpuser_cv *wire_cv;
static struct ring wire;
static void *wire_thread;
static int dying;

static unsigned ring_put(struct ring *ring, const char *data, size_t size)
{
  unsigned n = 0;

  while (n < size && ring->head - ring->tail < RING) {
    ring->data[ring->head++ % RING] = data[n++];
  }
  return n;
}

static unsigned ring_get(struct ring *ring, char *data, size_t size)
{
  unsigned n = 0;

  while (n < size && ring->head != ring->tail) {
    data[n++] = ring->data[ring->tail++ % RING];
  }
  return n;
}

static void deliver(const char *data, size_t size)
{
  size_t done = 0;

  kmutex_enter(input_mutex);
  while ((done += ring_put(&input, data + done, size - done)) < size) {
    kcv_wait(input_cv, input_mutex);
  }
  rumpuser_cv_broadcast(input_cv);
  kmutex_exit(input_mutex);
}

static void check_lwps(void)
{
  struct lwp *l = rumpuser_component_curlwp();

  ASSERT(l != NULL && rumpuser_curlwp() == l);
  rumpuser_component_switchlwp(NULL);
  ASSERT(rumpuser_curlwp() == NULL && rumpuser_component_curlwp() == NULL);
  rumpuser_component_switchlwp(l);
  ASSERT(rumpuser_component_curlwp() == l);
}

static void *wire_main(void *argument)
{
  char data[64];

  (void)argument;
  ASSERT(rumpuser_curlwp() == NULL);
  rumpuser_component_kthread();
  check_lwps();
  rumpuser_mutex_enter_nowrap(wire_mutex);
  while (!dying) {
    unsigned n = ring_get(&wire, data, sizeof(data));

    if (n == 0) {
      rumpuser_cv_wait_nowrap(wire_cv, wire_mutex);
      continue;
    }
    rumpuser_cv_broadcast(wire_cv);
    rumpuser_mutex_exit(wire_mutex);
    rumpuser_component_schedule(NULL);
    deliver(data, n);
    rumpuser_component_unschedule();
    rumpuser_mutex_enter_nowrap(wire_mutex);
  }
  rumpuser_mutex_exit(wire_mutex);
  rumpuser_component_kthread_release();
  ASSERT(rumpuser_curlwp() == NULL);
  rumpuser_thread_exit();
}

static void send(const char *data, size_t size)
{
  void *cookie = rumpuser_component_unschedule();
  size_t done = 0;

  rumpuser_mutex_enter_nowrap(wire_mutex);
  while ((done += ring_put(&wire, data + done, size - done)) < size) {
    rumpuser_cv_wait_nowrap(wire_cv, wire_mutex);
  }
  rumpuser_cv_broadcast(wire_cv);
  rumpuser_mutex_exit(wire_mutex);
  rumpuser_component_schedule(cookie);
}

static int echo_transfer(struct node *node, struct io *io)
{
  (void)node;
  if (io->write) {
    send(io->data, io->size);
    io->done = io->size;
    return 0;
  }
  kmutex_enter(input_mutex);
  while ((io->done = ring_get(&input, io->data, io->size)) == 0) {
    kcv_wait(input_cv, input_mutex);
  }
  rumpuser_cv_broadcast(input_cv);
  kmutex_exit(input_mutex);
  return 0;
}

static void echo_init(void)
{
  ASSERT(rumpuser_component_errtrans(0) == 0);
  ASSERT(rumpuser_component_errtrans(NB_ENOENT) == NB_ENOENT);
  if (!guest_threads_enabled) {
    return;
  }
  input_mutex = kmutex_new(0);
  input_cv = kcv_new();
  rumpuser_mutex_init(&wire_mutex, RUMPUSER_MTX_SPIN);
  rumpuser_cv_init(&wire_cv);
  ASSERT(ramfs_add_device("/dev/echo", echo_transfer) == 0);
  if (rumpuser_thread_create(
    wire_main, NULL, "echo", 1, PRIORITY_KERNEL, -1, &wire_thread) != 0) {
    panic("no thread for /dev/echo");
  }
}

/* Ends the host's half. */
void echo_end(void)
{
  rumpuser_mutex_enter_nowrap(wire_mutex);
  dying = 1;
  rumpuser_cv_broadcast(wire_cv);
  rumpuser_mutex_exit(wire_mutex);
  ASSERT(rumpuser_thread_join(wire_thread) == 0);
}

struct rump_component component_echo = { COMPONENT_DEVICE, echo_init, NULL };
