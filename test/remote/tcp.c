/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A kernel that is served over its own stack: clients in the image, by lo0.
 * In its first life a client halts it, in the second one it panics under a
 * call of one, in the third it is ended; none leaves anything behind.
 */

#include "crowd.h"

#include <rtems-rump/remote.h>
#include <rtems-rump/socket.h>

#define remote_rest target_sleep
#include "calls.h"

#define URL "tcp://127.0.0.1:7000"
#define URL6 "tcp6://[::1]:7001"
#define RAW_URL "tcp://127.0.0.1:7002"
#define SECRET_URL "tls://127.0.0.1:7003"

#define TASKS 3
#define ROUNDS 10

/* With it, the end is a panic. */
#define RB_DUMP 0x100

#define NETBSD_EINVAL 22
#define NETBSD_EPROTONOSUPPORT 43
#define NETBSD_EADDRINUSE 48

static const char *const far[] = { "10.0.0.0/8", "::2", NULL };

/* That for others, which nobody here is, comes first. */
static const struct rtems_rump_access rules[] = {
  { .place = "tcp://", .peers = far },
  { .key = REMOTE_KEY, .key_size = sizeof(REMOTE_KEY), .user = "root" },
  { .uid = RTEMS_RUMP_NOBODY, .gid = RTEMS_RUMP_NOGROUP }
};

static const struct rtems_rump_config config = {
  .restartable = true,
  .memory = 12 << 20,
  .server = { .access = rules, .rules = 3 }
};

static const struct rtems_rump_client_config root = {
  .key = REMOTE_KEY, .key_size = sizeof(REMOTE_KEY), .user = "root"
};

static struct rtems_rump_client *
open_client(const char *url, const struct rtems_rump_client_config *how)
{
  struct rtems_rump_client *client = NULL;

  errno = rtems_rump_client_open(url, how, &client);
  CHECK(errno == 0);
  return client;
}

/* By a connection that is encrypted, where this is linked. */
#ifdef TEST_TLS
static void
listen_in_secret(void)
{
  CHECK(rump_init_server(SECRET_URL) == 0);
}

static void
secrets(void)
{
  static const char other_key[] = "another key, of no one here";
  struct rtems_rump_client_config wrong = root;
  struct rtems_rump_client *client = open_client(SECRET_URL, &root);

  remote_check_file(client, 0, 100000);
  rtems_rump_client_close(client);
  CHECK(rtems_rump_client_open(SECRET_URL, NULL, &client) == EPERM);
  errno = rtems_rump_client_open("tls://127.0.0.1:7000", &root, &client);
  CHECK(errno == EPROTO);
  wrong.key = other_key;
  wrong.key_size = sizeof(other_key);
  CHECK(rtems_rump_client_open(SECRET_URL, &wrong, &client) == EPERM);
}
#else
static void
listen_in_secret(void)
{
  CHECK(rump_init_server(SECRET_URL) == NETBSD_EPROTONOSUPPORT);
}

static void
secrets(void)
{
}

#define rtems_rump_tls_register() ((void)0)
#endif

static void
listen_everywhere(void)
{
  CHECK(rtems_rump_enter() == 0);
  CHECK(rump_init_server(URL) == 0);
  CHECK(rump_init_server(URL6) == 0);
  CHECK(rump_init_server(URL) == NETBSD_EADDRINUSE);
  CHECK(rump_init_server("tcp://127.0.0.1") == NETBSD_EINVAL);
  CHECK(rump_init_server("tcp6://[fe80::1%lo0]:7003") == NETBSD_EINVAL);
  CHECK(rump_init_server("tcp://") == NETBSD_EINVAL);
  listen_in_secret();
  rtems_rump_leave();
}

static void
who_is_who(void)
{
  struct rtems_rump_client_config wrong = root;
  struct rtems_rump_client *client = open_client(URL, NULL);

  remote_check_nobody(client);
  rtems_rump_client_close(client);
  wrong.user = "other";
  CHECK(rtems_rump_client_open(URL, &wrong, &client) == EPERM);
  CHECK(rtems_rump_client_open(RAW_URL, NULL, &client) == ECONNREFUSED);
  CHECK(rtems_rump_client_open("unix://x", NULL, &client) == EPROTONOSUPPORT);
  client = open_client(URL6, &root);
  remote_check_file(client, 0, 100000);
  rtems_rump_client_close(client);
}

static struct rtems_rump_client *shared;

static rtems_task
worker(rtems_task_argument arg)
{
  unsigned i;

  for (i = 0; i < ROUNDS; ++i) {
    remote_check_file(shared, (unsigned)arg, i * 2000 + 1);
  }
  crowd_leave();
}

