/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The server: its beginning, its main task and its end.
 */

#include "server.h"
#include "words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rtems.h>

#define LISTENERS_MAX 8

#define CLIENTS_MAX 256u
#define TASKS_MAX 128u

/* Below the level of callers nobody would be served while one computes. */
#define SERVER_LEVEL 2u

struct rtems_rump_server server_config;
struct server server = { .lock = WAITQ_INITIALIZER("rump sp") };

/* Of places to listen at; held for no longer than a transport's call. */
static struct lock listeners_lock = LOCK_INITIALIZER("rump sp listen");
static struct listening {
  struct transport *listener;
  uint32_t rules;
} places[LISTENERS_MAX];

static struct {
  char text[SP_BANNER_SIZE + 1];
  size_t length;
} banner;

void
sleeper_init(struct sleeper *sleeper)
{
  waitq_init(&sleeper->queue, "rump sp wait");
  sleeper->posted = 0;
}

void
sleeper_wake(struct sleeper *sleeper)
{
  struct waitq_context ctx;

  waitq_lock(&sleeper->queue, &ctx);
  ++sleeper->posted;
  waitq_wake_one(&sleeper->queue, &ctx);
}

bool
sleeper_wait(struct sleeper *sleeper, const struct timespec *deadline)
{
  struct waitq_context ctx;
  int error = 0;
  bool is_woken;

  waitq_lock(&sleeper->queue, &ctx);
  while (sleeper->posted == 0 && error == 0) {
    error = occupant_wait(&sleeper->queue, &ctx, deadline, NULL, NULL);
    waitq_lock(&sleeper->queue, &ctx);
  }
  is_woken = sleeper->posted > 0;
  sleeper->posted -= is_woken;
  waitq_unlock(&sleeper->queue, &ctx);
  return is_woken;
}

void
server_deadline(struct timespec *deadline)
{
  const long second = 1000000000;

  rtems_clock_get_monotonic(deadline);
  deadline->tv_sec += (time_t)(server_config.patience / 1000);
  deadline->tv_nsec += (long)(server_config.patience % 1000) * 1000000;
  if (deadline->tv_nsec >= second) {
    deadline->tv_nsec -= second;
    ++deadline->tv_sec;
  }
}

void
server_tell_main(void)
{
  struct waitq_context ctx;
  bool has_to;

  server_lock(&ctx);
  has_to = !server.main_is_told;
  server.main_is_told = true;
  server_unlock(&ctx);
  if (has_to) {
    sleeper_wake(&server.main);
  }
}

static void
notify(enum transport_event event, void *arg)
{
  (void)event;
  (void)arg;
  server_tell_main();
}

bool
session_greet(struct session *session)
{
  struct iovec part = { banner.text, banner.length };
  size_t sent;

  return transport_send(session->transport, &part, 1, &sent) == 0
    && sent == banner.length;
}

static void
admit(const struct listening *place, struct transport *connection)
{
  uint32_t rules = access_from(place->rules, connection);
  const struct transport_secret secret = {
    .key = access_transport_key,
    .arg = (void *)(uintptr_t)rules,
    .random = access_random
  };

  if (rules != 0 && transport_secure(connection, &secret) == 0) {
    (void)session_create(connection, rules);
  } else {
    transport_close(connection);
  }
}

static void
accept_all(const struct listening *place)
{
  struct transport *connection;
  int error;

  do {
    error = transport_accept(place->listener, &connection);
    if (error == 0) {
      admit(place, connection);
    }
  } while (error == 0 || (error == EAGAIN
    && transport_arm(place->listener, TRANSPORT_RECEIVE)));
}

static void
accept_everywhere(void)
{
  unsigned i;

  lock_enter(&listeners_lock);
  for (i = 0; i < LISTENERS_MAX; ++i) {
    if (places[i].listener != NULL) {
      accept_all(&places[i]);
    }
  }
  lock_exit(&listeners_lock);
}

static struct session *
next_ended(void)
{
  struct waitq_context ctx;
  struct session *session;

  server_lock(&ctx);
  session = server.ended;
  if (session != NULL) {
    server.ended = session->next;
  }
  server_unlock(&ctx);
  return session;
}

static bool
begins_to_end(struct session *session)
{
  struct waitq_context ctx;
  bool begins;

  server_lock(&ctx);
  begins = session->is_ending;
  session->is_ending = false;
  server_unlock(&ctx);
  return begins;
}

