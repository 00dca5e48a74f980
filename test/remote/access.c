/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Who may be a client, and whom the kernel takes it for: rules, keys, and
 * those, on both sides, who do not have the key.
 */

#include "kernel.h"
#include "raw.h"

#include <rtems-rump/remote.h>

#include "hypercall.h"
#include "proof.h"

#define CLIENTS_MAX 16
#define PATIENCE 1000

#define OPEN "mem://open"
#define LOCKED "mem://locked"
#define FAKE "mem://fake"

/* On the simulator: one where nobody is let in, one of each family. */
#define FOREIGN "tcp://127.0.0.1:27141"
#define LOCAL "tcp://127.0.0.1:27142"
#define LOCAL6 "tcp6://[::1]:27143"
#define MISSPELT "tcp://127.0.0.1:27144"

static const char alice_key[] = "alice has this key and no other";
static const char bob_key[] = "bob has this key, of another length";

static const char *const far_peers[] = { "10.0.0.0/8", "2001:db8::/32", NULL };
static const char *const no_peers[] = { "everybody", NULL };
static const char *const near_peers[] = { "127.0.0.0/8", "::1", NULL };

static const struct rtems_rump_access rules[] = {
  { .place = "tcp://", .peers = far_peers, .uid = 1000, .gid = 1000 },
  { .place = LOCAL, .peers = near_peers, .uid = 700, .gid = 701 },
  { .place = MISSPELT, .peers = no_peers },
  { .place = "tcp6://", .peers = near_peers, .uid = 800, .gid = 801 },
  { .place = "mem://", .peers = near_peers, .uid = 900, .gid = 901 },
  { .place = OPEN, .uid = RTEMS_RUMP_NOBODY, .gid = RTEMS_RUMP_NOGROUP },
  { .place = "mem://", .key = alice_key, .key_size = sizeof(alice_key),
    .user = "alice", .uid = 501, .gid = 20 },
  { .place = LOCKED, .key = bob_key, .key_size = sizeof(bob_key),
    .user = "bob", .uid = 0, .gid = 50 },
  { .place = LOCKED, .key = bob_key, .key_size = sizeof(bob_key),
    .uid = 0, .gid = 0 }
};

static struct rtems_rump_config config = {
  .memory = 4 << 20,
  .server = {
    .access = rules,
    .rules = sizeof(rules) / sizeof(rules[0]),
    .clients = CLIENTS_MAX,
    .patience = PATIENCE
  }
};

static const struct rtems_rump_client_config alice = {
  .key = alice_key, .key_size = sizeof(alice_key), .user = "alice"
};
static const struct rtems_rump_client_config bob = {
  .key = bob_key, .key_size = sizeof(bob_key), .user = "bob"
};
static const struct rtems_rump_client_config nameless = {
  .key = bob_key, .key_size = sizeof(bob_key)
};
static const struct rtems_rump_client_config not_alice = {
  .key = bob_key, .key_size = sizeof(bob_key), .user = "alice"
};
static const struct rtems_rump_client_config carol = {
  .key = alice_key, .key_size = sizeof(alice_key), .user = "carol"
};

/* The places of clients that have gone may not be free yet. */
static struct rtems_rump_client *
open_client(const char *url, const struct rtems_rump_client_config *how)
{
  struct rtems_rump_client *client = NULL;
  int tries = 0;
  int error;

  while ((error = rtems_rump_client_open(url, how, &client)) == ENOTCONN) {
    CHECK(++tries < 100);
    target_sleep(10);
  }
  CHECK(error == 0);
  return client;
}

static void
check_credentials(struct rtems_rump_client *client, long uid, long gid)
{
  intptr_t values[2];
  intptr_t none = 0;
  int error;

  CHECK(
    rtems_rump_client_syscall(
      client,
      CALL_CREDENTIALS,
      &none,
      sizeof(none),
      &error,
      values
    ) == 0
  );
  CHECK(error == 0 && values[0] == uid && values[1] == gid);
}

static void
is_let_in(
  const char                            *url,
  const struct rtems_rump_client_config *how,
  long                                   uid,
  long                                   gid
)
{
  struct rtems_rump_client *client = open_client(url, how);

  check_credentials(client, uid, gid);
  rtems_rump_client_close(client);
}

