/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * mem://name: connections within one image.
 *
 * A connection has a ring in each direction, with one writer and one reader,
 * which need no lock: each counter is written by one side only.  A side that
 * is to be told leaves a bit, and whoever takes the bit away tells it.  Either
 * the one who arms looks at the ring after that and finds what there is, or
 * the other end finds the bit.
 */

#include "media.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <rtems.h>
#include <rtems/thread.h>

/* A power of two. */
#define RING_SIZE (size_t)16384

#define NAME_SIZE 32

/* Connections that wait to be accepted. */
#define BACKLOG 8

/* Counters run on over the size of the ring. */
struct ring {
  atomic_size_t written, read;
  unsigned char data[RING_SIZE];
};

struct end {
  struct transport transport;
  struct pair *pair;
  struct end *peer;
  struct ring *in, *out;
  atomic_uint armed;

  /* Of the watcher, also while it is called. */
  rtems_mutex lock;
  struct transport_watcher watcher;

  /* The next that waits to be accepted. */
  struct end *next;
};

struct pair {
  struct end ends[2];
  struct ring rings[2];
  atomic_bool is_over;
  atomic_uint users;
};

struct listener {
  struct transport transport;
  struct listener *next;
  char name[NAME_SIZE];
  struct end *first;
  unsigned waiting;
  bool armed;
  struct transport_watcher watcher;
};

/* Of all listeners and of what waits there. */
static rtems_mutex registry_lock = RTEMS_MUTEX_INITIALIZER("rump mem");
static struct listener *listeners;

static void
tell(struct end *end, enum transport_event event)
{
  rtems_mutex_lock(&end->lock);
  if (end->watcher.notify != NULL) {
    (*end->watcher.notify)(event, end->watcher.arg);
  }
  rtems_mutex_unlock(&end->lock);
}

static bool
disarm(struct end *end, enum transport_event event)
{
  return (atomic_fetch_and(&end->armed, ~(unsigned)event) & event) != 0;
}

static void
tell_if_armed(struct end *end, enum transport_event event)
{
  /* After the change of the ring that it is told of. */
  atomic_thread_fence(memory_order_seq_cst);
  if ((atomic_load_explicit(&end->armed, memory_order_relaxed) & event) != 0
      && disarm(end, event)) {
    tell(end, event);
  }
}

static size_t
ring_used(const struct ring *ring)
{
  return atomic_load_explicit(&ring->written, memory_order_acquire)
    - atomic_load_explicit(&ring->read, memory_order_acquire);
}

/* Copies to or from the ring, in two parts where it ends between. */
static void
ring_copy(
  struct ring *ring, size_t at, unsigned char *bytes, size_t size, bool in)
{
  size_t offset = at % RING_SIZE;
  size_t first = size < RING_SIZE - offset ? size : RING_SIZE - offset;

  if (in) {
    memcpy(ring->data + offset, bytes, first);
    memcpy(ring->data, bytes + first, size - first);
  } else {
    memcpy(bytes, ring->data + offset, first);
    memcpy(bytes + first, ring->data, size - first);
  }
}

static int
end_send(
  struct transport *t, const struct iovec *parts, int count, size_t *sent)
{
  struct end *end = (struct end *)t;
  struct ring *ring = end->out;
  size_t at = atomic_load_explicit(&ring->written, memory_order_relaxed);
  size_t room = RING_SIZE - ring_used(ring);
  size_t done = 0;
  int i;

  if (atomic_load(&end->pair->is_over)) {
    return ENOTCONN;
  }
  for (i = 0; i < count && done < room; ++i) {
    size_t size = parts[i].iov_len;

    size = size < room - done ? size : room - done;
    if (size > 0) {
      ring_copy(ring, at + done, parts[i].iov_base, size, true);
      done += size;
    }
  }
  if (done == 0) {
    return EAGAIN;
  }
  atomic_store_explicit(&ring->written, at + done, memory_order_release);
  tell_if_armed(end->peer, TRANSPORT_RECEIVE);
  *sent = done;
  return 0;
}

static int
end_receive(
  struct transport *t, void *buffer, size_t size, size_t *received)
{
  struct end *end = (struct end *)t;
  struct ring *ring = end->in;
  size_t at = atomic_load_explicit(&ring->read, memory_order_relaxed);
  /* Before the ring: what was sent before the end is still received. */
  bool is_over = atomic_load(&end->pair->is_over);
  size_t used = ring_used(ring);

  if (used == 0) {
    return is_over ? ENOTCONN : EAGAIN;
  }
  size = size < used ? size : used;
  ring_copy(ring, at, buffer, size, false);
  atomic_store_explicit(&ring->read, at + size, memory_order_release);
  tell_if_armed(end->peer, TRANSPORT_SEND);
  *received = size;
  return 0;
}

static void
end_watch(struct transport *t, const struct transport_watcher *watcher)
{
  struct end *end = (struct end *)t;

  rtems_mutex_lock(&end->lock);
  end->watcher = *watcher;
  rtems_mutex_unlock(&end->lock);
}

static bool
is_ready(const struct end *end, enum transport_event event)
{
  return atomic_load(&end->pair->is_over)
    || (event == TRANSPORT_RECEIVE ? ring_used(end->in) > 0
      : ring_used(end->out) < RING_SIZE);
}

static bool
end_arm(struct transport *t, enum transport_event event)
{
  struct end *end = (struct end *)t;

  (void)atomic_fetch_or(&end->armed, event);
  atomic_thread_fence(memory_order_seq_cst);
  return is_ready(end, event) && disarm(end, event);
}

