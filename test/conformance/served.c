/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Remote clients of a host that serves them.  The client is the test's thread,
 * which speaks the protocol: by frames, and where the host has it, with calls
 * that need none, made by a thread of their own.
 */

#include "harness.h"

#include "protocol.h"
#include "transport.h"

#define URL "mem://conformance"
#define CALL 77
#define SETRLIMIT 195
#define NETBSD_EFAULT 14
#define NETBSD_EADDRINUSE 48

enum way { BY_FRAMES, DIRECTLY, WAYS };

/* What the client does, and what it has seen. */
static struct {
  struct transport *transport;
  bool refuses;
  void *mapped;
  uint32_t signal;
  int answer;
} client;

/* What the kernel does for it; what that has returned. */
static struct {
  int (*work)(void *id);
  int result;
  int gaps, locks;
} call;

static char theirs[64], ours[64];
static size_t length;

static bool
receive(void *to, size_t size)
{
  size_t got = 0;
  unsigned naps = 0;

  while (got < size && naps < harness_patience()) {
    size_t received;
    int error = transport_receive(
      client.transport, (char *)to + got, size - got, &received);

    if (error == 0) {
      got += received;
    } else if (error == EAGAIN) {
      nap();
      ++naps;
    } else {
      return false;
    }
  }
  return got == size;
}

static void
send_frame(struct sp_header *header, const void *data, size_t size)
{
  struct iovec parts[] = {
    { header, sizeof(*header) }, { (void *)(uintptr_t)data, size }
  };
  size_t sent = 0;

  header->size = sizeof(*header) + size;
  (void)transport_send(client.transport, parts, size > 0 ? 2 : 1, &sent);
  CHECK_EQUAL(sent, header->size);
}

static void
answer_copyin(struct sp_header *header)
{
  struct sp_copy copy;

  if (!CHECK(receive(&copy, sizeof(copy)))) {
    return;
  }
  if (client.refuses) {
    header->class = SP_ERROR;
    header->what = SP_ERROR_MALFORMED;
    send_frame(header, NULL, 0);
    return;
  }
  if (header->type == SP_COPYINSTR) {
    copy.size = strnlen(copy.address, copy.size - 1) + 1;
  }
  header->class = SP_RESPONSE;
  send_frame(header, copy.address, copy.size);
}

static void
take_copyout(const struct sp_header *header)
{
  struct sp_copy copy;

  if (CHECK(receive(&copy, sizeof(copy)))
      && CHECK_EQUAL(
        header->size, sizeof(*header) + sizeof(copy) + copy.size)) {
    CHECK(receive(copy.address, copy.size));
  }
}

static void
answer_map(struct sp_header *header)
{
  size_t size;

  if (CHECK(receive(&size, sizeof(size)))) {
    CHECK_EQUAL(size, sizeof(theirs));
    header->class = SP_RESPONSE;
    send_frame(header, &client.mapped, sizeof(client.mapped));
  }
}

/* One frame, up to the answer of a call; false if that has come. */
static bool
serve_frame(void)
{
  struct sp_header header;
  struct sp_result result;

  if (!CHECK(receive(&header, sizeof(header)))) {
    return false;
  }
  if (header.class != SP_REQUEST) {
    CHECK(header.class == SP_RESPONSE && header.type == SP_SYSCALL);
    CHECK(receive(&result, sizeof(result)));
    client.answer = result.error;
    return false;
  }
  switch (header.type) {
    case SP_COPYIN:
    case SP_COPYINSTR:
      answer_copyin(&header);
      break;
    case SP_COPYOUT:
    case SP_COPYOUTSTR:
      take_copyout(&header);
      break;
    case SP_ANONMMAP:
      answer_map(&header);
      break;
    default:
      CHECK(header.type == SP_RAISE);
      client.signal = header.what;
      break;
  }
  return true;
}

static void
notify(enum transport_event event, void *arg)
{
  (void)event;
  (void)arg;
}

/* The client's thread does that. */
static void
look(void *arg)
{
  (void)arg;
}

static void
call_directly(void *arg)
{
  static const intptr_t none[8];
  struct transport_question *question = arg;
  void *cookie = rumpuser_component_unschedule();

  *question = (struct transport_question){
    .number = CALL, .arguments = none, .size = sizeof(none), .look = look
  };
  if (!transport_call(client.transport, question)) {
    question->failure = ENOTSUP;
  }
  rumpuser_component_schedule(cookie);
}

/* The client's thread serves what it is asked for meanwhile. */
static void
ask_directly(void)
{
  struct transport_watcher watcher = { .notify = notify };
  struct transport_question question;
  struct worker *worker;
  unsigned naps = 0;

  transport_watch(client.transport, &watcher);
  worker = worker_start(call_directly, &question);
  while (!atomic_load(&worker->done) && naps++ < harness_patience()) {
    if (transport_arm(client.transport, TRANSPORT_RECEIVE)) {
      (void)serve_frame();
    }
    nap();
  }
  worker_join(worker);
  CHECK_EQUAL(question.failure, 0);
  client.answer = question.error;
}

