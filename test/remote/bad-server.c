/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The client, with servers that do not do as they should or that die: what it
 * has to say, and that its calls end.  On the simulator arguments are the URL,
 * and the client's if that is another one.
 */

#include "raw.h"

#include <stdatomic.h>
#include <unistd.h>

#include <rtems-rump/remote-call.h>

#include "proof.h"
#include "tls-key.h"

#ifndef __rtems__
#include <simulator/simulator.h>
#endif
#ifdef BAD_SERVER_CABLE
#include "../../bench/cable.h"
#endif

#define CALL 7

#ifdef BAD_SERVER_CABLE
static const char *url = "serial:///dev/cable0";
static const char *client_url = "serial:///dev/cable1";
#else
static const char *url = "mem://bad";
static const char *client_url = "mem://bad";
#endif
static struct transport *listener;
static struct raw server;
static struct rtems_rump_client *client;

/* The server may have the first half.  Nothing that it sends changes it. */
#define MEMORY { "the client's", "nobody else's" }

static struct memory {
  char bytes[16], others[16];
} memory = MEMORY;

static bool
may_copy(const void *address, size_t size, bool is_write, void *arg)
{
  uintptr_t offset = (uintptr_t)address - (uintptr_t)memory.bytes;

  (void)is_write;
  (void)arg;
  return offset <= sizeof(memory.bytes)
    && size <= sizeof(memory.bytes) - offset;
}

static bool is_neutral;

static int
open_client(void)
{
  struct rtems_rump_client_config config = {
    .may_copy = is_neutral ? NULL : may_copy, .is_neutral = is_neutral
  };

  if (is_tls(url)) {
    config.key = tls_key;
    config.key_size = sizeof(tls_key);
  }
  return rtems_rump_client_open(client_url, &config, &client);
}

static rtems_binary_semaphore ended =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("end");

static void
notify(enum transport_event event, void *arg)
{
  (void)event;
  (void)arg;
}

static void
accept_with(const char *banner)
{
  int tries = 0;

  while (transport_accept(listener, &server.transport) == EAGAIN) {
    CHECK(++tries < 1000);
    target_sleep(5);
  }
  CHECK(transport_secure(server.transport, &tls_secret) == 0);
  sync_gate_init(&server.gate, server.transport);
  CHECK(raw_send(&server, banner, strlen(banner)));
}

static void
accept_client(void)
{
  accept_with("RUMPSP-0.4-Bad-1/machine\n");
}

static struct sp_header
get_header(enum sp_class class, enum sp_type type)
{
  struct sp_header header = { .size = 0 };

  CHECK(raw_receive(&server, &header, sizeof(header)));
  CHECK(header.class == class && header.type == type);
  return header;
}

static void
get_payload(const struct sp_header *header)
{
  char byte;
  uint64_t i;

  for (i = sizeof(*header); i < header->size; ++i) {
    CHECK(raw_receive(&server, &byte, 1));
  }
}

/* Both sides prove that they have the key. */
static void
authenticate(void)
{
  static const unsigned char nonce[SP_NONCE_SIZE];
  unsigned char proof[SP_PROOF_SIZE], wanted[SP_PROOF_SIZE];
  struct sp_claim claim;
  struct sp_header header = get_header(SP_REQUEST, SP_HANDSHAKE);

  CHECK(header.what == SP_AUTHENTICATE);
  CHECK(raw_receive(&server, &claim, sizeof(claim)));
  CHECK(raw_frame(&server, SP_RESPONSE, SP_HANDSHAKE, 0, header.number, nonce,
    sizeof(nonce)));
  header = get_header(SP_REQUEST, SP_HANDSHAKE);
  CHECK(raw_receive(&server, proof, sizeof(proof)));
  proof_make(wanted, tls_key, sizeof(tls_key), PROOF_OF_CLIENT, &claim, nonce);
  CHECK(memcmp(proof, wanted, sizeof(proof)) == 0);
  proof_make(proof, tls_key, sizeof(tls_key), PROOF_OF_SERVER, &claim, nonce);
  CHECK(raw_frame(&server, SP_RESPONSE, SP_HANDSHAKE, 0, header.number, proof,
    sizeof(proof)));
}

static struct sp_header
get_request(enum sp_type type)
{
  struct sp_header header = get_header(SP_REQUEST, type);

  get_payload(&header);
  return header;
}

static void
put_answer(uint64_t number, intptr_t value)
{
  struct sp_result result;

  memset(&result, 0, sizeof(result));
  result.values[0] = value;
  (void)raw_frame(&server, SP_RESPONSE, SP_SYSCALL, 0, number, &result,
    sizeof(result));
}

