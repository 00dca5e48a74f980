/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The server and the client, on a stand-in for a kernel: all that the protocol
 * has, many clients and tasks, and clients that break it or die.
 *
 * On the simulator arguments are the URL that is used, and that of the client if
 * it is another one: then there can be one client at a time.  By default it is
 * that of a connection within the image.
 */

#include "kernel.h"
#include "raw.h"

#include <stdatomic.h>
#include <unistd.h>

#include <rtems-rump/remote-call.h>

#ifndef __rtems__
#include <simulator/simulator.h>
#endif

#include "hypercall.h"
#include "proof.h"
#include "tls-key.h"
#include "words.h"

#define CLIENTS_MAX 6
#define PATIENCE 2000

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TASKS 4
#define ROUNDS 60

#define NETBSD_EFAULT 14
#define NETBSD_EINTR 4
#define NETBSD_EADDRINUSE 48

static const char *url = "mem://protocol";

/* The server's, where that is another one: both ends of a serial line. */
static const char *place = "mem://protocol";

/* Encrypted: whoever gets there has the key; clients by hand are guests. */
static const struct rtems_rump_access tls_rules[] = {
  { .key = tls_key, .key_size = sizeof(tls_key), .user = "all",
    .uid = RTEMS_RUMP_NOBODY, .gid = RTEMS_RUMP_NOGROUP },
  { .uid = RTEMS_RUMP_NOBODY, .gid = RTEMS_RUMP_NOGROUP }
};

static struct rtems_rump_config config = {
  .memory = 4 << 20,
  .server = {
    .clients = CLIENTS_MAX,
    .tasks = 6,
    .client_tasks = 3,
    .client_calls = 4,
    .copy_size = 10000,
    .patience = PATIENCE
  }
};

static bool
is_line(void)
{
  return strcmp(url, place) != 0;
}

static struct rtems_rump_client_config
with_key(const struct rtems_rump_client_config *how)
{
  struct rtems_rump_client_config config = { .name = NULL };

  if (how != NULL) {
    config = *how;
  }
  if (is_tls(url)) {
    config.key = tls_key;
    config.key_size = sizeof(tls_key);
    config.user = "all";
  }
  return config;
}

static int
open_here(
  const struct rtems_rump_client_config *how,
  struct rtems_rump_client             **client)
{
  const struct rtems_rump_client_config config = with_key(how);

  return rtems_rump_client_open(url, &config, client);
}

static int
open_fork(
  const struct rtems_rump_fork *cookie, struct rtems_rump_client **client)
{
  const struct rtems_rump_client_config config = with_key(NULL);

  return rtems_rump_client_open_fork(url, &config, cookie, client);
}

static struct rtems_rump_client *
open_client(const struct rtems_rump_client_config *how)
{
  struct rtems_rump_client *client = NULL;

  CHECK(open_here(how, &client) == 0);
  return client;
}

static int
call_with(
  struct rtems_rump_client *client,
  int                       number,
  const intptr_t           *args,
  size_t                    count,
  intptr_t                 *result
)
{
  intptr_t values[2];
  int error;

  CHECK(
    rtems_rump_client_syscall(
      client,
      number,
      args,
      count * sizeof(args[0]),
      &error,
      values
    ) == 0
  );
  *result = values[0];
  return error;
}

static intptr_t
call(struct rtems_rump_client *client, int number, intptr_t arg)
{
  intptr_t result;

  CHECK(call_with(client, number, &arg, 1, &result) == 0);
  return result;
}

/* Then it is the library that lays out the arguments. */
static bool is_described;

static int
invert_described(
  struct rtems_rump_client *client, void *from, void *to, size_t size)
{
  const struct rtems_rump_argument args[] = {
    RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_IN, from, size),
    RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_OUT, to, size),
    RTEMS_RUMP_ARG_NUMBER(size)
  };
  struct rtems_rump_call described = {
    .number = CALL_INVERT, .arguments = args, .count = COUNT(args)
  };

  CHECK(rtems_rump_client_call(client, &described) == 0);
  return described.error;
}

static void
check_invert(struct rtems_rump_client *client, size_t size, unsigned seed)
{
  unsigned char *from = malloc(size + 1);
  unsigned char *to = malloc(size + 1);
  const intptr_t args[] = { (intptr_t)from, (intptr_t)to, (intptr_t)size };
  intptr_t result;
  size_t i;

  CHECK(from != NULL && to != NULL);
  for (i = 0; i < size; ++i) {
    from[i] = (unsigned char)(i * 7 + seed);
    to[i] = 0;
  }
  to[size] = 0x55;
  CHECK((is_described ? invert_described(client, from, to, size)
    : call_with(client, CALL_INVERT, args, 3, &result)) == 0);
  for (i = 0; i < size; ++i) {
    CHECK(to[i] == (unsigned char)~from[i]);
  }
  CHECK(to[size] == 0x55);
  free(from);
  free(to);
}

static void
plain_calls(void)
{
  static const size_t sizes[] = { 0, 1, 100, 9999, 10000, 10001, 70000 };
  struct rtems_rump_client *client = open_client(NULL);
  const intptr_t args[] = { 40, 2 };
  intptr_t result;
  size_t i;

  CHECK(call(client, CALL_GETPID, 0) > 1);
  CHECK(call_with(client, CALL_ADD, args, 2, &result) == 0);
  CHECK(result == 42);
  for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
    check_invert(client, sizes[i], (unsigned)i);
  }
  rtems_rump_client_close(client);
  kernel_check_gone();
}

/* Without rules whoever comes from elsewhere is nobody. */
static void
defaults(void)
{
  struct rtems_rump_client *client = open_client(NULL);
  bool is_far = strncmp(url, "t", 1) == 0;
  intptr_t values[2];
  int error;

  CHECK(rtems_rump_client_syscall(client, CALL_CREDENTIALS, "", 1, &error,
    values) == 0);
  CHECK(error == 0);
  CHECK(values[0] == (is_far ? (intptr_t)RTEMS_RUMP_NOBODY : 0));
  CHECK(values[1] == (is_far ? (intptr_t)RTEMS_RUMP_NOGROUP : 0));
  CHECK(kernel_files() == 128);
  rtems_rump_client_close(client);
}

