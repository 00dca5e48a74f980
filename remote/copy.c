/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The memory of clients: what the kernel reads and writes there, and signals.
 *
 * The kernel knows a session by its id: processes of a client may be there
 * after its session has ended.
 */

#include "kernel-copy.h"
#include "server.h"

#include <string.h>

/*
 * The call without a frame that the caller carries out for this client, or
 * NULL: its memory is here.
 */
static const struct request *
call_of(void *client)
{
  const struct worker *worker = pool_self();
  const struct request *request = worker != NULL ? worker->request : NULL;

  return request != NULL && request->call != NULL
    && request->session->id == (uintptr_t)client ? request : NULL;
}

static bool
is_place(const void *address, size_t size)
{
  return address != NULL && (uintptr_t)address <= UINTPTR_MAX - size;
}

/* Of what the client has named, also if it is to be written. */
static bool
hold(const struct request *request, const void *place, size_t size)
{
  return is_place(place, size)
    && transport_hold(request->session->transport, request->call);
}

static void
let_go(const struct request *request)
{
  transport_let_go(request->session->transport, request->call);
}

/* One of both is the client's place. */
static int
copy_here(
  const struct request *request,
  const void           *place,
  const void           *from,
  void                 *to,
  size_t                size
)
{
  if (size == 0) {
    return 0;
  }
  if (!hold(request, place, size)) {
    return NETBSD_EFAULT;
  }
  kernel_copy(to, from, size);
  let_go(request);
  return 0;
}

/* Up to its end, if it has one. */
static int
read_string_here(
  const struct request *request, const char *from, char *to, size_t *size)
{
  size_t length;

  if (!hold(request, from, 1)) {
    return NETBSD_EFAULT;
  }
  length = strnlen(from, *size);
  *size = length < *size ? length + 1 : length;
  kernel_copy(to, from, *size);
  let_go(request);
  return 0;
}

/* Who carries out a call of this client that has come by a frame, or NULL. */
static struct framed_request *
framed_call_of(void *client)
{
  struct worker *worker = pool_self();
  struct request *request = worker != NULL ? worker->request : NULL;

  return request != NULL && request->call == NULL
    && request->session->id == (uintptr_t)client ? &worker->own : NULL;
}

struct client_call {
  struct session *session;
  int nlocks;
};

static bool
begin(void *client, struct client_call *call)
{
  call->session = session_find((uintptr_t)client);
  if (call->session == NULL) {
    return false;
  }
  call->nlocks = hypercall_unschedule(NULL);
  return true;
}

static void
end(struct client_call *call)
{
  session_release(call->session);
  hypercall_schedule(call->nlocks, NULL);
}

/* Returns false if the session is over. */
static bool
exchange_begin(struct session *session, struct exchange *e)
{
  struct waitq_context ctx;
  struct exchange **p = &session->exchanges;
  bool is_over;

  sleeper_init(&e->sleeper);
  server_lock(&ctx);
  is_over = session->state == SESSION_IS_OVER;
  if (!is_over) {
    e->number = session->next_number++;
    while (*p != NULL) {
      p = &(*p)->next;
    }
    *p = e;
  }
  server_unlock(&ctx);
  return !is_over;
}

/* With the server locked: nobody else is to receive what this task awaits. */
static bool
take_queued_token(struct session *session)
{
  bool is_queued = session->ready.link != NULL;

  list_remove(&server.ready, &session->ready);
  return is_queued;
}

static bool
take_token(struct session *session, struct exchange *e, bool *is_done)
{
  struct waitq_context ctx;
  bool has_token;

  server_lock(&ctx);
  *is_done = e->is_done;
  has_token = e->has_token || (!e->is_done && take_queued_token(session));
  e->has_token = false;
  server_unlock(&ctx);
  return has_token;
}

/* A client that does not answer has left. */
static unsigned
exchange_wait(struct session *session, struct exchange *e)
{
  struct timespec deadline;
  const struct timespec *limit = &deadline;
  unsigned wakes = 0;
  bool is_done = false;

  server_deadline(&deadline);
  while (!is_done) {
    if (take_token(session, e, &is_done)) {
      (void)session_receive(session, e, NULL);
      is_done = false;
    } else if (!is_done) {
      if (sleeper_wait(&e->sleeper, limit)) {
        ++wakes;
      } else {
        limit = NULL;
        transport_shutdown(session->transport);
      }
    }
  }
  return wakes;
}

/* Whoever has decided to wake this task may be about to do so. */
static void
exchange_end(struct exchange *e, unsigned wakes)
{
  struct waitq_context ctx;
  unsigned given;

  server_lock(&ctx);
  given = e->wakes;
  server_unlock(&ctx);
  while (wakes < given) {
    (void)sleeper_wait(&e->sleeper, NULL);
    ++wakes;
  }
  waitq_settle(&e->sleeper.queue);
}

