/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Sessions: from the connection of a client to its end, and what is sent.
 */

#include "server.h"

#include <errno.h>
#include <string.h>

/* Small blocks go back to where they come from. */
_Static_assert(sizeof(struct session) <= 2048, "a session is a small block");

static void
notify(enum transport_event event, void *arg)
{
  struct session *session = arg;

  if (event == TRANSPORT_RECEIVE) {
    token_pass(session);
  } else {
    sleeper_wake(&session->room);
  }
}

static void
session_init(
  struct session *session, struct transport *transport, uint32_t rules)
{
  struct transport_watcher watcher = { notify, session, session_call };

  memset(session, 0, sizeof(*session));
  session->transport = transport;
  frame_begin(&session->frame);
  lock_init(&session->sending, "rump sp send");
  lock_init(&session->kernel, "rump sp lwp");
  sleeper_init(&session->room);
  session->rules = rules;
  session->access = access_of_guest(rules);
  session->incoming.request.session = session;
  session->incoming.request.payload = session->incoming.payload;
  session->ready.owner = session;
  session->stranger.owner = session;
  session->references = 1;
  session->last = &session->first;
  session->idle.last = &session->idle.first;
  server_deadline(&session->handshake_deadline);
  transport_watch(transport, &watcher);
}

/* Gives it a place, from which its id tells. */
static bool
session_insert(struct session *session)
{
  struct waitq_context ctx;
  bool has_place;

  server_lock(&ctx);
  has_place = server.free_session_count > 0;
  if (has_place) {
    unsigned place = server.free_sessions[--server.free_session_count];

    ++server.ids;
    if (server.ids >= UINTPTR_MAX / server_config.clients) {
      server.ids = 1;
    }
    session->id = server.ids * server_config.clients + place;
    server.sessions[place] = session;
    list_append(&server.strangers, &session->stranger);
  }
  server_unlock(&ctx);
  return has_place;
}

static void
session_remove(struct session *session)
{
  struct waitq_context ctx;
  unsigned place = (unsigned)(session->id % server_config.clients);

  server_lock(&ctx);
  list_remove(&server.strangers, &session->stranger);
  session_leave_forks(session);
  server.sessions[place] = NULL;
  server.free_sessions[server.free_session_count++] = place;
  server_unlock(&ctx);
}

bool
session_create(struct transport *transport, uint32_t rules)
{
  struct session *session = memory_allocate(sizeof(*session));

  if (session == NULL) {
    transport_close(transport);
    return false;
  }
  session_init(session, transport, rules);
  if (!session_insert(session)) {
    transport_close(transport);
    memory_release(session, sizeof(*session));
    return false;
  }
  if (!session_greet(session)) {
    transport_shutdown(transport);
  }
  token_return(session);
  return true;
}

struct session *
session_find(uintptr_t id)
{
  struct waitq_context ctx;
  struct session *session = NULL;

  if (server.sessions == NULL) {
    return NULL;
  }
  server_lock(&ctx);
  session = server.sessions[id % server_config.clients];
  if (session != NULL
      && (session->id != id || session->state == SESSION_IS_OVER)) {
    session = NULL;
  }
  if (session != NULL) {
    ++session->references;
  }
  server_unlock(&ctx);
  return session;
}

bool
session_drop(struct session *session)
{
  bool is_last = --session->references == 0;

  if (is_last) {
    session->next = server.ended;
    server.ended = session;
  }
  return is_last;
}

void
session_release(struct session *session)
{
  struct waitq_context ctx;
  bool is_last;

  server_lock(&ctx);
  is_last = session_drop(session);
  server_unlock(&ctx);
  if (is_last) {
    server_tell_main();
  }
}

static void
release_process(struct session *session)
{
  (*hypercall_up.hyp_schedule)();
  (*hypercall_up.hyp_lwproc_switch)(session->main_lwp);
  (*hypercall_up.hyp_unschedule)();
  (*hypercall_up.hyp_schedule)();
  (*hypercall_up.hyp_lwproc_release)();
  (*hypercall_up.hyp_unschedule)();
}

void
session_destroy(struct session *session)
{
  if (session->main_lwp != NULL) {
    release_process(session);
  }
  transport_close(session->transport);
  session_remove(session);
  waitq_settle(&session->room.queue);
  memory_release(session, sizeof(*session));
}

/* A client that takes nothing for too long has left. */
static bool
wait_for_room(struct session *session, const struct timespec *deadline)
{
  return transport_arm(session->transport, TRANSPORT_SEND)
    || sleeper_wait(&session->room, deadline);
}

static bool
send_all(struct session *session, struct iovec *parts, int count)
{
  struct timespec deadline;

  server_deadline(&deadline);
  while (count > 0) {
    size_t sent;
    int error = transport_send(session->transport, parts, count, &sent);

    if (error == 0) {
      count = frame_advance(&parts, count, sent);
      server_deadline(&deadline);
    } else if (error != EAGAIN || !wait_for_room(session, &deadline)) {
      return false;
    }
  }
  return true;
}