static void
ask_by_frames(void)
{
  static const intptr_t none[8];
  struct sp_header header = {
    .number = 9, .class = SP_REQUEST, .type = SP_SYSCALL, .what = CALL
  };

  send_frame(&header, none, sizeof(none));
  while (serve_frame()) {
  }
}

/* In a thread of the server. */
static int
carry_out(int number, void *id)
{
  struct lwp *l = rumpuser_curlwp();
  unsigned gaps = atomic_load(&l->gaps);

  /* The host's own call, which limits a new client; it may make none. */
  if (number == SETRLIMIT) {
    return 0;
  }
  CHECK_EQUAL(number, CALL);
  CHECK(kernel_has_cpu());
  kernel_lock(2);
  call.result = (*call.work)(id);
  CHECK(kernel_has_cpu());
  call.locks = kernel_unlock();
  call.gaps = (int)(atomic_load(&l->gaps) - gaps);
  return call.result;
}

/* Has the kernel do that for the client. */
static void
ask(enum way way, int (*work)(void *id))
{
  call.work = work;
  call.result = -1;
  client.answer = -2;
  if (way == DIRECTLY) {
    ask_directly();
  } else {
    ask_by_frames();
  }
  CHECK_EQUAL(client.answer, call.result);
  CHECK_EQUAL(call.locks, 2);
}

static void
receive_line(char *line, size_t size)
{
  size_t i = 0;

  do {
    line[i] = '\0';
  } while (CHECK(i < size - 1) && receive(line + i, 1) && line[i++] != '\n');
  line[i] = '\0';
}

/* A host may say more before the machine, which clients do not look at. */
static bool
is_greeting(const char *line)
{
  static const char begin_of[] = "RUMPSP-0.4-NetBSD-7.99";
  static const char machine[] = "/rtems\n";
  const char *rest = line + sizeof(begin_of) - 1;

  return strncmp(line, begin_of, sizeof(begin_of) - 1) == 0
    && (*rest == '+' || *rest == '/')
    && strchr(rest, '/') != NULL
    && strcmp(strrchr(rest, '/'), machine) == 0;
}

static bool
connect_client(void)
{
  char banner[80];
  struct sp_header header = { .class = SP_REQUEST, .type = SP_HANDSHAKE };
  int zero = 1;

  if (!CHECK_EQUAL(rtems_rump_transport_connect(URL, &client.transport), 0)) {
    return false;
  }
  receive_line(banner, sizeof(banner));
  CHECK(is_greeting(banner));
  send_frame(&header, "test", sizeof("test"));
  return CHECK(receive(&header, sizeof(header)))
    && CHECK(receive(&zero, sizeof(zero))) && CHECK_EQUAL(zero, 0);
}

static int
listen_there(void)
{
  return rumpuser_sp_init(URL, "NetBSD", "7.99", "rtems");
}

/* With a client that has just come. */
static bool
begin(void)
{
  static bool listens;

  kernel_serve(carry_out);
  if (!listens) {
    listens = listen_there() == 0;
  }
  memset(&client, 0, sizeof(client));
  return listens && connect_client();
}

static void
end(void)
{
  transport_close(client.transport);
  settle();
}

static void
clients_are_greeted(void)
{
  CLAUSE("C-PROXY-01");
  REQUIRE(begin());
  end();
}

static void
place_is_taken(void)
{
  CLAUSE("C-PROXY-02");
  REQUIRE(begin());
  CHECK_EQUAL(listen_there(), NETBSD_EADDRINUSE);
  end();
}

static int
copy_in(void *id)
{
  return rumpuser_sp_copyin(id, theirs, ours, sizeof(ours));
}

static void
bytes_come_in(void)
{
  int way;

  CLAUSE("C-PROXY-03");
  REQUIRE(begin());
  for (way = 0; way < WAYS; ++way) {
    memset(ours, 0, sizeof(ours));
    memset(theirs, 'a' + way, sizeof(theirs));
    ask(way, copy_in);
    CHECK_EQUAL(call.result, 0);
    CHECK(memcmp(ours, theirs, sizeof(ours)) == 0);
  }
  end();
}

static int
copy_string_in(void *id)
{
  length = sizeof(ours);
  return rumpuser_sp_copyinstr(id, theirs, ours, &length);
}

static void
string_comes_in(void)
{
  int way;

  CLAUSE("C-PROXY-04");
  REQUIRE(begin());
  for (way = 0; way < WAYS; ++way) {
    memset(ours, 'x', sizeof(ours));
    memset(theirs, 'y', sizeof(theirs));
    strcpy(theirs, "a string");
    ask(way, copy_string_in);
    CHECK_EQUAL(call.result, 0);
    CHECK_EQUAL(length, sizeof("a string"));
    CHECK(strcmp(ours, "a string") == 0);
    CHECK(ours[sizeof("a string")] == 'x');
  }
  end();
}

