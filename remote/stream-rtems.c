/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Sockets of RTEMS as transports, whatever stack they are of: a kernel's, also
 * the one that is served, or another.
 *
 * Who is served or served by a transport never enters the stack: it is a
 * thread of a kernel, which may end at any time, or be the one that the stack
 * needs.  Tasks do that: of a connection one receives and one sends, of a
 * listener one accepts.  They wait in the stack itself, and what goes through
 * is in buffers between.  If one has to leave a call that does not end, a task
 * of all sockets, the ender, shuts the socket down.
 */

#include "prefix.h"
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rtems.h>
#include <rtems/thread.h>

/* A power of two. */
#define BUFFER_SIZE (size_t)8192

/* Of a task that makes calls into a kernel. */
#define STACK_SIZE (16 * 1024)

/* Connections that wait to be accepted. */
#define WAITING_MAX 4

/*
 * The stack has so long for what is still to be sent when a connection ends,
 * and a peer to take the last answer of a kernel.
 */
#define LINGER_MS 1000
#define LAST_ANSWER_MS 10000

/* Counters run on over the size of the buffer. */
struct buffer {
  size_t written, read;
  unsigned char data[BUFFER_SIZE];
};

struct stream {
  struct transport transport;
  int fd;
  rtems_mutex lock;
  void (*destroy)(struct stream *s);

  /*
   * Locked, as all of listeners and connections: nothing goes through any
   * more; its tasks have been told to end; there is a transport; there is no
   * descriptor.
   */
  bool is_over, is_ending, is_owned, is_closed;
  unsigned armed;
  struct transport_watcher watcher;

  /* Tasks that use the descriptor; the last one closes it. */
  unsigned users;

  /* The ender's. */
  bool is_to_be_ended;
  uint64_t deadline;
  struct stream *next;
};

struct connection {
  struct stream stream;
  struct sockaddr_storage peer;
  struct buffer in, out;
  rtems_binary_semaphore has_room, has_data, sent;
  bool is_sent;

  /* Locked: the sender is in the stack; it waits for the peer at the end. */
  bool is_sending, awaits_peer;
  struct connection *next;
};

struct listener {
  struct stream stream;
  struct connection *first;
  unsigned waiting;
  rtems_binary_semaphore has_room;
};

/* Its lock is the inner one. */
static struct {
  rtems_mutex lock;
  rtems_binary_semaphore changed;
  bool has_begun;
  struct stream *first;
} ender = {
  .lock = RTEMS_MUTEX_INITIALIZER("rump stream end"),
  .changed = RTEMS_BINARY_SEMAPHORE_INITIALIZER("rump stream end")
};

static uint64_t
now_ms(void)
{
  return rtems_clock_get_uptime_nanoseconds() / 1000000;
}

static uint32_t
ticks(uint64_t ms)
{
  return (uint32_t)(ms * rtems_clock_get_ticks_per_second() / 1000) + 1;
}

/* At the priority of the caller. */
static int
start_task(rtems_name name, rtems_task_entry entry, void *arg)
{
  rtems_task_priority priority;
  rtems_id id;

  (void)rtems_task_set_priority(RTEMS_SELF, RTEMS_CURRENT_PRIORITY, &priority);
  if (rtems_task_create(
        name,
        priority,
        STACK_SIZE,
        RTEMS_DEFAULT_MODES,
        RTEMS_FLOATING_POINT,
        &id
      ) != RTEMS_SUCCESSFUL) {
    return EAGAIN;
  }
  (void)rtems_task_start(id, entry, (rtems_task_argument)arg);
  return 0;
}

/* With the stream locked, which is released. */
static void
unlock_or_destroy(struct stream *s)
{
  bool is_unused = s->is_closed && !s->is_owned;

  rtems_mutex_unlock(&s->lock);
  if (is_unused) {
    rtems_mutex_destroy(&s->lock);
    (*s->destroy)(s);
  }
}

