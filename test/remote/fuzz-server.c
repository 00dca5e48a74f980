/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The server, with clients that send anything, and one that it has to serve on
 * after each of them.  Such a client is an input: one of a folder, or one that
 * is made here, of frames that are nearly right.  Its bytes come by a transport
 * of the test's own, in pieces, until there are no more; then, of those that
 * are made, by mem://, in which what comes when is different each time.
 *
 * For libFuzzer with -DLIBFUZZER, on one processor.
 */

#include "kernel.h"
#include "raw.h"

#include <rtems-rump/remote.h>
#include <simulator/simulator.h>

#include "corpus.h"
#include "fuzz.h"
#include "fuzz-input.h"
#include "proof.h"
#include "server.h"

#define URL "mem://fuzz"

/* A client that takes more has gone. */
#define TAKEN_MAX (1u << 20)

/*
 * Where an input has these, there is the proof that it has the key, and the
 * cookie of a process that another client has forked: it cannot know them.
 */
#define PROOF_MARK "the proof"
#define COOKIE_MARK "the cookie"

static const char key[] = "a key that nobody knows";

static const struct rtems_rump_access rules[] = {
  { .uid = 100, .gid = 100 },
  { .key = key, .key_size = sizeof(key), .user = "fuzz", .uid = 101,
    .gid = 100 }
};