static void
many_tasks(void)
{
  shared = open_client(URL, &root);
  crowd_run(TASKS, worker);
  rtems_rump_client_close(shared);
}

static void
fill(struct transport *t)
{
  static const char bytes[1000];
  struct iovec part = { (void *)(uintptr_t)bytes, sizeof(bytes) };
  unsigned idle = 0;
  size_t sent;

  while (idle < 50) {
    if (transport_send(t, &part, 1, &sent) == 0) {
      idle = 0;
    } else {
      ++idle;
      target_sleep(10);
    }
  }
}

/* Nobody takes what is sent: a task is in the stack until it is got out. */
static void
stuck(void)
{
  struct transport *listener, *from, *to = NULL;

  CHECK(rtems_rump_transport_listen(RAW_URL, &listener) == 0);
  CHECK(rtems_rump_transport_connect(RAW_URL, &from) == 0);
  while (transport_accept(listener, &to) == EAGAIN) {
    target_sleep(10);
  }
  CHECK(transport_peer(to, "127.0.0.0/8") == 0);
  CHECK(transport_peer(to, "127.0.0.2") == ENOENT);
  fill(from);
  transport_shutdown(from);
  transport_close(from);
  target_sleep(1500);
  transport_close(to);
  transport_close(listener);
  target_sleep(100);
  CHECK(rtems_rump_transport_connect(RAW_URL, &from) == ECONNREFUSED);
}

static void
deaths(void)
{
  unsigned i;

  for (i = 0; i < 10; ++i) {
    remote_die_asleep(URL);
  }
  target_sleep(1500);
}

static void
halt(struct rtems_rump_client *client)
{
  int error, status;

  CHECK(remote_reboot(client, &error) == 0);
  CHECK(rtems_rump_wait(&status) == 0 && status == 0);
}

static int
crash(void *arg)
{
  (void)arg;
  return rump_sys_reboot(NETBSD_RB_NOSYNC | RB_DUMP, NULL);
}

static rtems_binary_semaphore has_pipe =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("pipe");

static rtems_task
sleeper(rtems_task_argument arg)
{
  struct rtems_rump_client *client = (struct rtems_rump_client *)arg;
  int error, fds[2];
  char c;

  CHECK(remote_pipe(client, fds, &error) == 0);
  rtems_binary_semaphore_post(&has_pipe);
  CHECK(remote_read(client, fds[0], &c, 1, &error) == -1 && error == -1);
  crowd_leave();
}

/* A client that sleeps in the kernel finds that the stack is gone. */
static void
panic(struct rtems_rump_client *client)
{
  int result, status;

  crowd_expect(1);
  (void)target_task(TARGET_PRIORITY, sleeper, (rtems_task_argument)client);
  rtems_binary_semaphore_wait(&has_pipe);
  target_sleep(100);
  CHECK(rtems_rump_call(crash, NULL, &result) == EIO);
  CHECK(rtems_rump_wait(&status) == 0 && status == RTEMS_RUMP_PANIC);
  crowd_wait();
}

static void
live(unsigned life)
{
  struct rtems_rump_client *client;
  int error;

  CHECK(rtems_rump_start(&config) == 0);
  listen_everywhere();
  who_is_who();
  secrets();
  many_tasks();
  stuck();
  deaths();
  client = open_client(URL, &root);
  remote_check_file(client, 1, 100);
  if (life == 0) {
    halt(client);
  } else if (life == 1) {
    panic(client);
  }
  CHECK(rtems_rump_end() == 0);
  CHECK(remote_getuid(client, &error) == -1 && error == -1);
  rtems_rump_client_close(client);
  CHECK(rtems_rump_client_open(URL, NULL, &client) != 0);
  target_sleep(1500);
}

/* The task that ends connections stays. */
static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;
  struct rtems_rump_client *client;

  (void)arg;
  TARGET_BEGIN("REMOTE TCP");
  CHECK(rtems_rump_client_open(URL, NULL, &client) == EPROTONOSUPPORT);
  rtems_rump_tcp_register();
  rtems_rump_tls_register();
  CHECK(rtems_rump_client_open(URL, NULL, &client) != 0);
  CHECK(rtems_rump_socket_register() == 0);
  live(0);
  rtems_resource_snapshot_take(&before);
  live(1);
  live(2);
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
  TARGET_END("REMOTE TCP");
}

#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
/* With unlimited tasks RTEMS keeps memory for as many as there ever were. */
#define CONFIGURE_MAXIMUM_TASKS 100
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 64
#include "../target/config.h"
