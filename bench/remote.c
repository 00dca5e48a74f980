/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * System calls of a client in the image of the kernel, by mem:// without
 * frames and with the frames that all other transports have, beside the same
 * calls made directly; with BENCH_FAR by TCP, over the kernel's own stack, and
 * by a serial line.
 */

#include <stdio.h>
#include <stdlib.h>

#include <sys/uio.h>

#include <rtems.h>
#include <rtems/libio.h>
#include <rtems/thread.h>

#include <rtems-rump/netbsd.h>
#include <rtems-rump/remote.h>
#include <rtems-rump/socket.h>

#include "bench.h"
#include "cable.h"
#include "kernel.h"

#define URL "mem://bench"
#define TCP_URL "tcp://127.0.0.1:7000"

#define SETTLE_TICKS 200

/* Calls in one repetition, and repetitions, the least of which counts. */
#ifdef BENCH_FAR
#define CALLS 10u
#define REPETITIONS 4
#else
#define CALLS 100u
#define REPETITIONS 20
#endif

/* NetBSD's numbers. */
enum {
  SYS_READ = 3,
  SYS_OPEN = 5,
  SYS_GETPID = 20,
  SYS_READV = 120,
  SYS_PWRITE = 174,
  SYS_PWRITEV = 290
};

#define FILE_PATH "/bench"
#define BUFFERS 8
#define BUFFER_SIZE 64

ssize_t rump___sysimpl_readv(int fd, const struct iovec *parts, int count);
ssize_t rump___sysimpl_pwritev(
  int fd, const struct iovec *parts, int count, int64_t offset);

static struct rtems_rump_client *client;
static char buffers[BUFFERS][BUFFER_SIZE];
static struct iovec parts[BUFFERS];
static int direct_zero, direct_file;
static intptr_t remote_zero, remote_file;

static intptr_t
remote_call(int number, intptr_t a, intptr_t b, intptr_t c)
{
  /* What is written is written at the beginning of a file. */
  const intptr_t arguments[6] = { a, b, c };
  intptr_t values[2];
  int error;

  bench_check("remote call", rtems_rump_client_syscall(
    client, number, arguments, sizeof(arguments), &error, values) == 0
    && error == 0);
  return values[0];
}

static void
remote_getpid(void)
{
  (void)remote_call(SYS_GETPID, 0, 0, 0);
}

static void
remote_read_0(void)
{
  (void)remote_call(SYS_READ, remote_zero, (intptr_t)buffers, 0);
}

static void
remote_read_1(void)
{
  (void)remote_call(SYS_READ, remote_zero, (intptr_t)buffers, BUFFER_SIZE);
}

static void
remote_read_8(void)
{
  (void)remote_call(SYS_READV, remote_zero, (intptr_t)parts, BUFFERS);
}

static void
remote_write_0(void)
{
  (void)remote_call(SYS_PWRITE, remote_file, (intptr_t)buffers, 0);
}

static void
remote_write_1(void)
{
  (void)remote_call(SYS_PWRITE, remote_file, (intptr_t)buffers, BUFFER_SIZE);
}

static void
remote_write_8(void)
{
  (void)remote_call(SYS_PWRITEV, remote_file, (intptr_t)parts, BUFFERS);
}

static void
direct_getpid(void)
{
  (void)bench_getpid();
}

static void
direct_read_0(void)
{
  (void)rump_sys_read(direct_zero, buffers, 0);
}

static void
direct_read_1(void)
{
  (void)rump_sys_read(direct_zero, buffers, BUFFER_SIZE);
}

static void
direct_read_8(void)
{
  (void)rump___sysimpl_readv(direct_zero, parts, BUFFERS);
}

static void
direct_write_0(void)
{
  (void)rump_sys_pwrite(direct_file, buffers, 0, 0);
}

static void
direct_write_1(void)
{
  (void)rump_sys_pwrite(direct_file, buffers, BUFFER_SIZE, 0);
}

static void
direct_write_8(void)
{
  (void)rump___sysimpl_pwritev(direct_file, parts, BUFFERS, 0);
}

