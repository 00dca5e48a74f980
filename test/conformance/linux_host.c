/* SPDX-License-Identifier: BSD-2-Clause */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "linux_host.h"

#include "harness.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Status of a process whose function has returned. */
#define LIVES 77

extern char **environ;

char linux_directory[64];
char linux_stream[128];

/* Functions of the running test that would have ended this process. */
static int ends;
static const char *ends_of;

/* Which of them is what this process was made for; 0: it was not. */
static int
end_of_this_process(void)
{
  const char *value = getenv("CONFORMANCE_END");

  return value == NULL ? 0 : atoi(value);
}

/* A process that was made by another has that one's folder. */
void
linux_begin(void)
{
  const char *given = getenv("CONFORMANCE_DIRECTORY");

  if (given != NULL) {
    (void)snprintf(linux_directory, sizeof(linux_directory), "%s", given);
  } else {
    (void)strcpy(linux_directory, "/tmp/conformance.XXXXXX");
    if (mkdtemp(linux_directory) == NULL) {
      perror(linux_directory);
      _exit(1);
    }
    (void)strcat(linux_directory, "/");
    linux_environment("CONFORMANCE_DIRECTORY", linux_directory);
  }
  (void)snprintf(
    linux_stream,
    sizeof(linux_stream),
    "%sstream",
    linux_directory
  );
  (void)mkfifo(linux_stream, 0600);
}

void
linux_end(void)
{
  static const char *const names[] = { "stream", "console", "file", "image" };
  char name[128];
  size_t i;

  if (end_of_this_process() != 0) {
    return;
  }
  for (i = 0; i < COUNT(names); ++i) {
    (void)unlink(file_name(name, names[i]));
  }
  (void)rmdir(linux_directory);
}

void
linux_environment(const char *name, const char *value)
{
  if (value != NULL) {
    (void)setenv(name, value, 1);
  } else {
    (void)unsetenv(name);
  }
}

/* Its output is that of a failure that is wanted. */
static pid_t
spawn(void)
{
  static char name[] = "conformance";
  static char *arguments[] = { name, NULL };
  posix_spawn_file_actions_t actions;
  pid_t pid = -1;

  posix_spawn_file_actions_init(&actions);
  if (getenv("CONFORMANCE_VERBOSE") == NULL) {
    posix_spawn_file_actions_addopen(
      &actions,
      STDOUT_FILENO,
      "/dev/null",
      O_WRONLY,
      0
    );
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  }
  (void)posix_spawn(
    &pid,
    "/proc/self/exe",
    &actions,
    NULL,
    arguments,
    environ
  );
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

static int
wait_for(pid_t pid)
{
  int status = 0;

  while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (pid > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) {
    return RUMPUSER_PANIC;
  }
  if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status) == LIVES) {
    return HOST_LIVES;
  }
  return WEXITSTATUS(status) == LINUX_PANIC
    ? RUMPUSER_PANIC
    : WEXITSTATUS(status);
}

int
linux_run_to_end(void (*run)(void *arg), void *arg)
{
  char *clause = getenv("CLAUSE");
  char number[16];
  pid_t pid;

  ends = ends_of == harness_test_name() ? ends + 1 : 1;
  ends_of = harness_test_name();
  if (ends == end_of_this_process()) {
    (*run)(arg);
    _exit(LIVES);
  }
  /* A process made for one of them does not make more. */
  if (end_of_this_process() != 0) {
    return RUMPUSER_PANIC;
  }
  (void)snprintf(number, sizeof(number), "%d", ends);
  clause = clause == NULL ? NULL : strdup(clause);
  linux_environment("CONFORMANCE_END", number);
  linux_environment("CLAUSE", harness_test_name());
  pid = spawn();
  linux_environment("CONFORMANCE_END", NULL);
  linux_environment("CLAUSE", clause);
  free(clause);
  return wait_for(pid);
}

/* Past stdio and the simulator, whose locks the hanging test may have. */
static void
print(const char *text)
{
  (void)syscall(SYS_write, STDOUT_FILENO, text, strlen(text));
}

static void
on_alarm(int signal)
{
  (void)signal;
  print("# time is up\nnot ok ");
  print(harness_test_name());
  print("\n");
  _exit(1);
}

void
linux_watch(unsigned seconds)
{
  (void)signal(SIGALRM, on_alarm);
  (void)alarm(seconds);
}

int
linux_errno_of(int error)
{
  static const struct {
    int netbsd, host;
  } errors[] = {
    { NETBSD_ENOENT, ENOENT },
    { NETBSD_EINVAL, EINVAL },
    { NETBSD_EAGAIN, EAGAIN },
    { NETBSD_ETIMEDOUT, ETIMEDOUT },
    { NETBSD_ENAMETOOLONG, ENAMETOOLONG },
    { NETBSD_ENOSYS, ENOSYS }
  };
  size_t i;

  for (i = 0; i < COUNT(errors); ++i) {
    if (errors[i].netbsd == error) {
      return errors[i].host;
    }
  }
  return -1;
}
