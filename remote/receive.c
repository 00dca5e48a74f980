/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What comes from clients: each field is checked before it is used, and
 * whatever is not as it must be ends that connection.
 */

#include "server.h"

#include <errno.h>
#include <string.h>

static struct exchange *
find_exchange(struct session *session, uint64_t number)
{
  struct waitq_context ctx;
  struct exchange *e;

  server_lock(&ctx);
  for (e = session->exchanges; e != NULL && e->number != number; e = e->next) {
  }
  server_unlock(&ctx);
  return e;
}

/* Clients answer requests for a string as those for other data. */
static bool
is_answer(
  const struct exchange *e, const struct sp_header *header, size_t size)
{
  switch (e->type) {
    case SP_COPYIN:
      return header->type == SP_COPYIN && size == e->size;
    case SP_COPYINSTR:
      return (header->type == SP_COPYIN || header->type == SP_COPYINSTR)
        && size > 0 && size <= e->size;
    default:
      return header->type == e->type && size == e->size;
  }
}

static enum frame_step
expect_answer(struct session *session, struct frame *frame)
{
  struct exchange *e = find_exchange(session, frame->header.number);
  size_t size = frame_payload(frame);

  if (e == NULL) {
    return FRAME_IS_BAD;
  }
  session->answered = e;
  if (frame->header.class == SP_ERROR) {
    return size == 0 ? FRAME_IS_COMPLETE : FRAME_IS_BAD;
  }
  if (!is_answer(e, &frame->header, size)) {
    return FRAME_IS_BAD;
  }
  frame_expect(frame, e->to, size);
  return FRAME_GOES_ON;
}

/* Of a request that is filled, with the zeros after that. */
static size_t
payload_size(const struct framed_request *request)
{
  return request->filled < ARGUMENTS_ROOM ? ARGUMENTS_ROOM
    : request->filled + 1;
}

size_t
request_size(const struct framed_request *request)
{
  return offsetof(struct framed_request, payload) + payload_size(request);
}

static enum frame_step
expect_request(struct session *session, struct frame *frame)
{
  struct framed_request *framed = &session->incoming;
  struct request *request = &framed->request;
  size_t size = frame_payload(frame);

  session->answered = NULL;
  if (size > (frame->header.type == SP_CARRYING ? SP_CARRYING_SIZE
        : SP_REQUEST_SIZE)) {
    return FRAME_IS_BAD;
  }
  request->header = frame->header;
  request->size = size;
  request->payload = framed->payload;
  framed->filled = size;
  carried_forget(framed);
  memset(framed->payload + size, 0, payload_size(framed) - size);
  frame_expect(frame, framed->payload, size);
  return FRAME_GOES_ON;
}

enum frame_step
session_next_piece(struct frame *frame, void *arg)
{
  if (frame->pieces > 1) {
    return FRAME_IS_COMPLETE;
  }
  switch (frame->header.class) {
    case SP_REQUEST:
      return expect_request(arg, frame);
    case SP_RESPONSE:
    case SP_ERROR:
      return expect_answer(arg, frame);
    default:
      return FRAME_IS_BAD;
  }
}

/* With the server locked: its task is woken later, and leaves only then. */
static void
finish_exchange(struct session *session, struct exchange *e, int error)
{
  struct exchange **p = &session->exchanges;

  while (*p != e) {
    p = &(*p)->next;
  }
  *p = e->next;
  e->error = error;
  e->is_done = true;
  ++e->wakes;
}

static void
accept_answer(struct session *session, struct exchange *mine)
{
  struct exchange *e = session->answered;
  struct waitq_context ctx;

  e->size = session->frame.header.class == SP_ERROR ? 0 : session->frame.size;
  server_lock(&ctx);
  finish_exchange(
    session,
    e,
    session->frame.header.class == SP_ERROR ? EFAULT : 0
  );
  if (e == mine) {
    --e->wakes;
  }
  server_unlock(&ctx);
  if (e != mine) {
    sleeper_wake(&e->sleeper);
  }
}

/* With the server locked: all that wait, which keep the session. */
static struct request *
take_requests(struct session *session)
{
  struct request *requests = session->first;

  session->first = NULL;
  session->last = &session->first;
  return requests;
}

/* Returns how many there were. */
static unsigned
discard_requests(struct request *requests)
{
  unsigned count = 0;

  while (requests != NULL) {
    struct request *request = requests;

    requests = request->next;
    if (request->call != NULL) {
      transport_answer(request->session->transport, request->call);
    } else {
      memory_release(request, request_size((struct framed_request *)request));
    }
    ++count;
  }
  return count;
}

