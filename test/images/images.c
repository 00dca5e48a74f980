/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A file system that was made on the host, on a disk of the PC, by RTEMS's own
 * calls.  Tells the host all that is in it, changes it if it can be written,
 * and tells again; the host knows what it has to hear.
 */

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rtems/libio.h>

#include <rtems-rump/filesystem.h>

#include "target.h"
#include "tell.h"

#ifndef TYPE
#error "TYPE names the type of file system, as rump-ext2fs"
#endif

#ifndef WRITABLE
#define WRITABLE true
#endif

#define DEVICE "/dev/hda"
#define MANY 40
#define BIG 300000

static const struct rtems_rump_config config = { .memory = 24u << 20 };

static uint8_t buffer[7000];

static void
tell_all(const char *when)
{
  printf("image: %s\n", when);
  tell_tree("/disk");
}

static void
put(const char *path, int flags, const void *data, size_t size)
{
  int fd = open(path, O_WRONLY | flags, 0644);

  CHECK(fd >= 0);
  CHECK(write(fd, data, size) == (ssize_t)size);
  CHECK(close(fd) == 0);
}

static void
put_text(const char *path, int flags, const char *text)
{
  put(path, flags, text, strlen(text));
}

/* Byte i is the upper one of i squared, as on the host. */
static void
put_big(const char *path)
{
  int fd = open(path, O_WRONLY | O_CREAT, 0644);
  uint32_t done = 0;

  CHECK(fd >= 0);
  while (done < BIG) {
    uint32_t n = BIG - done < sizeof(buffer) ? BIG - done : sizeof(buffer);
    uint32_t i;

    for (i = 0; i < n; ++i) {
      buffer[i] = (uint8_t)((done + i) * (done + i) >> 8);
    }
    CHECK(write(fd, buffer, n) == (ssize_t)n);
    done += n;
  }
  CHECK(fsync(fd) == 0);
  CHECK(close(fd) == 0);
}

static void
put_many(void)
{
  char name[64], text[16];
  int i;

  CHECK(mkdir("rtems/many", 0755) == 0);
  for (i = 0; i < MANY; ++i) {
    snprintf(name, sizeof(name), "rtems/many/A longer Name of file %d", i);
    snprintf(text, sizeof(text), "%d", i);
    put_text(name, O_CREAT | O_EXCL, text);
  }
  for (i = 0; i < MANY; i += 3) {
    snprintf(name, sizeof(name), "rtems/many/A longer Name of file %d", i);
    CHECK(unlink(name) == 0);
  }
}

/* What comes out is written down in check-image, too. */

static void
make_new(void)
{
  CHECK(mkdir("rtems", 0755) == 0);
  put_text("rtems/small.txt", O_CREAT | O_EXCL, "written by RTEMS\n");
  put_big("rtems/big.bin");
  put_many();
#ifdef LINKS
  CHECK(symlink("small.txt", "rtems/symbolic") == 0);
  CHECK(link("rtems/small.txt", "rtems/hard") == 0);
#endif
}

static void
change_old(void)
{
  put_text("append.txt", O_APPEND, "and more\n");
  put_text("begin.bin", 0, "another begin");
  put_text("truncate.bin", O_TRUNC, "short");
  CHECK(truncate("cut.bin", 70000) == 0);
  CHECK(unlink("remove.txt") == 0);
  CHECK(rename("move.txt", "rtems/moved.txt") == 0);
  CHECK(rename("directory", "rtems/directory") == 0);
  put_text("crowd/one more", O_CREAT | O_EXCL, "in the crowd");
}

static void
mount_disk(rtems_filesystem_options_t how)
{
  CHECK(mount(DEVICE, "/disk", TYPE, how, NULL) == 0);
}

static void
read_only(void)
{
  mount_disk(RTEMS_FILESYSTEM_READ_ONLY);
  tell_all("before");
  CHECK_ERRNO(open("/disk/new", O_WRONLY | O_CREAT, 0644), EROFS);
  CHECK(unmount("/disk") == 0);
}

static void
read_and_write(void)
{
  mount_disk(RTEMS_FILESYSTEM_READ_WRITE);
  CHECK(chdir("/disk") == 0);
  make_new();
  if (access("append.txt", F_OK) == 0) {
    change_old();
  }
  CHECK(chdir("/") == 0);
  CHECK(unmount("/disk") == 0);
  mount_disk(RTEMS_FILESYSTEM_READ_WRITE);
  tell_all("after");
  CHECK(unmount("/disk") == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("images");
  CHECK(mkdir("/disk", 0755) == 0);
  CHECK(rtems_rump_filesystem_register(NULL) == 0);
  CHECK(rtems_rump_start(&config) == 0);
  read_only();
  if (WRITABLE) {
    read_and_write();
  }
  CHECK(rtems_rump_end() == 0);
  TARGET_END("images");
}

#define CONFIGURE_MAXIMUM_PROCESSORS 1
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_APPLICATION_NEEDS_IDE_DRIVER
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