/* If it cannot be sent the session ends, and with it the exchange. */
static int
ask(
  struct session  *session,
  struct exchange *e,
  const void      *parameters,
  size_t           size
)
{
  struct sp_header header = { .class = SP_REQUEST, .type = e->type };

  if (!exchange_begin(session, e)) {
    return NETBSD_EFAULT;
  }
  header.number = e->number;
  (void)session_send(session, &header, parameters, size, NULL, 0);
  exchange_end(e, exchange_wait(session, e));
  return e->error != 0 ? NETBSD_EFAULT : 0;
}

static int
copy_in(
  struct session *session,
  enum sp_type    type,
  const void     *from,
  void           *to,
  size_t         *size
)
{
  struct sp_copy copy;
  struct exchange e = { .type = type, .to = to, .size = *size };
  int error;

  memset(&copy, 0, sizeof(copy));
  copy.size = *size;
  copy.address = (void *)(uintptr_t)from;
  error = ask(session, &e, &copy, sizeof(copy));
  *size = e.size;
  return error;
}

static int
copy_part_in(
  struct session *session, const char *from, char *to, size_t size)
{
  return copy_in(session, SP_COPYIN, from, to, &size);
}

/* In frames that are not too large. */
static int
copy_piecewise(
  void       *client,
  const char *from,
  char       *to,
  size_t      size,
  int       (*copy)(
    struct session *session, const char *from, char *to, size_t size)
)
{
  struct client_call call;
  size_t done, part;
  int error = 0;

  if (!begin(client, &call)) {
    return NETBSD_EFAULT;
  }
  for (done = 0; done < size && error == 0; done += part) {
    part = size - done;
    part = part < server_config.copy_size ? part : server_config.copy_size;
    error = (*copy)(call.session, from + done, to + done, part);
  }
  end(&call);
  return error;
}

int
rumpuser_sp_copyin(void *client, const void *from, void *to, size_t size)
{
  const struct request *request = call_of(client);
  const struct framed_request *framed = framed_call_of(client);

  if (framed != NULL && carried_copy(framed, from, to, size)) {
    return 0;
  }
  return request != NULL ? copy_here(request, from, from, to, size)
    : copy_piecewise(client, from, to, size, copy_part_in);
}

/* The kernel looks for the end of the string in what it is told of. */
int
rumpuser_sp_copyinstr(void *client, const void *from, void *to, size_t *size)
{
  const struct request *request = call_of(client);
  const struct framed_request *framed = framed_call_of(client);
  struct client_call call;
  int error;

  if (request != NULL) {
    return read_string_here(request, from, to, size);
  }
  if (framed != NULL && carried_copy_string(framed, from, to, size)) {
    return 0;
  }
  if (!begin(client, &call)) {
    return NETBSD_EFAULT;
  }
  error = copy_in(call.session, SP_COPYINSTR, from, to, size);
  end(&call);
  return error;
}

static uint64_t
next_number(struct session *session)
{
  struct waitq_context ctx;
  uint64_t number;

  server_lock(&ctx);
  number = session->next_number++;
  server_unlock(&ctx);
  return number;
}

static int
copy_part_out(
  struct session *session, const char *from, char *to, size_t size)
{
  struct sp_header header = {
    .number = next_number(session),
    .class = SP_REQUEST,
    .type = SP_COPYOUT
  };
  struct sp_copy copy;

  memset(&copy, 0, sizeof(copy));
  copy.size = size;
  copy.address = to;
  return session_gather(session, &header, &copy, sizeof(copy), from, size)
    || session_send(session, &header, &copy, sizeof(copy), from, size)
    ? 0 : NETBSD_EFAULT;
}

int
rumpuser_sp_copyout(void *client, const void *from, void *to, size_t size)
{
  const struct request *request = call_of(client);

  return request != NULL ? copy_here(request, to, from, to, size)
    : copy_piecewise(client, from, to, size, copy_part_out);
}

int
rumpuser_sp_copyoutstr(void *client, const void *from, void *to, size_t *size)
{
  return rumpuser_sp_copyout(client, from, to, *size);
}

int
rumpuser_sp_anonmmap(void *client, size_t size, void **addrp)
{
  struct client_call call;
  void *address = NULL;
  struct exchange e = {
    .type = SP_ANONMMAP,
    .to = &address,
    .size = sizeof(address)
  };
  int error;

  if (!begin(client, &call)) {
    return NETBSD_EFAULT;
  }
  error = ask(call.session, &e, &size, sizeof(size));
  end(&call);
  if (error != 0) {
    return error;
  }
  *addrp = address;
  return address != NULL ? 0 : NETBSD_ENOMEM;
}

int
rumpuser_sp_raise(void *client, int signal)
{
  struct client_call call;
  struct sp_header header = {
    .class = SP_REQUEST,
    .type = SP_RAISE,
    .what = (uint32_t)signal
  };
  bool is_sent;

  if (!begin(client, &call)) {
    return NETBSD_EFAULT;
  }
  header.number = next_number(call.session);
  is_sent = session_send(call.session, &header, NULL, 0, NULL, 0);
  end(&call);
  return is_sent ? 0 : NETBSD_EFAULT;
}