/* Of a task that uses the descriptor. */
static void
release(struct stream *s)
{
  bool is_last;

  rtems_mutex_lock(&s->lock);
  is_last = --s->users == 0;
  if (is_last) {
    rtems_mutex_unlock(&s->lock);
    (void)close(s->fd);
    rtems_mutex_lock(&s->lock);
    s->is_closed = true;
  }
  unlock_or_destroy(s);
}

/* The first if its time has come, and else how long until then. */
static struct stream *
take_to_be_ended(uint64_t *ms)
{
  struct stream *s;
  uint64_t now = now_ms();

  rtems_mutex_lock(&ender.lock);
  s = ender.first;
  *ms = s == NULL ? UINT64_MAX : s->deadline > now ? s->deadline - now : 0;
  if (*ms > 0) {
    s = NULL;
  } else {
    ender.first = s->next;
    s->is_to_be_ended = false;
  }
  rtems_mutex_unlock(&ender.lock);
  return s;
}

static rtems_task
run_ender(rtems_task_argument arg)
{
  (void)arg;
  for (;;) {
    uint64_t ms;
    struct stream *s = take_to_be_ended(&ms);

    if (s != NULL) {
      (void)shutdown(s->fd, SHUT_RDWR);
      release(s);
    } else if (ms == UINT64_MAX) {
      rtems_binary_semaphore_wait(&ender.changed);
    } else {
      (void)rtems_binary_semaphore_wait_timed_ticks(
        &ender.changed, ticks(ms));
    }
  }
}

static int
begin_ender(void)
{
  int error = 0;

  rtems_mutex_lock(&ender.lock);
  if (!ender.has_begun) {
    error = start_task(
      rtems_build_name('T', 'C', 'P', 'E'), run_ender, NULL);
    ender.has_begun = error == 0;
  }
  rtems_mutex_unlock(&ender.lock);
  return error;
}

/* With the stream locked: its tasks have to end in time. */
static void
end_later(struct stream *s, uint64_t ms)
{
  struct stream **p;

  if (s->is_ending || s->users == 0) {
    return;
  }
  s->is_ending = true;
  ++s->users;
  s->deadline = now_ms() + ms;
  rtems_mutex_lock(&ender.lock);
  for (p = &ender.first; *p != NULL && (*p)->deadline <= s->deadline;
      p = &(*p)->next) {
  }
  s->next = *p;
  *p = s;
  s->is_to_be_ended = true;
  rtems_mutex_unlock(&ender.lock);
  rtems_binary_semaphore_post(&ender.changed);
}

/* By the task that the ender would have to get out of its call. */
static void
ends_by_itself(struct stream *s)
{
  struct stream **p;
  bool was_listed;

  rtems_mutex_lock(&s->lock);
  s->is_ending = true;
  rtems_mutex_lock(&ender.lock);
  was_listed = s->is_to_be_ended;
  if (was_listed) {
    for (p = &ender.first; *p != s; p = &(*p)->next) {
    }
    *p = s->next;
    s->is_to_be_ended = false;
    --s->users;
  }
  rtems_mutex_unlock(&ender.lock);
  rtems_mutex_unlock(&s->lock);
}

/* With the stream locked, as the watcher is called. */
static void
tell(struct stream *s, enum transport_event event)
{
  if ((s->armed & event) != 0) {
    s->armed &= ~(unsigned)event;
    (*s->watcher.notify)(event, s->watcher.arg);
  }
}

static void
stream_watch(struct transport *t, const struct transport_watcher *watcher)
{
  struct stream *s = (struct stream *)t;

  rtems_mutex_lock(&s->lock);
  s->watcher = *watcher;
  rtems_mutex_unlock(&s->lock);
}

/* Takes the descriptor; the transport and the tasks are its users. */
static void
stream_init(
  struct stream *s, int fd, unsigned tasks, const struct transport_ops *ops,
  void (*destroy)(struct stream *s))
{
  s->transport.ops = ops;
  s->fd = fd;
  s->destroy = destroy;
  s->is_owned = true;
  s->users = tasks;
  rtems_mutex_init(&s->lock, "rump stream");
}

