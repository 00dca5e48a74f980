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

/*
 * With the server locked.  Without an idle worker, and without a way to have
 * another, the work waits until one is.
 */
static struct sleeper *
find_worker(void)
{
  struct list_place *place = server.idle.first;

  if (place != NULL) {
    return take_idle(place->owner);
  }
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
  list_append(&server.ready, &session->ready);
  return find_worker();
}

bool
request_is_urgent(const struct request *request)
{
  return request->header.type == SP_HANDSHAKE;
}

/* For a call for which there is no room, who ends another comes again. */
struct sleeper *
pool_add_request(struct request *request)
{
  request->next = NULL;
  if (request_is_urgent(request)) {
    *server.last_urgent = request;
    server.last_urgent = &request->next;
    return find_worker();
  }
  *server.last_call = request;
  server.last_call = &request->next;
  return pool_has_room() ? find_worker() : NULL;
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
    ++server.calling;
  }
  return request;
}

/* With the server locked, as those before and after. */
static struct request *
take_request(void)
{
  struct request *request = take_urgent();

  if (request == NULL) {
    request = take_call();
  }
  if (request != NULL) {
    --request->session->waiting;
  }
  return request;
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

/* Returns a session with its token, or NULL and the worker has a request. */
static struct session *
take_work(struct worker *worker)
{
  struct waitq_context ctx;
  struct session *session = NULL;
  struct request *request;

  for (;;) {
    bool has_to_leave;

    server_lock(&ctx);
    has_to_leave = worker->bound != NULL
      && session_is_to_be_left(worker->bound);
    if (!has_to_leave) {
      request = take_request();
      if (request == NULL) {
        session = take_session();
      }
      if (request != NULL || session != NULL) {
        break;
      }
      become_idle(worker);
    }
    server_unlock(&ctx);
    if (has_to_leave) {
      request_leave_process(worker);
    } else {
      (void)sleeper_wait(&worker->sleeper, NULL);
    }
  }
  server_unlock(&ctx);
  if (request != NULL) {
    memcpy(&worker->request, request, sizeof(*request));
    memory_release(request, sizeof(*request));
  }
  return session;
}

static void *
work(void *arg)
{
  struct worker *worker = arg;

  self = worker;
  for (;;) {
    struct session *session = take_work(worker);

    if (session == NULL
        || session_receive(session, NULL, &worker->request)) {
      request_serve(worker);
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