static void
is_kept_out(
  const char *url, const struct rtems_rump_client_config *how, int error)
{
  struct rtems_rump_client *client;

  CHECK(rtems_rump_client_open(url, how, &client) == error);
  kernel_check_gone();
}

static void
rules_hold(void)
{
  is_let_in(OPEN, NULL, RTEMS_RUMP_NOBODY, RTEMS_RUMP_NOGROUP);
  is_let_in(OPEN, &alice, 501, 20);
  is_let_in(LOCKED, &alice, 501, 20);
  is_let_in(LOCKED, &bob, 0, 50);
  is_let_in(LOCKED, &nameless, 0, 0);
  is_kept_out(LOCKED, NULL, EPERM);
  is_kept_out(LOCKED, &not_alice, EPERM);
  is_kept_out(LOCKED, &carol, EPERM);
  is_kept_out(OPEN, &bob, EPERM);
}

static void
bad_keys(void)
{
  static const char long_name[] = "a name of thirty-two characters.";
  struct rtems_rump_client_config how = alice;

  how.key_size = RTEMS_RUMP_CLIENT_KEY_MINIMUM - 1;
  is_kept_out(OPEN, &how, EINVAL);
  how = alice;
  how.user = long_name;
  CHECK(strlen(long_name) == SP_USER_SIZE);
  is_kept_out(OPEN, &how, EINVAL);

  /* Without its last letter it is another one. */
  how = alice;
  how.key_size = sizeof(alice_key) - 2;
  is_kept_out(OPEN, &how, EPERM);
}

/* A process that a client has forked is taken by who came in as that did. */
static void
forks(void)
{
  struct rtems_rump_client *parent = open_client(OPEN, &alice);
  struct rtems_rump_client *child;
  struct rtems_rump_fork cookie;
  unsigned i;

  CHECK(rtems_rump_client_prefork(parent, &cookie) == 0);
  for (i = 0; i < 4; ++i) {
    struct rtems_rump_fork wrong = cookie;

    wrong.cookie[i] ^= UINT32_C(1) << 31;
    CHECK(
      rtems_rump_client_open_fork(OPEN, &alice, &wrong, &child) == ESRCH);
  }
  CHECK(rtems_rump_client_open_fork(OPEN, NULL, &cookie, &child) == ESRCH);
  CHECK(rtems_rump_client_open_fork(LOCKED, NULL, &cookie, &child) == EPERM);
  CHECK(rtems_rump_client_open_fork(LOCKED, &bob, &cookie, &child) == ESRCH);
  CHECK(rtems_rump_client_open_fork(LOCKED, &alice, &cookie, &child) == 0);
  check_credentials(child, 501, 20);
  rtems_rump_client_close(child);
  rtems_rump_client_close(parent);
  kernel_check_gone();
}

/* Without its credentials a client has no process. */
static void
credentials_that_cannot_be(void)
{
  kernel_refuse_user(501);
  is_kept_out(OPEN, &alice, EIO);
  kernel_refuse_user(0);
  is_let_in(OPEN, &alice, 501, 20);
}

static void
peers(void)
{
#ifndef __rtems__
  is_kept_out(FOREIGN, NULL, ENOTCONN);
  is_kept_out(FOREIGN, &alice, ENOTCONN);
  is_let_in(LOCAL, NULL, 700, 701);
  is_kept_out(LOCAL, &alice, EPERM);
  is_let_in(LOCAL6, NULL, 800, 801);
#endif
}

/* Strangers by hand. */

static const struct sp_claim alices_claim = { .user = "alice" };

static bool
raw_authenticate(struct raw *raw, const void *payload, size_t size)
{
  return raw_frame(raw, SP_REQUEST, SP_HANDSHAKE, SP_AUTHENTICATE, 3, payload,
    size);
}