static void
strings(void)
{
  struct rtems_rump_client *client = open_client(NULL);
  char from[100], to[100];
  intptr_t args[] = { (intptr_t)from, KERNEL_STRING_MAX, (intptr_t)to };
  intptr_t result;

  strcpy(from, "a string");
  CHECK(call_with(client, CALL_STRING, args, 3, &result) == 0);
  CHECK(result == sizeof("a string"));
  CHECK(strcmp(from, to) == 0);

  /* Longer than the kernel takes: it gets as much, and no end. */
  memset(from, 'x', sizeof(from) - 1);
  from[sizeof(from) - 1] = '\0';
  CHECK(call_with(client, CALL_STRING, args, 3, &result) == 0);
  CHECK(result == KERNEL_STRING_MAX);
  rtems_rump_client_close(client);
}

/* Numbers that no kernel has, and too many arguments. */
static void
bad_calls(void)
{
  static const int numbers[] = { CALL_COUNT, 511, 512, 99999, -1, -512 };
  struct rtems_rump_client *client = open_client(NULL);
  char many[SP_REQUEST_SIZE + 1] = "";
  intptr_t values[2];
  intptr_t arg = 0;
  int error;
  size_t i;

  for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); ++i) {
    CHECK(call_with(client, numbers[i], &arg, 1, values) == NETBSD_ENOSYS);
  }
  CHECK(call_with(client, INT32_MIN, &arg, 1, values) == NETBSD_ENOSYS);
  CHECK(
    rtems_rump_client_syscall(
      client,
      CALL_GETPID,
      many,
      sizeof(many),
      &error,
      values
    ) == EINVAL
  );
  CHECK(
    rtems_rump_client_syscall(
      client,
      CALL_GETPID,
      many,
      sizeof(many) - 1,
      &error,
      values
    ) == 0
  );
  CHECK(call(client, CALL_GETPID, 0) > 1);
  rtems_rump_client_close(client);
}

static atomic_int last_signal;
static char mapped[64];
static const void *forbidden;

static void
on_signal(int signal, void *arg)
{
  CHECK(arg == &last_signal);
  last_signal = signal;
}

static void *
map(size_t size, void *arg)
{
  (void)arg;
  return size <= sizeof(mapped) ? mapped : NULL;
}

static bool
may_copy(const void *address, size_t size, bool is_write, void *arg)
{
  (void)size;
  (void)is_write;
  (void)arg;
  return address != forbidden;
}

static void *
translate(uint64_t address, size_t size, bool is_write, void *arg)
{
  (void)address;
  (void)size;
  (void)is_write;
  (void)arg;
  return NULL;
}

static void
check_callbacks(bool (*may)(const void *, size_t, bool, void *))
{
  const struct rtems_rump_client_config how = {
    .name = "callbacks",
    .may_copy = may,
    .map = map,
    .on_signal = on_signal,
    .arg = &last_signal
  };
  struct rtems_rump_client *client = open_client(&how);
  char name[KERNEL_NAME_SIZE], bytes[8] = "bytes";
  intptr_t args[] = { (intptr_t)bytes, (intptr_t)name, sizeof(bytes) };
  intptr_t big = sizeof(mapped) + 1;
  intptr_t result;

  (void)call(client, CALL_NAME, (intptr_t)name);
  CHECK(strcmp(name, "callbacks") == 0);
  (void)call(client, CALL_RAISE, 15);
  CHECK(last_signal == 15);
  CHECK(call(client, CALL_MAP, sizeof(mapped)) == (intptr_t)mapped);
  CHECK(call_with(client, CALL_MAP, &big, 1, &result) == NETBSD_ENOMEM);

  /* What must not be read is refused, and the client lives. */
  if (may != NULL) {
    forbidden = bytes;
    CHECK(call_with(client, CALL_INVERT, args, 3, &result) == NETBSD_EFAULT);
  }
  args[0] = 0;
  CHECK(call_with(client, CALL_INVERT, args, 3, &result) == NETBSD_EFAULT);
  args[0] = -4;
  CHECK(call_with(client, CALL_INVERT, args, 3, &result) == NETBSD_EFAULT);
  CHECK(call(client, CALL_GETPID, 0) > 1);
  rtems_rump_client_close(client);
  kernel_check_gone();
}

static void
callbacks(void)
{
  check_callbacks(may_copy);
  check_callbacks(NULL);
}

/* Where it must not write the client ends the connection. */
static void
forbidden_write(void)
{
  static const struct rtems_rump_client_config how = { .may_copy = may_copy };
  struct rtems_rump_client *client = open_client(&how);
  char name[KERNEL_NAME_SIZE] = "untouched";
  intptr_t arg = (intptr_t)name;
  intptr_t values[2];
  int error;

  forbidden = name;
  CHECK(
    rtems_rump_client_syscall(
      client,
      CALL_NAME,
      &arg,
      sizeof(arg),
      &error,
      values
    ) == EPROTO
  );
  CHECK(strcmp(name, "untouched") == 0);
  CHECK(
    rtems_rump_client_syscall(client, CALL_GETPID, NULL, 0, &error, values)
      == EPROTO
  );
  rtems_rump_client_close(client);
  kernel_check_gone();
}

static void
names(void)
{
  char name[RTEMS_RUMP_CLIENT_NAME_SIZE + 2];
  struct rtems_rump_client_config how = { .name = name };
  struct rtems_rump_client *client;
  char told[KERNEL_NAME_SIZE];

  memset(name, 'n', sizeof(name) - 1);
  name[sizeof(name) - 1] = '\0';
  CHECK(open_here(&how, &client) == EINVAL);
  name[sizeof(name) - 2] = '\0';
  client = open_client(&how);
  CHECK(rtems_rump_client_exec(client, "tab\tname") == 0);
  (void)call(client, CALL_NAME, (intptr_t)told);
  CHECK(strcmp(told, "tab?name") == 0);
  rtems_rump_client_close(client);
}

