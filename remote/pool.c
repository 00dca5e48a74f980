/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Workers, and what waits for one.  There are as many as were ever needed at
 * a time, up to the limit.
 */

#include "server.h"

#include <errno.h>
#include <string.h>

_Static_assert(sizeof(struct worker) <= 2048, "a worker is a small block");

static __thread struct worker *self;

struct worker *
pool_self(void)
{
  return self;
}

/* With the server locked: it is to be woken. */
static struct sleeper *
take_idle(struct worker *worker)
{
  list_remove(&server.idle, &worker->idle);
  if (worker->bound != NULL) {
    list_remove(&worker->bound->idle, &worker->bound_idle);
  }
  return &worker->sleeper;
}

/* With the server locked: who was the last one comes first. */
static void
become_idle(struct worker *worker)
{
  list_prepend(&server.idle, &worker->idle);
  if (worker->bound != NULL) {
    list_prepend(&worker->bound->idle, &worker->bound_idle);
  }
}

void
pool_recall(struct session *session)
{
  struct waitq_context ctx;
  struct list_place *place;
  struct sleeper *woken;

  do {
    woken = NULL;
    server_lock(&ctx);
    place = session->idle.first;
    if (place != NULL) {
      woken = take_idle(place->owner);
    }
    server_unlock(&ctx);
    if (woken != NULL) {
      sleeper_wake(woken);
    }
  } while (woken != NULL);
}

/* With the server locked.  One that has an lwp of the client's is the best. */
static struct worker *
find_idle(const struct session *session)
{
  struct list_place *place = session->idle.first != NULL
    ? session->idle.first : server.idle.first;

  return place != NULL ? place->owner : NULL;
}

/*
 * With the server locked.  Without an idle worker, and without a way to have
 * another, the work waits until one is.
 */
static struct sleeper *
want_worker(void)
{
  if (server.workers + server.wanted > server_config.tasks) {
    return NULL;
  }
  ++server.wanted;
  if (server.main_is_told) {
    return NULL;
  }
  server.main_is_told = true;
  return &server.main;
}

struct sleeper *
pool_add_session(struct session *session)
{
  struct worker *worker = find_idle(session);

  list_append(&server.ready, &session->ready);
  return worker != NULL ? take_idle(worker) : want_worker();
}

bool
request_is_urgent(const struct request *request)
{
  return request->header.type == SP_HANDSHAKE;
}

/* With the server locked: it begins. */
static void
begin(struct worker *worker, struct request *request)
{
  server.calling += !request_is_urgent(request);
  --request->session->waiting;
  worker->request = request;
  worker->is_void = request->session->state == SESSION_IS_OVER;
}

static struct sleeper *
queue_urgent(struct request *request)
{
  *server.last_urgent = request;
  server.last_urgent = &request->next;
  return want_worker();
}

/* For a call for which there is no room, who ends another comes again. */
static struct sleeper *
queue_call(struct request *request)
{
  *server.last_call = request;
  server.last_call = &request->next;
  return pool_has_room() ? want_worker() : NULL;
}

struct sleeper *
pool_add_request(struct request *request)
{
  bool is_urgent = request_is_urgent(request);
  struct worker *worker = is_urgent || pool_has_room()
    ? find_idle(request->session) : NULL;

  if (worker != NULL) {
    begin(worker, request);
    return take_idle(worker);
  }
  request->next = NULL;
  return is_urgent ? queue_urgent(request) : queue_call(request);
}

static struct request *
take_urgent(void)
{
  struct request *request = server.first_urgent;

  if (request != NULL) {
    server.first_urgent = request->next;
    if (request->next == NULL) {
      server.last_urgent = &server.first_urgent;
    }
  }
  return request;
}

static struct request *
take_call(void)
{
  struct request *request = pool_has_room() ? server.first_call : NULL;

  if (request != NULL) {
    server.first_call = request->next;
    if (request->next == NULL) {
      server.last_call = &server.first_call;
    }
  }
  return request;
}

/* With the server locked, as those before and after. */
static struct request *
take_request(void)
{
  struct request *request = take_urgent();

  return request != NULL ? request : take_call();
}

static struct session *
take_session(void)
{
  struct list_place *place = server.ready.first;

  if (place == NULL) {
    return NULL;
  }
  list_remove(&server.ready, place);
  return place->owner;
}

