/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Encrypted connections: who gets through the handshake, and what becomes of
 * one of which a byte is changed, of which the rest is lost, or that stops.
 * Between client and server there is a line that does that, at each byte or at
 * each so many, which is an argument.
 */

#include "kernel.h"
#include "raw.h"

#include <unistd.h>

#include <rtems-rump/remote.h>
#include <simulator/simulator.h>

#include "hypercall.h"
#include "proof.h"

#define PATIENCE 1000

/* The line is over when nothing has come for so long. */
#define SILENCE 1500

#define PORT "127.0.0.1:27161"
#define SECRET "tls://" PORT
#define PLAIN_PORT "127.0.0.1:27162"
#define PLAIN "tcp://" PLAIN_PORT
#define LINE "tcp://127.0.0.1:27163"
#define BY_LINE "tls://127.0.0.1:27163"
#define KEYLESS "tls6://[::1]:27164"

#define NETBSD_EINVAL 22

/* Records that are not encrypted, of both ends, in a handshake. */
#define UNNOTICED_MAX 7

static const char alice_key[] = "alice has this key and no other";
static const char bob_key[] = "bob has this key, of another length";

static const struct rtems_rump_access rules[] = {
  { .place = "tls://", .key = alice_key, .key_size = sizeof(alice_key),
    .user = "alice", .uid = 501, .gid = 20 },
  { .place = "tls://", .key = bob_key, .key_size = sizeof(bob_key),
    .uid = 502, .gid = 20 },
  { .uid = RTEMS_RUMP_NOBODY, .gid = RTEMS_RUMP_NOGROUP }
};

static const struct rtems_rump_config config = {
  .memory = 4 << 20,
  .server = {
    .access = rules,
    .rules = sizeof(rules) / sizeof(rules[0]),
    .patience = PATIENCE
  }
};

static const struct rtems_rump_client_config alice = {
  .key = alice_key, .key_size = sizeof(alice_key), .user = "alice"
};
static const struct rtems_rump_client_config nameless = {
  .key = bob_key, .key_size = sizeof(bob_key)
};

static int
ask_uid(struct rtems_rump_client *client, intptr_t *uid)
{
  intptr_t values[2] = { -1, -1 };
  intptr_t none = 0;
  int error = -1;
  int failure = rtems_rump_client_syscall(client, CALL_CREDENTIALS, &none,
    sizeof(none), &error, values);

  *uid = values[0];
  return failure != 0 ? failure : error;
}

/* Opens a client, and makes a call; what is answered must be right. */
static int
visit(
  const char *url, const struct rtems_rump_client_config *how, intptr_t uid)
{
  struct rtems_rump_client *client;
  intptr_t told;
  int error = rtems_rump_client_open(url, how, &client);

  if (error == 0) {
    error = ask_uid(client, &told);
    CHECK(error != 0 || told == uid);
    rtems_rump_client_close(client);
  }
  return error;
}

static void
right_keys(void)
{
  CHECK(visit(SECRET, &alice, 501) == 0);
  CHECK(visit(SECRET, &nameless, 502) == 0);
  CHECK(visit(SECRET "/", &alice, 501) == 0);
}

static void
is_kept_out(
  const char *url, const struct rtems_rump_client_config *how, int error)
{
  CHECK(visit(url, how, -1) == error);
  kernel_check_gone();
}

static void
wrong_keys(void)
{
  struct rtems_rump_client_config how = alice;

  is_kept_out(SECRET, NULL, EPERM);
  how.key_size -= 2;
  is_kept_out(SECRET, &how, EPERM);
  how = nameless;
  how.user = "alice";
  is_kept_out(SECRET, &how, EPERM);
  how = alice;
  how.user = "carol";
  is_kept_out(SECRET, &how, EPERM);
  how.user = NULL;
  is_kept_out(SECRET, &how, EPERM);
}

static int
make_key(
  const char *user, size_t size, unsigned char key[TRANSPORT_KEY_SIZE],
  void *arg)
{
  const struct rtems_rump_client_config *how = arg;

  (void)user;
  (void)size;
  proof_make_transport_key(key, how->key, how->key_size);
  return 0;
}

/* Clients by hand have a key, too, and a name that is so long. */
static bool
raw_enter(
  struct raw *raw, const struct rtems_rump_client_config *how, size_t size)
{
  static const char name[300] = "alice";
  static struct transport_secret secret;

  secret = (struct transport_secret){
    .user = name, .user_size = size, .key = make_key,
    .arg = (void *)(uintptr_t)how, .random = getentropy
  };
  raw_secret = &secret;
  return raw_connect(raw, SECRET);
}

static bool
is_let_in(const struct rtems_rump_client_config *how, size_t size)
{
  struct raw raw;
  bool is = raw_enter(&raw, how, size);

  raw_close(&raw);
  return is;
}

