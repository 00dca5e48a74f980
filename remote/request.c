/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a worker does for a client.  After a system call it keeps the lwp that
 * it had for that: the next call of the same client needs none to be made.
 * What else it does it begins without one.
 */

#include "proof.h"
#include "server.h"

#include <limits.h>
#include <string.h>

/* NetBSD's flags for the descriptors of a new process. */
enum {
  DESCRIPTORS_SHARED = 0x0,
  DESCRIPTORS_COPIED = 0x1,
  DESCRIPTORS_NEW = 0x2
};

/* NetBSD's numbers of system calls. */
enum {
  CALL_SETUID = 23,
  CALL_SETGROUPS = 80,
  CALL_SETGID = 181,
  CALL_SETRLIMIT = 195
};

/* Of setrlimit(). */
#define LIMIT_OF_FILES 8

/* Processes that a client has forked and no connection has taken. */
#define CLIENT_PREFORKS_MAX 4

static void
switch_to(struct lwp *lwp)
{
  (*hypercall_up.hyp_schedule)();
  (*hypercall_up.hyp_lwproc_switch)(lwp);
  (*hypercall_up.hyp_unschedule)();
}

static void
release_lwp(void)
{
  (*hypercall_up.hyp_schedule)();
  (*hypercall_up.hyp_lwproc_release)();
  (*hypercall_up.hyp_unschedule)();
}

/* By the caller's lwp. */
static int
system_call(int number, intptr_t first, intptr_t second)
{
  intptr_t arguments[SP_REQUEST_SIZE / sizeof(intptr_t)] = { first, second };
  long values[2];
  int error;

  (*hypercall_up.hyp_schedule)();
  error = (*hypercall_up.hyp_syscall)(number, arguments, values);
  (*hypercall_up.hyp_unschedule)();
  return error;
}

/* The last one takes away the right to do the others. */
static int
set_credentials(const struct rtems_rump_access *access)
{
  int error = 0;

  if (access->uid == 0 && access->gid == 0) {
    return 0;
  }
  error = system_call(CALL_SETGROUPS, 0, 0);
  if (error == 0) {
    error = system_call(CALL_SETGID, (intptr_t)access->gid, 0);
  }
  if (error == 0) {
    error = system_call(CALL_SETUID, (intptr_t)access->uid, 0);
  }
  return error;
}

/*
 * The kernel reads the limit as what the client's call has carried, so nobody
 * is asked for it.  What the request had is not used any more.
 */
static int
limit_files(struct request *request)
{
  struct framed_request *framed = (struct framed_request *)request;
  const uint64_t limit[] = {
    server_config.client_files, server_config.client_files
  };
  const struct sp_copy part = { sizeof(limit), framed->payload };
  int error;

  memcpy(framed->payload, &part, sizeof(part));
  memcpy(framed->payload + sizeof(part), limit, sizeof(limit));
  framed->filled = sizeof(part) + sizeof(limit);
  framed->carried = 0;
  error = system_call(CALL_SETRLIMIT, LIMIT_OF_FILES, (intptr_t)part.address);
  carried_forget(framed);
  return error;
}

/* The caller's lwp is then that of the new process. */
static int
fork_process(uintptr_t id, int flags, const char *name)
{
  int error;

  (*hypercall_up.hyp_schedule)();
  error = (*hypercall_up.hyp_lwproc_rfork)((void *)id, flags, name);
  (*hypercall_up.hyp_unschedule)();
  return error;
}

static struct lwp *
current_lwp(void)
{
  struct lwp *lwp;

  (*hypercall_up.hyp_schedule)();
  lwp = (*hypercall_up.hyp_lwproc_curlwp)();
  (*hypercall_up.hyp_unschedule)();
  return lwp;
}

/*
 * The client's process is the one of the caller's lwp.  Until the caller has
 * left that, who ends the session must not take it.
 */
static void
adopt_process(struct session *session)
{
  session->main_lwp = current_lwp();
  (*hypercall_up.hyp_schedule)();
  session->pid = (*hypercall_up.hyp_getpid)();
  (*hypercall_up.hyp_unschedule)();
}

static void
answer(
  const struct request *request,
  enum sp_type          type,
  const void           *data,
  size_t                size
)
{
  struct sp_header header = {
    .number = request->header.number,
    .class = SP_RESPONSE,
    .type = type
  };

  (void)session_send(request->session, &header, data, size, NULL, 0);
}