enum work {
  WORK_IS_NONE,
  WORK_IS_REQUEST,
  WORK_IS_SESSION,
  WORK_IS_LEAVING
};

/* With the server locked. */
static enum work
choose_work(struct worker *worker, struct session **session)
{
  struct request *request;

  if (worker->bound != NULL && session_is_to_be_left(worker->bound)) {
    return WORK_IS_LEAVING;
  }
  request = take_request();
  if (request != NULL) {
    begin(worker, request);
    return WORK_IS_REQUEST;
  }
  *session = take_session();
  if (*session != NULL) {
    return WORK_IS_SESSION;
  }
  become_idle(worker);
  return WORK_IS_NONE;
}

/*
 * A client that gets its answer, and is more urgent, finds the worker ready
 * for the next call: that is why the answer comes last.
 */
static enum work
find_work(struct worker *worker, struct session **session)
{
  struct transport_call *call = request_unanswered(worker);
  struct waitq_context ctx;
  struct sleeper *woken = NULL;
  bool is_last = false;
  enum work work;

  server_lock(&ctx);
  if (worker->request != NULL) {
    woken = request_finish(worker, &is_last);
  }
  work = choose_work(worker, session);
  server_unlock(&ctx);
  if (woken != NULL) {
    sleeper_wake(woken);
  }
  if (is_last) {
    server_tell_main();
  }
  if (call != NULL) {
    transport_answer(worker->bound->transport, call);
  }
  return work;
}

/* A request that has come by a frame is a copy, which has to go. */
static void
serve(struct worker *worker)
{
  struct framed_request *copy = (struct framed_request *)worker->request;

  if (worker->request->call == NULL) {
    request_copy(&worker->own, copy);
    worker->request = &worker->own.request;
    memory_release(copy, request_size(copy));
  }
  request_serve(worker);
}

/* Who wakes it may have left it something to do. */
static void
rest(struct worker *worker)
{
  (void)sleeper_wait(&worker->sleeper, NULL);
  if (worker->request != NULL) {
    serve(worker);
  }
}

static void
receive_on(struct worker *worker, struct session *session)
{
  if (session_receive(session, NULL, &worker->own)) {
    worker->request = &worker->own.request;
    worker->is_void = false;
    request_serve(worker);
  }
}

static void *
work(void *arg)
{
  struct worker *worker = arg;
  struct session *session;

  self = worker;
  for (;;) {
    switch (find_work(worker, &session)) {
      case WORK_IS_NONE:
        rest(worker);
        break;
      case WORK_IS_REQUEST:
        serve(worker);
        break;
      case WORK_IS_SESSION:
        receive_on(worker, session);
        break;
      case WORK_IS_LEAVING:
        request_leave_process(worker);
        break;
    }
  }
  return NULL;
}

static int
add_worker(void)
{
  struct worker *worker = memory_allocate(sizeof(*worker));
  int error;

  if (worker == NULL) {
    return NETBSD_ENOMEM;
  }
  memset(worker, 0, sizeof(*worker));
  sleeper_init(&worker->sleeper);
  worker->idle.owner = worker;
  worker->bound_idle.owner = worker;
  error = thread_start(work, worker, "rumpspwork", 2, -1, false, NULL);
  if (error != 0) {
    memory_release(worker, sizeof(*worker));
  }
  return error;
}

int
pool_begin(void)
{
  int error = 0;

  while (server.workers < 2 && error == 0) {
    error = add_worker();
    server.workers += error == 0;
  }
  return error;
}

static unsigned
take_wanted(void)
{
  struct waitq_context ctx;
  unsigned wanted;

  server_lock(&ctx);
  wanted = server.wanted;
  server.wanted = 0;
  server.workers += wanted;
  server_unlock(&ctx);
  return wanted;
}

/* There can be no more, and it is not tried again. */
static void
give_up(unsigned wanted)
{
  struct waitq_context ctx;

  server_lock(&ctx);
  server.workers -= wanted;
  server_config.tasks = server.workers - 1;
  server_unlock(&ctx);
}

void
pool_grow(void)
{
  unsigned wanted = take_wanted();

  while (wanted > 0 && add_worker() == 0) {
    --wanted;
  }
  if (wanted > 0) {
    give_up(wanted);
  }
}
