/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * mem://name: connections within one image.
 *
 * A connection has a ring in each direction, with one writer and one reader,
 * which need no lock: each counter is written by one side only.  A side that
 * is to be told leaves a bit, and whoever takes the bit away tells it.  Either
 * the one who arms looks at the ring after that and finds what there is, or
 * the other end finds the bit.
 *
 * A system call needs no ring: the client leaves it in one of a few slots, and
 * the server reads and writes the client's memory itself, as long as that has
 * not left the call.  That it does when the connection ends.
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

/* Calls without frames at a time. */
#define SLOTS 8

enum slot_state {
  /* Also while it is free. */
  SLOT_IS_ANSWERED,
  SLOT_IS_ASKED,
  /* The client's memory is in use, and it leaves after that. */
  SLOT_IS_USED,
  SLOT_IS_TO_BE_LEFT,
  /* The client has left, and the server has not. */
  SLOT_IS_ABANDONED
};

struct slot {
  struct transport_call call;
  struct pair *pair;
  atomic_int state;
  rtems_binary_semaphore woken;

  /* Held while the server is told. */
  rtems_mutex asking;
};

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

  /* Of calls of the first end; bits of those that are free. */
  struct slot slots[SLOTS];
  atomic_uint free_slots;
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

static bool
is_under_way(int state)
{
  return state != SLOT_IS_ANSWERED && state != SLOT_IS_ABANDONED;
}

/* One of them looks what has come; who has just left does that, too. */
static void
wake_a_caller(struct pair *pair)
{
  unsigned i;

  for (i = 0; i < SLOTS; ++i) {
    struct slot *slot = &pair->slots[i];

    if (is_under_way(atomic_load(&slot->state))) {
      rtems_binary_semaphore_post(&slot->woken);
      return;
    }
  }
}