static void
shake_hands(void)
{
  struct sp_header header;
  int zero = 0;

  if (is_tls(url)) {
    authenticate();
  }
  header = get_request(SP_HANDSHAKE);
  CHECK(raw_frame(&server, SP_RESPONSE, SP_HANDSHAKE, 0, header.number, &zero,
    sizeof(zero)));
}

/* What the server does for a call, and what the client must make of that. */

static void
answer_well(void)
{
  put_answer(get_request(SP_SYSCALL).number, 1);
}

/* The next call finds the second one. */
static void
answer_twice(void)
{
  uint64_t number = get_request(SP_SYSCALL).number;

  put_answer(number, 1);
  put_answer(number, 1);
}

static void
answer_another(void)
{
  put_answer(get_request(SP_SYSCALL).number + 1, 1);
}

static void
answer_too_much(void)
{
  uint64_t number = get_request(SP_SYSCALL).number;

  (void)raw_frame(&server, SP_RESPONSE, SP_SYSCALL, 0, number, &memory,
    sizeof(memory));
}

static void
answer_something_else(void)
{
  uint64_t number = get_request(SP_SYSCALL).number;
  struct sp_result result;

  memset(&result, 0, sizeof(result));
  (void)raw_frame(&server, SP_RESPONSE, SP_PREFORK, 0, number, &result,
    sizeof(result));
}

static void
ask(enum sp_type type, size_t size, uint64_t number)
{
  struct sp_copy copy = { size, memory.bytes };

  CHECK(raw_frame(&server, SP_REQUEST, type, 0, number, &copy, sizeof(copy)));
}

static void
ask_for_memory(uint64_t number)
{
  ask(SP_COPYIN, sizeof(memory.bytes), number);
}

/* More than it may have it does not get, but for the string in it. */
static void
ask_for_too_much(void)
{
  static const size_t sizes[] = {
    sizeof(memory.bytes) + 1, SIZE_MAX / 2, SIZE_MAX / 2 + 1, SIZE_MAX
  };
  uint64_t number = get_request(SP_SYSCALL).number;
  char bytes[sizeof(memory.bytes)];
  size_t i;

  for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
    ask(SP_COPYIN, sizes[i], i);
    CHECK(get_header(SP_ERROR, SP_HANDSHAKE).number == i);
  }
  ask(SP_COPYINSTR, SIZE_MAX, i);
  CHECK(get_header(SP_RESPONSE, SP_COPYIN).size
    == sizeof(struct sp_header) + strlen(memory.bytes) + 1);
  CHECK(raw_receive(&server, bytes, strlen(memory.bytes) + 1));
  CHECK(strcmp(bytes, memory.bytes) == 0);
  put_answer(number, 1);
}

/* Data of one size, with a header that tells of another. */
static void
write_memory(size_t told, size_t size)
{
  static const char zeros[sizeof(memory)];
  struct sp_copy copy = { told, memory.bytes };
  struct sp_header header = { .size = sizeof(header) + sizeof(copy) + size,
    .class = SP_REQUEST, .type = SP_COPYOUT };

  (void)get_request(SP_SYSCALL);
  CHECK(raw_send(&server, &header, sizeof(header)));
  CHECK(raw_send(&server, &copy, sizeof(copy)));
  (void)raw_send(&server, zeros, size);
}

static void
write_too_much(void)
{
  write_memory(sizeof(memory), sizeof(memory));
}

static void
write_more_than_told(void)
{
  write_memory(4, 8);
}

static void
write_less_than_told(void)
{
  write_memory(sizeof(memory.bytes), 8);
}

static void
put_size(uint64_t size)
{
  struct sp_header header = get_request(SP_SYSCALL);

  header.size = size;
  header.class = SP_RESPONSE;
  CHECK(raw_send(&server, &header, sizeof(header)));
}

static void
put_no_size(void)
{
  put_size(sizeof(struct sp_header) - 1);
}

static void
put_largest_size(void)
{
  put_size(UINT64_MAX);
}

/* A client does not mind. */
static void
ask_twice(void)
{
  uint64_t number = get_request(SP_SYSCALL).number;
  struct sp_header first, second;
  char bytes[sizeof(memory.bytes)];

  ask_for_memory(5);
  ask_for_memory(5);
  first = get_header(SP_RESPONSE, SP_COPYIN);
  CHECK(raw_receive(&server, bytes, sizeof(bytes)));
  second = get_header(SP_RESPONSE, SP_COPYIN);
  CHECK(raw_receive(&server, bytes, sizeof(bytes)));
  CHECK(first.number == 5 && second.number == 5);
  CHECK(memcmp(bytes, memory.bytes, sizeof(bytes)) == 0);
  put_answer(number, 1);
}