/* Its threads in the kernel leave there; without a process it has none. */
static void
expel_threads(struct session *session)
{
  lock_enter(&session->kernel);
  if (session->main_lwp != NULL) {
    (*hypercall_up.hyp_schedule)();
    (*hypercall_up.hyp_lwproc_switch)(session->main_lwp);
    (*hypercall_up.hyp_unschedule)();
    (*hypercall_up.hyp_schedule)();
    (*hypercall_up.hyp_lwpexit)();
    (*hypercall_up.hyp_lwproc_switch)(NULL);
    (*hypercall_up.hyp_unschedule)();
  }
  lock_exit(&session->kernel);
}

static void
serve_ended(void)
{
  struct session *session;

  while ((session = next_ended()) != NULL) {
    if (!begins_to_end(session)) {
      session_destroy(session);
      continue;
    }
    expel_threads(session);
    pool_recall(session);
    session_release(session);
  }
}

static bool
is_before(const struct timespec *a, const struct timespec *b)
{
  return a->tv_sec < b->tv_sec
    || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

/*
 * The first of the strangers if its time is over: it has to leave, or if a
 * handshake is under way, to come to an end with that.  What is stored is when
 * the next one has to, or nothing.
 */
static struct session *
take_expired(
  const struct timespec *now, bool *has_stranger, struct timespec *deadline)
{
  struct list_place *place = server.strangers.first;
  struct session *session;

  *has_stranger = place != NULL;
  if (place == NULL) {
    return NULL;
  }
  session = place->owner;
  *deadline = session->handshake_deadline;
  if (is_before(now, deadline)) {
    return NULL;
  }
  list_remove(&server.strangers, place);
  return session;
}

/*
 * A stranger that does not say who it is has to leave in time.  Returns
 * whether there is another one, and then when that has to.  Only this task
 * destroys sessions.
 */
static bool
expire_strangers(struct timespec *earliest)
{
  struct waitq_context ctx;
  struct session *expired;
  struct timespec now;
  bool has_stranger;

  rtems_clock_get_monotonic(&now);
  do {
    bool is_idle = false;

    server_lock(&ctx);
    expired = take_expired(&now, &has_stranger, earliest);
    if (expired != NULL && expired->state == SESSION_IS_NEW) {
      expired->state = SESSION_SHAKES_HANDS;
      is_idle = true;
    }
    server_unlock(&ctx);
    if (is_idle) {
      transport_shutdown(expired->transport);
    }
  } while (expired != NULL);
  return has_stranger;
}

static void
forget_told(void)
{
  struct waitq_context ctx;

  server_lock(&ctx);
  server.main_is_told = false;
  server_unlock(&ctx);
}

static void *
run(void *arg)
{
  struct timespec earliest;
  bool has_deadline;

  (void)arg;
  for (;;) {
    forget_told();
    pool_grow();
    accept_everywhere();
    serve_ended();
    has_deadline = expire_strangers(&earliest);
    (void)sleeper_wait(&server.main, has_deadline ? &earliest : NULL);
  }
  return NULL;
}

static void
stop_listening(void)
{
  unsigned i;

  lock_enter(&listeners_lock);
  for (i = 0; i < LISTENERS_MAX; ++i) {
    if (places[i].listener != NULL) {
      transport_close(places[i].listener);
      places[i].listener = NULL;
    }
  }
  lock_exit(&listeners_lock);
}

/* With the kernel go the connections; all memory is the kernel's. */
static void
server_end(void)
{
  unsigned i;

  for (i = 0; i < LISTENERS_MAX; ++i) {
    if (places[i].listener != NULL) {
      transport_close(places[i].listener);
    }
  }
  for (i = 0; i < server_config.clients; ++i) {
    if (server.sessions[i] != NULL) {
      transport_close(server.sessions[i]->transport);
    }
  }
}

static void
set_defaults(struct rtems_rump_server *config)
{
  if (config->clients == 0) {
    config->clients = 16;
  }
  if (config->tasks == 0) {
    config->tasks = 8;
  }
  if (config->client_tasks == 0) {
    config->client_tasks = (config->tasks + 1) / 2;
  }
  if (config->client_calls == 0) {
    config->client_calls = 32;
  }
  if (config->client_files == 0) {
    config->client_files = 128;
  }
  if (config->copy_size == 0) {
    config->copy_size = 65536;
  }
  if (config->patience == 0) {
    config->patience = 30000;
  }
}

static int
check(const struct rtems_rump_server *config)
{
  const struct {
    const char *field;
    unsigned value, maximum;
  } limits[] = {
    { "clients", config->clients, CLIENTS_MAX },
    { "tasks", config->tasks, TASKS_MAX },
    { "client_tasks", config->client_tasks, config->tasks },
    { "client_calls", config->client_calls, 1024 },
    { "client_files", config->client_files, 65535 },
  };
  size_t i;

  for (i = 0; i < sizeof(limits) / sizeof(limits[0]); ++i) {
    if (limits[i].value > limits[i].maximum) {
      rumpuser_dprintf(
        "rump: rtems_rump_server::%s must be 1 to %u, not %u\n",
        limits[i].field,
        limits[i].maximum,
        limits[i].value
      );
      return NETBSD_EINVAL;
    }
  }
  return 0;
}

static void
make_banner(const char *ostype, const char *osrelease, const char *machine)
{
  static const struct layout layout = LAYOUT_NATIVE;
  int length = snprintf(
    banner.text,
    sizeof(banner.text),
    "RUMPSP-" SP_VERSION "-%s-%s" SP_ABI "%u%c%u" SP_CARRIES "/%s\n",
    ostype,
    osrelease,
    layout.word_size,
    layout.is_big_endian ? 'b' : 'l',
    layout.alignment64,
    machine
  );

  if (length >= (int)sizeof(banner.text)) {
    banner.text[sizeof(banner.text) - 2] = '\n';
    length = sizeof(banner.text) - 1;
  }
  banner.length = (size_t)length;
}

/* A table with an element for each place, and one of those that are free. */
static void *
make_table(unsigned places, unsigned **free_places)
{
  size_t size = places * (sizeof(void *) + sizeof(unsigned));
  void **table = memory_allocate(size);
  unsigned i;

  if (table == NULL) {
    return NULL;
  }
  memset(table, 0, size);
  *free_places = (unsigned *)(table + places);
  for (i = 0; i < places; ++i) {
    (*free_places)[i] = places - 1 - i;
  }
  return table;
}

static int
make_tables(void)
{
  unsigned clients = server_config.clients;

  if (server.preforks == NULL) {
    server.preforks = make_table(2 * clients, &server.free_preforks);
  }
  if (server.preforks != NULL) {
    server.sessions = make_table(clients, &server.free_sessions);
  }
  if (server.sessions == NULL) {
    return NETBSD_ENOMEM;
  }
  server.free_prefork_count = 2 * clients;
  server.free_session_count = clients;
  return 0;
}

/* What is there already when it fails stays for another try. */
static int
begin(void)
{
  static struct component component = { NULL, server_end };
  static bool has_begun;
  int error;

  if (has_begun) {
    return 0;
  }
  server_config = hypercall_config.server;
  set_defaults(&server_config);
  error = check(&server_config);
  if (error == 0) {
    error = access_init(&server_config);
  }
  if (error == 0 && server.sessions == NULL) {
    server.last_urgent = &server.first_urgent;
    server.last_call = &server.first_call;
    server.ready.last = &server.ready.first;
    server.idle.last = &server.idle.first;
    server.strangers.last = &server.strangers.first;
    server.last_orphan = &server.first_orphan;
    sleeper_init(&server.main);
    error = make_tables();
  }
  if (error == 0) {
    error = pool_begin();
  }
  if (error == 0) {
    error = thread_start(run, NULL, "rumpsp", SERVER_LEVEL, -1, false, NULL);
  }
  if (error == 0) {
    component_add(&component);
    has_begun = true;
  }
  return error;
}

static struct listening *
free_place(void)
{
  unsigned i;

  for (i = 0; i < LISTENERS_MAX && places[i].listener != NULL; ++i) {
  }
  return i < LISTENERS_MAX ? &places[i] : NULL;
}

static bool
has_its_key(
  const struct listening *place, const struct transport *listener)
{
  if (transport_is_secret(listener) && !access_has_key(place->rules)) {
    rumpuser_dprintf("rump: rtems_rump_access::key: no rule there has one\n");
    return false;
  }
  return true;
}

/* With the listeners locked. */
static int
listen_at(const char *url)
{
  struct transport_watcher watcher = { .notify = notify };
  struct listening *place = free_place();
  struct transport *listener;
  int error;

  if (place == NULL) {
    return EMFILE;
  }
  error = rtems_rump_transport_listen(url, &listener);
  if (error != 0) {
    return error;
  }
  place->rules = access_at(url);
  if (!access_is_valid(place->rules, listener)
      || !has_its_key(place, listener)) {
    transport_close(listener);
    return EINVAL;
  }
  transport_watch(listener, &watcher);
  place->listener = listener;
  return 0;
}

int
rumpuser_sp_init(
  const char *url,
  const char *ostype,
  const char *osrelease,
  const char *machine
)
{
  int error;

  lock_enter(&listeners_lock);
  make_banner(ostype, osrelease, machine);
  error = begin();
  if (error == 0) {
    error = listen_at(url);
    if (error != 0) {
      rumpuser_dprintf(
        "rump: the server cannot listen at %s: %s\n",
        url != NULL ? url : "(no URL)",
        rtems_rump_transport_error(url, error)
      );
    }
    error = hypercall_errno_to_netbsd(error);
  }
  lock_exit(&listeners_lock);
  if (error == 0) {
    server_tell_main();
  }
  return error;
}

/* The place of the request is the client's again. */
static void
answer_last(struct worker *worker)
{
  struct transport_call *call = worker->request->call;

  worker->own.request = *worker->request;
  worker->own.request.call = NULL;
  worker->request = &worker->own.request;
  call->failure = 0;
  call->error = 0;
  call->values[0] = 0;
  call->values[1] = 0;
  transport_answer(worker->request->session->transport, call);
}

/*
 * The client that ends the kernel is told so, as nobody else will.  It may be
 * by a panic, so the virtual CPU is kept: who is sending needs none for that.
 */
static void
answer_last_call(uintptr_t id)
{
  struct worker *worker = pool_self();
  struct request *request = worker != NULL ? worker->request : NULL;
  struct sp_header header = { .class = SP_RESPONSE, .type = SP_SYSCALL };
  struct sp_result result;

  if (request == NULL || worker->is_answered || request->session->id != id) {
    return;
  }
  worker->is_answered = true;
  if (request->call != NULL) {
    answer_last(worker);
    return;
  }
  header.number = request->header.number;
  memset(&result, 0, sizeof(result));
  session_send_now(request->session, &header, &result, sizeof(result));
  transport_finish(request->session->transport);
}

/* Of NetBSD: not NULL while it panics. */
extern const char *rumpns_panicstr __attribute__((__weak__));

static bool
is_panic(void)
{
  return &rumpns_panicstr != NULL && rumpns_panicstr != NULL;
}

/* One that is over already may still have its last answer to send. */
static struct session *
hold_session(unsigned place)
{
  struct waitq_context ctx;
  struct session *session;

  server_lock(&ctx);
  session = server.sessions[place];
  if (session != NULL && session->references > 0
      && transport_lingers(session->transport)) {
    ++session->references;
  } else {
    session = NULL;
  }
  server_unlock(&ctx);
  return session;
}

static struct session *
shut_down_sessions(void)
{
  struct session *first = NULL;
  unsigned i;

  for (i = 0; i < server_config.clients; ++i) {
    struct session *session = hold_session(i);

    if (session != NULL) {
      transport_shutdown(session->transport);
      session->lingering = first;
      first = session;
    }
  }
  return first;
}

/* What is too long for one of them is for all. */
static void
linger(struct session *session)
{
  bool goes_on = true;

  while (session != NULL) {
    struct session *next = session->lingering;

    goes_on = goes_on && transport_linger(session->transport);
    session_release(session);
    session = next;
  }
}

/*
 * Connections over a stack that may be this kernel's end before that does.
 * The stack needs a virtual CPU, which a kernel that panics keeps: then peers
 * miss it.
 */
static void
end_connections(void)
{
  int nlocks;

  if (is_panic()) {
    return;
  }
  nlocks = hypercall_unschedule(NULL);
  linger(shut_down_sessions());
  hypercall_schedule(nlocks, NULL);
}

void
rumpuser_sp_fini(void *client)
{
  if (server.sessions == NULL) {
    return;
  }
  stop_listening();
  if (client != NULL) {
    answer_last_call((uintptr_t)client);
  }
  end_connections();
}