static void
forks(void)
{
  struct rtems_rump_client *parent = open_client(NULL);
  struct rtems_rump_client *child, *other;
  struct rtems_rump_fork cookie, others[5];
  unsigned i;

  (void)call(parent, CALL_SET, 5);
  CHECK(rtems_rump_client_prefork(parent, &cookie) == 0);
  (void)call(parent, CALL_SET, 6);
  CHECK(open_fork(&cookie, &child) == 0);
  CHECK(call(child, CALL_GET, 0) == 5);
  CHECK(call(parent, CALL_GET, 0) == 6);
  CHECK(call(child, CALL_GETPID, 0) != call(parent, CALL_GETPID, 0));
  CHECK(open_fork(&cookie, &other) == ESRCH);

  /* A child outlives its parent, and is one itself. */
  CHECK(rtems_rump_client_prefork(child, &cookie) == 0);
  rtems_rump_client_close(parent);
  rtems_rump_client_close(child);
  kernel_wait(kernel_processes, 1);
  CHECK(open_fork(&cookie, &child) == 0);
  check_invert(child, 100, 1);

  for (i = 0; i < 4; ++i) {
    CHECK(rtems_rump_client_prefork(child, &others[i]) == 0);
  }
  CHECK(rtems_rump_client_prefork(child, &others[4]) == ENOMEM);
  for (i = 0; i < 4; ++i) {
    CHECK(open_fork(&others[i], &other) == 0);
    rtems_rump_client_close(other);
  }
  rtems_rump_client_close(child);
  kernel_check_gone();
}

/* What is forked and never claimed makes room for others. */
static void
orphans(void)
{
  struct rtems_rump_client *client;
  struct rtems_rump_fork cookie;
  unsigned i;

  for (i = 0; i < 3 * CLIENTS_MAX; ++i) {
    client = open_client(NULL);
    CHECK(rtems_rump_client_prefork(client, &cookie) == 0);
    rtems_rump_client_close(client);
    kernel_wait(
      kernel_processes,
      i + 1 < 2 * CLIENTS_MAX ? i + 1 : 2 * CLIENTS_MAX
    );
  }
}

/* Several tasks with one client each, or all with one. */

static struct rtems_rump_client *shared;
static atomic_uint running;
static rtems_binary_semaphore all_ended =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("all ended");

static void
work(struct rtems_rump_client *client, unsigned seed)
{
  unsigned i;

  for (i = 0; i < ROUNDS; ++i) {
    intptr_t args[2] = { (intptr_t)i, (intptr_t)seed };
    intptr_t result;

    CHECK(call_with(client, CALL_ADD, args, 2, &result) == 0);
    CHECK(result == (intptr_t)(i + seed));
    check_invert(client, i * 300 + seed, seed);
  }
}

static rtems_task
worker(rtems_task_argument arg)
{
  struct rtems_rump_client *client = shared;

  if (client == NULL) {
    client = open_client(NULL);
  }
  work(client, (unsigned)arg);
  if (shared == NULL) {
    rtems_rump_client_close(client);
  }
  if (atomic_fetch_sub(&running, 1) == 1) {
    rtems_binary_semaphore_post(&all_ended);
  }
  rtems_task_exit();
}

static void
run_workers(void)
{
  unsigned i;

  atomic_store(&running, TASKS);
  for (i = 0; i < TASKS; ++i) {
    (void)target_task(TARGET_PRIORITY + i % 2, worker, i + 1);
  }
  rtems_binary_semaphore_wait(&all_ended);
  target_sleep(20);
}

static void
run_workers_of_one(const struct rtems_rump_client_config *how)
{
  shared = open_client(how);
  run_workers();
  rtems_rump_client_close(shared);
  shared = NULL;
  kernel_check_gone();
}

static void
many_tasks(void)
{
  run_workers_of_one(NULL);
}

/* By the client's own addresses, and by windows, where there are no others. */
static void
described_calls(void)
{
  static const struct rtems_rump_client_config how = { .is_neutral = true };
  char bytes[8] = "bytes";
  const intptr_t args[] = { (intptr_t)bytes, (intptr_t)bytes, 8 };
  struct rtems_rump_client *client = open_client(&how);
  intptr_t result;

  CHECK(call_with(client, CALL_INVERT, args, 3, &result) == NETBSD_EFAULT);
  rtems_rump_client_close(client);
  is_described = true;
  client = open_client(NULL);
  check_invert(client, 9999, 1);
  rtems_rump_client_close(client);
  run_workers_of_one(&how);
  is_described = false;
}

/* What the server says of its machine, and what is set. */
static void
machines(void)
{
  const unsigned word = sizeof(void *);
  const unsigned alignment = offsetof(struct layout_probe, number);
  const bool is_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
  const struct {
    struct rtems_rump_client_config how;
    int error;
  } cases[] = {
    { { .word_size = word, .alignment64 = alignment,
        .byte_order = is_big ? RTEMS_RUMP_CLIENT_BIG_ENDIAN
          : RTEMS_RUMP_CLIENT_LITTLE_ENDIAN }, 0 },
    { { .is_neutral = true }, 0 },
    { { .is_neutral = true, .word_size = 12 - word }, ENOTSUP },
    { { .is_neutral = true, .alignment64 = 12 - alignment }, ENOTSUP },
    { { .is_neutral = true,
        .byte_order = is_big ? RTEMS_RUMP_CLIENT_LITTLE_ENDIAN
          : RTEMS_RUMP_CLIENT_BIG_ENDIAN }, ENOTSUP },
    { { .word_size = 2 }, EINVAL },
    { { .alignment64 = 2 }, EINVAL },
    { { .byte_order = 3 }, EINVAL },
    { { .is_neutral = true, .may_copy = may_copy }, EINVAL },
    { { .is_neutral = true, .map = map }, EINVAL },
    { { .is_neutral = true, .translate = translate }, EINVAL }
  };
  struct rtems_rump_client *client;
  size_t i;

  for (i = 0; i < COUNT(cases); ++i) {
    CHECK(open_here(&cases[i].how, &client) == cases[i].error);
    if (cases[i].error == 0) {
      check_invert(client, 0, 1);
      rtems_rump_client_close(client);
    }
  }
}