static const struct {
  const char *name;
  void (*remote)(void);
  void (*direct)(void);
} calls[] = {
  { "getpid", remote_getpid, direct_getpid },
  { "read_0", remote_read_0, direct_read_0 },
  { "read_1", remote_read_1, direct_read_1 },
  { "read_8", remote_read_8, direct_read_8 },
  { "write_0", remote_write_0, direct_write_0 },
  { "write_1", remote_write_1, direct_write_1 },
  { "write_8", remote_write_8, direct_write_8 }
};

#define COUNT (sizeof(calls) / sizeof(calls[0]))

#ifndef BENCH_FAR

static rtems_binary_semaphore there = RTEMS_BINARY_SEMAPHORE_INITIALIZER("to");
static rtems_binary_semaphore back = RTEMS_BINARY_SEMAPHORE_INITIALIZER("back");

/* The task is as urgent as the server's. */
static rtems_task
answer(rtems_task_argument arg)
{
  (void)arg;
  for (;;) {
    rtems_binary_semaphore_wait(&there);
    rtems_binary_semaphore_post(&back);
  }
}

static void
wake_twice(void)
{
  rtems_binary_semaphore_post(&there);
  rtems_binary_semaphore_wait(&back);
}

typedef RTEMS_MESSAGE_QUEUE_BUFFER(BUFFER_SIZE) message_buffer;

static rtems_id requests, answers;

static void
create_queue(rtems_id *id, message_buffer *buffer)
{
  const rtems_message_queue_config config = {
    .name = rtems_build_name('M', 'E', 'S', 'G'),
    .maximum_pending_messages = 1,
    .maximum_message_size = BUFFER_SIZE,
    .storage_area = buffer,
    .storage_size = sizeof(*buffer),
    .attributes = RTEMS_DEFAULT_ATTRIBUTES
  };

  bench_check("queue",
    rtems_message_queue_construct(&config, id) == RTEMS_SUCCESSFUL);
}

static void
receive_message(rtems_id queue, void *message)
{
  size_t size;

  (void)rtems_message_queue_receive(
    queue, message, &size, RTEMS_WAIT, RTEMS_NO_TIMEOUT);
}

static rtems_task
answer_messages(rtems_task_argument arg)
{
  static char message[BUFFER_SIZE];

  (void)arg;
  for (;;) {
    receive_message(requests, message);
    (void)rtems_message_queue_send(answers, message, sizeof(message));
  }
}

/* What RTEMS has for a call from task to task, with what it carries. */
static void
exchange_messages(void)
{
  (void)rtems_message_queue_send(requests, buffers[0], BUFFER_SIZE);
  receive_message(answers, buffers[0]);
}

#endif

static uint64_t
measure(void (*call)(void))
{
  uint64_t least = UINT64_MAX;
  unsigned i, k;

  for (i = 0; i < REPETITIONS; ++i) {
    rtems_counter_ticks begin = rtems_counter_read();
    uint64_t took;

    for (k = 0; k < CALLS; ++k) {
      (*call)();
    }
    took = rtems_counter_ticks_to_nanoseconds(
      rtems_counter_difference(rtems_counter_read(), begin));
    least = took < least ? took : least;
  }
  return (least + CALLS / 2) / CALLS;
}

#ifndef BENCH_FAR
/* What is asked about each copy is asked for copies by frames alone. */
static bool
may_copy(const void *address, size_t size, bool is_write, void *arg)
{
  (void)address;
  (void)size;
  (void)is_write;
  (void)arg;
  return true;
}
#endif

static void
measure_remote(
  const char *url,
  const char *prefix,
  const struct rtems_rump_client_config *config
)
{
  char name[48];
  unsigned trips;
  size_t i;

  bench_check("client", rtems_rump_client_open(url, config, &client) == 0);
  remote_zero = remote_call(SYS_OPEN, (intptr_t)"/dev/zero", 0, 0);
  remote_file = remote_call(
    SYS_OPEN, (intptr_t)FILE_PATH, NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);
  for (i = 0; i < COUNT; ++i) {
    (void)snprintf(name, sizeof(name), "%s_%s", prefix, calls[i].name);
    bench_report(name, measure(calls[i].remote));
    trips = rtems_rump_client_round_trips(client);
    (*calls[i].remote)();
    trips = rtems_rump_client_round_trips(client) - trips;
    (void)snprintf(name, sizeof(name), "%s_%s_trips", prefix, calls[i].name);
    bench_report(name, trips);
  }
  rtems_rump_client_close(client);
}

