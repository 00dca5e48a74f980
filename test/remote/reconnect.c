/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Clients whose connection ends: by policy they make another one.  The server
 * is a task here, which answers each call by the number of its connection.
 *
 * On the simulator arguments are the URL that is used, and that of the client
 * if it is another one: both ends of a serial line.
 */

#include "crowd.h"
#include "raw.h"

#include <stdatomic.h>

#include <rtems-rump/remote.h>

#ifndef __rtems__
#include <simulator/simulator.h>
#endif

static const char *place = "mem://reconnect";
static const char *url = "mem://reconnect";

#define TASKS 4

/* Calls by number; the server is gone after the second, without an answer
   after the third. */
enum { CALL_STAY = 1, CALL_END, CALL_VANISH };

static struct transport *listener;
static atomic_uint connections, calls;
static atomic_bool refuses;

/* Of the first line: a machine. */
#define BANNER "RUMPSP-0.4-NetBSD-7"
static _Atomic(const char *) banner = BANNER "/test\n";

static bool
shake_hands(struct raw *raw)
{
  struct sp_header header;
  char name[RTEMS_RUMP_CLIENT_NAME_SIZE + 1];
  const char *text = atomic_load(&banner);
  int zero = 0;

  if (!raw_send(raw, text, strlen(text))
      || !raw_receive(raw, &header, sizeof(header))
      || !raw_receive(raw, name, (size_t)header.size - sizeof(header))) {
    return false;
  }
  CHECK(header.type == SP_HANDSHAKE && header.what == SP_GUEST);
  if (atomic_load(&refuses)) {
    (void)raw_frame(raw, SP_ERROR, SP_HANDSHAKE, SP_ERROR_AUTHENTICATION,
      header.number, NULL, 0);
    return false;
  }
  return raw_frame(raw, SP_RESPONSE, SP_HANDSHAKE, 0, header.number, &zero,
    sizeof(zero));
}

/* Returns false if the connection is to end. */
static bool
serve_call(struct raw *raw, unsigned number)
{
  struct sp_header header;
  struct sp_result result;
  char arguments[64];

  if (!raw_receive(raw, &header, sizeof(header))) {
    return false;
  }
  CHECK(header.type == SP_SYSCALL);
  CHECK(raw_receive(raw, arguments, (size_t)header.size - sizeof(header)));
  (void)atomic_fetch_add(&calls, 1);
  if (header.what == CALL_VANISH) {
    return false;
  }
  memset(&result, 0, sizeof(result));
  result.values[0] = (intptr_t)number;
  return raw_frame(raw, SP_RESPONSE, SP_SYSCALL, 0, header.number, &result,
    sizeof(result)) && header.what == CALL_STAY;
}

/* One connection; its task has it alone. */
static rtems_task
serve(rtems_task_argument arg)
{
  struct raw raw;
  unsigned number;

  raw.transport = (struct transport *)arg;
  sync_gate_init(&raw.gate, raw.transport);
  number = atomic_fetch_add(&connections, 1) + 1;
  if (shake_hands(&raw)) {
    while (serve_call(&raw, number)) {
    }
  }
  raw_close(&raw);
  rtems_task_exit();
}

static void
notify(enum transport_event event, void *arg)
{
  (void)event;
  rtems_binary_semaphore_post(arg);
}

static rtems_binary_semaphore somebody_is_there =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("somebody");
static atomic_bool is_over;

static rtems_task
accept_all(rtems_task_argument arg)
{
  struct transport *connection;

  (void)arg;
  while (!atomic_load(&is_over)) {
    if (transport_accept(listener, &connection) == 0) {
      (void)target_task(
        TARGET_PRIORITY, serve, (rtems_task_argument)connection);
    } else if (!transport_arm(listener, TRANSPORT_RECEIVE)) {
      rtems_binary_semaphore_wait(&somebody_is_there);
    }
  }
  transport_close(listener);
  rtems_task_exit();
}

static void
open_listener(void)
{
  struct transport_watcher watcher = {
    .notify = notify,
    .arg = &somebody_is_there
  };

  CHECK(rtems_rump_transport_listen(place, &listener) == 0);
  transport_watch(listener, &watcher);
  atomic_store(&is_over, false);
  (void)target_task(TARGET_PRIORITY, accept_all, 0);
}