static void
die_unanswered(void)
{
  (void)get_request(SP_SYSCALL);
}

static void
die_with_a_question(void)
{
  (void)get_request(SP_SYSCALL);
  ask_for_memory(1);
}

static void
die_in_a_frame(void)
{
  struct sp_header header = get_request(SP_SYSCALL);

  header.size = sizeof(header) + sizeof(struct sp_result);
  header.class = SP_RESPONSE;
  CHECK(raw_send(&server, &header, sizeof(header) - 5));
}

static void
die_in_a_copy(void)
{
  struct sp_copy copy = { sizeof(memory.bytes), memory.bytes };
  struct sp_header header = { .size = sizeof(header) + sizeof(copy)
    + sizeof(memory.bytes), .class = SP_REQUEST, .type = SP_COPYOUT };

  (void)get_request(SP_SYSCALL);
  CHECK(raw_send(&server, &header, sizeof(header)));
  CHECK(raw_send(&server, &copy, sizeof(copy)));
  /* What is there: the client may write it while this task still reads. */
  CHECK(raw_send(&server, "the", 3));
}

static const struct server_case {
  const char *name;
  void (*serve)(void);
  int first, second;
} cases[] = {
  { "answers well", answer_well, 0, ENOTCONN },
  { "answers twice", answer_twice, 0, EPROTO },
  { "answers another", answer_another, EPROTO, EPROTO },
  { "answers too much", answer_too_much, EPROTO, EPROTO },
  { "answers something else", answer_something_else, EPROTO, EPROTO },
  { "asks twice", ask_twice, 0, ENOTCONN },
  { "asks for too much", ask_for_too_much, 0, ENOTCONN },
  { "writes too much", write_too_much, EPROTO, EPROTO },
  { "writes more than it tells", write_more_than_told, EPROTO, EPROTO },
  { "writes less than it tells", write_less_than_told, EPROTO, EPROTO },
  { "sends a frame of no size", put_no_size, EPROTO, EPROTO },
  { "sends a frame of all sizes", put_largest_size, EPROTO, EPROTO },
  { "dies unanswered", die_unanswered, ENOTCONN, ENOTCONN },
  { "dies with a question", die_with_a_question, ENOTCONN, ENOTCONN },
  { "dies in a frame", die_in_a_frame, ENOTCONN, ENOTCONN },
  { "dies in a copy", die_in_a_copy, ENOTCONN, ENOTCONN }
};

static rtems_task
serve(rtems_task_argument which)
{
  accept_client();
  shake_hands();
  (*cases[which].serve)();
  /* What is wrong with it the client says, and not that it is over. */
  target_sleep(50);
  raw_close(&server);
  rtems_binary_semaphore_post(&ended);
  rtems_task_exit();
}

static int
call(intptr_t *value)
{
  intptr_t values[2] = { 0, 0 };
  int error = -1;
  int failure = rtems_rump_client_syscall(
    client, CALL, NULL, 0, &error, values);

  *value = values[0];
  return failure != 0 ? failure : error;
}

static void
one_case(unsigned which)
{
  static const struct memory before = MEMORY;
  intptr_t value;

  printf("# a server that %s\n", cases[which].name);
  (void)target_task(TARGET_PRIORITY, serve, which);
  CHECK(open_client() == 0);
  CHECK(call(&value) == cases[which].first);
  CHECK(cases[which].first != 0 || value == 1);
  CHECK(call(&value) == cases[which].second);
  CHECK(memcmp(&memory, &before, sizeof(memory)) == 0);
  rtems_rump_client_close(client);
  rtems_binary_semaphore_wait(&ended);
}

/* What it begins with is none, has no end or tells of another machine. */