#ifdef BENCH_FAR

static void
serve(const char *url)
{
  bench_enter();
  bench_check("server", rump_init_server(url) == 0);
  bench_leave();
}

/* Who comes from elsewhere is nobody else. */
static void
measure_all(void)
{
  static const struct rtems_rump_access all;
  static const struct rtems_rump_config config = {
    .memory = 12 << 20,
    .server = { .access = &all, .rules = 1 }
  };

  rtems_rump_tcp_register();
  bench_check("start", bench_start(&config) == 0);
  bench_check("sockets", rtems_rump_socket_register() == 0);
  serve(TCP_URL);
  measure_remote(TCP_URL, "remote_tcp", NULL);
  /* A frame has its place in termios, as the manual says. */
  bench_check("buffers",
    rtems_termios_bufsize(256, 4096, 1024) == RTEMS_SUCCESSFUL);
  if (cable_install()) {
    serve("serial:///dev/cable0");
    measure_remote("serial:///dev/cable1", "remote_serial", NULL);
  }
}

#else

/* A goal is made of the wake-ups that two tasks need and the direct call. */
static void
measure_direct(uint64_t wakeups)
{
  char name[48];
  size_t i;

  bench_enter();
  direct_zero = rump_sys_open("/dev/zero", NETBSD_O_RDONLY);
  direct_file = rump_sys_open(FILE_PATH, NETBSD_O_RDWR);
  bench_check("open", direct_zero >= 0 && direct_file >= 0);
  for (i = 0; i < COUNT; ++i) {
    uint64_t took = measure(calls[i].direct);

    (void)snprintf(name, sizeof(name), "remote_%s:direct", calls[i].name);
    bench_report(name, took);
    (void)snprintf(name, sizeof(name), "remote_%s:least", calls[i].name);
    bench_report(name, wakeups + took);
  }
  bench_leave();
}

static void
start_answering(rtems_task_entry entry)
{
  rtems_id id;

  bench_check("task", rtems_task_create(
    rtems_build_name('A', 'N', 'S', 'W'),
    RTEMS_RUMP_DEFAULT_CEILING + 2,
    RTEMS_MINIMUM_STACK_SIZE,
    RTEMS_DEFAULT_MODES,
    RTEMS_DEFAULT_ATTRIBUTES,
    &id
  ) == RTEMS_SUCCESSFUL);
  bench_check("task",
    rtems_task_start(id, entry, 0) == RTEMS_SUCCESSFUL);
}

static void
measure_all(void)
{
  static const struct rtems_rump_config config = { .server = { .url = URL } };
  static const struct rtems_rump_client_config with_frames = {
    .may_copy = may_copy
  };
  static message_buffer queues[2];
  uint64_t wakeups;

  bench_check("start", bench_start(&config) == 0);
  create_queue(&requests, &queues[0]);
  create_queue(&answers, &queues[1]);
  start_answering(answer);
  start_answering(answer_messages);
  (void)rtems_task_wake_after(SETTLE_TICKS);
  wakeups = measure(wake_twice);
  bench_report("remote_two_wakeups", wakeups);
  bench_report("remote_two_messages", measure(exchange_messages));
  measure_remote(URL, "remote", NULL);
  measure_remote(URL, "remote_frames", &with_frames);
  measure_direct(wakeups);
}

#endif

static rtems_task
Init(rtems_task_argument arg)
{
  size_t i;

  (void)arg;
  for (i = 0; i < BUFFERS; ++i) {
    parts[i] = (struct iovec){ buffers[i], BUFFER_SIZE };
  }
  measure_all();
  puts("BENCH END");
  exit(0);
}

#define CONFIGURE_MAXIMUM_PROCESSORS 1
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 32
#define CONFIGURE_MAXIMUM_MESSAGE_QUEUES 2
#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