static void
close_listener(void)
{
  atomic_store(&is_over, true);
  rtems_binary_semaphore_post(&somebody_is_there);
  target_sleep(50);
}

static struct rtems_rump_client *
open_client(int policy)
{
  struct rtems_rump_client_config config = { .reconnect = policy };
  struct rtems_rump_client *client;

  CHECK(rtems_rump_client_open(url, &config, &client) == 0);
  return client;
}

static int
call(struct rtems_rump_client *client, int number, intptr_t *result)
{
  intptr_t values[2] = { 0, 0 };
  intptr_t none = 0;
  int error;
  int failure = rtems_rump_client_syscall(
    client, number, &none, sizeof(none), &error, values);

  CHECK(failure != 0 || error == 0);
  *result = values[0];
  return failure;
}

/* After a call with which the connection ends. */
static void
end_connection(struct rtems_rump_client *client)
{
  intptr_t result;

  CHECK(call(client, CALL_END, &result) == 0);
  target_sleep(50);
}

static void
never(void)
{
  struct rtems_rump_client *client =
    open_client(RTEMS_RUMP_CLIENT_RECONNECT_NEVER);
  unsigned before = atomic_load(&connections);
  intptr_t result;

  end_connection(client);
  CHECK(call(client, CALL_STAY, &result) == ENOTCONN);
  CHECK(call(client, CALL_STAY, &result) == ENOTCONN);
  CHECK(atomic_load(&connections) == before);
  rtems_rump_client_close(client);
}

/* The first call after the end may find it only when it has been sent. */
static void
call_anew(struct rtems_rump_client *client, intptr_t before)
{
  intptr_t result;
  int error = call(client, CALL_STAY, &result);

  CHECK(error == 0 || error == ENOTCONN);
  if (error != 0) {
    CHECK(call(client, CALL_STAY, &result) == 0);
  }
  CHECK(result == before + 1);
}

static void
once(void)
{
  struct rtems_rump_client *client =
    open_client(RTEMS_RUMP_CLIENT_RECONNECT_ONCE);
  intptr_t before;

  CHECK(call(client, CALL_STAY, &before) == 0);
  end_connection(client);
  call_anew(client, before);
  rtems_rump_client_close(client);
}

static void
once_in_vain(void)
{
  struct rtems_rump_client *client =
    open_client(RTEMS_RUMP_CLIENT_RECONNECT_ONCE);
  intptr_t result, before;
  uint64_t begin;

  CHECK(call(client, CALL_STAY, &before) == 0);
  end_connection(client);
  close_listener();
  (void)call(client, CALL_STAY, &result);
  begin = target_msec();
  CHECK(call(client, CALL_STAY, &result) == ENOTCONN);
  CHECK(target_msec() - begin < 500);
  open_listener();
  call_anew(client, before);
  rtems_rump_client_close(client);
}

static rtems_task
open_later(rtems_task_argument arg)
{
  target_sleep((unsigned)arg);
  open_listener();
  rtems_task_exit();
}

static void
timed(void)
{
  struct rtems_rump_client *client = open_client(1);
  intptr_t result, before;
  uint64_t begin;

  CHECK(call(client, CALL_STAY, &before) == 0);
  end_connection(client);
  close_listener();
  (void)call(client, CALL_STAY, &result);
  begin = target_msec();
  CHECK(call(client, CALL_STAY, &result) == ENOTCONN);
  CHECK(target_msec() - begin >= 900 && target_msec() - begin < 5000);
  (void)target_task(TARGET_PRIORITY, open_later, 400);
  call_anew(client, before);
  rtems_rump_client_close(client);
}

static void
always(void)
{
  struct rtems_rump_client *client =
    open_client(RTEMS_RUMP_CLIENT_RECONNECT_ALWAYS);
  intptr_t before;

  CHECK(call(client, CALL_STAY, &before) == 0);
  end_connection(client);
  close_listener();
  (void)target_task(TARGET_PRIORITY, open_later, 1500);
  call_anew(client, before);
  rtems_rump_client_close(client);
}

