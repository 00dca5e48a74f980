/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * rumpclient(3) on Linux, of a kernel where RUMP_SERVER says: forks, a program
 * that cannot be executed, a daemon, and what calls do when the kernel is gone.
 * It has a key, and no kernel without.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#include <rump/rumpclient.h>

#define CHECK(condition) \
  ((condition) ? (void)0 : fail(__LINE__, #condition))

static void
fail(int line, const char *what)
{
  printf("not ok: rumpclient.c:%d: %s (errno %d)\n", line, what, errno);
  exit(1);
}

static void
remote_rest(unsigned ms)
{
  (void)usleep(ms * 1000);
}

#include "calls.h"

static char key_file[40];

static register_t fds[2];

static long
call(int number, long a, long b, long c)
{
  const long args[8] = { a, b, c };
  register_t values[2];

  errno = rumpclient_syscall(number, args, sizeof(args), values);
  return errno == 0 ? (long)values[0] : -1;
}

static void
write_key(const void *key, size_t size)
{
  int fd = open(key_file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

  CHECK(fd >= 0 && write(fd, key, size) == (ssize_t)size);
  CHECK(write(fd, "\r\n", 2) == 2);
  CHECK(close(fd) == 0);
}

static void
init(void)
{
  char *url = strdup(getenv("RUMP_SERVER"));

  (void)snprintf(
    key_file, sizeof(key_file), "remote-%ld.key", (long)getpid());
  CHECK(unsetenv("RUMP_SERVER") == 0);
  CHECK(rumpclient_init() == -1 && errno == ENOENT);
  CHECK(setenv("RUMP_SERVER", url, 1) == 0);
  free(url);
  CHECK(setenv("RUMP_KEY", "remote-rumpclient.none", 1) == 0);
  CHECK(rumpclient_init() == -1 && errno == ENOENT);
  CHECK(setenv("RUMP_KEY", key_file, 1) == 0);
  write_key("too short", 9);
  CHECK(rumpclient_init() == -1 && errno == EINVAL);
  write_key("this is not the key", 19);
  CHECK(setenv("RUMP_USER", "root", 1) == 0);
  CHECK(rumpclient_init() == -1 && errno == EPERM);
  write_key(REMOTE_KEY, sizeof(REMOTE_KEY));
  CHECK(rumpclient_init() == 0);
  CHECK(call(24, 0, 0, 0) == 0);
}

/* A child that says so by the kernel's pipe. */
static void
check_child(const char *word)
{
  char text[8] = "";

  CHECK(call(3, fds[0], (long)text, sizeof(text)) == (long)strlen(word));
  CHECK(strcmp(text, word) == 0);
}

static void
say(const char *word)
{
  CHECK(call(4, fds[1], (long)word, (long)strlen(word))
    == (long)strlen(word));
}

static int
status_of(pid_t process)
{
  int status;

  CHECK(waitpid(process, &status, 0) == process);
  return status;
}

static void
forks(void)
{
  long number = call(20, 0, 0, 0);
  pid_t process = rumpclient_fork();

  CHECK(process >= 0);
  if (process == 0) {
    CHECK(call(20, 0, 0, 0) != number);
    say("fork");
    _exit(0);
  }
  check_child("fork");
  CHECK(status_of(process) == 0);
  CHECK(call(20, 0, 0, 0) == number);
}

/* Another program has the descriptors, but not one that is marked for that. */
static void
execs(void)
{
  char text[2][24];
  char *const arguments[] = { text[0], text[0], text[1], NULL };
  register_t marked[2];
  pid_t process;

  CHECK(rumpclient_syscall(42, &(long[8]){ 0 }, 64, marked) == 0);
  CHECK(call(92, marked[1], 2, 1) == 0);
  (void)snprintf(text[0], sizeof(text[0]), "%ld", (long)fds[1]);
  (void)snprintf(text[1], sizeof(text[1]), "%ld", (long)marked[1]);
  process = rumpclient_fork();
  CHECK(process >= 0);
  if (process == 0) {
    (void)rumpclient_exec("/proc/self/exe", arguments, environ);
    fail(__LINE__, "exec");
  }
  check_child("exec");
  CHECK(status_of(process) == 0);
}

static int
go_on(char **arguments)
{
  CHECK(rumpclient_init() == 0);
  fds[1] = atol(arguments[1]);
  CHECK(call(4, atol(arguments[2]), (long)"", 1) == -1 && errno == EBADF);
  say("exec");
  return 0;
}

/* Four may wait to be taken, so they end. */
static void
cancels(void)
{
  unsigned i;

  for (i = 0; i < 20; ++i) {
    struct rumpclient_fork *cookie = rumpclient_prefork();

    CHECK(cookie != NULL);
    rumpclient_fork_cancel(cookie);
  }
}

static void
no_program(void)
{
  char *const arguments[] = { NULL };
  unsigned i;

  for (i = 0; i < 20; ++i) {
    CHECK(rumpclient_exec("/none/such", arguments, NULL) == -1);
    CHECK(errno == ENOENT);
  }
}

static void
becomes_daemon(void)
{
  pid_t process = rumpclient_fork();
  char here[100];

  CHECK(process >= 0);
  if (process == 0) {
    CHECK(rumpclient_daemon(0, 0) == 0);
    CHECK(getcwd(here, sizeof(here)) != NULL && strcmp(here, "/") == 0);
    say(getsid(0) == getpid() && !isatty(0) ? "daemon" : "no");
    _exit(0);
  }
  check_child("daemon");
  CHECK(status_of(process) == 0);
}

/* Of the host alone: it is another client. */
static void
another_client(void)
{
  long number = call(20, 0, 0, 0);
  pid_t process = fork();

  CHECK(process >= 0);
  if (process == 0) {
    CHECK(rumpclient_init() == 0);
    CHECK(call(20, 0, 0, 0) != number);
    CHECK(call(4, fds[1], (long)"", 1) == -1 && errno == EBADF);
    _exit(0);
  }
  CHECK(status_of(process) == 0);
  CHECK(call(20, 0, 0, 0) == number);
}

/* One dies when the kernel is gone, the other is told. */
static void
ends(void)
{
  pid_t process = rumpclient_fork();
  int status;

  CHECK(process >= 0);
  if (process == 0) {
    rumpclient_setconnretry(RUMPCLIENT_RETRYCONN_DIE);
    say("ready");
    while (call(20, 0, 0, 0) > 0) {
      remote_rest(10);
    }
    _exit(0);
  }
  check_child("ready");
  rumpclient_setconnretry((time_t)-4);
  (void)call(208, 0, 0, 0);
  status = status_of(process);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
  CHECK(call(20, 0, 0, 0) == -1);
  CHECK(errno == ENOTCONN || errno == ECONNREFUSED);
}

int
main(int argc, char **argv)
{
  const long none[8] = { 0 };

  if (argc > 1) {
    return go_on(argv);
  }
  init();
  CHECK(rumpclient_init() == 0);
  CHECK(rumpclient_syscall(42, none, sizeof(none), fds) == 0);
  forks();
  execs();
  cancels();
  no_program();
  another_client();
  becomes_daemon();
  ends();
  (void)unlink(key_file);
  puts("*** END OF CLIENT ***");
  return 0;
}
