/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Clients of NetBSD's kernel, over a connection within the image: files,
 * pipes, forks, several tasks, death of a client in the kernel, and a kernel
 * that a client halts.
 *
 * With a URL as its argument, on the simulator, it is a server there until a
 * client halts the kernel.  With another argument all clients are root, else
 * those that do not prove it are what they are by default.
 */

#include "crowd.h"

#include <rtems-rump/remote.h>
#include <rump/rumpclient.h>

#ifndef __rtems__
#include <simulator/simulator.h>
#endif

#define remote_rest target_sleep
#include "calls.h"

#define TASKS 4
#define ROUNDS 50
#define FILES 20

static const char *url = "mem://netbsd";

/* The rest is as by default. */
static const struct rtems_rump_access rules[] = {
  { .key = REMOTE_KEY, .key_size = sizeof(REMOTE_KEY), .user = "root" },
  { .place = "mem://" },
  { .place = "unix://" },
  { .uid = RTEMS_RUMP_NOBODY, .gid = RTEMS_RUMP_NOGROUP }
};
static const struct rtems_rump_access all_are_root;

static struct rtems_rump_config config = {
  .restartable = true,
  .memory = 8 << 20,
  .server = {
    .clients = 24,
    .tasks = 6,
    .client_tasks = 4,
    .client_files = FILES,
    .patience = 5000
  }
};

static struct rtems_rump_client *
open_client(void)
{
  struct rtems_rump_client *client = NULL;

  CHECK(rtems_rump_client_open(url, NULL, &client) == 0);
  return client;
}

static void
errors(void)
{
  struct rtems_rump_client *client = open_client();
  int error;

  CHECK(remote_open(client, "/none", 0, 0, &error) == -1 && error == 2);
  CHECK(remote_call(client, 5, NULL, 0, &error) == -1 && error == 14);
  CHECK(remote_call(client, -7, NULL, 0, &error) == -1 && error == 78);
  CHECK(remote_call(client, 511, NULL, 0, &error) == -1 && error == 78);
  CHECK(remote_close(client, 99, &error) == -1 && error == 9);
  rtems_rump_client_close(client);
}

/* Of one client, and of its child, which has them already. */
static void
too_many_files(void)
{
  struct rtems_rump_client *client = open_client();
  struct rtems_rump_client *other = open_client();
  struct rtems_rump_fork cookie;
  int error, fd, last = -1;

  while ((fd = remote_open(client, "/many", REMOTE_O_RDWR | REMOTE_O_CREAT,
      0644, &error)) != -1) {
    last = fd;
  }
  CHECK(error == 24 && last == FILES - 1);
  CHECK(rtems_rump_client_prefork(client, &cookie) == 0);
  CHECK(remote_open(other, "/many", REMOTE_O_RDWR, 0, &error) != -1);
  rtems_rump_client_close(other);
  rtems_rump_client_close(client);
  CHECK(rtems_rump_client_open_fork(url, NULL, &cookie, &client) == 0);
  CHECK(remote_open(client, "/many", 0, 0, &error) == -1 && error == 24);
  CHECK(remote_unlink(client, "/many", &error) == 0);
  rtems_rump_client_close(client);
}

static struct rtems_rump_client *shared;

static rtems_task
worker(rtems_task_argument arg)
{
  unsigned i;

  for (i = 0; i < ROUNDS; ++i) {
    remote_check_file(shared, (unsigned)arg, i * 200 + 1);
  }
  crowd_leave();
}

static void
many_tasks(void)
{
  shared = open_client();
  crowd_run(TASKS, worker);
  rtems_rump_client_close(shared);
}

static void
forks(void)
{
  struct rtems_rump_client *parent = open_client();
  struct rtems_rump_client *child;
  struct rtems_rump_fork cookie;
  int error, fds[2];
  char text[8] = "";

  CHECK(remote_pipe(parent, fds, &error) == 0);
  CHECK(rtems_rump_client_prefork(parent, &cookie) == 0);
  CHECK(remote_close(parent, fds[1], &error) == 0);
  CHECK(rtems_rump_client_open_fork(url, NULL, &cookie, &child) == 0);
  CHECK(remote_write(child, fds[1], "forked", 7, &error) == 7);
  CHECK(remote_read(parent, fds[0], text, sizeof(text), &error) == 7);
  CHECK(strcmp(text, "forked") == 0);
  CHECK(rtems_rump_client_exec(child, "executed") == 0);
  CHECK(remote_write(child, fds[1], "again", 6, &error) == 6);
  CHECK(remote_read(parent, fds[0], text, sizeof(text), &error) == 6);

  /* With the child its end of the pipe goes. */
  rtems_rump_client_close(child);
  CHECK(remote_read(parent, fds[0], text, sizeof(text), &error) == 0);
  rtems_rump_client_close(parent);
}