static void
many_clients(void)
{
  run_workers();
  kernel_check_gone();
}

static rtems_task
sleeper(rtems_task_argument arg)
{
  intptr_t result;
  intptr_t none = 0;

  (void)arg;
  CHECK(call_with(shared, CALL_SLEEP, &none, 1, &result) == NETBSD_EINTR);
  rtems_binary_semaphore_post(&all_ended);
  rtems_task_exit();
}

static void
exec_ends_calls(void)
{
  char name[KERNEL_NAME_SIZE];

  shared = open_client(NULL);
  (void)target_task(TARGET_PRIORITY, sleeper, 0);
  kernel_wait(kernel_sleepers, 1);
  /* Others are served meanwhile. */
  CHECK(call(shared, CALL_GETPID, 0) > 1);
  CHECK(rtems_rump_client_exec(shared, "another") == 0);
  rtems_binary_semaphore_wait(&all_ended);
  (void)call(shared, CALL_NAME, (intptr_t)name);
  CHECK(strcmp(name, "another") == 0);
  check_invert(shared, 1000, 1);
  rtems_rump_client_close(shared);
  shared = NULL;
  target_sleep(20);
  kernel_check_gone();
}

/* Clients that do not do as they should. */

static void check_others_are_served(void);

/* Calls that sleep in one client, and how they have ended. */
static struct {
  struct rtems_rump_client *client;
  atomic_uint ended, interrupted, refused, busy, lost;
} sleepers;

static rtems_task
sleeper_of_many(rtems_task_argument arg)
{
  intptr_t values[2];
  int error = 0;
  int failure = rtems_rump_client_syscall(
    sleepers.client, CALL_SLEEP, NULL, 0, &error, values);

  (void)arg;
  sleepers.interrupted += failure == 0 && error == NETBSD_EINTR;
  sleepers.busy += failure == 0 && error == NETBSD_EBUSY;
  sleepers.refused += failure == EAGAIN;
  sleepers.lost += failure == ENOTCONN;
  ++sleepers.ended;
  rtems_task_exit();
}

static void
more_sleepers(unsigned tasks)
{
  while (tasks-- > 0) {
    (void)target_task(TARGET_PRIORITY, sleeper_of_many, 0);
  }
}

static void
begin_to_sleep(struct rtems_rump_client *client, unsigned tasks)
{
  memset(&sleepers, 0, sizeof(sleepers));
  sleepers.client = client;
  more_sleepers(tasks);
}

static void
wait_for_sleepers(unsigned wanted)
{
  int tries;

  for (tries = 0; sleepers.ended < wanted && tries < 1000; ++tries) {
    target_sleep(10);
  }
  CHECK(sleepers.ended == wanted);
}

/* Three calls are carried out, four wait, and no more. */
static void
too_many_calls(void)
{
  struct rtems_rump_client *client = open_client(NULL);

  begin_to_sleep(client, 3);
  kernel_wait(kernel_sleepers, 3);
  more_sleepers(9);
  wait_for_sleepers(5);
  CHECK(sleepers.refused == 5);
  check_others_are_served();
  CHECK(rtems_rump_client_exec(client, "another") == 0);
  wait_for_sleepers(12);
  CHECK(sleepers.interrupted == 3);
  CHECK(sleepers.busy == 4);
  CHECK(call(client, CALL_GETPID, 0) > 1);
  rtems_rump_client_close(client);
  kernel_check_gone();
}

/* Who waits for a call to end is told of a signal. */
static void
signal_in_a_call(void)
{
  static const struct rtems_rump_client_config how = {
    .on_signal = on_signal,
    .arg = &last_signal
  };
  struct rtems_rump_client *client = open_client(&how);
  struct rtems_rump_client *other = open_client(NULL);
  int signal, tries;

  begin_to_sleep(client, 2);
  kernel_wait(kernel_sleepers, 2);
  for (signal = 1; signal < 20; ++signal) {
    (void)call(other, CALL_ALARM, signal);
    for (tries = 0; last_signal != signal && tries < 500; ++tries) {
      target_sleep(1);
    }
    CHECK(last_signal == signal);
  }
  CHECK(kernel_sleepers() == 2);
  CHECK(rtems_rump_client_exec(client, "another") == 0);
  wait_for_sleepers(2);
  rtems_rump_client_close(client);
  rtems_rump_client_close(other);
  kernel_check_gone();
}

static void *
map_slowly(size_t size, void *arg)
{
  (void)size;
  (void)arg;
  target_sleep(20);
  return mapped;
}

static rtems_task
slow_mapper(rtems_task_argument arg)
{
  (void)arg;
  CHECK(call(sleepers.client, CALL_MAP, sizeof(mapped)) == (intptr_t)mapped);
  ++sleepers.ended;
  rtems_task_exit();
}

/* An exec of a client for which several tasks have worked, and which rest. */
static void
exec_after_calls(void)
{
  static const struct rtems_rump_client_config how = { .map = map_slowly };
  struct rtems_rump_client *client = open_client(&how);

  begin_to_sleep(client, 0);
  (void)target_task(TARGET_PRIORITY, slow_mapper, 0);
  (void)target_task(TARGET_PRIORITY, slow_mapper, 0);
  wait_for_sleepers(2);
  CHECK(rtems_rump_client_exec(client, "another") == 0);
  CHECK(call(client, CALL_GETPID, 0) > 1);
  rtems_rump_client_close(client);
  kernel_check_gone();
}

static rtems_binary_semaphore map_may_end =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("map");

static void *
map_late(size_t size, void *arg)
{
  (void)size;
  (void)arg;
  rtems_binary_semaphore_wait(&map_may_end);
  return mapped;
}