static void
answer_now(const struct request *request, const void *data, size_t size)
{
  struct sp_header header = {
    .number = request->header.number,
    .class = SP_RESPONSE,
    .type = SP_HANDSHAKE
  };

  session_send_now(request->session, &header, data, size);
}

static void
answer_handshake(const struct request *request)
{
  int zero = 0;

  answer_now(request, &zero, sizeof(zero));
}

/* Who is sending at this moment does not make the client miss it. */
static void
refuse_and_end(struct request *request, enum sp_error error)
{
  struct sp_header header = {
    .number = request->header.number,
    .class = SP_ERROR,
    .what = error
  };

  session_send_now(request->session, &header, NULL, 0);
  transport_shutdown(request->session->transport);
}

/* It may be meant for a terminal. */
static const char *
printable(struct request *request)
{
  unsigned char *p;

  for (p = request->payload; *p != '\0'; ++p) {
    if (*p < ' ' || *p > '~') {
      *p = '?';
    }
  }
  return (const char *)request->payload;
}

static void
accept_client(struct request *request)
{
  struct session *session = request->session;
  struct waitq_context ctx;

  server_lock(&ctx);
  list_remove(&server.strangers, &session->stranger);
  if (session->state == SESSION_SHAKES_HANDS) {
    session->state = SESSION_RUNS;
  }
  server_unlock(&ctx);
  answer_handshake(request);
}

/* Another handshake may come, if there is something left of the time. */
static void
go_on_with_authentication(
  struct session *session, enum authentication reached)
{
  struct waitq_context ctx;
  bool is_late;

  server_lock(&ctx);
  session->authentication = reached;
  is_late = session->stranger.link == NULL;
  if (session->state == SESSION_SHAKES_HANDS && !is_late) {
    session->state = SESSION_IS_NEW;
  }
  server_unlock(&ctx);
  if (is_late) {
    transport_shutdown(session->transport);
  }
}

static void
challenge(struct request *request)
{
  struct session *session = request->session;
  unsigned char nonce[SP_NONCE_SIZE];
  size_t size;

  memcpy(&session->claim, request->payload, sizeof(session->claim));
  if (rumpuser_getrandom(nonce, sizeof(nonce), 0, &size) != 0
      || size != sizeof(nonce)) {
    refuse_and_end(request, SP_ERROR_AUTHENTICATION);
    return;
  }
  memcpy(session->nonce, nonce, sizeof(nonce));
  go_on_with_authentication(session, AUTHENTICATION_CHALLENGED);
  answer_now(request, nonce, sizeof(nonce));
}

static void
check_proof(struct request *request)
{
  struct session *session = request->session;
  const struct rtems_rump_access *access = access_of_user(
    session->rules,
    &session->claim,
    session->nonce,
    request->payload
  );
  unsigned char proof[SP_PROOF_SIZE];

  if (access == NULL) {
    refuse_and_end(request, SP_ERROR_AUTHENTICATION);
    return;
  }
  proof_make(
    proof,
    access->key,
    access->key_size,
    PROOF_OF_SERVER,
    &session->claim,
    session->nonce
  );
  session->access = access;
  go_on_with_authentication(session, AUTHENTICATION_DONE);
  answer_now(request, proof, sizeof(proof));
}

static void
serve_authentication(struct request *request)
{
  if (request->session->authentication == AUTHENTICATION_NONE) {
    challenge(request);
  } else {
    check_proof(request);
  }
}

static void
serve_guest(struct request *request)
{
  struct session *session = request->session;
  int error;

  lock_enter(&session->kernel);
  error = fork_process(session->id, DESCRIPTORS_NEW, printable(request));
  if (error == 0) {
    error = limit_files(request);
    if (error == 0) {
      error = set_credentials(session->access);
    }
    if (error == 0) {
      adopt_process(session);
      switch_to(NULL);
    } else {
      release_lwp();
    }
  }
  lock_exit(&session->kernel);
  if (error != 0) {
    refuse_and_end(request, SP_ERROR_FORK_FAILED);
  } else {
    accept_client(request);
  }
}

/* Takes as long whatever the difference. */
static bool
is_same_cookie(const uint32_t *a, const uint32_t *b)
{
  uint32_t difference = 0;
  unsigned i;

  for (i = 0; i < SP_COOKIE_WORDS; ++i) {
    difference |= a[i] ^ b[i];
  }
  return difference == 0;
}

/*
 * With the server locked, as those up to the next function that waits.  A
 * client has few of them.
 */
static void
append_prefork(struct prefork **link, struct prefork *prefork)
{
  prefork->next = NULL;
  prefork->link = link;
  *link = prefork;
}