static struct rtems_rump_client *sleeping;
static int sleeping_fd;

static rtems_task
sleeper(rtems_task_argument arg)
{
  char c;
  int error;

  (void)arg;
  CHECK(remote_read(sleeping, sleeping_fd, &c, 1, &error) == -1);
  CHECK(error == 4);
  crowd_leave();
}

/* Calls that sleep in the kernel end when their client has another program. */
static void
exec_ends_sleep(void)
{
  int error, fds[2];

  sleeping = open_client();
  CHECK(remote_pipe(sleeping, fds, &error) == 0);
  sleeping_fd = fds[0];
  crowd_expect(1);
  (void)target_task(TARGET_PRIORITY, sleeper, 0);
  target_sleep(100);
  CHECK(rtems_rump_client_exec(sleeping, "another") == 0);
  crowd_wait();
  rtems_rump_client_close(sleeping);
}

/* As many clients as there may be die asleep, and others come after them. */
static void
death_in_the_kernel(void)
{
  unsigned i, round;

  for (round = 0; round < 3; ++round) {
    for (i = 0; i < 16; ++i) {
      remote_die_asleep(url);
    }
    target_sleep(200);
  }
  target_sleep(500);
  remote_check_file(shared = open_client(), 0, 1000);
  rtems_rump_client_close(shared);
}

static void
halt(void)
{
  struct rtems_rump_client *client = open_client();
  struct rtems_rump_client *other;
  int error, status;

  CHECK(remote_reboot(client, &error) == 0);
  CHECK(rtems_rump_wait(&status) == 0 && status == 0);
  CHECK(rtems_rump_client_open(url, NULL, &other) == ECONNREFUSED);
  CHECK(rtems_rump_end() == 0);
  CHECK(remote_call(client, 20, NULL, 0, &error) == -1 && error == -1);
  rtems_rump_client_close(client);
}

/*
 * The client of rumpclient(3), which there is one of in an image, and which
 * nobody closes.  It has to find that the kernel's life before is over.
 */
static void
rumpclient(unsigned life)
{
  static const intptr_t none[8];
  struct rumpclient_fork *process;
  register_t before[2], after[2];

  CHECK(rtems_rump_start(&config) == 0);
  CHECK(setenv("RUMP_SERVER", url, 1) == 0);
  CHECK(rumpclient_init() == 0);
  CHECK(life == 0
    || rumpclient_syscall(20, none, sizeof(none), before) == ENOTCONN);
  CHECK(rumpclient_syscall(20, none, sizeof(none), before) == 0);
  process = rumpclient_prefork();
  CHECK(process != NULL && rumpclient_fork_init(process) == 0);
  CHECK(rumpclient_syscall(20, none, sizeof(none), after) == 0);
  CHECK(after[0] != before[0]);
  halt();
}

static void
one_life(unsigned life)
{
  (void)life;
  CHECK(rtems_rump_start(&config) == 0);
  remote_check_file(shared = open_client(), 0, 70000);
  rtems_rump_client_close(shared);
  errors();
  too_many_files();
  many_tasks();
  forks();
  exec_ends_sleep();
  death_in_the_kernel();
  halt();
  target_sleep(20);
}

static void
serve(bool are_root)
{
  int status;

  config.server.access = are_root ? &all_are_root : rules;
  config.server.rules =
    are_root ? 1 : sizeof(rules) / sizeof(rules[0]);

  CHECK(rtems_rump_start(&config) == 0);
  printf("serving %s\n", url);
  CHECK(rtems_rump_wait(&status) == 0 && status == 0);
  CHECK(rtems_rump_end() == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  bool is_server = false;
  bool are_root = false;

  (void)arg;
  TARGET_BEGIN("REMOTE NETBSD");
#ifndef __rtems__
  is_server = sim_argc > 1;
  if (is_server) {
    url = sim_argv[1];
    are_root = sim_argc > 2;
  }
#endif
  config.server.url = url;
  if (is_server) {
    serve(are_root);
  } else {
    target_live_twice(one_life);
    rumpclient(0);
    rumpclient(1);
  }
  TARGET_END("REMOTE NETBSD");
}

/*
 * Each time that RTEMS makes room for more tasks than that, it also makes
 * heads of queues for as many, and loses those that it had.
 */
#define CONFIGURE_UNLIMITED_OBJECTS
#define CONFIGURE_UNLIMITED_ALLOCATION_SIZE 64
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "../target/config.h"
