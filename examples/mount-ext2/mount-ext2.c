/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A card that goes to and fro between Linux and RTEMS: the settings on it come
 * from Linux, the measurements go there.
 */

#include <errno.h>
#include <stdbool.h>
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
    printf("mount-ext2: %s: %s\n", what, strerror(errno));
    exit(1);
  }
}

static int
read_settings(void)
{
  FILE *settings = fopen("/card/settings.txt", "r");
  int samples = 0;

  check("settings", settings != NULL);
  check("samples", fscanf(settings, "samples=%d", &samples) == 1);
  check("settings", fclose(settings) == 0);
  return samples;
}

/* Under another name until it is whole: Linux sees all of it or nothing. */
static void
measure(int samples)
{
  FILE *data;
  int i;

  check("mkdir", mkdir("/card/data", 0755) == 0);
  data = fopen("/card/data/new", "w");
  check("create", data != NULL);
  for (i = 0; i < samples; ++i) {
    check("write", fprintf(data, "%d,%d\n", i, i * i) > 0);
  }
  check("flush", fflush(data) == 0 && fsync(fileno(data)) == 0);
  check("close", fclose(data) == 0);
  check("rename", rename("/card/data/new", "/card/data/squares.csv") == 0);
  check("link", symlink("data/squares.csv", "/card/latest") == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = { .memory = 8u << 20 };

  (void)arg;
  /* A board's driver of the card has made its device, as /dev/mmcsd-0-0. */
  check("card", image_create_disk("/dev/rda") == RTEMS_SUCCESSFUL);
  errno = rtems_rump_start(&config);
  check("start", errno == 0);
  errno = rtems_rump_filesystem_register(NULL);
  check("register", errno == 0);

  check("mkdir", mkdir("/card", 0755) == 0);
  check("mount", mount("/dev/rda", "/card", "rump-ext2fs",
    RTEMS_FILESYSTEM_READ_WRITE, "noatime") == 0);
  measure(read_settings());
  check("unmount", unmount("/card") == 0);

  errno = rtems_rump_end();
  check("end", errno == 0);
  image_print_changes();
  puts("mount-ext2: done");
  exit(0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK /* block devices */
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
