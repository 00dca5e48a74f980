/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A client on Linux of a kernel at the URL that is its argument: files,
 * threads, a fork of the process, death in the kernel; at last it halts the
 * kernel.  It is root there by a key, and nobody without, or with another
 * argument root without.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/wait.h>

#define CHECK(condition) \
  ((condition) ? (void)0 : fail(__LINE__, #condition))

static void
fail(int line, const char *what)
{
  printf("not ok: host.c:%d: %s (errno %d)\n", line, what, errno);
  exit(1);
}

static void
remote_rest(unsigned ms)
{
  (void)usleep(ms * 1000);
}

#include "calls.h"
#include "threads.h"

#define ROUNDS 50

static const char *url;

static const struct rtems_rump_client_config root = {
  .key = REMOTE_KEY, .key_size = sizeof(REMOTE_KEY), .user = "root"
};
static const struct rtems_rump_client_config *how = &root;

static struct rtems_rump_client *
open_client(void)
{
  struct rtems_rump_client *client = NULL;

  CHECK(rtems_rump_client_open(url, how, &client) == 0);
  return client;
}

static struct rtems_rump_client *shared;

static void *
work(void *arg)
{
  unsigned number = *(const unsigned *)arg;
  unsigned i;

  for (i = 0; i < ROUNDS; ++i) {
    remote_check_file(shared, number, i * 200 + 1);
  }
  return NULL;
}

/* The child of a fork here is a child there. */
static void
forks(struct rtems_rump_client *client)
{
  struct rtems_rump_client *child;
  struct rtems_rump_fork cookie;
  char text[8] = "";
  int error, fds[2], status;
  pid_t pid;

  CHECK(remote_pipe(client, fds, &error) == 0);
  CHECK(rtems_rump_client_prefork(client, &cookie) == 0);
  (void)fflush(stdout);
  pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    rtems_rump_client_close(client);
    CHECK(rtems_rump_client_open_fork(url, how, &cookie, &child) == 0);
    CHECK(remote_write(child, fds[1], "forked", 7, &error) == 7);
    rtems_rump_client_close(child);
    exit(0);
  }
  CHECK(remote_read(client, fds[0], text, sizeof(text), &error) == 7);
  CHECK(strcmp(text, "forked") == 0);
  CHECK(waitpid(pid, &status, 0) == pid && status == 0);
  CHECK(rtems_rump_client_exec(client, "executed") == 0);
  remote_check_file(client, 9, 10);
}

/* Without a key, and with another one. */
static void
strangers(void)
{
  struct rtems_rump_client_config wrong = root;
  struct rtems_rump_client *client;

  CHECK(rtems_rump_client_open(url, NULL, &client) == 0);
  if (strncmp(url, "unix:", 5) != 0) {
    remote_check_nobody(client);
  }
  rtems_rump_client_close(client);
  ++wrong.key_size;
  wrong.key = REMOTE_KEY "x";
  CHECK(rtems_rump_client_open(url, &wrong, &client) == EPERM);
}

/* A process that is killed while it sleeps in the kernel. */
static void
die_without_a_word(void)
{
  struct rtems_rump_client *client;
  int error, fds[2], status;
  char c;
  pid_t pid;

  (void)fflush(stdout);
  pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    client = open_client();
    CHECK(remote_pipe(client, fds, &error) == 0);
    (void)alarm(1);
    (void)remote_read(client, fds[0], &c, 1, &error);
    exit(1);
  }
  CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
}

/* By a line that carries one connection at a time. */
static void
one_after_the_other(void)
{
  strangers();
  shared = open_client();
  remote_check_file(shared, 7, 100000);
  threads_run(work);
  rtems_rump_client_close(shared);
  die_without_a_word();
  shared = open_client();
  remote_check_file(shared, 8, 1000);
}

static void
all_at_once(void)
{
  unsigned i;

  if (how != NULL) {
    strangers();
  }
  shared = open_client();
  remote_check_file(shared, 7, 300000);
  threads_run(work);
  forks(shared);
  for (i = 0; i < 5; ++i) {
    remote_die_asleep(url);
  }
}

int
main(int argc, char **argv)
{
  int error;

  CHECK(argc >= 2);
  url = argv[1];
  if (argc > 2) {
    how = NULL;
  }
  if (strncmp(url, "serial:", 7) == 0) {
    one_after_the_other();
  } else {
    all_at_once();
  }
  CHECK(remote_reboot(shared, &error) == 0);
  rtems_rump_client_close(shared);
  puts("*** END OF CLIENT ***");
  return 0;
}
