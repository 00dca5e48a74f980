/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The program of rump-server, which links it to a kernel and has checked its
 * options:
 *
 *   server [-k FILE] [-u USER] [-r BYTES] [-n FD,NULL]
 *     [-d TYPE,BEGIN,SIZE,KEY,HOST-PATH]... URL...
 *
 * It serves remote clients until one of them halts the kernel.  When it does,
 * it says so in the descriptor FD, and has NULL for its output from then on.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rtems.h>
#include <simulator/simulator.h>

#include <rtems-rump/instance.h>
#include <rtems-rump/netbsd.h>

#include "key-file.h"

#define DRIVES_MAX 32
#define MEMORY (64u << 20)

/* Of the component vfs. */
int rump_pub_etfs_register_withsize(
  const char *key, const char *host_path, int type, uint64_t begin,
  uint64_t size) __attribute__((__weak__));

static unsigned char key[KEY_FILE_SIZE];

/* Who has the key is root, and so are local clients. */
static struct rtems_rump_access rules[] = {
  { .key = key },
  { .place = "mem://" },
  { .place = "unix://" },
  { .uid = RTEMS_RUMP_NOBODY, .gid = RTEMS_RUMP_NOGROUP }
};

static size_t
entropy(void *buffer, size_t size)
{
  size = size < 256 ? size : 256;
  return getentropy(buffer, size) == 0 ? size : 0;
}

static struct rtems_rump_config config = {
  .entropy = entropy,
  .hostname = "rump-server",
  .memory = MEMORY,
  .restartable = true
};

static const char *drives[DRIVES_MAX];
static unsigned drive_count;
static int ready_fd = -1, null_fd = -1;

static void
fail(const char *what, const char *why)
{
  (void)fprintf(stderr, "rump-server: %s: %s\n", what, why);
  exit(1);
}

static void
read_key(const char *path)
{
  int error = key_file_read(path, key, &rules[0].key_size);

  if (error != 0) {
    fail(path, key_file_error(error));
  }
  config.server.access = rules;
  config.server.rules = sizeof(rules) / sizeof(rules[0]);
}

static void
parse(void)
{
  int option;

  while ((option = getopt(sim_argc, sim_argv, "k:u:r:n:d:")) != -1) {
    switch (option) {
      case 'k':
        read_key(optarg);
        break;
      case 'u':
        rules[0].user = optarg;
        break;
      case 'r':
        config.memory = strtoull(optarg, NULL, 10);
        break;
      case 'n':
        (void)sscanf(optarg, "%d,%d", &ready_fd, &null_fd);
        break;
      case 'd':
        if (drive_count == DRIVES_MAX) {
          fail(optarg, "there are too many drives");
        }
        drives[drive_count++] = optarg;
        break;
      default:
        exit(2);
    }
  }
}

static void
add_drive(const char *drive)
{
  unsigned long long begin, size;
  char name[256];
  int type, at, error;

  if (rump_pub_etfs_register_withsize == NULL) {
    fail("-d", "drives are of the component vfs: add -l vfs");
  }
  if (sscanf(drive, "%d,%llu,%llu,%255[^,],%n", &type, &begin, &size, name,
        &at) != 4) {
    fail(drive, "that is no drive");
  }
  error = rump_pub_etfs_register_withsize(
    name, drive + at, type, begin, size);
  if (error != 0) {
    fail(drive + at, strerror(error));
  }
}

static void
begin(void)
{
  unsigned i;
  int error = rtems_rump_start(&config);

  if (error != 0) {
    fail("the kernel does not start", strerror(error));
  }
  error = rtems_rump_enter();
  for (i = 0; i < drive_count; ++i) {
    add_drive(drives[i]);
  }
  for (i = (unsigned)optind; error == 0 && i < (unsigned)sim_argc; ++i) {
    /* Which tells what is wrong. */
    error = rump_init_server(sim_argv[i]);
  }
  if (error != 0) {
    exit(1);
  }
  rtems_rump_leave();
}

static void
tell_ready(void)
{
  (void)fflush(stdout);
  if (ready_fd >= 0) {
    (void)dup2(null_fd, STDOUT_FILENO);
    (void)dup2(null_fd, STDERR_FILENO);
    (void)dprintf(ready_fd, "ready\n");
    (void)close(ready_fd);
  }
}

static rtems_task
Init(rtems_task_argument arg)
{
  int status;

  (void)arg;
  parse();
  begin();
  tell_ready();
  if (rtems_rump_wait(&status) != 0 || rtems_rump_end() != 0) {
    status = 1;
  }
  exit(status == 0 ? 0 : 1);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 64
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