static void
add_orphan(struct prefork *prefork)
{
  prefork->owner = NULL;
  append_prefork(server.last_orphan, prefork);
  server.last_orphan = &prefork->next;
}

void
session_leave_forks(struct session *session)
{
  while (session->forked != NULL) {
    struct prefork *prefork = session->forked;

    session->forked = prefork->next;
    add_orphan(prefork);
  }
}

static void
free_prefork_place(const struct prefork *prefork)
{
  unsigned place = prefork->cookie[SP_COOKIE_WORDS - 1]
    % (2 * server_config.clients);

  server.preforks[place] = NULL;
  server.free_preforks[server.free_prefork_count++] = place;
}

static struct prefork *
unlink_prefork(struct prefork *prefork)
{
  *prefork->link = prefork->next;
  if (prefork->next != NULL) {
    prefork->next->link = prefork->link;
  } else if (prefork->owner == NULL) {
    server.last_orphan = prefork->link;
  }
  if (prefork->owner != NULL) {
    --prefork->owner->preforks;
  }
  free_prefork_place(prefork);
  return prefork;
}

static struct prefork *
claim_prefork(const uint32_t *cookie, const struct rtems_rump_access *access)
{
  struct waitq_context ctx;
  unsigned place = cookie[SP_COOKIE_WORDS - 1] % (2 * server_config.clients);
  struct prefork *found;

  server_lock(&ctx);
  found = server.preforks[place];
  if (found != NULL
      && (found->access != access || !is_same_cookie(found->cookie, cookie))) {
    found = NULL;
  }
  if (found != NULL) {
    (void)unlink_prefork(found);
  }
  server_unlock(&ctx);
  return found;
}

/* What nobody claims goes when there is need, if its client has gone. */
static struct prefork *
oldest_orphan(void)
{
  return server.first_orphan != NULL ? unlink_prefork(server.first_orphan)
    : NULL;
}

static void
drop_prefork(struct prefork *prefork)
{
  switch_to(prefork->lwp);
  release_lwp();
  memory_release(prefork, sizeof(*prefork));
}

/*
 * The process was made for its parent's connection.  The one of this
 * connection is another, which shares its descriptors.
 */
static void
serve_fork(struct request *request)
{
  struct session *session = request->session;
  struct sp_fork claim;
  struct prefork *prefork;
  int error;

  memcpy(&claim, request->payload, sizeof(claim));
  prefork = claim_prefork(claim.cookie, session->access);
  if (prefork == NULL) {
    refuse_and_end(request, SP_ERROR_INVALID_PREFORK);
    return;
  }
  if (claim.cancel != 0) {
    drop_prefork(prefork);
    transport_shutdown(session->transport);
    return;
  }
  lock_enter(&session->kernel);
  switch_to(prefork->lwp);
  error = fork_process(session->id, DESCRIPTORS_SHARED, NULL);
  if (error == 0) {
    adopt_process(session);
    switch_to(prefork->lwp);
  }
  lock_exit(&session->kernel);
  release_lwp();
  memory_release(prefork, sizeof(*prefork));
  if (error != 0) {
    refuse_and_end(request, SP_ERROR_FORK_FAILED);
  } else {
    accept_client(request);
  }
}

/* Takes a place; false if there are too many. */
static bool
reserve_prefork(
  struct session *session, struct prefork **dropped, unsigned *place)
{
  struct waitq_context ctx;
  bool has_room;

  server_lock(&ctx);
  *dropped = NULL;
  has_room = session->preforks < CLIENT_PREFORKS_MAX;
  if (has_room && server.free_prefork_count == 0) {
    *dropped = oldest_orphan();
    has_room = *dropped != NULL;
  }
  if (has_room) {
    ++session->preforks;
    *place = server.free_preforks[--server.free_prefork_count];
  }
  server_unlock(&ctx);
  return has_room;
}

static void
unreserve_prefork(struct session *session, unsigned place)
{
  struct waitq_context ctx;

  server_lock(&ctx);
  --session->preforks;
  server.free_preforks[server.free_prefork_count++] = place;
  server_unlock(&ctx);
}

static void
publish_prefork(struct prefork *prefork, unsigned place)
{
  struct waitq_context ctx;
  struct prefork **link = &prefork->owner->forked;

  server_lock(&ctx);
  server.preforks[place] = prefork;
  while (*link != NULL) {
    link = &(*link)->next;
  }
  append_prefork(link, prefork);
  server_unlock(&ctx);
}