static void
raw_expect_bytes(struct raw *raw, void *to, size_t size)
{
  struct sp_header header;

  CHECK(raw_receive(raw, &header, sizeof(header)));
  CHECK(header.size == sizeof(header) + size);
  CHECK(header.class == SP_RESPONSE && header.type == SP_HANDSHAKE);
  CHECK(header.number == 3);
  CHECK(raw_receive(raw, to, size));
}

/* One that has asked for a challenge. */
static void
raw_challenge(struct raw *raw, unsigned char nonce[SP_NONCE_SIZE])
{
  raw_join(raw, LOCKED);
  CHECK(raw_authenticate(raw, &alices_claim, sizeof(alices_claim)));
  raw_expect_bytes(raw, nonce, SP_NONCE_SIZE);
}

static void
alices_proof(
  unsigned char        proof[SP_PROOF_SIZE],
  const char           of[sizeof(PROOF_OF_CLIENT)],
  const unsigned char *nonce
)
{
  proof_make(
    proof, alice_key, sizeof(alice_key), of, &alices_claim, nonce);
}

/* One that has proved it. */
static void
raw_prove(struct raw *raw, unsigned char proof[SP_PROOF_SIZE])
{
  unsigned char nonce[SP_NONCE_SIZE], answer[SP_PROOF_SIZE];
  unsigned char wanted[SP_PROOF_SIZE];

  raw_challenge(raw, nonce);
  alices_proof(proof, PROOF_OF_CLIENT, nonce);
  CHECK(raw_authenticate(raw, proof, SP_PROOF_SIZE));
  raw_expect_bytes(raw, answer, sizeof(answer));
  alices_proof(wanted, PROOF_OF_SERVER, nonce);
  CHECK(memcmp(wanted, answer, sizeof(answer)) == 0);
}

/*
 * The connection is over.  The client is told why, unless the answer before is
 * still being sent.
 */
static void
raw_expect_refusal(struct raw *raw, enum sp_error error)
{
  struct sp_header header;

  if (raw_receive(raw, &header, sizeof(header))) {
    CHECK(header.class == SP_ERROR && header.what == error);
    CHECK(!raw_receive(raw, &header, 1));
  }
  raw_close(raw);
  kernel_check_gone();
}

static void
claims_of_a_wrong_size(void)
{
  static const size_t sizes[] = { 0, 1, 32, 63, 65, 128, SP_REQUEST_SIZE };
  static const char zeros[SP_REQUEST_SIZE];
  struct raw raw;
  size_t i;

  for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
    raw_join(&raw, LOCKED);
    CHECK(raw_authenticate(&raw, zeros, sizes[i]));
    raw_expect_refusal(&raw, SP_ERROR_MALFORMED);
  }
}

static void
proofs_of_a_wrong_size(void)
{
  static const size_t sizes[] = { 0, 1, 31, 33, 64, SP_REQUEST_SIZE };
  unsigned char bytes[SP_REQUEST_SIZE] = { 0 };
  unsigned char nonce[SP_NONCE_SIZE];
  struct raw raw;
  size_t i;

  for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
    raw_challenge(&raw, nonce);
    alices_proof(bytes, PROOF_OF_CLIENT, nonce);
    CHECK(raw_authenticate(&raw, bytes, sizes[i]));
    raw_expect_refusal(&raw, SP_ERROR_MALFORMED);
  }
}

/* Each bit of the proof counts, and there is one try. */
static void
wrong_proofs(void)
{
  unsigned char nonce[SP_NONCE_SIZE], proof[SP_PROOF_SIZE];
  struct raw raw;
  unsigned i;

  for (i = 0; i < 8 * SP_PROOF_SIZE; i += 37) {
    raw_challenge(&raw, nonce);
    alices_proof(proof, PROOF_OF_CLIENT, nonce);
    proof[i / 8] ^= (unsigned char)(1 << i % 8);
    CHECK(raw_authenticate(&raw, proof, sizeof(proof)));
    raw_expect_refusal(&raw, SP_ERROR_AUTHENTICATION);
  }
}