/* The last one: their order does not matter. */
static bool
take_refusal(struct session *session, struct refusal *refusal)
{
  struct waitq_context ctx;
  bool is_there;

  server_lock(&ctx);
  is_there = session->refused > 0;
  if (is_there) {
    *refusal = session->refusals[--session->refused];
  }
  server_unlock(&ctx);
  return is_there;
}

static bool
has_refusals(struct session *session)
{
  struct waitq_context ctx;
  bool has;

  server_lock(&ctx);
  has = session->refused > 0;
  server_unlock(&ctx);
  return has;
}

/* There is room, or the client does not take what it should. */
static void
send_small(
  struct session   *session,
  struct sp_header *header,
  const void       *data,
  size_t            size
)
{
  struct iovec parts[2];
  int count = frame_parts(parts, header, data, size);
  size_t sent = 0;

  (void)transport_send(session->transport, parts, count, &sent);
  if (sent != header->size) {
    transport_shutdown(session->transport);
  }
}

static void
send_refusal(struct session *session, const struct refusal *refusal)
{
  struct sp_header header = {
    .number = refusal->number,
    .class = SP_ERROR,
    .what = refusal->error
  };

  send_small(session, &header, NULL, 0);
}

/* Who finds that another task is sending leaves them to that. */
static void
send_refusals(struct session *session)
{
  struct refusal refusal;

  while (has_refusals(session) && lock_try(&session->sending)) {
    while (take_refusal(session, &refusal)) {
      send_refusal(session, &refusal);
    }
    lock_exit(&session->sending);
  }
}

/* What carries out a call of this client by frames, and is not answered. */
static struct worker *
gathering_worker(const struct session *session)
{
  struct worker *worker = pool_self();

  return worker != NULL && worker->request != NULL
    && worker->request->session == session && worker->request->call == NULL
    && !worker->is_answered ? worker : NULL;
}

bool
session_gather(
  struct session   *session,
  struct sp_header *header,
  const void       *fixed,
  size_t            fixed_size,
  const void       *data,
  size_t            data_size
)
{
  struct worker *worker = gathering_worker(session);
  unsigned char *to;

  header->size = sizeof(*header) + fixed_size + data_size;
  if (worker == NULL) {
    return false;
  }
  carried_forget(&worker->own);
  if (header->size > GATHERED_SIZE - worker->gathered) {
    return false;
  }
  to = worker_frames(worker) + worker->gathered;
  memcpy(to, header, sizeof(*header));
  memcpy(to + sizeof(*header), fixed, fixed_size);
  memcpy(to + sizeof(*header) + fixed_size, data, data_size);
  worker->gathered += (size_t)header->size;
  return true;
}

/* What is gathered comes before the next frame. */
static struct iovec
take_gathered(const struct session *session)
{
  struct worker *worker = gathering_worker(session);
  struct iovec part = { NULL, 0 };

  if (worker != NULL) {
    part = (struct iovec){ worker_frames(worker), worker->gathered };
    worker->gathered = 0;
  }
  return part;
}

/* Of a frame that is cut off nothing more can be sent. */
bool
session_send(
  struct session   *session,
  struct sp_header *header,
  const void       *fixed,
  size_t            fixed_size,
  const void       *data,
  size_t            data_size
)
{
  struct iovec parts[] = {
    take_gathered(session),
    { header, sizeof(*header) },
    { (void *)(uintptr_t)fixed, fixed_size },
    { (void *)(uintptr_t)data, data_size }
  };
  int count = data_size > 0 ? 4 : fixed_size > 0 ? 3 : 2;
  bool is_sent;

  header->size = sizeof(*header) + fixed_size + data_size;
  lock_enter(&session->sending);
  is_sent = send_all(session, parts, count);
  lock_exit(&session->sending);
  if (!is_sent) {
    transport_shutdown(session->transport);
  }
  send_refusals(session);
  return is_sent;
}

void
session_send_now(
  struct session   *session,
  struct sp_header *header,
  const void       *data,
  size_t            size
)
{
  lock_enter(&session->sending);
  send_small(session, header, data, size);
  lock_exit(&session->sending);
  send_refusals(session);
}

void
session_refuse(struct session *session, uint64_t number, enum sp_error error)
{
  struct waitq_context ctx;
  bool has_room;

  server_lock(&ctx);
  has_room = session->refused < REFUSALS_MAX;
  if (has_room) {
    session->refusals[session->refused++] =
      (struct refusal){ number, error };
  }
  server_unlock(&ctx);
  if (has_room) {
    send_refusals(session);
  } else {
    transport_shutdown(session->transport);
  }
}