static size_t
used(const struct buffer *b)
{
  return b->written - b->read;
}

/* In one piece, of what is there and of what is free. */
static size_t
piece(size_t at, size_t size)
{
  size_t left = BUFFER_SIZE - at % BUFFER_SIZE;

  return size < left ? size : left;
}

/* With the connection locked.  What is to be sent still is. */
static void
connection_is_over(struct connection *c)
{
  c->stream.is_over = true;
  rtems_binary_semaphore_post(&c->has_room);
  rtems_binary_semaphore_post(&c->has_data);
  tell(&c->stream, TRANSPORT_RECEIVE);
  tell(&c->stream, TRANSPORT_SEND);
}

/* With the connection locked, which is released meanwhile. */
static void
receive_some(struct connection *c)
{
  size_t size = piece(c->in.written, BUFFER_SIZE - used(&c->in));
  unsigned char *to = c->in.data + c->in.written % BUFFER_SIZE;
  ssize_t n;

  rtems_mutex_unlock(&c->stream.lock);
  if (size == 0) {
    rtems_binary_semaphore_wait(&c->has_room);
    rtems_mutex_lock(&c->stream.lock);
    return;
  }
  do {
    n = recv(c->stream.fd, to, size, 0);
  } while (n < 0 && errno == EINTR);
  rtems_mutex_lock(&c->stream.lock);
  if (n > 0) {
    c->in.written += (size_t)n;
    tell(&c->stream, TRANSPORT_RECEIVE);
  } else {
    connection_is_over(c);
  }
}

static rtems_task
run_receiver(rtems_task_argument arg)
{
  struct connection *c = (struct connection *)arg;

  rtems_mutex_lock(&c->stream.lock);
  while (!c->stream.is_over) {
    receive_some(c);
  }
  rtems_mutex_unlock(&c->stream.lock);
  release(&c->stream);
  rtems_task_exit();
}

static uint64_t
time_to_end(const struct connection *c)
{
  return c->awaits_peer ? LAST_ANSWER_MS : LINGER_MS;
}

/* With the connection locked: only who is in the stack has to be got out. */
static void
sender_ends_later(struct connection *c)
{
  if (c->is_sending && c->stream.is_over) {
    end_later(&c->stream, time_to_end(c));
  }
}

/*
 * The same.  However late this task gets a processor, the time for what is to
 * be sent begins with the call.
 */
static void
send_some(struct connection *c)
{
  size_t size = piece(c->out.read, used(&c->out));
  const unsigned char *from = c->out.data + c->out.read % BUFFER_SIZE;
  ssize_t n;

  c->is_sending = size > 0;
  sender_ends_later(c);
  rtems_mutex_unlock(&c->stream.lock);
  if (size == 0) {
    rtems_binary_semaphore_wait(&c->has_data);
    rtems_mutex_lock(&c->stream.lock);
    return;
  }
  do {
    n = send(c->stream.fd, from, size, 0);
  } while (n < 0 && errno == EINTR);
  rtems_mutex_lock(&c->stream.lock);
  c->is_sending = false;
  if (n > 0) {
    c->out.read += (size_t)n;
    tell(&c->stream, TRANSPORT_SEND);
  } else {
    c->out.read = c->out.written;
    connection_is_over(c);
  }
}

/*
 * That the stack has got all says little: if it ends, too, or is the peer's as
 * well, nobody reads it any more.
 */
static void
await_peer(struct connection *c)
{
  char rest[64];
  ssize_t n;

  rtems_mutex_lock(&c->stream.lock);
  end_later(&c->stream, time_to_end(c));
  rtems_mutex_unlock(&c->stream.lock);
  (void)shutdown(c->stream.fd, SHUT_WR);
  do {
    n = recv(c->stream.fd, rest, sizeof(rest), 0);
  } while (n > 0 || (n < 0 && errno == EINTR));
}