/* What was right once is not again, nor is what the server sends. */
static void
replays(void)
{
  unsigned char nonce[SP_NONCE_SIZE], proof[SP_PROOF_SIZE];
  unsigned char old_nonce[SP_NONCE_SIZE];
  struct raw raw;

  raw_prove(&raw, proof);
  raw_close(&raw);
  raw_challenge(&raw, old_nonce);
  CHECK(raw_authenticate(&raw, proof, sizeof(proof)));
  raw_expect_refusal(&raw, SP_ERROR_AUTHENTICATION);

  raw_challenge(&raw, nonce);
  CHECK(memcmp(nonce, old_nonce, sizeof(nonce)) != 0);
  alices_proof(proof, PROOF_OF_SERVER, nonce);
  CHECK(raw_authenticate(&raw, proof, sizeof(proof)));
  raw_expect_refusal(&raw, SP_ERROR_AUTHENTICATION);

  raw_challenge(&raw, nonce);
  CHECK(raw_authenticate(&raw, nonce, sizeof(nonce)));
  raw_expect_refusal(&raw, SP_ERROR_AUTHENTICATION);
}

/* Who has begun to authenticate does not come in without. */
static void
downgrades(void)
{
  static const struct sp_fork fork;
  unsigned char nonce[SP_NONCE_SIZE], proof[SP_PROOF_SIZE];
  struct raw raw;

  raw_join(&raw, OPEN);
  CHECK(raw_authenticate(&raw, &alices_claim, sizeof(alices_claim)));
  raw_expect_bytes(&raw, nonce, sizeof(nonce));
  CHECK(raw_frame(&raw, SP_REQUEST, SP_HANDSHAKE, SP_GUEST, 3, "raw", 4));
  raw_expect_refusal(&raw, SP_ERROR_AUTHENTICATION);

  raw_challenge(&raw, nonce);
  CHECK(raw_frame(&raw, SP_REQUEST, SP_HANDSHAKE, SP_FORK, 3, &fork,
    sizeof(fork)));
  raw_expect_refusal(&raw, SP_ERROR_AUTHENTICATION);

  raw_challenge(&raw, nonce);
  CHECK(raw_frame(&raw, SP_REQUEST, SP_SYSCALL, CALL_GETPID, 3, NULL, 0));
  raw_expect_refusal(&raw, SP_ERROR_AUTHENTICATION);

  raw_prove(&raw, proof);
  CHECK(raw_frame(&raw, SP_REQUEST, SP_SYSCALL, CALL_GETPID, 3, NULL, 0));
  raw_expect_refusal(&raw, SP_ERROR_AUTHENTICATION);

  raw_prove(&raw, proof);
  CHECK(raw_authenticate(&raw, &alices_claim, sizeof(alices_claim)));
  raw_expect_refusal(&raw, SP_ERROR_AUTHENTICATION);

  raw_join(&raw, LOCKED);
  CHECK(raw_frame(&raw, SP_REQUEST, SP_HANDSHAKE, SP_GUEST, 3, "raw", 4));
  raw_expect_refusal(&raw, SP_ERROR_AUTHENTICATION);
}

/* Ends in each phase, and in the middle of a frame. */
static void
truncated(void)
{
  struct sp_header header = {
    .size = sizeof(header) + sizeof(alices_claim),
    .class = SP_REQUEST,
    .type = SP_HANDSHAKE,
    .what = SP_AUTHENTICATE
  };
  unsigned char nonce[SP_NONCE_SIZE], proof[SP_PROOF_SIZE];
  struct raw raw;
  size_t i;

  for (i = 0; i < sizeof(alices_claim); i += 21) {
    raw_join(&raw, LOCKED);
    CHECK(raw_send(&raw, &header, sizeof(header)));
    CHECK(raw_send(&raw, &alices_claim, i));
    raw_close(&raw);
    raw_challenge(&raw, nonce);
    header.size = sizeof(header) + sizeof(proof);
    CHECK(raw_send(&raw, &header, sizeof(header)));
    CHECK(raw_send(&raw, proof, i / 2));
    raw_close(&raw);
    header.size = sizeof(header) + sizeof(alices_claim);
  }
  raw_prove(&raw, proof);
  raw_close(&raw);
  kernel_check_gone();
}