static void
tell(struct end *end, enum transport_event event)
{
  rtems_mutex_lock(&end->lock);
  if (end->watcher.notify != NULL) {
    (*end->watcher.notify)(event, end->watcher.arg);
    if (event == TRANSPORT_RECEIVE && end == &end->pair->ends[0]) {
      wake_a_caller(end->pair);
    }
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

static struct slot *
take_slot(struct pair *pair)
{
  unsigned bits = atomic_load_explicit(
    &pair->free_slots, memory_order_relaxed);

  while (bits != 0) {
    if (atomic_compare_exchange_weak_explicit(
          &pair->free_slots,
          &bits,
          bits & (bits - 1),
          memory_order_acquire,
          memory_order_relaxed
        )) {
      return &pair->slots[__builtin_ctz(bits)];
    }
  }
  return NULL;
}

static void
give_slot(struct slot *slot)
{
  unsigned i = (unsigned)(slot - slot->pair->slots);

  (void)atomic_fetch_or_explicit(
    &slot->pair->free_slots, 1u << i, memory_order_release);
}

/* Whoever ends the connection finds the slot, or is found here. */
static int
ask(struct end *server, struct slot *slot)
{
  int error = ENOTCONN;

  rtems_mutex_lock(&slot->asking);
  atomic_store(&slot->state, SLOT_IS_ASKED);
  if (!atomic_load(&slot->pair->is_over)) {
    error = (*server->watcher.call)(&slot->call, server->watcher.arg);
  }
  if (error != 0) {
    atomic_store(&slot->state, SLOT_IS_ANSWERED);
  }
  rtems_mutex_unlock(&slot->asking);
  return error;
}

/* Who has sent something has either found a call that it woke, or not. */
static void
look(struct end *end, const struct transport_question *question)
{
  if (atomic_load(&end->in->written)
      != atomic_load_explicit(&end->in->read, memory_order_relaxed)) {
    (*question->look)(question->arg);
  }
}

static int
wait_for_answer(
  struct end                      *end,
  struct slot                     *slot,
  const struct transport_question *question
)
{
  int state;

  do {
    look(end, question);
    rtems_binary_semaphore_wait(&slot->woken);
    state = atomic_load(&slot->state);
  } while (is_under_way(state));
  look(end, question);
  return state;
}

/* Who gives less than the call has, gives zero: so does a frame. */
static void
put_question(
  struct transport_call *call, const struct transport_question *question)
{
  if (question->size < call->size) {
    memset(
      call->arguments + question->size, 0, call->size - question->size);
  }
  call->number = question->number;
  call->size = question->size;
  if (question->size > 0) {
    memcpy(call->arguments, question->arguments, question->size);
  }
}

static void
take_answer(
  const struct transport_call *call, struct transport_question *question)
{
  question->failure = call->failure;
  question->error = call->error;
  question->values[0] = call->values[0];
  question->values[1] = call->values[1];
}

static bool
end_call(struct transport *t, struct transport_question *question)
{
  struct end *end = (struct end *)t;
  struct slot *slot;

  if (end->peer->watcher.call == NULL
      || (slot = take_slot(end->pair)) == NULL) {
    return false;
  }
  put_question(&slot->call, question);
  question->failure = ask(end->peer, slot);
  if (question->failure != 0) {
    give_slot(slot);
  } else if (wait_for_answer(end, slot, question) == SLOT_IS_ANSWERED) {
    take_answer(&slot->call, question);
    give_slot(slot);
  } else {
    question->failure = ENOTCONN;
  }
  return true;
}

/* Returns false if it had another one. */
static bool
change_state(struct slot *slot, int from, int to, memory_order order)
{
  return atomic_compare_exchange_strong_explicit(
    &slot->state, &from, to, order, memory_order_relaxed);
}

static bool
slot_hold(struct transport_call *call)
{
  return change_state(
    (struct slot *)call, SLOT_IS_ASKED, SLOT_IS_USED, memory_order_acquire);
}

static void
slot_let_go(struct transport_call *call)
{
  struct slot *slot = (struct slot *)call;

  if (!change_state(
        slot, SLOT_IS_USED, SLOT_IS_ASKED, memory_order_release)) {
    atomic_store(&slot->state, SLOT_IS_ABANDONED);
    rtems_binary_semaphore_post(&slot->woken);
  }
}

static void
slot_answer(struct transport_call *call)
{
  struct slot *slot = (struct slot *)call;

  if (change_state(
        slot, SLOT_IS_ASKED, SLOT_IS_ANSWERED, memory_order_release)) {
    rtems_binary_semaphore_post(&slot->woken);
  } else {
    give_slot(slot);
  }
}

static bool
leave_from(struct slot *slot, int from, int to)
{
  return change_state(slot, from, to, memory_order_acq_rel);
}

/* A server that has gone uses nothing any more. */
static bool
leave_used(struct slot *slot, bool server_has_gone)
{
  return server_has_gone
    ? leave_from(slot, SLOT_IS_USED, SLOT_IS_ABANDONED)
      || leave_from(slot, SLOT_IS_TO_BE_LEFT, SLOT_IS_ABANDONED)
    : leave_from(slot, SLOT_IS_USED, SLOT_IS_TO_BE_LEFT) && false;
}

/* Whether its memory is in use may change meanwhile, over and over again. */
static bool
leave(struct slot *slot, bool server_has_gone)
{
  bool is_left;
  int state;

  do {
    is_left = leave_from(slot, SLOT_IS_ASKED, SLOT_IS_ABANDONED)
      || leave_used(slot, server_has_gone);
    state = atomic_load(&slot->state);
  } while (state == SLOT_IS_ASKED || state == SLOT_IS_USED);
  return is_left;
}

static void
abandon(struct slot *slot, bool server_has_gone)
{
  bool is_left;

  rtems_mutex_lock(&slot->asking);
  is_left = leave(slot, server_has_gone);
  rtems_mutex_unlock(&slot->asking);
  if (is_left) {
    rtems_binary_semaphore_post(&slot->woken);
  }
}

static void
end_calls(struct pair *pair, bool server_has_gone)
{
  unsigned i;

  atomic_store(&pair->is_over, true);
  for (i = 0; i < SLOTS; ++i) {
    abandon(&pair->slots[i], server_has_gone);
  }
}

static void
end_shutdown(struct transport *t)
{
  struct end *end = (struct end *)t;

  end_calls(end->pair, false);
  tell_of_end(end->peer);
  tell_of_end(end);
}

static void
pair_destroy(struct pair *pair)
{
  unsigned i;

  for (i = 0; i < SLOTS; ++i) {
    rtems_binary_semaphore_destroy(&pair->slots[i].woken);
    rtems_mutex_destroy(&pair->slots[i].asking);
  }
  rtems_mutex_destroy(&pair->ends[0].lock);
  rtems_mutex_destroy(&pair->ends[1].lock);
  free(pair);
}

static void
end_close(struct transport *t)
{
  struct end *end = (struct end *)t;
  struct pair *pair = end->pair;

  end_calls(pair, end == &pair->ends[1]);
  tell_of_end(end->peer);
  rtems_mutex_lock(&end->lock);
  end->watcher.notify = NULL;
  rtems_mutex_unlock(&end->lock);
  if (atomic_fetch_sub(&pair->users, 1) == 1) {
    pair_destroy(pair);
  }
}

static const struct transport_ops end_ops = {
  .send = end_send,
  .receive = end_receive,
  .watch = end_watch,
  .arm = end_arm,
  .shutdown = end_shutdown,
  .close = end_close,
  .call = end_call,
  .hold = slot_hold,
  .let_go = slot_let_go,
  .answer = slot_answer
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

static void
slot_init(struct pair *pair, struct slot *slot)
{
  slot->pair = pair;
  rtems_binary_semaphore_init(&slot->woken, "rump mem call");
  rtems_mutex_init(&slot->asking, "rump mem ask");
}

static struct pair *
pair_create(void)
{
  struct pair *pair = calloc(1, sizeof(*pair));
  unsigned i;

  if (pair != NULL) {
    end_init(pair, 0);
    end_init(pair, 1);
    for (i = 0; i < SLOTS; ++i) {
      slot_init(pair, &pair->slots[i]);
    }
    atomic_init(&pair->free_slots, (1u << SLOTS) - 1);
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
    pair_destroy(pair);
    return error;
  }
  *connection = &pair->ends[0].transport;
  return 0;
}