static const struct rtems_rump_config config = {
  .memory = 4 << 20,
  .server = {
    .access = rules,
    .rules = 2,
    .clients = 8,
    .tasks = 4,
    .client_tasks = 2,
    .patience = 100
  }
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The client that is served on. */
static struct rtems_rump_client *neighbour;

static void
open_neighbour(void)
{
  int tries = 0;

  /* While those before end, there may be too many. */
  while (rtems_rump_client_open(URL, NULL, &neighbour) != 0) {
    CHECK(++tries < 500);
    target_sleep(10);
  }
}

static void
check_alive(void)
{
  const intptr_t args[] = { 40, 2 };
  intptr_t values[2];
  int error;

  CHECK(
    rtems_rump_client_syscall(
      neighbour,
      CALL_ADD,
      args,
      sizeof(args),
      &error,
      values
    ) == 0
  );
  CHECK(error == 0 && values[0] == 42);
}

static unsigned
sessions(void)
{
  struct waitq_context ctx;
  unsigned count;

  server_lock(&ctx);
  count = server_config.clients - server.free_session_count;
  server_unlock(&ctx);
  return count;
}

/* An input. */

static size_t taken;
static rtems_binary_semaphore closed =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("closed");

static void
put(uint8_t *at, size_t room, const char *mark, const void *value, size_t size)
{
  for (; room >= size; ++at, --room) {
    if (memcmp(at, mark, strlen(mark)) == 0) {
      memcpy(at, value, size);
    }
  }
}

/* By the worker that sends the nonce. */
static void
put_proof(const unsigned char *nonce)
{
  unsigned char proof[SP_PROOF_SIZE];

  proof_make(
    proof,
    key,
    sizeof(key),
    PROOF_OF_CLIENT,
    &pool_self()->request->session->claim,
    nonce
  );
  sync_lock(&input.lock);
  put(
    input.bytes + input.at,
    input.size - input.at,
    PROOF_MARK,
    proof,
    sizeof(proof)
  );
  sync_unlock(&input.lock);
}

static int
input_send(
  struct transport *t, const struct iovec *parts, int count, size_t *sent)
{
  (void)t;
  *sent = input_take(parts, count);
  taken += *sent;
  if (input.is_over || taken > TAKEN_MAX) {
    input.is_over = true;
    return ENOTCONN;
  }
  if (count == 2 && parts[1].iov_len == SP_NONCE_SIZE) {
    put_proof(parts[1].iov_base);
  }
  return 0;
}

static void
input_close(struct transport *t)
{
  (void)t;
  rtems_binary_semaphore_post(&closed);
}

static const struct transport_ops input_ops = {
  .send = input_send,
  .receive = input_receive,
  .watch = input_watch,
  .arm = input_arm,
  .shutdown = input_shutdown,
  .close = input_close
};

static bool
has_mark(const uint8_t *bytes, size_t size, const char *mark)
{
  return size > 0 && memmem(bytes, size, mark, strlen(mark)) != NULL;
}

/* Nobody else may have that process when the input is over. */
static void
take_fork(const struct rtems_rump_fork *fork)
{
  struct rtems_rump_client *child;

  if (rtems_rump_client_open_fork(URL, NULL, fork, &child) == 0) {
    rtems_rump_client_close(child);
  }
}

static void
run_input(uint8_t *bytes, size_t size)
{
  taken = 0;
  input_begin(&input_ops, bytes, size);
  CHECK(session_create(&input.transport, access_at(URL)));
  rtems_binary_semaphore_wait(&closed);
  check_alive();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  /* Where a checker sees the end of it. */
  uint8_t *copy = malloc(size);
  struct rtems_rump_fork fork;

  CHECK(copy != NULL);
  if (size > 0) {
    memcpy(copy, bytes, size);
  }
  if (has_mark(copy, size, COOKIE_MARK)) {
    CHECK(rtems_rump_client_prefork(neighbour, &fork) == 0);
    put(copy, size, COOKIE_MARK, fork.cookie, sizeof(fork.cookie));
    run_input(copy, size);
    take_fork(&fork);
  } else {
    run_input(copy, size);
  }
  free(copy);
  return 0;
}

#ifdef LIBFUZZER

int LLVMFuzzerRunDriver(
  int *argc, char ***argv, int (*run)(const uint8_t *bytes, size_t size));

static void
run(void)
{
  (void)LLVMFuzzerRunDriver(&sim_argc, &sim_argv, LLVMFuzzerTestOneInput);
}

#else

/* Inputs that are made; the numbers are the same each time. */

/* The first frame, after which there is a while. */
static size_t first_frame;

/* Most of the payload's sizes are then those of parts. */
static void
make_parts(uint32_t *state, unsigned char *bytes, size_t size)
{
  struct sp_copy copy = { .size = 3 * sizeof(intptr_t) };
  size_t at = 0;

  while (size - at >= sizeof(copy) && fuzz_number(state) % 8 != 0) {
    memcpy(bytes + at, &copy, sizeof(copy));
    at += sizeof(copy)
      + (copy.size + sizeof(copy) - 1) / sizeof(copy) * sizeof(copy);
    if (at > size) {
      break;
    }
    copy.size = fuzz_number(state) % 64;
    copy.address = (void *)(uintptr_t)(fuzz_number(state) % 300);
  }
}

/* A handshake, or most of it. */
static size_t
make_first(uint32_t *state, unsigned char *bytes, unsigned kind)
{
  static const struct sp_claim claim = { .user = "fuzz" };
  struct sp_header header = {
    .size = sizeof(header),
    .class = SP_REQUEST,
    .type = SP_HANDSHAKE,
    .what = SP_GUEST
  };
  unsigned char *payload = bytes + sizeof(header);

  switch (kind) {
    case 0:
    case 1:
      header.size += sizeof(claim);
      header.what = SP_AUTHENTICATE;
      memcpy(payload, &claim, sizeof(claim));
      break;
    case 2:
      header.size += sizeof(struct sp_fork);
      header.what = SP_FORK;
      memset(payload, 0, sizeof(struct sp_fork));
      memcpy(payload, COOKIE_MARK, sizeof(COOKIE_MARK));
      payload[offsetof(struct sp_fork, cancel)] = fuzz_number(state) % 4 == 0;
      break;
    case 3:
      return 0;
    default:
      header.size += 5;
      memcpy(payload, "fuzz", 5);
      break;
  }
  memcpy(bytes, &header, sizeof(header));
  return (size_t)header.size;
}

/* A proof, and with that a guest. */
static size_t
make_proof(unsigned char *bytes, size_t length)
{
  struct sp_header header = {
    .size = sizeof(header) + SP_PROOF_SIZE,
    .class = SP_REQUEST,
    .type = SP_HANDSHAKE,
    .what = SP_AUTHENTICATE
  };

  (void)fuzz_put(bytes, length, &header);
  memcpy(
    bytes + length + sizeof(header), PROOF_MARK, sizeof(PROOF_MARK));
  length += (size_t)header.size;
  header.size = sizeof(header);
  header.what = SP_GUEST;
  return fuzz_put(bytes, length, &header);
}

/* Most are system calls. */
static void
make_call(uint32_t *state, unsigned char *bytes, size_t length)
{
  struct sp_header header;

  memcpy(&header, bytes, sizeof(header));
  header.class = SP_REQUEST;
  header.type = fuzz_number(state) % 2 == 0 ? SP_SYSCALL : SP_CARRYING;
  memcpy(bytes, &header, sizeof(header));
  if (header.type == SP_CARRYING) {
    make_parts(state, bytes + sizeof(header), length - sizeof(header));
  }
}

static size_t
make_input(uint32_t *state, unsigned char *bytes)
{
  unsigned frames = 1 + fuzz_number(state) % 6;
  unsigned kind = fuzz_number(state) % 8;
  size_t length = make_first(state, bytes, kind);

  first_frame = length;
  if (kind == 0) {
    length = make_proof(bytes, length);
  }
  while (frames-- > 0) {
    size_t at = length;

    length = fuzz_frame(state, bytes, length);
    if (fuzz_number(state) % 2 == 0) {
      make_call(state, bytes + at, length - at);
    }
  }
  fuzz_bytes(state, bytes, length);
  return length;
}

/* What the server sends is not looked at; often it cannot send all. */
static void
attack(uint32_t *state)
{
  static unsigned char bytes[8192];
  size_t length = make_input(state, bytes);
  size_t cut = fuzz_number(state) % 8 == 0 ? fuzz_number(state) % length
    : length;
  struct raw raw;
  size_t sent;
  struct iovec part = { bytes, cut };

  if (raw_connect(&raw, URL)) {
    /* Not in one go: the handshake should be over. */
    part.iov_len = cut < first_frame ? cut : first_frame;
    if (part.iov_len > 0) {
      (void)transport_send(raw.transport, &part, 1, &sent);
    }
    (void)rtems_task_wake_after(RTEMS_YIELD_PROCESSOR);
    if (fuzz_number(state) % 2 == 0) {
      target_sleep(1);
    }
    part.iov_base = bytes + part.iov_len;
    part.iov_len = cut - part.iov_len;
    (void)transport_send(raw.transport, &part, 1, &sent);
    if (fuzz_number(state) % 4 == 0) {
      target_sleep(1);
    }
  }
  raw_close(&raw);
}

static size_t
memory_used(void)
{
  struct rtems_rump_usage usage;

  kernel_wait(sessions, 1);
  memory_usage(&usage);
  return usage.memory_used;
}

static void
run_made(uint32_t *state, unsigned long runs)
{
  static unsigned char bytes[8192];

  while (runs-- > 0) {
    size_t length = make_input(state, bytes);

    (void)LLVMFuzzerTestOneInput(bytes, length);
  }
}

static void
run_attacks(uint32_t *state, unsigned long runs)
{
  while (runs-- > 0) {
    attack(state);
    if (runs % 8 == 0) {
      check_alive();
    }
  }
}

/*
 * What inputs have taken comes back: after the first ones they take no more.
 * It is counted in pages, of which parts can be in use a while longer.
 */
static void
run(void)
{
  uint32_t state = 2463534242u;
  unsigned long runs;
  size_t before;

  CHECK(sim_argc > 2);
  runs = strtoul(sim_argv[2], NULL, 10);
  fuzz_corpus(sim_argv[1], LLVMFuzzerTestOneInput);
  before = memory_used();
  fuzz_corpus(sim_argv[1], LLVMFuzzerTestOneInput);
  run_made(&state, 20 * runs);
  printf("# %zu bytes in use, then %zu\n", before, memory_used());
  CHECK(memory_used() <= before + 8192);
  run_attacks(&state, runs);
}

#endif

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;

  (void)arg;
  TARGET_BEGIN("REMOTE FUZZ SERVER");
  rtems_resource_snapshot_take(&before);
  CHECK(hypercall_configure(&config) == 0);
  CHECK(rumpuser_init(RUMPUSER_VERSION, &kernel_upcalls) == 0);
  kernel_boot();
  kernel_keep_running();
  CHECK(rumpuser_sp_init(URL, "NetBSD", "7.99", "test") == 0);
  open_neighbour();
  run();
  check_alive();
  rtems_rump_client_close(neighbour);
  kernel_wait(sessions, 0);
  CHECK(kernel_sleepers() == 0);
  CHECK(hypercall_end());
  target_sleep(20);
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
  TARGET_END("REMOTE FUZZ SERVER");
}

#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "../target/config.h"