/* The number of the place takes some of the random bits. */
static void
put_place(uint32_t *cookie, unsigned place)
{
  uint32_t places = 2 * server_config.clients;
  uint32_t *last = &cookie[SP_COOKIE_WORDS - 1];

  *last = *last / 2 / places * places + place;
}

static int
fork_main_lwp(struct session *session, struct prefork *prefork)
{
  int error;

  lock_enter(&session->kernel);
  switch_to(session->main_lwp);
  error = fork_process(session->id, DESCRIPTORS_COPIED, NULL);
  if (error == 0) {
    prefork->lwp = current_lwp();
  }
  switch_to(NULL);
  lock_exit(&session->kernel);
  return error;
}

static enum sp_error
make_prefork(struct session *session, unsigned place, uint32_t *cookie)
{
  struct prefork *prefork = memory_allocate(sizeof(*prefork));
  size_t size;

  if (prefork == NULL) {
    return SP_ERROR_NO_MEMORY;
  }
  memset(prefork, 0, sizeof(*prefork));
  prefork->owner = session;
  prefork->access = session->access;
  if (rumpuser_getrandom(
        prefork->cookie,
        sizeof(prefork->cookie),
        0,
        &size
      ) != 0
      || fork_main_lwp(session, prefork) != 0) {
    memory_release(prefork, sizeof(*prefork));
    return SP_ERROR_FORK_FAILED;
  }
  put_place(prefork->cookie, place);
  memcpy(cookie, prefork->cookie, sizeof(prefork->cookie));
  publish_prefork(prefork, place);
  return SP_ERROR_NONE;
}

static void
serve_prefork(struct request *request)
{
  struct session *session = request->session;
  struct prefork *dropped;
  uint32_t cookie[SP_COOKIE_WORDS];
  enum sp_error error = SP_ERROR_NO_MEMORY;
  unsigned place;

  if (reserve_prefork(session, &dropped, &place)) {
    if (dropped != NULL) {
      drop_prefork(dropped);
    }
    error = make_prefork(session, place, cookie);
    if (error != SP_ERROR_NONE) {
      unreserve_prefork(session, place);
    }
  }
  if (error != SP_ERROR_NONE) {
    session_refuse(session, request->header.number, error);
  } else {
    answer(request, SP_PREFORK, cookie, sizeof(cookie));
  }
}

/* With the server locked: whom to wake for the rest of an exec, or NULL. */
static struct sleeper *
go_on_with_exec(struct session *session)
{
  struct request *request = session->exec;

  if (request == NULL || session->running > 0 || session->bound > 0) {
    return NULL;
  }
  session->exec = NULL;
  ++session->running;
  ++session->waiting;
  return pool_add_request(request);
}

/* All other threads of the client are told to end; the rest comes after. */
static void
begin_exec(struct request *request)
{
  struct session *session = request->session;
  struct framed_request *rest =
    memory_allocate(request_size((struct framed_request *)request));
  struct waitq_context ctx;

  if (rest == NULL) {
    refuse_and_end(request, SP_ERROR_NO_MEMORY);
    return;
  }
  lock_enter(&session->kernel);
  switch_to(session->main_lwp);
  (*hypercall_up.hyp_schedule)();
  (*hypercall_up.hyp_lwpexit)();
  (*hypercall_up.hyp_unschedule)();
  switch_to(NULL);
  lock_exit(&session->kernel);

  request_copy(rest, (struct framed_request *)request);
  rest->request.header.what = EXEC_DRAINED;
  server_lock(&ctx);
  session->exec = &rest->request;
  ++session->references;
  server_unlock(&ctx);
  pool_recall(session);
}

static void
finish_exec(struct request *request)
{
  struct session *session = request->session;
  struct waitq_context ctx;

  lock_enter(&session->kernel);
  switch_to(session->main_lwp);
  (*hypercall_up.hyp_schedule)();
  (*hypercall_up.hyp_execnotify)(printable(request));
  (*hypercall_up.hyp_unschedule)();
  switch_to(NULL);
  lock_exit(&session->kernel);

  server_lock(&ctx);
  session->is_in_exec = false;
  server_unlock(&ctx);
  answer_handshake(request);
}

/* What the worker had an lwp of is not the caller's concern any more. */
static void
set_bound(struct worker *worker, struct session *session)
{
  struct session *left = worker->bound;
  struct sleeper *woken = NULL;
  struct waitq_context ctx;

  server_lock(&ctx);
  worker->bound = session;
  if (session != NULL) {
    ++session->bound;
    ++session->references;
  }
  if (left != NULL) {
    --left->bound;
    woken = go_on_with_exec(left);
  }
  server_unlock(&ctx);
  if (woken != NULL) {
    sleeper_wake(woken);
  }
  if (left != NULL) {
    session_release(left);
  }
}