static rtems_task
mapper(rtems_task_argument arg)
{
  intptr_t size = sizeof(mapped);
  intptr_t values[2];
  int error;

  (void)arg;
  sleepers.lost += rtems_rump_client_syscall(sleepers.client, CALL_MAP, &size,
    sizeof(size), &error, values) == ENOTCONN;
  ++sleepers.ended;
  rtems_task_exit();
}

/* A client that does not answer loses its connection, in all of its calls. */
static void
unanswered(void)
{
  static const struct rtems_rump_client_config how = {
    .map = map_late, .reconnect = RTEMS_RUMP_CLIENT_RECONNECT_ONCE
  };
  struct rtems_rump_client *client = open_client(&how);

  begin_to_sleep(client, 1);
  kernel_wait(kernel_sleepers, 1);
  (void)target_task(TARGET_PRIORITY, mapper, 0);
  target_sleep(PATIENCE / 2);
  CHECK(sleepers.ended == 0);
  check_others_are_served();
  kernel_wait(kernel_processes, 0);
  rtems_binary_semaphore_post(&map_may_end);
  wait_for_sleepers(2);
  CHECK(sleepers.lost == 2);
  /* Another one is made, as that is asked for. */
  CHECK(call(client, CALL_GETPID, 0) > 1);
  rtems_rump_client_close(client);
  kernel_check_gone();
}

static void
check_others_are_served(void)
{
  struct rtems_rump_client *client = open_client(NULL);

  check_invert(client, 20000, 3);
  rtems_rump_client_close(client);
}

/* Who has come in by a function of raw.h sends this, and is out. */
static void
refused(
  void        (*enter)(struct raw *raw, const char *url),
  enum sp_class class,
  enum sp_type  type,
  uint32_t      what,
  const void   *payload,
  size_t        size
)
{
  struct raw raw;

  (*enter)(&raw, url);
  (void)raw_frame(&raw, class, type, what, 1, payload, size);
  raw_expect_end(&raw);
}

#define refused_stranger(...) refused(raw_join, __VA_ARGS__)
#define refused_guest(...) refused(raw_open, __VA_ARGS__)

static void
strangers(void)
{
  static const char zeros[SP_REQUEST_SIZE + 64];
  struct sp_fork claim = { { 1, 2, 3, 4 }, 0 };

  refused_stranger(SP_REQUEST, SP_SYSCALL, CALL_GETPID, NULL, 0);
  refused_stranger(SP_REQUEST, SP_PREFORK, 0, NULL, 0);
  refused_stranger(SP_REQUEST, SP_HANDSHAKE, SP_AUTHENTICATE, "x", 2);
  refused_stranger(SP_REQUEST, SP_HANDSHAKE, SP_EXEC, "x", 2);
  refused_stranger(SP_REQUEST, SP_HANDSHAKE, 77, "x", 2);
  refused_stranger(SP_REQUEST, SP_HANDSHAKE, SP_FORK, &claim, sizeof(claim));
  refused_stranger(SP_REQUEST, SP_HANDSHAKE, SP_FORK, &claim, 4);
  refused_stranger(SP_REQUEST, SP_HANDSHAKE, SP_FORK, zeros, 40);
  refused_stranger(SP_REQUEST, SP_HANDSHAKE, SP_GUEST, zeros, sizeof(zeros));
  refused_stranger(SP_RESPONSE, SP_HANDSHAKE, 0, NULL, 0);
  refused_stranger(SP_ERROR, SP_HANDSHAKE, 0, NULL, 0);
  refused_stranger((enum sp_class)3, SP_HANDSHAKE, SP_GUEST, "x", 2);
}

static void
bad_guests(void)
{
  static const char zeros[SP_REQUEST_SIZE + 64];
  struct sp_fork claim = { { 1, 2, 3, 4 }, 0 };

  refused_guest(SP_REQUEST, SP_HANDSHAKE, SP_GUEST, "x", 2);
  refused_guest(SP_REQUEST, SP_HANDSHAKE, SP_FORK, &claim, sizeof(claim));
  refused_guest(SP_REQUEST, SP_SYSCALL, 0, zeros, SP_REQUEST_SIZE + 1);
  refused_guest(SP_REQUEST, SP_PREFORK, 0, "x", 1);
  refused_guest(SP_REQUEST, SP_COPYIN, 0, zeros, sizeof(struct sp_copy));
  refused_guest(SP_REQUEST, SP_RAISE, 9, NULL, 0);
  refused_guest(SP_REQUEST, (enum sp_type)99, 0, NULL, 0);
  refused_guest(SP_RESPONSE, SP_COPYIN, 0, zeros, 8);
  refused_guest(SP_ERROR, SP_COPYIN, 1, NULL, 0);
  refused_guest((enum sp_class)65535, SP_SYSCALL, 0, NULL, 0);
}

/* Headers whose size is none. */
static void
bad_sizes(void)
{
  static const uint64_t sizes[] = {
    0, 1, sizeof(struct sp_header) - 1, UINT64_MAX,
    UINT64_MAX - sizeof(struct sp_header) + 1, (uint64_t)1 << 32, 1 << 20,
    /* As a machine of the other byte order sends it. */
    (uint64_t)sizeof(struct sp_header) << 56
  };
  struct sp_header header = { .class = SP_REQUEST, .type = SP_SYSCALL };
  struct raw raw;
  size_t i;

  for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
    header.size = sizes[i];
    raw_open(&raw, url);
    CHECK(raw_send(&raw, &header, sizeof(header)));
    raw_expect_end(&raw);
    raw_join(&raw, url);
    CHECK(raw_send(&raw, &header, sizeof(header)));
    raw_expect_end(&raw);
  }
}

/* Ends in the middle of a frame, wherever that is. */
static void
truncated(void)
{
  struct sp_header header = {
    .size = sizeof(header) + 16,
    .class = SP_REQUEST,
    .type = SP_SYSCALL
  };
  struct raw raw;
  size_t i;

  for (i = 0; i < sizeof(header); i += 5) {
    raw_open(&raw, url);
    CHECK(raw_send(&raw, &header, i));
    raw_close(&raw);
  }
  raw_open(&raw, url);
  CHECK(raw_send(&raw, &header, sizeof(header)));
  CHECK(raw_send(&raw, &header, 7));
  raw_close(&raw);
}