static const struct {
  const char *text;
  int error;
} banners[] = {
  { "HTTP/1.1 400 Bad Request\r\n", EPROTO },
  { "RUMPSP-1.0-Bad-1/machine\n", EPROTO },
  { "\n", EPROTO },
  { "RUMPSP-0.4-Bad-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/machine\n", EPROTO },
  /* A machine that cannot be. */
  { "RUMPSP-0.4-Bad-1+abi=/machine\n", EPROTO },
  { "RUMPSP-0.4-Bad-1+abi=4l/machine\n", EPROTO },
  { "RUMPSP-0.4-Bad-1+abi=4l88/machine\n", EPROTO },
  { "RUMPSP-0.4-Bad-1+abi=2l8/machine\n", EPROTO },
  { "RUMPSP-0.4-Bad-1+abi=4m8/machine\n", EPROTO },
  { "RUMPSP-0.4-Bad-1+abi=4l2/machine\n", EPROTO },
  { "RUMPSP-0.4-Bad-1+abi=8l4/machine\n", EPROTO },
  { "RUMPSP-0.4-Bad-1+abi=4L8+carries/machine\n", EPROTO },
  { "RUMPSP-0.4-Bad-1+abi=4l8+abi=4l8/machine\n", EPROTO },
  { "RUMPSP-0.4-Bad-1+abi=\n", ENOTCONN },
  /* One that is another than the client's, which is set. */
  { "RUMPSP-0.4-Bad-1+abi=4b8/machine\n", ENOTSUP },
  { "RUMPSP-0.4-Bad-1+abi=8b8/machine\n", ENOTSUP },
  { "RUMPSP-0.4-Bad-1+abi=8l8/i386\n", sizeof(void *) == 8 ? ENOTCONN
      : ENOTSUP }
};

static rtems_task
serve_banner(rtems_task_argument which)
{
  accept_with(banners[which].text);
  if (banners[which].error == ENOTCONN) {
    raw_close(&server);
  } else {
    raw_expect_end(&server);
  }
  rtems_binary_semaphore_post(&ended);
  rtems_task_exit();
}

static void
bad_banners(void)
{
  unsigned i;

  puts("# servers that begin with something else");
  for (i = 0; i < sizeof(banners) / sizeof(banners[0]); ++i) {
    (void)target_task(TARGET_PRIORITY, serve_banner, i);
    CHECK(open_client() == banners[i].error);
    rtems_binary_semaphore_wait(&ended);
  }
}

/* Two calls, which are answered in the other order. */

static atomic_int sum;
static atomic_int calls_ended;

static rtems_task
serve_reordered(rtems_task_argument arg)
{
  uint64_t numbers[2];

  (void)arg;
  accept_client();
  shake_hands();
  numbers[0] = get_request(SP_SYSCALL).number;
  numbers[1] = get_request(SP_SYSCALL).number;
  put_answer(numbers[1], 10);
  put_answer(numbers[0], 1);
  target_sleep(50);
  raw_close(&server);
  rtems_binary_semaphore_post(&ended);
  rtems_task_exit();
}

static rtems_task
call_once(rtems_task_argument arg)
{
  intptr_t value;

  (void)arg;
  CHECK(call(&value) == 0);
  sum += (int)value;
  ++calls_ended;
  rtems_task_exit();
}

static void
reordered(void)
{
  puts("# a server that answers in another order");
  (void)target_task(TARGET_PRIORITY, serve_reordered, 0);
  CHECK(open_client() == 0);
  (void)target_task(TARGET_PRIORITY, call_once, 0);
  (void)target_task(TARGET_PRIORITY, call_once, 0);
  rtems_binary_semaphore_wait(&ended);
  target_sleep(20);
  CHECK(calls_ended == 2 && sum == 11);
  rtems_rump_client_close(client);
}

/*
 * One that is answered, and written to after that, before the task that made it
 * can know: another receives, and is more urgent.
 */

static size_t
add(char *frames, size_t at, const void *bytes, size_t size)
{
  memcpy(frames + at, bytes, size);
  return at + size;
}

static rtems_task
serve_too_late(rtems_task_argument arg)
{
  static const char zeros[sizeof(memory.bytes)];
  static const struct sp_result result;
  struct sp_copy copy = { .size = sizeof(zeros) };
  struct sp_header header, answer = { .size = sizeof(answer)
    + sizeof(result), .class = SP_RESPONSE, .type = SP_SYSCALL };
  struct sp_header copyout = { .size = sizeof(copyout) + sizeof(copy)
    + sizeof(zeros), .class = SP_REQUEST, .type = SP_COPYOUT };
  char frames[256];
  size_t size = 0;

  (void)arg;
  accept_client();
  shake_hands();
  (void)get_request(SP_SYSCALL);
  header = get_header(SP_REQUEST, SP_SYSCALL);
  CHECK(header.size == sizeof(header) + sizeof(copy.address));
  CHECK(raw_receive(&server, &copy.address, sizeof(copy.address)));
  answer.number = header.number;
  size = add(frames, size, &answer, sizeof(answer));
  size = add(frames, size, &result, sizeof(result));
  size = add(frames, size, &copyout, sizeof(copyout));
  size = add(frames, size, &copy, sizeof(copy));
  size = add(frames, size, zeros, sizeof(zeros));
  CHECK(raw_send(&server, frames, size));
  target_sleep(50);
  raw_close(&server);
  rtems_binary_semaphore_post(&ended);
  rtems_task_exit();
}