void
request_leave_process(struct worker *worker)
{
  if (worker->bound != NULL) {
    release_lwp();
    set_bound(worker, NULL);
  }
}

/* The lwp that it has goes when there is another, or with the virtual CPU. */
static int
change_process(struct worker *worker, struct session *session)
{
  int error;

  if (worker->bound != NULL) {
    (*hypercall_up.hyp_lwproc_release)();
  }
  error = (*hypercall_up.hyp_lwproc_newlwp)(session->pid);
  if (error != 0) {
    (*hypercall_up.hyp_unschedule)();
    session = NULL;
  }
  set_bound(worker, session);
  return error;
}

/*
 * Takes a virtual CPU with an lwp of the client's process, or fails.  Whether
 * that may be the one of a call before was found out with the server locked:
 * who is in an exec says so before the request came.
 */
static int
enter_process(struct worker *worker)
{
  struct session *session = worker->request->session;

  (*hypercall_up.hyp_schedule)();
  return worker->bound == session && !session->is_in_exec ? 0
    : change_process(worker, session);
}

/* The kernel knows too large numbers, and takes negative ones for small. */
static int
call_kernel(struct worker *worker, long values[2])
{
  struct request *request = worker->request;
  int error;

  if (request->header.what > INT_MAX) {
    return NETBSD_ENOSYS;
  }
  error = enter_process(worker);
  if (error == 0) {
    error = (*hypercall_up.hyp_syscall)(
      (int)request->header.what,
      request->payload,
      values
    );
    (*hypercall_up.hyp_unschedule)();
  }
  return error;
}

static void
answer_system_call(
  const struct request *request, int error, const long values[2])
{
  struct sp_result result;

  if (request->call != NULL) {
    request->call->failure = 0;
    request->call->error = error;
    request->call->values[0] = values[0];
    request->call->values[1] = values[1];
    return;
  }
  memset(&result, 0, sizeof(result));
  result.error = error;
  result.values[0] = values[0];
  result.values[1] = values[1];
  answer(request, SP_SYSCALL, &result, sizeof(result));
}

static void
serve_system_call(struct worker *worker)
{
  long values[2] = { 0, 0 };
  int error = call_kernel(worker, values);

  if (!worker->is_answered) {
    answer_system_call(worker->request, error, values);
  }
}

static void
serve_handshake(struct request *request)
{
  switch (request->header.what) {
    case SP_GUEST:
      serve_guest(request);
      break;
    case SP_FORK:
      serve_fork(request);
      break;
    case SP_AUTHENTICATE:
      serve_authentication(request);
      break;
    case SP_EXEC:
      begin_exec(request);
      break;
    default:
      finish_exec(request);
      break;
  }
}

static void
serve(struct worker *worker)
{
  struct request *request = worker->request;

  if (request->header.type == SP_SYSCALL) {
    serve_system_call(worker);
    return;
  }
  request_leave_process(worker);
  switch (request->header.type) {
    case SP_PREFORK:
      serve_prefork(request);
      break;
    default:
      serve_handshake(request);
      break;
  }
}

/* With the server locked: another of the client's requests may begin. */
static struct sleeper *
next_request(struct session *session)
{
  struct request *request = session->first;

  if (request == NULL) {
    return go_on_with_exec(session);
  }
  session->first = request->next;
  if (request->next == NULL) {
    session->last = &session->first;
  }
  ++session->running;
  return pool_add_request(request);
}

struct transport_call *
request_unanswered(const struct worker *worker)
{
  return worker->request != NULL && !worker->is_answered
    ? worker->request->call : NULL;
}

struct sleeper *
request_finish(struct worker *worker, bool *is_last)
{
  struct session *session = worker->request->session;
  struct sleeper *woken;

  server.calling -= !request_is_urgent(worker->request);
  worker->request = NULL;
  --session->running;
  woken = next_request(session);
  *is_last = session_drop(session);
  return woken;
}

/* Who has no lwp of its client, and so no other reference, answers now. */
void
request_serve(struct worker *worker)
{
  struct session *session = worker->request->session;

  worker->is_answered = false;
  worker->gathered = 0;
  if (!worker->is_void) {
    serve(worker);
  }
  if (worker->bound != session && request_unanswered(worker) != NULL) {
    worker->is_answered = true;
    transport_answer(session->transport, worker->request->call);
  }
}