/* The receiver is got out of its call when all is sent. */
static rtems_task
run_sender(rtems_task_argument arg)
{
  struct connection *c = (struct connection *)arg;
  bool awaits_peer;

  rtems_mutex_lock(&c->stream.lock);
  while (!c->stream.is_over || used(&c->out) > 0) {
    send_some(c);
  }
  awaits_peer = c->awaits_peer;
  rtems_mutex_unlock(&c->stream.lock);
  if (awaits_peer) {
    await_peer(c);
  }
  (void)shutdown(c->stream.fd, SHUT_RDWR);
  ends_by_itself(&c->stream);
  rtems_mutex_lock(&c->stream.lock);
  c->is_sent = true;
  rtems_binary_semaphore_post(&c->sent);
  rtems_mutex_unlock(&c->stream.lock);
  release(&c->stream);
  rtems_task_exit();
}

/* Copies to or from the buffer, in two parts where it ends between. */
static void
put(struct buffer *b, const unsigned char *from, size_t size)
{
  size_t first = piece(b->written, size);

  memcpy(b->data + b->written % BUFFER_SIZE, from, first);
  memcpy(b->data, from + first, size - first);
  b->written += size;
}

static void
get(struct buffer *b, unsigned char *to, size_t size)
{
  size_t first = piece(b->read, size);

  memcpy(to, b->data + b->read % BUFFER_SIZE, first);
  memcpy(to + first, b->data, size - first);
  b->read += size;
}

static int
connection_send(
  struct transport *t, const struct iovec *parts, int count, size_t *sent)
{
  struct connection *c = (struct connection *)t;
  size_t before;
  bool is_over;
  int i;

  rtems_mutex_lock(&c->stream.lock);
  before = c->out.written;
  is_over = c->stream.is_over;
  for (i = 0; i < count && !is_over; ++i) {
    size_t room = BUFFER_SIZE - used(&c->out);
    size_t size = parts[i].iov_len < room ? parts[i].iov_len : room;

    put(&c->out, parts[i].iov_base, size);
  }
  *sent = c->out.written - before;
  rtems_binary_semaphore_post(&c->has_data);
  rtems_mutex_unlock(&c->stream.lock);
  return is_over ? ENOTCONN : *sent > 0 ? 0 : EAGAIN;
}

/* What came before the end is still received. */
static int
connection_receive(
  struct transport *t, void *to, size_t size, size_t *received)
{
  struct connection *c = (struct connection *)t;
  bool is_over;

  rtems_mutex_lock(&c->stream.lock);
  is_over = c->stream.is_over;
  size = size < used(&c->in) ? size : used(&c->in);
  get(&c->in, to, size);
  rtems_binary_semaphore_post(&c->has_room);
  rtems_mutex_unlock(&c->stream.lock);
  *received = size;
  return size > 0 ? 0 : is_over ? ENOTCONN : EAGAIN;
}

static bool
connection_arm(struct transport *t, enum transport_event event)
{
  struct connection *c = (struct connection *)t;
  bool is_ready;

  rtems_mutex_lock(&c->stream.lock);
  is_ready = c->stream.is_over || (event == TRANSPORT_RECEIVE
    ? used(&c->in) > 0 : used(&c->out) < BUFFER_SIZE);
  if (!is_ready) {
    c->stream.armed |= event;
  }
  rtems_mutex_unlock(&c->stream.lock);
  return is_ready;
}

static void
connection_shutdown(struct transport *t)
{
  struct connection *c = (struct connection *)t;

  rtems_mutex_lock(&c->stream.lock);
  connection_is_over(c);
  sender_ends_later(c);
  rtems_mutex_unlock(&c->stream.lock);
}

static void
connection_finish(struct transport *t)
{
  struct connection *c = (struct connection *)t;

  rtems_mutex_lock(&c->stream.lock);
  c->awaits_peer = true;
  rtems_mutex_unlock(&c->stream.lock);
  connection_shutdown(t);
}

static void
connection_close(struct transport *t)
{
  struct connection *c = (struct connection *)t;

  rtems_mutex_lock(&c->stream.lock);
  c->stream.armed = 0;
  c->stream.is_owned = false;
  connection_is_over(c);
  sender_ends_later(c);
  unlock_or_destroy(&c->stream);
}