static void
tell_of_end(struct end *end)
{
  tell_if_armed(end, TRANSPORT_RECEIVE);
  tell_if_armed(end, TRANSPORT_SEND);
}

static void
end_shutdown(struct transport *t)
{
  struct end *end = (struct end *)t;

  atomic_store(&end->pair->is_over, true);
  tell_of_end(end->peer);
  tell_of_end(end);
}

static void
end_close(struct transport *t)
{
  struct end *end = (struct end *)t;
  struct pair *pair = end->pair;

  atomic_store(&pair->is_over, true);
  tell_of_end(end->peer);
  rtems_mutex_lock(&end->lock);
  end->watcher.notify = NULL;
  rtems_mutex_unlock(&end->lock);
  if (atomic_fetch_sub(&pair->users, 1) == 1) {
    rtems_mutex_destroy(&pair->ends[0].lock);
    rtems_mutex_destroy(&pair->ends[1].lock);
    free(pair);
  }
}

static const struct transport_ops end_ops = {
  .send = end_send,
  .receive = end_receive,
  .watch = end_watch,
  .arm = end_arm,
  .shutdown = end_shutdown,
  .close = end_close
};

static void
end_init(struct pair *pair, unsigned which)
{
  struct end *end = &pair->ends[which];

  end->transport.ops = &end_ops;
  end->pair = pair;
  end->peer = &pair->ends[1 - which];
  end->in = &pair->rings[which];
  end->out = &pair->rings[1 - which];
  rtems_mutex_init(&end->lock, "rump mem end");
}

static struct pair *
pair_create(void)
{
  struct pair *pair = calloc(1, sizeof(*pair));

  if (pair != NULL) {
    end_init(pair, 0);
    end_init(pair, 1);
    atomic_init(&pair->users, 2);
  }
  return pair;
}

/* With the registry locked, as all that follows. */
static struct listener **
find(const char *name)
{
  struct listener **l = &listeners;

  while (*l != NULL && strcmp((*l)->name, name) != 0) {
    l = &(*l)->next;
  }
  return l;
}

static int
listener_accept(struct transport *t, struct transport **connection)
{
  struct listener *l = (struct listener *)t;
  struct end *end;

  rtems_mutex_lock(&registry_lock);
  end = l->first;
  if (end != NULL) {
    l->first = end->next;
    --l->waiting;
  }
  rtems_mutex_unlock(&registry_lock);
  if (end == NULL) {
    return EAGAIN;
  }
  *connection = &end->transport;
  return 0;
}

static void
listener_watch(struct transport *t, const struct transport_watcher *watcher)
{
  struct listener *l = (struct listener *)t;

  rtems_mutex_lock(&registry_lock);
  l->watcher = *watcher;
  rtems_mutex_unlock(&registry_lock);
}

static bool
listener_arm(struct transport *t, enum transport_event event)
{
  struct listener *l = (struct listener *)t;
  bool is_ready;

  (void)event;
  rtems_mutex_lock(&registry_lock);
  is_ready = l->first != NULL;
  l->armed = !is_ready;
  rtems_mutex_unlock(&registry_lock);
  return is_ready;
}

static void
listener_close(struct transport *t)
{
  struct listener *l = (struct listener *)t;
  struct listener **p;

  rtems_mutex_lock(&registry_lock);
  for (p = &listeners; *p != l; p = &(*p)->next) {
  }
  *p = l->next;
  rtems_mutex_unlock(&registry_lock);
  while (l->first != NULL) {
    struct end *end = l->first;

    l->first = end->next;
    end_close(&end->transport);
  }
  free(l);
}

static void
listener_shutdown(struct transport *t)
{
  (void)t;
}

static const struct transport_ops listener_ops = {
  .accept = listener_accept,
  .watch = listener_watch,
  .arm = listener_arm,
  .shutdown = listener_shutdown,
  .close = listener_close
};

int
memory_listen(const char *address, struct transport **listener)
{
  struct listener *l;
  bool is_free;

  if (strlen(address) >= NAME_SIZE) {
    return EINVAL;
  }
  l = calloc(1, sizeof(*l));
  if (l == NULL) {
    return ENOMEM;
  }
  l->transport.ops = &listener_ops;
  strcpy(l->name, address);
  rtems_mutex_lock(&registry_lock);
  is_free = *find(address) == NULL;
  if (is_free) {
    l->next = listeners;
    listeners = l;
  }
  rtems_mutex_unlock(&registry_lock);
  if (!is_free) {
    free(l);
    return EADDRINUSE;
  }
  *listener = &l->transport;
  return 0;
}

static void
append(struct listener *l, struct end *end)
{
  struct end **p = &l->first;

  while (*p != NULL) {
    p = &(*p)->next;
  }
  *p = end;
  ++l->waiting;
  if (l->armed) {
    l->armed = false;
    (*l->watcher.notify)(TRANSPORT_RECEIVE, l->watcher.arg);
  }
}

int
memory_connect(const char *address, struct transport **connection)
{
  struct pair *pair = pair_create();
  struct listener *l;
  int error = 0;

  if (pair == NULL) {
    return ENOMEM;
  }
  rtems_mutex_lock(&registry_lock);
  l = *find(address);
  if (l == NULL) {
    error = ECONNREFUSED;
  } else if (l->waiting >= BACKLOG) {
    error = EAGAIN;
  } else {
    append(l, &pair->ends[1]);
  }
  rtems_mutex_unlock(&registry_lock);
  if (error != 0) {
    free(pair);
    return error;
  }
  *connection = &pair->ends[0].transport;
  return 0;
}