static rtems_task
receive_for_another(rtems_task_argument arg)
{
  struct rtems_rump_call nothing = { .number = CALL };

  (void)arg;
  CHECK(rtems_rump_client_call(client, &nothing) == EPROTO);
  ++calls_ended;
  rtems_task_exit();
}

static rtems_task
call_described(rtems_task_argument arg)
{
  const struct rtems_rump_argument arguments[] = {
    RTEMS_RUMP_ARG_BYTES(
      RTEMS_RUMP_OUT, memory.bytes, sizeof(memory.bytes))
  };
  struct rtems_rump_call described = {
    .number = CALL, .arguments = arguments, .count = 1
  };

  (void)arg;
  CHECK(rtems_rump_client_call(client, &described) == 0);
  ++calls_ended;
  rtems_task_exit();
}

static void
too_late(void)
{
  static const struct memory before = MEMORY;

  puts("# a server that writes to a call that it has answered");
  calls_ended = 0;
  is_neutral = true;
  (void)target_task(TARGET_PRIORITY, serve_too_late, 0);
  CHECK(open_client() == 0);
  (void)target_task(TARGET_PRIORITY - 1, receive_for_another, 0);
  target_sleep(20);
  (void)target_task(TARGET_PRIORITY + 1, call_described, 0);
  rtems_binary_semaphore_wait(&ended);
  target_sleep(20);
  CHECK(calls_ended == 2);
  CHECK(memcmp(&memory, &before, sizeof(memory)) == 0);
  rtems_rump_client_close(client);
  is_neutral = false;
}

/* A call without frames is lost, and the next one makes a connection. */

static atomic_bool is_taken;

static int
take_call(struct transport_call *taken, void *arg)
{
  (void)taken;
  (void)arg;
  is_taken = true;
  return 0;
}

static rtems_task
serve_anew(rtems_task_argument arg)
{
  struct transport_watcher watcher = {
    .notify = sync_gate_notify, .arg = &server.gate, .call = take_call
  };

  (void)arg;
  accept_client();
  transport_watch(server.transport, &watcher);
  shake_hands();
  while (!is_taken) {
    target_sleep(5);
  }
  raw_close(&server);
  accept_client();
  shake_hands();
  answer_well();
  target_sleep(50);
  raw_close(&server);
  rtems_binary_semaphore_post(&ended);
  rtems_task_exit();
}

static void
lost_without_frames(void)
{
  static const struct rtems_rump_client_config config = {
    .reconnect = RTEMS_RUMP_CLIENT_RECONNECT_ONCE
  };
  intptr_t value;

  if (strncmp(url, "mem", 3) != 0) {
    return;
  }
  puts("# a server that dies with a call that has come without a frame");
  (void)target_task(TARGET_PRIORITY, serve_anew, 0);
  CHECK(rtems_rump_client_open(client_url, &config, &client) == 0);
  CHECK(call(&value) == ENOTCONN);
  CHECK(call(&value) == 0 && value == 1);
  rtems_binary_semaphore_wait(&ended);
  rtems_rump_client_close(client);
}

static rtems_task
Init(rtems_task_argument arg)
{
  struct transport_watcher watcher = { .notify = notify };
  rtems_resource_snapshot before, after;
  unsigned i;

  (void)arg;
  TARGET_BEGIN("REMOTE BAD SERVER");
#ifndef __rtems__
  if (sim_argc > 1) {
    url = sim_argv[1];
    client_url = sim_argv[sim_argc - 1];
  }
#endif
#ifdef BAD_SERVER_CABLE
  CHECK(cable_install());
#endif
  rtems_resource_snapshot_take(&before);
  CHECK(rtems_rump_transport_listen(url, &listener) == 0);
  transport_watch(listener, &watcher);
  for (i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    one_case(i);
  }
  bad_banners();
  reordered();
  too_late();
  lost_without_frames();
  transport_close(listener);
  target_sleep(20);
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
  TARGET_END("REMOTE BAD SERVER");
}

#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "../target/config.h"