static int
connection_peer(struct transport *t, const char *prefix)
{
  struct connection *c = (struct connection *)t;

  return prefix_match((const struct sockaddr *)&c->peer, prefix);
}

static bool
connection_linger(struct transport *t)
{
  struct connection *c = (struct connection *)t;
  uint64_t ms;
  bool is_sent;

  rtems_mutex_lock(&c->stream.lock);
  is_sent = c->is_sent;
  ms = time_to_end(c);
  rtems_mutex_unlock(&c->stream.lock);
  return is_sent || rtems_binary_semaphore_wait_timed_ticks(
    &c->sent, ticks(ms)) == 0;
}

static const struct transport_ops connection_ops = {
  .send = connection_send,
  .receive = connection_receive,
  .watch = stream_watch,
  .arm = connection_arm,
  .shutdown = connection_shutdown,
  .close = connection_close,
  .peer = connection_peer,
  .finish = connection_finish,
  .linger = connection_linger
};

static void
connection_destroy(struct stream *s)
{
  struct connection *c = (struct connection *)s;

  rtems_binary_semaphore_destroy(&c->has_room);
  rtems_binary_semaphore_destroy(&c->has_data);
  rtems_binary_semaphore_destroy(&c->sent);
  free(c);
}

/* With the first task there, but without the second, it ends at once. */
static int
start_connection(struct connection *c)
{
  if (start_task(
        rtems_build_name('T', 'C', 'P', 'O'),
        run_sender,
        c
      ) != 0) {
    (void)close(c->stream.fd);
    rtems_mutex_destroy(&c->stream.lock);
    connection_destroy(&c->stream);
    return EAGAIN;
  }
  if (start_task(
        rtems_build_name('T', 'C', 'P', 'I'),
        run_receiver,
        c
      ) != 0) {
    connection_close(&c->stream.transport);
    release(&c->stream);
    return EAGAIN;
  }
  return 0;
}

static int
make_connection(
  int fd, const struct sockaddr_storage *peer, struct connection **made)
{
  struct connection *c = calloc(1, sizeof(*c));

  if (c == NULL) {
    (void)close(fd);
    return ENOMEM;
  }
  stream_init(&c->stream, fd, 2, &connection_ops, connection_destroy);
  rtems_binary_semaphore_init(&c->has_room, "rump stream in");
  rtems_binary_semaphore_init(&c->has_data, "rump stream out");
  rtems_binary_semaphore_init(&c->sent, "rump stream sent");
  if (peer != NULL) {
    c->peer = *peer;
  }
  *made = c;
  return start_connection(c);
}

int
stream_of_connection(int fd, struct transport **made)
{
  struct connection *c;
  int error = begin_ender();

  if (error != 0) {
    (void)close(fd);
    return error;
  }
  error = make_connection(fd, NULL, &c);
  if (error == 0) {
    *made = &c->stream.transport;
  }
  return error;
}

/* With the listener locked. */
static void
add_connection(struct listener *l, struct connection *c)
{
  struct connection **p = &l->first;

  while (*p != NULL) {
    p = &(*p)->next;
  }
  *p = c;
  ++l->waiting;
  tell(&l->stream, TRANSPORT_RECEIVE);
}

/* Of accept(): the next time it may be different. */
static bool
is_passing(int error)
{
  switch (error) {
    case EINTR:
    case ECONNABORTED:
      return true;
    case ENFILE:
    case EMFILE:
    case ENOMEM:
    case ENOBUFS:
      (void)rtems_task_wake_after(ticks(100));
      return true;
    default:
      return false;
  }
}

