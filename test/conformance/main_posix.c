/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The conformance tests of another implementation of rumpuser(3), on Linux.
 *
 * Environment: CLAUSE runs only the tests of this clause or section, LONG=1
 * the long forms, DEVIATIONS=0 makes known deviations failures.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "linux_host.h"

/* Known of NetBSD's librumpuser for POSIX, 2016. */
static const struct host_deviation posix_deviations[] = {
  { "C-INIT-02", true, "aborts" },
  { "C-MEM-07", true, "aborts" },
  { "C-MEM-11", false, "anonmmap does not align on Linux" },
  { "C-FILE-16", false, "one offset for all users of a descriptor" },
  { "C-FILE-19", false, "fsync() and stat() with the virtual CPU" },
  { "C-CLK-10", true, "aborts" },
  { "C-PAR-08", true, "writes beyond the buffer" },
  { "C-PAR-10", false, "no RUMP_MEMLIMIT" },
  { "C-ERR-01", false, "errno is not translated" },
  { "C-THR-08", false, "long names are not set" },
  { "C-THR-11", true, "joined twice is undefined" },
  { "C-RW-08", false, "never upgrades" },
  { "C-RW-14", false, "readers first" },
  { "C-CV-11", true, "aborts" },
  { "C-CV-13", true, "aborts" },
  { "C-CV-15", false, "counts those who have been woken" },
  { "C-RW-20", false, "not noticed" },
  { "C-CV-23", true, "waits for ever" },
  { "C-LDR-03", true, "works once only" },
  { "C-SP-04", true, "forks" },
  { NULL, false, NULL }
};

static void
end(int status)
{
  _exit(status);
}

static int64_t
read_clock(clockid_t clock)
{
  struct timespec t;

  clock_gettime(clock, &t);
  return t.tv_sec * SECOND + t.tv_nsec;
}

static int64_t
monotonic(void)
{
  return read_clock(CLOCK_MONOTONIC);
}

static int64_t
wall(void)
{
  return read_clock(CLOCK_REALTIME);
}

/* The console is standard output and standard error. */
static struct {
  int saved[2];
  int file;
} console;

static void
console_begin(void)
{
  char name[128];

  fflush(stdout);
  file_name(name, "console");
  console.file = open(name, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
  console.saved[0] = dup(STDOUT_FILENO);
  console.saved[1] = dup(STDERR_FILENO);
  dup2(console.file, STDOUT_FILENO);
  dup2(console.file, STDERR_FILENO);
}

static size_t
console_end(char *buffer, size_t size)
{
  ssize_t n;

  fflush(stdout);
  fflush(stderr);
  dup2(console.saved[0], STDOUT_FILENO);
  dup2(console.saved[1], STDERR_FILENO);
  close(console.saved[0]);
  close(console.saved[1]);
  n = pread(console.file, buffer, size - 1, 0);
  close(console.file);
  buffer[n > 0 ? n : 0] = '\0';
  return n > 0 ? (size_t)n : 0;
}

static unsigned
tasks(void)
{
  DIR *dir = opendir("/proc/self/task");
  unsigned n = 0;

  while (readdir(dir) != NULL) {
    ++n;
  }
  closedir(dir);
  return n;
}

static void
task_name(char *buffer, size_t size)
{
  pthread_getname_np(pthread_self(), buffer, size);
}

static volatile sig_atomic_t raised;

static void
on_signal(int signal)
{
  raised = signal;
}

static int
last_signal(void)
{
  int signal = raised;

  raised = 0;
  return signal == SIGUSR1 ? 30 : signal == SIGIO ? 23 : signal;
}

static void
prepare(void)
{
  struct rlimit limit = { 256, 256 };

  linux_begin();
  setrlimit(RLIMIT_NOFILE, &limit);
  signal(SIGUSR1, on_signal);
  signal(SIGIO, on_signal);
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}

int
main(void)
{
  const char *value = getenv("DEVIATIONS");
  static struct host posix = {
    .name = "POSIX",
    .directory = linux_directory,
    .cpus = 6,
    .watch = linux_watch,
    .end = end,
    .monotonic = monotonic,
    .wall = wall,
    .environment = linux_environment,
    .run_to_end = linux_run_to_end,
    .last_signal = last_signal,
    .console_begin = console_begin,
    .console_end = console_end,
    .tasks = tasks,
    .task_name = task_name,
    .task_name_length = 15,
    .errno_of = linux_errno_of,
    .character_device = "/dev/null",
    .stream = linux_stream,
    .sparse_files = true
  };
  int status;

  prepare();
  posix.clause = getenv("CLAUSE");
  posix.thorough = getenv("LONG") != NULL && *getenv("LONG") == '1';
  if (value == NULL || *value != '0') {
    posix.deviations = posix_deviations;
  }
  status = harness_main(&posix);
  linux_end();
  return status;
}