/* There is one time for all of the handshakes. */
static void
stalled(void)
{
  unsigned char nonce[SP_NONCE_SIZE], proof[SP_PROOF_SIZE];
  uint64_t begin = target_msec();
  struct raw raw;

  raw_challenge(&raw, nonce);
  raw_expect_end(&raw);
  raw_prove(&raw, proof);
  raw_expect_end(&raw);
  CHECK(target_msec() - begin >= 2 * PATIENCE - 200);
  CHECK(target_msec() - begin < 8 * PATIENCE);
}

/* Servers by hand, that do not have the key. */

enum fraud {
  FRAUD_REFUSES, FRAUD_LEAVES, FRAUD_ANSWERS_ZERO, FRAUD_GUESSES,
  FRAUD_REFLECTS, FRAUD_CUTS_OFF, FRAUD_KNOWS_THE_KEY, FRAUD_COUNT
};

static rtems_binary_semaphore fraud_ended =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("fraud ended");

/* The client may be gone before it has all of it. */
static void
fraud_answer(
  struct raw *raw, enum sp_class class, const void *data, size_t size)
{
  (void)raw_frame(
    raw, class, SP_HANDSHAKE, SP_ERROR_AUTHENTICATION, 0, data, size);
}

/* The client's first frame has number 0, the next 1. */
static bool
fraud_receive(struct raw *raw, void *to, size_t size)
{
  struct sp_header header;

  if (!raw_receive(raw, &header, sizeof(header))) {
    return false;
  }
  CHECK(header.type == SP_HANDSHAKE && header.what == SP_AUTHENTICATE);
  CHECK(header.size == sizeof(header) + size);
  return raw_receive(raw, to, size);
}

static void
fraud_prove(struct raw *raw, enum fraud fraud)
{
  static const unsigned char nonce[SP_NONCE_SIZE] = "not random";
  unsigned char proof[SP_PROOF_SIZE];
  struct sp_claim claim;
  size_t size = fraud == FRAUD_CUTS_OFF ? 7 : sizeof(proof);

  CHECK(fraud_receive(raw, &claim, sizeof(claim)));
  CHECK(strcmp((const char *)claim.user, "alice") == 0);
  CHECK(raw_frame(raw, SP_RESPONSE, SP_HANDSHAKE, 0, 0, nonce, sizeof(nonce)));
  CHECK(fraud_receive(raw, proof, sizeof(proof)));
  if (fraud == FRAUD_GUESSES) {
    memset(proof, 0x5a, sizeof(proof));
  } else if (fraud == FRAUD_KNOWS_THE_KEY) {
    proof_make(proof, alice_key, sizeof(alice_key), PROOF_OF_SERVER, &claim,
      nonce);
  }
  /* The header can be enough for it. */
  (void)raw_frame(raw, SP_RESPONSE, SP_HANDSHAKE, 0, 1, proof, size);
}

static void
fraud_serve(struct raw *raw, enum fraud fraud)
{
  struct sp_claim claim;
  int zero = 0;

  CHECK(raw_send(raw, "RUMPSP-0.4-NetBSD-7/test\n", 25));
  switch (fraud) {
    case FRAUD_LEAVES:
      break;
    case FRAUD_REFUSES:
      CHECK(fraud_receive(raw, &claim, sizeof(claim)));
      fraud_answer(raw, SP_ERROR, NULL, 0);
      break;
    case FRAUD_ANSWERS_ZERO:
      CHECK(fraud_receive(raw, &claim, sizeof(claim)));
      fraud_answer(raw, SP_RESPONSE, &zero, sizeof(zero));
      break;
    default:
      fraud_prove(raw, fraud);
      break;
  }
}