/* A call that was under way is made once. */
static void
under_way(void)
{
  struct rtems_rump_client *client =
    open_client(RTEMS_RUMP_CLIENT_RECONNECT_ALWAYS);
  unsigned before = atomic_load(&calls);
  intptr_t result;

  CHECK(call(client, CALL_VANISH, &result) == ENOTCONN);
  CHECK(atomic_load(&calls) == before + 1);
  CHECK(call(client, CALL_STAY, &result) == 0);
  rtems_rump_client_close(client);
}

/* What will not change is not tried for ever. */
static void
refused(void)
{
  struct rtems_rump_client *client =
    open_client(RTEMS_RUMP_CLIENT_RECONNECT_ALWAYS);
  intptr_t result;

  end_connection(client);
  atomic_store(&refuses, true);
  if (call(client, CALL_STAY, &result) != EPERM) {
    CHECK(call(client, CALL_STAY, &result) == EPERM);
  }
  CHECK(call(client, CALL_STAY, &result) == EPERM);
  atomic_store(&refuses, false);
  rtems_rump_client_close(client);
}

/* What the client knows of the first machine holds for no other. */
static void
other_machines(void)
{
  static const char *const others[] = {
    BANNER "/other\n", BANNER "+abi=4b4/test\n"
  };
  size_t i;

  for (i = 0; i < sizeof(others) / sizeof(others[0]); ++i) {
    struct rtems_rump_client *client =
      open_client(RTEMS_RUMP_CLIENT_RECONNECT_ALWAYS);
    intptr_t result;

    end_connection(client);
    atomic_store(&banner, others[i]);
    if (call(client, CALL_STAY, &result) != ENOTSUP) {
      CHECK(call(client, CALL_STAY, &result) == ENOTSUP);
    }
    atomic_store(&banner, BANNER "/test\n");
    rtems_rump_client_close(client);
  }
}

static struct rtems_rump_client *shared;

static rtems_task
work(rtems_task_argument arg)
{
  unsigned succeeded = 0;
  unsigned i;

  for (i = 0; i < 100; ++i) {
    intptr_t result;
    int error = call(
      shared, i % 10 == arg ? CALL_END : CALL_STAY, &result);

    CHECK(error == 0 || error == ENOTCONN);
    succeeded += error == 0;
  }
  CHECK(succeeded >= 20);
  crowd_leave();
}

/* Several tasks share the connection that is made anew. */
static void
many_tasks(void)
{
  shared = open_client(RTEMS_RUMP_CLIENT_RECONNECT_ALWAYS);
  crowd_run(TASKS, work);
  rtems_rump_client_close(shared);
}

static void
bad_policy(void)
{
  struct rtems_rump_client_config config = { .reconnect = -3 };
  struct rtems_rump_client *client;

  CHECK(rtems_rump_client_open(url, &config, &client) == EINVAL);
}

#define STEP(function) { #function, function }

static const struct {
  const char *name;
  void (*run)(void);
} steps[] = {
  STEP(bad_policy), STEP(never), STEP(once), STEP(always), STEP(under_way),
  STEP(refused), STEP(other_machines), STEP(many_tasks),
  /* Without a listener: on a line that is seen late only. */
  STEP(once_in_vain), STEP(timed)
};

#define COUNT (sizeof(steps) / sizeof(steps[0]))
#define LINE_COUNT (COUNT - 2)

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;
  size_t i, count;

  (void)arg;
  TARGET_BEGIN("REMOTE RECONNECT");
#ifndef __rtems__
  if (sim_argc > 1) {
    place = sim_argv[1];
    url = sim_argv[sim_argc - 1];
  }
#endif
  count = strcmp(url, place) != 0 ? LINE_COUNT : COUNT;
  rtems_resource_snapshot_take(&before);
  open_listener();
  for (i = 0; i < count; ++i) {
    printf("# %s\n", steps[i].name);
    (*steps[i].run)();
  }
  close_listener();
  target_sleep(100);
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
  TARGET_END("REMOTE RECONNECT");
}

#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "../target/config.h"
