/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * rumpclient(3): the one client of a program.
 */

#include <rtems-rump/remote.h>

#include <rump/rumpclient.h>

#include "key-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Set for a program that goes on with a process: its cookie. */
#define TAKEN_BY "RUMP__FORK"
#define TAKEN_FORMAT "%08lx%08lx%08lx%08lx"
#define TAKEN_SIZE (sizeof(TAKEN_BY "=") + 4 * 8)

struct rumpclient_fork {
  struct rtems_rump_fork cookie;
};

/* What the environment has told, and the connection. */
static struct {
  struct rtems_rump_client *client;
  pid_t process;
  const char *url;
  unsigned char key[KEY_FILE_SIZE];
  struct rtems_rump_client_config config;
} own = { .config = { .reconnect = RTEMS_RUMP_CLIENT_RECONNECT_ONCE } };

/* By default a call ends with ENOTCONN, and nobody dies. */
static bool dies;

static int
result(int error)
{
  if (error == 0) {
    return 0;
  }
  errno = error;
  return -1;
}

static int
read_key(const char *path)
{
  int error = key_file_read(path, own.key, &own.config.key_size);

  if (error != 0) {
    (void)fprintf(
      stderr, "rumpclient: %s: %s\n", path, key_file_error(error));
  }
  own.config.key = own.key;
  return error;
}

static int
configure(void)
{
  const char *key = getenv("RUMP_KEY");

  own.url = getenv("RUMP_SERVER");
  own.config.user = getenv("RUMP_USER");
#ifdef __linux__
  own.config.name = program_invocation_short_name;
#endif
  if (own.url == NULL) {
    (void)fputs(
      "rumpclient: set RUMP_SERVER to the URL of a rump kernel\n", stderr);
    return ENOENT;
  }
  return key != NULL ? read_key(key) : 0;
}

/* The process of a program before this one, if it has left one. */
static bool
find_taken(struct rtems_rump_fork *fork)
{
  const char *text = getenv(TAKEN_BY);
  unsigned long words[4];
  unsigned i;

  if (text == NULL || sscanf(text, "%8lx%8lx%8lx%8lx", &words[0], &words[1],
        &words[2], &words[3]) != 4) {
    return false;
  }
  for (i = 0; i < 4; ++i) {
    fork->cookie[i] = (uint32_t)words[i];
  }
  (void)unsetenv(TAKEN_BY);
  return true;
}

static int
take(const struct rtems_rump_fork *fork, struct rtems_rump_client **client)
{
  return rtems_rump_client_open_fork(own.url, &own.config, fork, client);
}

static int
connect_to_kernel(void)
{
  struct rtems_rump_fork fork;
  int error;

  if (!find_taken(&fork)) {
    return rtems_rump_client_open(own.url, &own.config, &own.client);
  }
  error = take(&fork, &own.client);
  return error != 0 || own.config.name == NULL ? error
    : rtems_rump_client_exec(own.client, own.config.name);
}

int
rumpclient_init(void)
{
  int error;

  if (own.client != NULL && own.process == getpid()) {
    return 0;
  }
  if (own.client != NULL) {
    rtems_rump_client_close(own.client);
    own.client = NULL;
  }
  error = configure();
  if (error == 0) {
    error = connect_to_kernel();
  }
  own.process = getpid();
  return result(error);
}

/* Who wants to die is told. */
static void
check_connection(int error)
{
  if (error == ENOTCONN && dies) {
    (void)fputs("rumpclient: the connection to the kernel is over\n", stderr);
    exit(1);
  }
}

int
rumpclient_syscall(
  int number, const void *arguments, size_t size, register_t *values)
{
  intptr_t returned[2];
  int error = 0;
  int failure = rtems_rump_client_syscall(
    own.client, number, arguments, size, &error, returned);

  if (failure != 0) {
    check_connection(failure);
    return failure;
  }
  values[0] = returned[0];
  values[1] = returned[1];
  return error;
}