static rtems_task
fraud_run(rtems_task_argument arg)
{
  struct transport *listener;
  struct sp_header header;
  struct raw raw;
  enum fraud fraud;

  (void)arg;
  CHECK(rtems_rump_transport_listen(FAKE, &listener) == 0);
  for (fraud = FRAUD_REFUSES; fraud < FRAUD_COUNT; ++fraud) {
    rtems_binary_semaphore_post(&fraud_ended);
    while (transport_accept(listener, &raw.transport) == EAGAIN) {
      target_sleep(5);
    }
    sync_gate_init(&raw.gate, raw.transport);
    fraud_serve(&raw, fraud);
    if (fraud == FRAUD_KNOWS_THE_KEY) {
      /* Only now the client says what it wants. */
      CHECK(raw_receive(&raw, &header, sizeof(header)));
      CHECK(header.what == SP_GUEST);
    } else if (fraud != FRAUD_LEAVES) {
      CHECK(!raw_receive(&raw, &header, 1));
    }
    raw_close(&raw);
  }
  transport_close(listener);
  rtems_binary_semaphore_post(&fraud_ended);
  rtems_task_exit();
}

static void
frauds(void)
{
  static const int errors[FRAUD_COUNT] = {
    EPERM, ENOTCONN, EPROTO, EACCES, EACCES, EPROTO, ENOTCONN
  };
  struct rtems_rump_client *client;
  size_t i;

  (void)target_task(TARGET_PRIORITY, fraud_run, 0);
  for (i = 0; i < FRAUD_COUNT; ++i) {
    rtems_binary_semaphore_wait(&fraud_ended);
    CHECK(rtems_rump_client_open(FAKE, &alice, &client) == errors[i]);
  }
  rtems_binary_semaphore_wait(&fraud_ended);
  target_sleep(20);
}

static void
is_bad(const struct rtems_rump_access *access, unsigned count)
{
  hypercall_config.server.access = access;
  hypercall_config.server.rules = count;
  CHECK(rumpuser_sp_init(OPEN, "NetBSD", "7", "test") == NETBSD_EINVAL);
}

static void
bad_rules(void)
{
  static const struct rtems_rump_access bad[] = {
    { .key = alice_key, .key_size = RTEMS_RUMP_KEY_MINIMUM - 1 },
    { .user = "alice" },
    { .key = alice_key, .key_size = sizeof(alice_key),
      .user = "a name of thirty-two characters." }
  };
  struct rtems_rump_access many[RTEMS_RUMP_RULES_MAXIMUM + 1];
  size_t i;

  for (i = 0; i < sizeof(bad) / sizeof(bad[0]); ++i) {
    is_bad(&bad[i], 1);
  }
  memset(many, 0, sizeof(many));
  is_bad(many, RTEMS_RUMP_RULES_MAXIMUM + 1);
  is_bad(many, 0);
  hypercall_config.server = config.server;
}

static void
start(void)
{
  static const char *const urls[] = {
    OPEN, LOCKED,
#ifndef __rtems__
    FOREIGN, LOCAL, LOCAL6
#endif
  };
  size_t i;

  CHECK(hypercall_configure(&config) == 0);
  CHECK(rumpuser_init(RUMPUSER_VERSION, &kernel_upcalls) == 0);
  kernel_boot();
  bad_rules();
  for (i = 0; i < sizeof(urls) / sizeof(urls[0]); ++i) {
    CHECK(rumpuser_sp_init(urls[i], "NetBSD", "7.99", "test") == 0);
  }
#ifndef __rtems__
  CHECK(rumpuser_sp_init(MISSPELT, "NetBSD", "7", "test") == NETBSD_EINVAL);
#endif
}

#define STEP(function) { #function, function }

static const struct {
  const char *name;
  void (*run)(void);
} steps[] = {
  STEP(rules_hold), STEP(bad_keys), STEP(forks),
  STEP(credentials_that_cannot_be), STEP(peers),
  STEP(claims_of_a_wrong_size), STEP(proofs_of_a_wrong_size),
  STEP(wrong_proofs), STEP(replays), STEP(downgrades), STEP(truncated),
  STEP(stalled), STEP(frauds)
};

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;
  size_t i;

  (void)arg;
  TARGET_BEGIN("REMOTE ACCESS");
  rtems_resource_snapshot_take(&before);
  start();
  for (i = 0; i < sizeof(steps) / sizeof(steps[0]); ++i) {
    printf("# %s\n", steps[i].name);
    (*steps[i].run)();
  }
  kernel_check_gone();
  CHECK(hypercall_end());
  target_sleep(20);
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
  TARGET_END("REMOTE ACCESS");
}

#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "../target/config.h"