/* A call that makes the server ask for memory; returns what it asks. */
static struct sp_header
raw_begin_copy(struct raw *raw, int number, size_t size)
{
  intptr_t args[3] = { 4096, 8192, (intptr_t)size };
  struct sp_header header;
  struct sp_copy copy;

  if (number == CALL_STRING) {
    args[1] = (intptr_t)size;
  }
  raw_open(raw, url);
  CHECK(raw_frame(raw, SP_REQUEST, SP_SYSCALL, (uint32_t)number, 9, args,
    sizeof(args)));
  CHECK(raw_receive(raw, &header, sizeof(header)));
  CHECK(header.class == SP_REQUEST);
  CHECK(header.size == sizeof(header) + sizeof(copy));
  CHECK(raw_receive(raw, &copy, sizeof(copy)));
  CHECK(copy.size == size);
  CHECK(copy.address == (void *)4096);
  return header;
}

static void
answered_badly(
  int number, size_t asked, enum sp_type type, size_t size, int64_t off)
{
  static const char bytes[4096];
  struct raw raw;
  struct sp_header header = raw_begin_copy(&raw, number, asked);

  (void)raw_frame(
    &raw,
    SP_RESPONSE,
    type,
    0,
    header.number + (uint64_t)off,
    bytes,
    size
  );
  raw_expect_end(&raw);
}

static void
bad_answers(void)
{
  answered_badly(CALL_INVERT, 100, SP_COPYIN, 99, 0);
  answered_badly(CALL_INVERT, 100, SP_COPYIN, 101, 0);
  answered_badly(CALL_INVERT, 100, SP_COPYIN, 0, 0);
  answered_badly(CALL_INVERT, 100, SP_COPYIN, 4096, 0);
  answered_badly(CALL_INVERT, 100, SP_COPYIN, 100, 1);
  answered_badly(CALL_INVERT, 100, SP_COPYIN, 100, -1);
  answered_badly(CALL_INVERT, 100, SP_SYSCALL, 100, 0);
  answered_badly(CALL_INVERT, 100, SP_COPYINSTR, 100, 0);
  answered_badly(CALL_STRING, 64, SP_COPYIN, 65, 0);
  answered_badly(CALL_STRING, 64, SP_COPYIN, 4000, 0);
  answered_badly(CALL_STRING, 64, SP_COPYIN, 0, 0);
  answered_badly(CALL_STRING, 64, SP_RAISE, 8, 0);
}

/* One answer twice. */
static void
repeated_answer(void)
{
  struct raw raw;
  struct sp_header header = raw_begin_copy(&raw, CALL_INVERT, 8);
  unsigned i;

  for (i = 0; i < 2; ++i) {
    (void)raw_frame(
      &raw,
      SP_RESPONSE,
      SP_COPYIN,
      0,
      header.number,
      "answered",
      8
    );
  }
  raw_expect_end(&raw);
}

static struct sp_header
raw_get_question(struct raw *raw)
{
  struct sp_header header;
  struct sp_copy copy;

  CHECK(raw_receive(raw, &header, sizeof(header)));
  CHECK(header.class == SP_REQUEST && header.type == SP_COPYIN);
  CHECK(raw_receive(raw, &copy, sizeof(copy)));
  return header;
}

/* Returns the number of the call that it answers. */
static uint64_t
raw_get_result(struct raw *raw)
{
  struct sp_header header;
  struct sp_copy copy;
  struct sp_result result;
  char bytes[8];

  CHECK(raw_receive(raw, &header, sizeof(header)));
  CHECK(header.type == SP_COPYOUT);
  CHECK(raw_receive(raw, &copy, sizeof(copy)));
  CHECK(raw_receive(raw, bytes, sizeof(bytes)));
  CHECK(raw_receive(raw, &header, sizeof(header)));
  CHECK(header.class == SP_RESPONSE && header.type == SP_SYSCALL);
  CHECK(raw_receive(raw, &result, sizeof(result)));
  CHECK(result.error == 0);
  /* Each call has its own answer. */
  CHECK((unsigned char)bytes[0] == (unsigned char)~header.number);
  return header.number;
}

/* Of two calls, what both ask is answered in the other order. */
static void
reordered_answers(void)
{
  const intptr_t args[] = { 4096, 8192, 8 };
  struct sp_header questions[2];
  char bytes[8];
  struct raw raw;
  unsigned i;

  raw_open(&raw, url);
  for (i = 0; i < 2; ++i) {
    CHECK(raw_frame(&raw, SP_REQUEST, SP_SYSCALL, CALL_INVERT, 7 + i,
      args, sizeof(args)));
    questions[i] = raw_get_question(&raw);
  }
  CHECK(questions[0].number != questions[1].number);
  for (i = 2; i-- > 0; ) {
    memset(bytes, (int)(7 + i), sizeof(bytes));
    CHECK(raw_frame(&raw, SP_RESPONSE, SP_COPYIN, 0, questions[i].number,
      bytes, sizeof(bytes)));
    CHECK(raw_get_result(&raw) == 7 + i);
  }
  raw_close(&raw);
}

/* The call ends with EFAULT, and the connection goes on. */
static void
refused_copy(void)
{
  struct raw raw;
  struct sp_header header = raw_begin_copy(&raw, CALL_INVERT, 100);
  struct sp_result result;

  CHECK(raw_frame(&raw, SP_ERROR, 0, 1, header.number, NULL, 0));
  CHECK(raw_receive(&raw, &header, sizeof(header)));
  CHECK(header.number == 9 && header.type == SP_SYSCALL);
  CHECK(raw_receive(&raw, &result, sizeof(result)));
  CHECK(result.error == NETBSD_EFAULT);
  raw_close(&raw);
}

