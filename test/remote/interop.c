/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's own client library, on Linux: the server is where RUMP_SERVER says.
 * It does what host.c does.
 */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#define CHECK(condition) \
  ((condition) ? (void)0 : fail(__LINE__, #condition))

#define ROUNDS 50

/* The library's interface. */
struct rumpclient_fork;
int rumpclient_init(void);
int rumpclient_syscall(
  int number, const void *args, size_t size, long *values);
struct rumpclient_fork *rumpclient_prefork(void);
int rumpclient_fork_init(struct rumpclient_fork *fork);
int rumpclient_exec(
  const char *path, char *const arguments[], char *const environment[]);

extern char **environ;

static void
fail(int line, const char *what)
{
  printf("not ok: interop.c:%d: %s (errno %d)\n", line, what, errno);
  exit(1);
}

#include "threads.h"

static long
call(int number, long a, long b, long c, int *error)
{
  const long args[8] = { a, b, c };
  long values[2];

  *error = rumpclient_syscall(number, args, sizeof(args), values);
  return *error == 0 ? values[0] : -1;
}

static void
check_file(unsigned number, size_t size)
{
  unsigned char *from = malloc(size);
  unsigned char *to = calloc(1, size);
  char path[32];
  int error;
  long fd;
  size_t i;

  CHECK(from != NULL && to != NULL);
  for (i = 0; i < size; ++i) {
    from[i] = (unsigned char)(i * 5 + number);
  }
  (void)snprintf(path, sizeof(path), "/file%u", number);
  fd = call(5, (long)path, 0x202, 0644, &error);
  CHECK(fd >= 0);
  CHECK(call(4, fd, (long)from, (long)size, &error) == (long)size);
  CHECK(call(199, fd, 0, 0, &error) == 0);
  CHECK(call(3, fd, (long)to, (long)size, &error) == (long)size);
  CHECK(memcmp(from, to, size) == 0);
  CHECK(call(6, fd, 0, 0, &error) == 0);
  CHECK(call(10, (long)path, 0, 0, &error) == 0);
  CHECK(call(5, (long)path, 0, 0, &error) == -1 && error == 2);
  free(from);
  free(to);
}

static void *
work(void *arg)
{
  unsigned i;

  for (i = 0; i < ROUNDS; ++i) {
    check_file(*(const unsigned *)arg, i * 200 + 1);
  }
  return NULL;
}

static void
forks(void)
{
  struct rumpclient_fork *fork_data;
  const long none[8] = { 0 };
  long fds[2];
  char text[8] = "";
  int error, status;
  pid_t pid;

  CHECK(rumpclient_syscall(42, none, sizeof(none), fds) == 0);
  fork_data = rumpclient_prefork();
  CHECK(fork_data != NULL);
  (void)fflush(stdout);
  pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    CHECK(rumpclient_fork_init(fork_data) == 0);
    CHECK(call(4, fds[1], (long)"forked", 7, &error) == 7);
    _exit(0);
  }
  CHECK(call(3, fds[0], (long)text, sizeof(text), &error) == 7);
  CHECK(strcmp(text, "forked") == 0);
  CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

int
main(int argc, char **argv)
{
  char *again[] = { argv[0], (char *)(uintptr_t)"again", NULL };
  int error;

  CHECK(rumpclient_init() == 0);
  if (argc == 1) {
    CHECK(call(20, 0, 0, 0, &error) > 1);
    check_file(7, 300000);
    threads_run(work);
    forks();
    (void)rumpclient_exec("/proc/self/exe", again, environ);
    fail(__LINE__, "exec");
  }
  /* Another program on the same connection. */
  check_file(8, 1000);
  CHECK(call(208, 0, 0, 0, &error) == 0);
  puts("*** END OF CLIENT ***");
  return 0;
}