static void
long_names(void)
{
  CHECK(is_let_in(&alice, 5));
  CHECK(is_let_in(&alice, SP_USER_SIZE));
  CHECK(!is_let_in(&alice, 4));
  CHECK(!is_let_in(&alice, SP_USER_SIZE + 1));
  CHECK(!is_let_in(&alice, 300));
}

/* What takes the place of a key where there is none is no key. */
static void
key_of_nobody(void)
{
  static const char no_key[RTEMS_RUMP_KEY_MINIMUM];
  static const struct rtems_rump_client_config how = {
    .key = no_key, .key_size = sizeof(no_key)
  };

  CHECK(!is_let_in(&how, 4));
}

/* What is left of a record is there, though nothing more comes below. */
static void
rest_of_a_record(void)
{
  struct transport_secret secret = {
    .user = "alice", .user_size = 5, .key = make_key,
    .arg = (void *)(uintptr_t)&alice, .random = getentropy
  };
  struct raw raw;
  char c;

  CHECK(rtems_rump_transport_connect(SECRET, &raw.transport) == 0);
  CHECK(transport_secure(raw.transport, &secret) == 0);
  sync_gate_init(&raw.gate, raw.transport);
  do {
    CHECK(raw_receive(&raw, &c, 1));
    CHECK(c == '\n' || transport_arm(raw.transport, TRANSPORT_RECEIVE));
  } while (c != '\n');
  CHECK(!transport_arm(raw.transport, TRANSPORT_RECEIVE));
  raw_close(&raw);
}

/* Where the other end does not encrypt. */
static void
plain_ends(void)
{
  static const char garbage[200] = "\x16\x03\x03 that is no record";
  struct raw raw = { .transport = NULL };

  is_kept_out("tls://" PLAIN_PORT, &alice, EPROTO);
  is_kept_out("tcp://" PORT, NULL, ENOTCONN);
  CHECK(rtems_rump_transport_connect("tcp://" PORT, &raw.transport) == 0);
  sync_gate_init(&raw.gate, raw.transport);
  CHECK(raw_send(&raw, garbage, sizeof(garbage)));
  raw_expect_end(&raw);
  CHECK(visit(PLAIN, NULL, RTEMS_RUMP_NOBODY) == 0);
}

static void
no_key_there(void)
{
  CHECK(rumpuser_sp_init(KEYLESS, "NetBSD", "7.99", "test")
    == NETBSD_EINVAL);
}

/* The line. */

enum harm { HARM_NONE, HARM_CHANGE, HARM_CUT, HARM_STOP };

/* One direction. */
struct flow {
  struct raw *from, *to;
  enum harm harm;
  size_t at, count;
  unsigned char harmed;
  rtems_binary_semaphore ended;
};

static void
end_line(struct flow *flow)
{
  transport_shutdown(flow->from->transport);
  transport_shutdown(flow->to->transport);
}

/* Returns false if nothing comes any more. */
static bool
wait_for_bytes(struct raw *raw)
{
  return transport_arm(raw->transport, TRANSPORT_RECEIVE)
    || rtems_binary_semaphore_wait_timed_ticks(&raw->gate.receive,
      SILENCE * rtems_clock_get_ticks_per_second() / 1000) == 0;
}

/* Returns how many of the bytes go on. */
static size_t
harm_bytes(struct flow *flow, unsigned char *bytes, size_t size)
{
  size_t before = flow->count;
  bool is_there = flow->at >= before && flow->at - before < size;

  flow->count += size;
  if (is_there && flow->harm == HARM_CHANGE) {
    flow->harmed = bytes[flow->at - before];
    bytes[flow->at - before] ^= 1;
  }
  return is_there && flow->harm >= HARM_CUT ? flow->at - before : size;
}

static void
carry(struct flow *flow)
{
  unsigned char bytes[512];
  size_t size = 0;
  size_t left;
  int error;

  for (;;) {
    error = transport_receive(flow->from->transport, bytes, sizeof(bytes),
      &size);
    if (error == EAGAIN && wait_for_bytes(flow->from)) {
      continue;
    }
    if (error != 0) {
      return;
    }
    left = harm_bytes(flow, bytes, size);
    if (!raw_send(flow->to, bytes, left)
        || (left < size && flow->harm == HARM_CUT)) {
      return;
    }
  }
}

static rtems_task
run_flow(rtems_task_argument arg)
{
  struct flow *flow = (struct flow *)arg;

  carry(flow);
  end_line(flow);
  rtems_binary_semaphore_post(&flow->ended);
  rtems_task_exit();
}

static struct transport *listener;
static struct raw ends[2];
static struct flow flows[2];

