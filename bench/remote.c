/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * System calls of a remote client, beside the same calls made directly.
 */

#include "remote.h"

#include <sys/uio.h>

#include <rtems/libio.h>

#include <rtems-rump/netbsd.h>
#include <rtems-rump/remote.h>

#include "kernel.h"
#ifdef BENCH_HOST
#include "region.h"
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

ssize_t rump___sysimpl_readv(int fd, const struct iovec *parts, int count);
ssize_t rump___sysimpl_pwritev(
  int fd, const struct iovec *parts, int count, int64_t offset);

static const char *server_url;
static const struct rtems_rump_client_config *server_config;
static struct rtems_rump_client *client;
static char buffers[BUFFERS][REMOTE_BUFFER_SIZE];
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
  (void)remote_call(SYS_READ, remote_zero, (intptr_t)buffers, REMOTE_BUFFER_SIZE);
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
  (void)remote_call(SYS_PWRITE, remote_file, (intptr_t)buffers, REMOTE_BUFFER_SIZE);
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
  (void)rump_sys_read(direct_zero, buffers, REMOTE_BUFFER_SIZE);
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
  (void)rump_sys_pwrite(direct_file, buffers, REMOTE_BUFFER_SIZE, 0);
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

static void
repeat(void (*call)(void))
{
  unsigned i;

  for (i = 0; i < REMOTE_CALLS; ++i) {
    (*call)();
  }
}

#ifdef BENCH_HOST

void
remote_count(const char *name, void (*call)(void))
{
  unsigned i;

  for (i = 0; i < REMOTE_REPETITIONS; ++i) {
    bench_region(name, REMOTE_CALLS);
    bench_begin();
    repeat(call);
    bench_end();
  }
}

#else

void
remote_count(const char *name, void (*call)(void))
{
  uint64_t least = UINT64_MAX;
  unsigned i;

  for (i = 0; i < REMOTE_REPETITIONS; ++i) {
    rtems_counter_ticks begin = rtems_counter_read();
    uint64_t took;

    repeat(call);
    took = rtems_counter_ticks_to_nanoseconds(
      rtems_counter_difference(rtems_counter_read(), begin));
    least = took < least ? took : least;
  }
  bench_report(name, (least + REMOTE_CALLS / 2) / REMOTE_CALLS);
}

#endif

static void
count_row(
  const char *prefix, const char *row, const char *suffix, void (*call)(void))
{
  char name[48];

  (void)snprintf(name, sizeof(name), "%s_%s%s", prefix, row, suffix);
  remote_count(name, call);
}

static void
report_trips(const char *prefix, const char *row, void (*call)(void))
{
  unsigned trips = rtems_rump_client_round_trips(client);
  char name[48];

  (*call)();
  trips = rtems_rump_client_round_trips(client) - trips;
  (void)snprintf(name, sizeof(name), "%s_%s_trips", prefix, row);
  bench_report(name, trips);
}

static void
open_client(void)
{
  bench_check("client", rtems_rump_client_open(
    server_url, server_config, &client) == 0);
}

static void
open_and_close(void)
{
  open_client();
  rtems_rump_client_close(client);
}

void
remote_measure(
  const char *prefix,
  const char *url,
  const struct rtems_rump_client_config *config
)
{
  size_t i;

  server_url = url;
  server_config = config;
  open_client();
  remote_zero = remote_call(SYS_OPEN, (intptr_t)"/dev/zero", 0, 0);
  remote_file = remote_call(
    SYS_OPEN, (intptr_t)FILE_PATH, NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);
  for (i = 0; i < COUNT; ++i) {
    count_row(prefix, calls[i].name, "", calls[i].remote);
    report_trips(prefix, calls[i].name, calls[i].remote);
  }
  rtems_rump_client_close(client);
}

void
remote_measure_connection(
  const char *prefix,
  const char *url,
  const struct rtems_rump_client_config *config
)
{
  server_url = url;
  server_config = config;
  count_row(prefix, "connection", "", open_and_close);
}

void
remote_measure_direct(const char *prefix)
{
  size_t i;

  bench_enter();
  direct_zero = rump_sys_open("/dev/zero", NETBSD_O_RDONLY);
  direct_file = rump_sys_open(FILE_PATH, NETBSD_O_RDWR);
  bench_check("open", direct_zero >= 0 && direct_file >= 0);
  for (i = 0; i < COUNT; ++i) {
    count_row(prefix, calls[i].name, ":direct", calls[i].direct);
  }
  bench_leave();
}

void
remote_serve(const char *url)
{
  bench_enter();
  bench_check("server", rump_init_server(url) == 0);
  bench_leave();
}

static rtems_task
Init(rtems_task_argument arg)
{
  size_t i;

  (void)arg;
  for (i = 0; i < BUFFERS; ++i) {
    parts[i] = (struct iovec){ buffers[i], REMOTE_BUFFER_SIZE };
  }
  remote_measure_all();
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