void
rumpclient_setconnretry(time_t seconds)
{
  if (seconds < RUMPCLIENT_RETRYCONN_DIE) {
    return;
  }
  dies = seconds == RUMPCLIENT_RETRYCONN_DIE;
  own.config.reconnect = dies ? RTEMS_RUMP_CLIENT_RECONNECT_NEVER
    : (int)seconds;
  if (own.client != NULL) {
    rtems_rump_client_set_reconnect(own.client, own.config.reconnect);
  }
}

struct rumpclient_fork *
rumpclient_prefork(void)
{
  struct rumpclient_fork *fork = malloc(sizeof(*fork));
  int error;

  if (fork == NULL) {
    return NULL;
  }
  error = rtems_rump_client_prefork(own.client, &fork->cookie);
  if (error != 0) {
    check_connection(error);
    free(fork);
    errno = error;
    return NULL;
  }
  return fork;
}

int
rumpclient_fork_init(struct rumpclient_fork *fork)
{
  struct rtems_rump_client *client;
  int error = take(&fork->cookie, &client);

  free(fork);
  if (error == 0) {
    rtems_rump_client_close(own.client);
    own.client = client;
    own.process = getpid();
  }
  return result(error);
}

void
rumpclient_fork_cancel(struct rumpclient_fork *fork)
{
  struct rtems_rump_client *client;

  if (take(&fork->cookie, &client) == 0) {
    rtems_rump_client_close(client);
  }
  free(fork);
}

#if !defined(__rtems__) && !defined(REMOTE_SIMULATOR)
pid_t
rumpclient_fork(void)
{
  struct rumpclient_fork *cookie = rumpclient_prefork();
  pid_t process;
  int error;

  if (cookie == NULL) {
    return -1;
  }
  process = fork();
  if (process == 0) {
    return rumpclient_fork_init(cookie);
  }
  error = errno;
  if (process < 0) {
    rumpclient_fork_cancel(cookie);
    errno = error;
  } else {
    free(cookie);
  }
  return process;
}

static int
count(char *const list[])
{
  int n = 0;

  while (list != NULL && list[n] != NULL) {
    ++n;
  }
  return n;
}

/* The connection ends with this program; the process goes on with another. */
static int
execute(
  const char *path, char *const arguments[], char *const environment[],
  const struct rtems_rump_fork *fork)
{
  char taken[TAKEN_SIZE + 1];
  int n = count(environment);
  char **extended = malloc(((size_t)n + 2) * sizeof(*extended));

  if (extended == NULL) {
    return ENOMEM;
  }
  if (n > 0) {
    memcpy(extended, environment, (size_t)n * sizeof(*extended));
  }
  (void)snprintf(taken, sizeof(taken), TAKEN_BY "=" TAKEN_FORMAT,
    (unsigned long)fork->cookie[0], (unsigned long)fork->cookie[1],
    (unsigned long)fork->cookie[2], (unsigned long)fork->cookie[3]);
  extended[n] = taken;
  extended[n + 1] = NULL;
  (void)execve(path, arguments, extended);
  free(extended);
  return errno;
}

int
rumpclient_exec(
  const char *path, char *const arguments[], char *const environment[])
{
  struct rumpclient_fork *fork = rumpclient_prefork();
  int error;

  if (fork == NULL) {
    return -1;
  }
  error = execute(path, arguments, environment, &fork->cookie);
  rumpclient_fork_cancel(fork);
  return result(error);
}

static void
close_standard_files(void)
{
  int fd = open("/dev/null", O_RDWR);

  (void)dup2(fd, STDIN_FILENO);
  (void)dup2(fd, STDOUT_FILENO);
  (void)dup2(fd, STDERR_FILENO);
  if (fd > STDERR_FILENO) {
    (void)close(fd);
  }
}

int
rumpclient_daemon(int no_chdir, int no_close)
{
  pid_t process = rumpclient_fork();

  if (process > 0) {
    _exit(0);
  }
  if (process < 0 || setsid() < 0 || (!no_chdir && chdir("/") != 0)) {
    return -1;
  }
  if (!no_close) {
    close_standard_files();
  }
  return 0;
}
#endif