static rtems_task
run_line(rtems_task_argument arg)
{
  unsigned i;

  (void)arg;
  while (transport_accept(listener, &ends[0].transport) == EAGAIN) {
    target_sleep(1);
  }
  CHECK(rtems_rump_transport_connect("tcp://" PORT, &ends[1].transport) == 0);
  for (i = 0; i < 2; ++i) {
    sync_gate_init(&ends[i].gate, ends[i].transport);
  }
  for (i = 0; i < 2; ++i) {
    (void)target_task(TARGET_PRIORITY, run_flow,
      (rtems_task_argument)&flows[i]);
  }
  for (i = 0; i < 2; ++i) {
    rtems_binary_semaphore_wait(&flows[i].ended);
  }
  for (i = 0; i < 2; ++i) {
    raw_close(&ends[i]);
  }
  rtems_task_exit();
}

/* A visit by the line; what harm is done at which byte, to or from the server. */
static int
visit_by_line(unsigned direction, enum harm harm, size_t at)
{
  rtems_id task;
  unsigned i;
  int error;

  for (i = 0; i < 2; ++i) {
    flows[i].from = &ends[i];
    flows[i].to = &ends[1 - i];
    flows[i].harm = i == direction ? harm : HARM_NONE;
    flows[i].at = at;
    flows[i].count = 0;
  }
  task = target_task(TARGET_PRIORITY, run_line, 0);
  error = visit(BY_LINE, &alice, 501);
  target_wait_for_end(task);
  kernel_check_gone();
  return error;
}

static bool
is_expected(int error)
{
  return error == ENOTCONN || error == EPROTO || error == EPERM
    || error == EACCES;
}

/*
 * Nothing that is changed or missing goes unnoticed, but for the version 3.3
 * in headers of records that are not encrypted yet, which nobody looks at.
 */
static void
harm_each_byte(enum harm harm, size_t step)
{
  unsigned unnoticed = 0;
  size_t sizes[2], at;
  unsigned direction;

  CHECK(visit_by_line(0, HARM_NONE, 0) == 0);
  sizes[0] = flows[0].count;
  sizes[1] = flows[1].count;
  for (direction = 0; direction < 2; ++direction) {
    for (at = direction; at < sizes[direction]; at += step) {
      int error = visit_by_line(direction, harm, at);

      CHECK(is_expected(error) || (error == 0 && harm == HARM_CHANGE
        && flows[direction].harmed == 3));
      unnoticed += error == 0;
    }
  }
  printf("# %u and %u bytes, %u unnoticed\n", (unsigned)sizes[0],
    (unsigned)sizes[1], unnoticed);
  CHECK(unnoticed <= UNNOTICED_MAX);
  CHECK(visit(SECRET, &alice, 501) == 0);
}

static size_t step = 1;

static void
changed_bytes(void)
{
  harm_each_byte(HARM_CHANGE, step);
}

static void
lost_bytes(void)
{
  harm_each_byte(HARM_CUT, step);
}

/* Who stops in the middle of a handshake has to leave; others are served. */
static void
stalls(void)
{
  harm_each_byte(HARM_STOP, 397);
}

static void
start(void)
{
  CHECK(hypercall_configure(&config) == 0);
  CHECK(rumpuser_init(RUMPUSER_VERSION, &kernel_upcalls) == 0);
  kernel_boot();
  CHECK(rumpuser_sp_init(SECRET, "NetBSD", "7.99", "test") == 0);
  CHECK(rumpuser_sp_init(PLAIN, "NetBSD", "7.99", "test") == 0);
  CHECK(rtems_rump_transport_listen(LINE, &listener) == 0);
  rtems_binary_semaphore_init(&flows[0].ended, "to");
  rtems_binary_semaphore_init(&flows[1].ended, "from");
}

#define STEP(function) { #function, function }

static const struct {
  const char *name;
  void (*run)(void);
} steps[] = {
  STEP(right_keys), STEP(wrong_keys), STEP(long_names), STEP(key_of_nobody),
  STEP(rest_of_a_record), STEP(plain_ends), STEP(no_key_there),
  STEP(stalls), STEP(lost_bytes), STEP(changed_bytes)
};

static rtems_task
Init(rtems_task_argument arg)
{
  size_t i;

  (void)arg;
  TARGET_BEGIN("REMOTE TLS");
  if (sim_argc > 1) {
    step = (size_t)atoi(sim_argv[1]);
  }
  start();
  for (i = 0; i < sizeof(steps) / sizeof(steps[0]); ++i) {
    printf("# %s\n", steps[i].name);
    (*steps[i].run)();
  }
  transport_close(listener);
  TARGET_END("REMOTE TLS");
}

#define CONFIGURE_UNLIMITED_OBJECTS
#define CONFIGURE_UNLIMITED_ALLOCATION_SIZE 32
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "../target/config.h"