/* One at a time, so that nothing is locked for long. */
static void
finish_exchanges(struct session *session)
{
  struct waitq_context ctx;
  struct exchange *e;

  do {
    server_lock(&ctx);
    e = session->exchanges;
    if (e != NULL) {
      finish_exchange(session, e, ENOTCONN);
    }
    server_unlock(&ctx);
    if (e != NULL) {
      sleeper_wake(&e->sleeper);
    }
  } while (e != NULL);
}

/* The token ends here. */
static void
end_session(struct session *session)
{
  struct waitq_context ctx;
  struct request *requests;
  unsigned discarded;

  transport_shutdown(session->transport);
  server_lock(&ctx);
  session->state = SESSION_IS_OVER;
  session->is_ending = true;
  requests = take_requests(session);
  server_unlock(&ctx);
  finish_exchanges(session);
  discarded = discard_requests(requests);
  server_lock(&ctx);
  session->references -= discarded;
  session->next = server.ended;
  server.ended = session;
  server_unlock(&ctx);
  server_tell_main();
}

/* Who has begun to authenticate has to end that. */
static enum sp_error
may_enter(const struct session *session)
{
  return session->access != NULL
    && session->authentication != AUTHENTICATION_CHALLENGED
    ? SP_ERROR_NONE : SP_ERROR_AUTHENTICATION;
}

static enum sp_error
may_authenticate(const struct session *session, size_t size)
{
  switch (session->authentication) {
    case AUTHENTICATION_NONE:
      return size == sizeof(struct sp_claim) ? SP_ERROR_NONE
        : SP_ERROR_MALFORMED;
    case AUTHENTICATION_CHALLENGED:
      return size == SP_PROOF_SIZE ? SP_ERROR_NONE : SP_ERROR_MALFORMED;
    default:
      return SP_ERROR_AUTHENTICATION;
  }
}

/* A handshake, of the size that it has. */
static enum sp_error
admit_stranger(struct session *session, const struct request *request)
{
  enum sp_error error;

  if (session->state != SESSION_IS_NEW
      || request->header.type != SP_HANDSHAKE) {
    return SP_ERROR_AUTHENTICATION;
  }
  switch (request->header.what) {
    case SP_GUEST:
      error = may_enter(session);
      break;
    case SP_FORK:
      error = request->size != sizeof(struct sp_fork) ? SP_ERROR_MALFORMED
        : may_enter(session);
      break;
    case SP_AUTHENTICATE:
      error = may_authenticate(session, request->size);
      break;
    default:
      error = SP_ERROR_AUTHENTICATION;
      break;
  }
  if (error == SP_ERROR_NONE) {
    session->state = SESSION_SHAKES_HANDS;
  }
  return error;
}

static enum sp_error
admit_exec(struct session *session)
{
  if (session->is_in_exec) {
    return SP_ERROR_IN_EXEC;
  }
  session->is_in_exec = true;
  return SP_ERROR_NONE;
}

/* With the server locked.  An error ends the connection. */
static enum sp_error
admit(struct session *session, const struct request *request)
{
  if (session->state != SESSION_RUNS) {
    return admit_stranger(session, request);
  }
  switch (request->header.type) {
    case SP_SYSCALL:
      /* During an exec the kernel refuses it. */
      return SP_ERROR_NONE;
    case SP_PREFORK:
      return request->size != 0 ? SP_ERROR_MALFORMED
        : session->is_in_exec ? SP_ERROR_IN_EXEC : SP_ERROR_NONE;
    case SP_HANDSHAKE:
      return request->header.what == SP_EXEC ? admit_exec(session)
        : SP_ERROR_MALFORMED;
    default:
      return SP_ERROR_MALFORMED;
  }
}

void
request_copy(struct framed_request *to, const struct framed_request *from)
{
  memcpy(to, from, request_size(from));
  to->request.payload = to->payload + (from->request.payload - from->payload);
}

/* With the server locked: a worker takes it now or later. */
static struct sleeper *
queue_request(struct session *session, struct request *request)
{
  ++session->waiting;
  ++session->references;
  if (request_is_urgent(request)
      || session->running < server_config.client_tasks) {
    ++session->running;
    return pool_add_request(request);
  }
  request->next = NULL;
  *session->last = request;
  session->last = &request->next;
  return NULL;
}

static bool
may_wait(const struct session *session)
{
  return session->waiting < server_config.client_calls;
}

/* The receiver cannot carry it out. */
static enum sp_error
keep_request(struct session *session)
{
  size_t size = request_size(&session->incoming);
  struct framed_request *copy = memory_allocate(size);
  struct sleeper *woken = NULL;
  struct waitq_context ctx;
  bool has_room;

  if (copy == NULL) {
    return SP_ERROR_TRY_AGAIN;
  }
  request_copy(copy, &session->incoming);
  server_lock(&ctx);
  has_room = request_is_urgent(&copy->request) || may_wait(session);
  if (has_room) {
    woken = queue_request(session, &copy->request);
  }
  server_unlock(&ctx);
  if (!has_room) {
    memory_release(copy, size);
    return SP_ERROR_TRY_AGAIN;
  }
  if (woken != NULL) {
    sleeper_wake(woken);
  }
  return SP_ERROR_NONE;
}