static void
death_in_a_call(void)
{
  struct raw raw;
  struct sp_header header;
  char half[50] = "";

  (void)raw_begin_copy(&raw, CALL_INVERT, 100);
  raw_close(&raw);

  /* In the middle of the answer. */
  header = raw_begin_copy(&raw, CALL_INVERT, 100);
  header.size = sizeof(header) + 100;
  header.class = SP_RESPONSE;
  CHECK(raw_send(&raw, &header, sizeof(header)));
  CHECK(raw_send(&raw, half, sizeof(half)));
  raw_close(&raw);

  /* Asleep in the kernel. */
  raw_open(&raw, url);
  CHECK(raw_frame(&raw, SP_REQUEST, SP_SYSCALL, CALL_SLEEP, 1, NULL, 0));
  kernel_wait(kernel_sleepers, 1);
  raw_close(&raw);
  kernel_wait(kernel_sleepers, 0);
}

/* Asks for more at a time than it may; what is too much is refused. */
static void
flood(void)
{
  struct raw raw;
  struct sp_header header;
  struct sp_result result;
  unsigned refused = 0;
  unsigned i;

  raw_open(&raw, url);
  for (i = 0; i < 12; ++i) {
    CHECK(raw_frame(&raw, SP_REQUEST, SP_SYSCALL, CALL_SLEEP, i, NULL, 0));
  }
  /* Three are carried out and four wait. */
  for (i = 0; i < 5; ++i) {
    CHECK(raw_receive(&raw, &header, sizeof(header)));
    CHECK(header.class == SP_ERROR);
    CHECK(header.what == SP_ERROR_TRY_AGAIN);
    ++refused;
  }
  CHECK(refused == 5);
  kernel_wait(kernel_sleepers, 3);
  check_others_are_served();

  CHECK(raw_frame(&raw, SP_REQUEST, SP_HANDSHAKE, SP_EXEC, 50, "x", 2));
  /* What is more than may wait can be more, while those before begin. */
  do {
    CHECK(raw_receive(&raw, &header, sizeof(header)));
  } while (header.class == SP_ERROR && header.what == SP_ERROR_TRY_AGAIN);
  CHECK(header.number == 50 ? header.class == SP_ERROR
    : header.type == SP_SYSCALL);
  if (header.number != 50) {
    CHECK(raw_receive(&raw, &result, sizeof(result)));
  }
  raw_close(&raw);
  kernel_wait(kernel_sleepers, 0);
}

/* One who never says who it is, never answers, or never takes anything. */
static void
say_nothing(struct raw *raw)
{
  raw_join(raw, url);
}

static void
owe_memory(struct raw *raw)
{
  (void)raw_begin_copy(raw, CALL_INVERT, 100);
}

static void
take_nothing(struct raw *raw)
{
  const intptr_t args[] = { 4096, 100 };

  raw_open(raw, url);
  CHECK(raw_frame(raw, SP_REQUEST, SP_SYSCALL, CALL_POUR, 1, args,
    sizeof(args)));
}

/* The last of them must not take anything before its connection is over. */
static void
expect_ends(struct raw *raws, size_t count)
{
  size_t i;

  kernel_wait(kernel_processes, 0);
  for (i = 0; i < count; ++i) {
    raw_expect_end(&raws[i]);
  }
}

/* All at the same time, where there can be several. */
static void
stalled(void)
{
  static void (*const stall[])(struct raw *) = {
    say_nothing, owe_memory, take_nothing
  };
  struct raw raws[COUNT(stall)];
  size_t i;

  for (i = 0; i < COUNT(stall); ++i) {
    (*stall[i])(&raws[i]);
    if (is_line()) {
      expect_ends(&raws[i], 1);
    }
  }
  if (!is_line()) {
    expect_ends(raws, COUNT(stall));
  }
}

static void
too_many_clients(void)
{
  struct rtems_rump_client *clients[CLIENTS_MAX];
  struct raw raw;
  unsigned i;

  for (i = 0; i < CLIENTS_MAX; ++i) {
    clients[i] = open_client(NULL);
  }
  CHECK(!raw_connect(&raw, url));
  raw_close(&raw);
  check_invert(clients[CLIENTS_MAX - 1], 100, 1);
  for (i = 0; i < CLIENTS_MAX; ++i) {
    rtems_rump_client_close(clients[i]);
  }
  kernel_check_gone();
}

static size_t
memory_used(void)
{
  struct rtems_rump_usage usage;

  memset(&usage, 0, sizeof(usage));
  memory_usage(&usage);
  return usage.memory_used;
}

static void
hostile_clients(void)
{
  static void (*const attacks[])(void) = {
    strangers, bad_guests, bad_sizes, truncated, bad_answers,
    repeated_answer, reordered_answers, refused_copy, death_in_a_call, stalled, flood,
    too_many_clients
  };
  size_t count = sizeof(attacks) / sizeof(attacks[0]) - (is_line() ? 2 : 0);
  size_t i;

  for (i = 0; i < count; ++i) {
    printf("#   attack %u\n", (unsigned)i);
    (*attacks[i])();
    kernel_check_gone();
    check_others_are_served();
    kernel_check_gone();
  }
}

/* From then on there are as many tasks as there may be. */
static void
occupy_all_tasks(void)
{
  struct raw raws[2], another;
  unsigned i;

  for (i = 0; i < 6; ++i) {
    if (i % 3 == 0) {
      raw_open(&raws[i / 3], url);
    }
    CHECK(raw_frame(&raws[i / 3], SP_REQUEST, SP_SYSCALL, CALL_SLEEP, i,
      NULL, 0));
  }
  kernel_wait(kernel_sleepers, 6);
  raw_open(&another, url);
  raw_close(&another);
  raw_close(&raws[0]);
  raw_close(&raws[1]);
  kernel_check_gone();
}

/*
 * What they have taken comes back.  It is counted in pages, of which parts can
 * be in use a while longer; what is lost for each connection would be more.
 */
static void
hostile_clients_leave_nothing(void)
{
  size_t before;

  occupy_all_tasks();
  target_sleep(50);
  before = memory_used();
  hostile_clients();
  target_sleep(50);
  CHECK(memory_used() <= before + 16384);
}