/* Returns whether it may go on. */
static bool
accept_one(struct listener *l)
{
  struct sockaddr_storage peer;
  socklen_t size = sizeof(peer);
  struct connection *c;
  int fd;

  memset(&peer, 0, sizeof(peer));
  fd = accept(l->stream.fd, (struct sockaddr *)&peer, &size);
  if (fd < 0) {
    return is_passing(errno);
  }
  stream_set_options(fd);
  if (make_connection(fd, &peer, &c) == 0) {
    rtems_mutex_lock(&l->stream.lock);
    add_connection(l, c);
    rtems_mutex_unlock(&l->stream.lock);
  }
  return true;
}

static bool
wait_for_place(struct listener *l)
{
  bool is_full = true;
  bool is_over = false;

  while (is_full && !is_over) {
    rtems_mutex_lock(&l->stream.lock);
    is_full = l->waiting >= WAITING_MAX;
    is_over = l->stream.is_over;
    rtems_mutex_unlock(&l->stream.lock);
    if (is_full && !is_over) {
      rtems_binary_semaphore_wait(&l->has_room);
    }
  }
  return !is_over;
}

static rtems_task
run_listener(rtems_task_argument arg)
{
  struct listener *l = (struct listener *)arg;

  while (wait_for_place(l) && accept_one(l)) {
  }
  ends_by_itself(&l->stream);
  release(&l->stream);
  rtems_task_exit();
}

static int
listener_accept(struct transport *t, struct transport **connection)
{
  struct listener *l = (struct listener *)t;
  struct connection *c;

  rtems_mutex_lock(&l->stream.lock);
  c = l->first;
  if (c != NULL) {
    l->first = c->next;
    --l->waiting;
    rtems_binary_semaphore_post(&l->has_room);
  }
  rtems_mutex_unlock(&l->stream.lock);
  if (c == NULL) {
    return EAGAIN;
  }
  *connection = &c->stream.transport;
  return 0;
}

static bool
listener_arm(struct transport *t, enum transport_event event)
{
  struct listener *l = (struct listener *)t;
  bool is_ready;

  rtems_mutex_lock(&l->stream.lock);
  is_ready = l->first != NULL;
  if (!is_ready) {
    l->stream.armed |= event;
  }
  rtems_mutex_unlock(&l->stream.lock);
  return is_ready;
}

static void
listener_shutdown(struct transport *t)
{
  (void)t;
}

static void
listener_close(struct transport *t)
{
  struct listener *l = (struct listener *)t;

  rtems_mutex_lock(&l->stream.lock);
  l->stream.armed = 0;
  l->stream.is_owned = false;
  l->stream.is_over = true;
  rtems_binary_semaphore_post(&l->has_room);
  end_later(&l->stream, 0);
  unlock_or_destroy(&l->stream);
}

static int
listener_peer(struct transport *t, const char *prefix)
{
  (void)t;
  return prefix_match(NULL, prefix);
}

static const struct transport_ops listener_ops = {
  .accept = listener_accept,
  .watch = stream_watch,
  .arm = listener_arm,
  .shutdown = listener_shutdown,
  .close = listener_close,
  .peer = listener_peer
};

static void
listener_destroy(struct stream *s)
{
  struct listener *l = (struct listener *)s;

  while (l->first != NULL) {
    struct connection *c = l->first;

    l->first = c->next;
    connection_close(&c->stream.transport);
  }
  rtems_binary_semaphore_destroy(&l->has_room);
  free(l);
}

static int
start_listener(struct listener *l)
{
  int error = begin_ender();

  if (error == 0) {
    error = start_task(
      rtems_build_name('T', 'C', 'P', 'L'), run_listener, l);
  }
  return error;
}

int
stream_of_listener(int fd, struct transport **made)
{
  struct listener *l = calloc(1, sizeof(*l));
  int error = ENOMEM;

  if (l != NULL) {
    stream_init(&l->stream, fd, 1, &listener_ops, listener_destroy);
    rtems_binary_semaphore_init(&l->has_room, "rump stream accept");
    error = start_listener(l);
    if (error != 0) {
      rtems_mutex_destroy(&l->stream.lock);
      listener_destroy(&l->stream);
    }
  }
  if (error != 0) {
    (void)close(fd);
    return error;
  }
  *made = &l->stream.transport;
  return 0;
}