static int
copy_out(void *id)
{
  return rumpuser_sp_copyout(id, ours, theirs, sizeof(ours));
}

static void
bytes_go_out(void)
{
  int way;

  CLAUSE("C-PROXY-05");
  REQUIRE(begin());
  for (way = 0; way < WAYS; ++way) {
    memset(theirs, 0, sizeof(theirs));
    memset(ours, 'a' + way, sizeof(ours));
    ask(way, copy_out);
    CHECK_EQUAL(call.result, 0);
    CHECK(memcmp(ours, theirs, sizeof(ours)) == 0);
  }
  end();
}

static int
copy_string_out(void *id)
{
  length = sizeof("a string");
  return rumpuser_sp_copyoutstr(id, ours, theirs, &length);
}

static void
string_goes_out(void)
{
  int way;

  CLAUSE("C-PROXY-06");
  REQUIRE(begin());
  for (way = 0; way < WAYS; ++way) {
    memset(theirs, 'x', sizeof(theirs));
    strcpy(ours, "a string");
    ask(way, copy_string_out);
    CHECK_EQUAL(call.result, 0);
    CHECK(memcmp(theirs, "a string\0x", sizeof("a string") + 1) == 0);
  }
  end();
}

static void *mapped;

static int
map(void *id)
{
  return rumpuser_sp_anonmmap(id, sizeof(theirs), &mapped);
}

static void
client_gives_memory(void)
{
  int way;

  CLAUSE("C-PROXY-07");
  REQUIRE(begin());
  for (way = 0; way < WAYS; ++way) {
    client.mapped = theirs;
    ask(way, map);
    CHECK_EQUAL(call.result, 0);
    CHECK(mapped == theirs);
    client.mapped = NULL;
    ask(way, map);
    CHECK_EQUAL(call.result, NETBSD_ENOMEM);
  }
  end();
}

static int
raise_signal(void *id)
{
  return rumpuser_sp_raise(id, 15);
}

static void
client_gets_signal(void)
{
  CLAUSE("C-PROXY-08");
  REQUIRE(begin());
  ask(BY_FRAMES, raise_signal);
  CHECK_EQUAL(call.result, 0);
  CHECK_EQUAL(client.signal, 15);
  end();
}

static void *last_id;

static int
remember(void *id)
{
  last_id = id;
  return rumpuser_sp_copyin(id, theirs, ours, sizeof(ours));
}

static void
client_refuses_or_goes(void)
{
  CLAUSE("C-PROXY-09");
  REQUIRE(begin());
  client.refuses = true;
  memset(ours, 'x', sizeof(ours));
  ask(BY_FRAMES, remember);
  CHECK_EQUAL(call.result, NETBSD_EFAULT);
  CHECK(ours[0] == 'x');
  transport_close(client.transport);
  nap_ms(50);
  CHECK_EQUAL(copy_in(last_id), NETBSD_EFAULT);
  CHECK_EQUAL(copy_string_in(last_id), NETBSD_EFAULT);
  CHECK_EQUAL(copy_out(last_id), NETBSD_EFAULT);
  CHECK_EQUAL(copy_string_out(last_id), NETBSD_EFAULT);
  CHECK_EQUAL(map(last_id), NETBSD_EFAULT);
  CHECK_EQUAL(raise_signal(last_id), NETBSD_EFAULT);
  CHECK(kernel_has_cpu());
}

static void
others_run_meanwhile(void)
{
  CLAUSE("C-PROXY-10");
  REQUIRE(begin());
  kernel_use_cpus(1);
  ask(BY_FRAMES, copy_in);
  CHECK_EQUAL(call.result, 0);
  CHECK_EQUAL(call.gaps, 1);
  kernel_use_cpus(host->cpus);
  end();
}

static int
halt(void *id)
{
  rumpuser_sp_fini(id);
  return 99;
}

static void
last_call_is_answered(void)
{
  struct transport *other;

  CLAUSE("C-PROXY-11");
  REQUIRE(begin());
  call.work = halt;
  ask_by_frames();
  CHECK_EQUAL(client.answer, 0);
  CHECK_EQUAL(rtems_rump_transport_connect(URL, &other), ECONNREFUSED);
  end();
}

const struct test proxy_tests[] = {
  TEST("C-PROXY-01", clients_are_greeted),
  TEST("C-PROXY-02", place_is_taken),
  TEST("C-PROXY-03", bytes_come_in),
  TEST("C-PROXY-04", string_comes_in),
  TEST("C-PROXY-05", bytes_go_out),
  TEST("C-PROXY-06", string_goes_out),
  TEST("C-PROXY-07", client_gives_memory),
  TEST("C-PROXY-08", client_gets_signal),
  TEST("C-PROXY-09", client_refuses_or_goes),
  TEST("C-PROXY-10", others_run_meanwhile),
  TEST("C-PROXY-11", last_call_is_answered),
  TESTS_END
};
