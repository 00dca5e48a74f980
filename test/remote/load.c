/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * 32 clients with eight tasks each, on the stand-in for a kernel or, with
 * LOAD_NETBSD, on NetBSD's: no call fails, and when the clients have gone the
 * memory in use is what it was.  Arguments are the URL, for how many seconds,
 * and the client's URL if it is another one: then there is one client.
 */

#include "../target/target.h"

#include <stdatomic.h>

#include <rtems-rump/remote.h>

#include <simulator/simulator.h>

#define remote_rest target_sleep
#include "calls.h"

#ifdef LOAD_NETBSD
#include <rtems-rump/instance.h>
#else
#include "hypercall.h"
#include "kernel.h"
#endif

#define CLIENTS 32
#define TASKS 8

/* Clients come and go so often, and so often if there is time. */
#define ROUNDS 4
#define MANY_ROUNDS 24

/*
 * What NetBSD's pools may have more in the second half, in which they grow
 * less than before.  A kilobyte of each client would be more.
 */
#define SLACK (256u << 10)

static const char *url = "mem://load";
static const char *client_url = "mem://load";
static unsigned client_count = CLIENTS;
static unsigned seconds = 2;
static unsigned rounds = ROUNDS;
static atomic_bool is_over;
static atomic_uint running;
static atomic_ulong calls;
static rtems_binary_semaphore all_ended =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("all ended");
static struct rtems_rump_client *clients[CLIENTS];

static struct rtems_rump_config config = {
  .memory = 32 << 20,
  .server = {
    .clients = CLIENTS + 8, .tasks = 16, .client_tasks = 4
  }
};

#ifdef LOAD_NETBSD

static void
start(void)
{
  static const struct rtems_rump_access all_are_root;

  config.server.url = url;
  config.server.access = &all_are_root;
  config.server.rules = 1;
  CHECK(rtems_rump_start(&config) == 0);
}

static void
end(void)
{
  CHECK(rtems_rump_end() == 0);
}

static size_t
memory_used(void)
{
  struct rtems_rump_usage usage;

  target_sleep(500);
  rtems_rump_get_usage(&usage);
  return usage.memory_used;
}

static void
work_once(struct rtems_rump_client *client, unsigned number, unsigned i)
{
  remote_check_file(client, number, 1 + i * 97 % 5000);
}

#else

static void
start(void)
{
  CHECK(hypercall_configure(&config) == 0);
  CHECK(rumpuser_init(RUMPUSER_VERSION, &kernel_upcalls) == 0);
  kernel_boot();
  CHECK(rumpuser_sp_init(url, "NetBSD", "7.99", "test") == 0);
}

static void
end(void)
{
  CHECK(hypercall_end());
}

static size_t
memory_used(void)
{
  struct rtems_rump_usage usage;

  kernel_check_gone();
  memory_usage(&usage);
  return usage.memory_used;
}

static void
work_once(struct rtems_rump_client *client, unsigned number, unsigned i)
{
  unsigned char from[2000], to[2000];
  intptr_t size = 1 + i * 97 % (intptr_t)sizeof(from);
  const intptr_t args[] = { (intptr_t)from, (intptr_t)to, size };
  int error;

  memset(from, (int)(i + number), (size_t)size);
  (void)remote_call(client, CALL_INVERT, args, 3, &error);
  CHECK(error == 0);
  CHECK(to[0] == (unsigned char)~from[0]);
  CHECK(to[size - 1] == (unsigned char)~from[0]);
}

#endif

static rtems_task
work(rtems_task_argument number)
{
  unsigned i;

  for (i = 0; !is_over; ++i) {
    work_once(clients[number / TASKS], (unsigned)number, i);
    ++calls;
  }
  if (atomic_fetch_sub(&running, 1) == 1) {
    rtems_binary_semaphore_post(&all_ended);
  }
  rtems_task_exit();
}

static void
run_round(void)
{
  unsigned i;

  is_over = false;
  running = client_count * TASKS;
  for (i = 0; i < client_count; ++i) {
    CHECK(rtems_rump_client_open(client_url, NULL, &clients[i]) == 0);
  }
  for (i = 0; i < client_count * TASKS; ++i) {
    (void)target_task(TARGET_PRIORITY + i % 2, work, i);
  }
  target_sleep(seconds * 1000 / rounds);
  is_over = true;
  rtems_binary_semaphore_wait(&all_ended);
  target_sleep(20);
  for (i = 0; i < client_count; ++i) {
    rtems_rump_client_close(clients[i]);
  }
}

static rtems_task
Init(rtems_task_argument arg)
{
  size_t before = 0, after = 0;
  unsigned i;

  (void)arg;
  TARGET_BEGIN("REMOTE LOAD");
  if (sim_argc > 2) {
    url = sim_argv[1];
    client_url = url;
    seconds = (unsigned)atoi(sim_argv[2]);
    rounds = seconds < 10 ? ROUNDS : MANY_ROUNDS;
  }
  if (sim_argc > 3) {
    client_url = sim_argv[3];
    client_count = 1;
  }
  start();
  for (i = 0; i < rounds; ++i) {
    run_round();
    after = memory_used();
    before = i < rounds / 2 ? after : before;
    printf("# %lu rounds of calls, %zu bytes\n", (unsigned long)calls, after);
  }
  CHECK(after <= before + SLACK);
  CHECK(calls > client_count * TASKS);
  end();
  TARGET_END("REMOTE LOAD");
}

#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "../target/config.h"