static void
bad_urls(void)
{
  static const struct {
    const char *url;
    int error;
  } cases[] = {
    { "", NETBSD_EINVAL }, { "nothing", NETBSD_EINVAL },
    { "://x", NETBSD_EINVAL }, { "mem://", NETBSD_EINVAL },
    { "carrier-pigeon://coop", 43 },
    { "mem://a-name-that-is-much-longer-than-names-are", NETBSD_EINVAL },
#ifndef __rtems__
    { "tcp://127.0.0.1", NETBSD_EINVAL },
    { "tcp://127.0.0.1:0", NETBSD_EINVAL },
    { "tcp://127.0.0.1:70000", NETBSD_EINVAL },
    { "tcp://127.0.0.1:7x", NETBSD_EINVAL },
    { "tcp://host:7000", NETBSD_EINVAL },
#endif
  };
  struct rtems_rump_client *client;
  size_t i;

  for (i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    CHECK(
      rumpuser_sp_init(cases[i].url, "NetBSD", "7", "test") == cases[i].error
    );
    CHECK(rtems_rump_client_open(cases[i].url, NULL, &client) != 0);
  }
  CHECK(rtems_rump_client_open("mem://nobody", NULL, &client)
    == ECONNREFUSED);
}

static void
start(void)
{
  if (is_tls(url)) {
    config.server.access = tls_rules;
    config.server.rules = COUNT(tls_rules);
    raw_secret = &tls_secret;
  }
  CHECK(hypercall_configure(&config) == 0);
  CHECK(rumpuser_init(RUMPUSER_VERSION, &kernel_upcalls) == 0);
  kernel_boot();
  bad_urls();
  CHECK(rumpuser_sp_init(place, "NetBSD", "7.99", "test") == 0);
  CHECK(is_line()
    || rumpuser_sp_init(place, "NetBSD", "7.99", "test") == 48);
}

/* The call that ends the kernel is answered, and nobody else may come. */
static void
halt(void)
{
  struct rtems_rump_client *client = open_client(NULL);
  struct rtems_rump_client *other;

  (void)call(client, CALL_HALT, 0);
  CHECK(open_here(NULL, &other) == ECONNREFUSED);
  CHECK(call(client, CALL_GETPID, 0) > 1);
  rtems_rump_client_close(client);
}

/* The kernel ends under its clients, of which one has calls that sleep. */
static void
end(void)
{
  struct rtems_rump_client *client, *busy;
  intptr_t values[2];
  int error;

  CHECK(rumpuser_sp_init("mem://last", "NetBSD", "7.99", "test") == 0);
  CHECK(rumpuser_sp_init(place, "NetBSD", "7.99", "test") == 0);
  CHECK(rtems_rump_client_open("mem://last", NULL, &client) == 0);
  busy = open_client(NULL);
  begin_to_sleep(busy, 2);
  kernel_wait(kernel_sleepers, 2);
  CHECK(hypercall_end());
  wait_for_sleepers(2);
  CHECK(sleepers.lost == 2);
  CHECK(
    rtems_rump_client_syscall(client, CALL_GETPID, NULL, 0, &error, values)
      == ENOTCONN
  );
  rtems_rump_client_close(client);
  rtems_rump_client_close(busy);
}

/* A device is there for one listener, or one client, of an image. */
static void
device_in_use(void)
{
  struct rtems_rump_client *client = open_client(NULL);
  struct rtems_rump_client *other;
  char slower[64];

  CHECK(rumpuser_sp_init(place, "NetBSD", "7.99", "test")
    == NETBSD_EADDRINUSE);
  (void)snprintf(slower, sizeof(slower), "%s,9600", place);
  CHECK(rtems_rump_client_open(slower, NULL, &other) == EADDRINUSE);
  CHECK(open_here(NULL, &other) == EADDRINUSE);
  rtems_rump_client_close(client);
  rtems_rump_client_close(open_client(NULL));
}

/* Then the device is free. */
static void
end_alone(void)
{
  struct transport *listener;

  CHECK(hypercall_end());
  CHECK(rtems_rump_transport_listen(place, &listener) == 0);
  transport_close(listener);
}

#define STEP(function) { #function, function }

static const struct step {
  const char *name;
  void (*run)(void);
} steps[] = {
  STEP(plain_calls), STEP(defaults), STEP(strings),
  STEP(bad_calls), STEP(callbacks), STEP(forbidden_write), STEP(names),
  STEP(machines), STEP(forks), STEP(many_tasks), STEP(described_calls),
  STEP(many_clients), STEP(exec_ends_calls), STEP(too_many_calls),
  STEP(signal_in_a_call), STEP(exec_after_calls), STEP(unanswered),
  STEP(hostile_clients_leave_nothing),
  STEP(orphans), STEP(halt), STEP(end)
}, line_steps[] = {
  STEP(plain_calls), STEP(strings), STEP(bad_calls), STEP(callbacks),
  STEP(forbidden_write), STEP(names), STEP(exec_ends_calls),
  STEP(device_in_use), STEP(hostile_clients), STEP(end_alone)
};

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;
  const struct step *step;
  size_t count;

  (void)arg;
  TARGET_BEGIN("REMOTE PROTOCOL");
#ifndef __rtems__
  if (sim_argc > 1) {
    place = sim_argv[1];
    url = sim_argv[sim_argc - 1];
  }
#endif
  rtems_resource_snapshot_take(&before);
  start();
  step = is_line() ? line_steps : steps;
  for (count = is_line() ? COUNT(line_steps) : COUNT(steps); count > 0;
      --count) {
    printf("# %s\n", step->name);
    (*step++->run)();
  }
  target_sleep(20);
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
  TARGET_END("REMOTE PROTOCOL");
}

/* RTEMS keeps the memory of more tasks than that at a time. */
#define CONFIGURE_UNLIMITED_OBJECTS
#define CONFIGURE_UNLIMITED_ALLOCATION_SIZE 32
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "../target/config.h"