/* In the client's task. */
int
session_call(struct transport_call *call, void *arg)
{
  struct session *session = arg;
  struct request *request = (struct request *)call->room;
  struct waitq_context ctx;
  struct sleeper *woken = NULL;
  int error;

  request->session = session;
  request->header.type = SP_SYSCALL;
  request->header.what = call->number;
  request->size = call->size;
  request->payload = call->arguments;
  request->call = call;
  call->failure = ENOTCONN;
  server_lock(&ctx);
  error = session->state != SESSION_RUNS ? ENOTCONN
    : may_wait(session) ? 0 : EAGAIN;
  if (error == 0) {
    woken = queue_request(session, request);
  }
  server_unlock(&ctx);
  if (woken != NULL) {
    sleeper_wake(woken);
  }
  return error;
}

enum verdict {
  REQUEST_IS_TAKEN,
  REQUEST_IS_KEPT,
  SESSION_HAS_TO_END
};

/* With the server locked. */
static bool
may_begin(const struct session *session)
{
  return request_is_urgent(&session->incoming.request)
    || (session->first == NULL
      && session->running < server_config.client_tasks
      && pool_has_room());
}

static enum verdict
accept_request(struct session *session, struct framed_request *request)
{
  struct waitq_context ctx;
  enum sp_error error;
  bool is_taken;

  if (session->incoming.request.header.type == SP_CARRYING
      && !carried_open(&session->incoming)) {
    session_refuse(
      session,
      session->incoming.request.header.number,
      SP_ERROR_MALFORMED
    );
    return SESSION_HAS_TO_END;
  }
  server_lock(&ctx);
  error = admit(session, &session->incoming.request);
  is_taken = error == SP_ERROR_NONE && request != NULL && may_begin(session);
  if (is_taken) {
    server.calling += !request_is_urgent(&session->incoming.request);
    ++session->running;
    ++session->references;
  }
  server_unlock(&ctx);
  if (is_taken) {
    request_copy(request, &session->incoming);
    return REQUEST_IS_TAKEN;
  }
  if (error != SP_ERROR_NONE) {
    session_refuse(session, session->incoming.request.header.number, error);
    return SESSION_HAS_TO_END;
  }
  error = keep_request(session);
  if (error == SP_ERROR_NONE) {
    return REQUEST_IS_KEPT;
  }
  session_refuse(session, session->incoming.request.header.number, error);
  return session->incoming.request.header.type == SP_SYSCALL ? REQUEST_IS_KEPT
    : SESSION_HAS_TO_END;
}

/* Returns false if the session is over. */
static bool
receive_frame(struct session *session, int *error)
{
  *error = frame_receive(
    &session->frame,
    session->transport,
    session_next_piece,
    session
  );
  if (*error == EPROTO) {
    session_refuse(
      session,
      session->frame.header.number,
      SP_ERROR_MALFORMED
    );
  }
  return *error == 0 || *error == EAGAIN;
}

bool
session_receive(
  struct session        *session,
  struct exchange       *mine,
  struct framed_request *request
)
{
  enum verdict verdict = REQUEST_IS_KEPT;
  int error;

  while (mine == NULL || !mine->is_done) {
    if (!receive_frame(session, &error)) {
      end_session(session);
      return false;
    }
    if (error == EAGAIN) {
      if (!transport_arm(session->transport, TRANSPORT_RECEIVE)) {
        return false;
      }
      continue;
    }
    if (session->answered != NULL) {
      accept_answer(session, mine);
    } else {
      verdict = accept_request(session, request);
    }
    frame_begin(&session->frame);
    if (verdict == SESSION_HAS_TO_END) {
      end_session(session);
      return false;
    }
    if (verdict == REQUEST_IS_TAKEN) {
      break;
    }
  }
  token_return(session);
  return verdict == REQUEST_IS_TAKEN;
}

/* With the server locked. */
static struct sleeper *
choose_receiver(struct session *session)
{
  struct exchange *e = session->exchanges;

  if (e == NULL) {
    return pool_add_session(session);
  }
  e->has_token = true;
  ++e->wakes;
  return &e->sleeper;
}

void
token_pass(struct session *session)
{
  struct waitq_context ctx;
  struct sleeper *woken;

  server_lock(&ctx);
  woken = choose_receiver(session);
  server_unlock(&ctx);
  if (woken != NULL) {
    sleeper_wake(woken);
  }
}

void
token_return(struct session *session)
{
  if (transport_arm(session->transport, TRANSPORT_RECEIVE)) {
    token_pass(session);
  }
}
