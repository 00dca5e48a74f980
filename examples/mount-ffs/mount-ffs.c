/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's fast file system, with its journal, as a file system of RTEMS: but
 * for main's first lines nothing here knows of a rump kernel.
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rtems.h>
#include <rtems/libio.h>

#include <rtems-rump/filesystem.h>
#include <rtems-rump/instance.h>

#include "image.h"

static void
check(const char *what, bool ok)
{
  if (!ok) {
    printf("mount-ffs: %s: %s\n", what, strerror(errno));
    exit(1);
  }
}

/* A record is on the disk when this has returned, whatever happens then. */
static void
log_record(FILE *log, int i)
{
  check("write", fprintf(log, "record %d\n", i) > 0);
  check("flush", fflush(log) == 0 && fsync(fileno(log)) == 0);
}

static void
write_log(const char *path)
{
  FILE *log = fopen(path, "a");
  int i;

  check(path, log != NULL);
  for (i = 1; i <= 100; ++i) {
    log_record(log, i);
  }
  check(path, fclose(log) == 0);
}

static void
list(const char *path)
{
  DIR *dir = opendir(path);
  struct dirent *entry;
  struct stat status;

  check(path, dir != NULL && chdir(path) == 0);
  while ((entry = readdir(dir)) != NULL) {
    check(entry->d_name, lstat(entry->d_name, &status) == 0);
    printf("mount-ffs: %8ld %s\n", (long)status.st_size, entry->d_name);
  }
  check(path, closedir(dir) == 0 && chdir("/") == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = { .memory = 8u << 20 };

  (void)arg;
  check("RAM disk", image_create_disk("/dev/rda") == RTEMS_SUCCESSFUL);
  errno = rtems_rump_start(&config);
  check("start", errno == 0);
  errno = rtems_rump_filesystem_register(NULL);
  check("register", errno == 0);

  check("mkdir", mkdir("/data", 0755) == 0);
  check("mount", mount("/dev/rda", "/data", "rump-ffs",
    RTEMS_FILESYSTEM_READ_WRITE, "log,noatime") == 0);
  write_log("/data/log.txt");
  check("symlink", symlink("log.txt", "/data/latest") == 0);
  list("/data");
  check("unmount", unmount("/data") == 0);

  errno = rtems_rump_end();
  check("end", errno == 0);
  puts("mount-ffs: done");
  exit(0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK /* block devices */
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
