/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * 10,000 files in one directory, on tmpfs and on FFS: made, listed, found,
 * removed, again and again; nothing is lost of the kernel's memory, of RTEMS's,
 * or of the inodes, of which the disk has few more.
 */

#include "calls.h"

#define FILES 10000
#define ROUNDS 3

/*
 * NetBSD's caches grow now and then.  What is lost with a file is lost in each
 * round, and no piece of NetBSD's memory is smaller than 16 bytes.
 */
#define LEAK (16l * FILES)

static const char *
name_of(const char *directory, int i)
{
  static char name[40];

  snprintf(name, sizeof(name), "%s/many/file%05d", directory, i);
  return name;
}

static void
make_all(const char *directory)
{
  int i;

  for (i = 0; i < FILES; ++i) {
    int fd = call_open(name_of(directory, i), O_RDWR | O_CREAT);

    CHECK(fd >= 0 && call_close(fd) == 0);
  }
}

static void
find_some(const char *directory)
{
  int i;

  for (i = 0; i < FILES; i += 97) {
    CHECK(call_stat(name_of(directory, i)) == 0);
  }
  CHECK_ERRNO(call_stat(name_of(directory, FILES)), ENOENT);
}

static void
remove_all(const char *directory)
{
  int i;

  for (i = 0; i < FILES; ++i) {
    CHECK(call_unlink(name_of(directory, i)) == 0);
  }
}

static void
use(const char *directory)
{
  static char many[16];

  snprintf(many, sizeof(many), "%s/many", directory);
  CHECK(call_mkdir(many) == 0);
  make_all(directory);
  CHECK(call_list(many) == 0);
  find_some(directory);
  CHECK_ERRNO(call_rmdir(many), ENOTEMPTY);
  remove_all(directory);
  CHECK(call_rmdir(many) == 0);
}

static long
memory_used(void)
{
  struct rtems_rump_usage usage;

  rtems_rump_get_usage(&usage);
  return (long)usage.memory_used;
}

/* What RTEMS's side keeps is made in the first round. */
static void
test_on(
  const char *directory, int (*mount_it)(void),
  int (*unmount_it)(const char *path))
{
  rtems_resource_snapshot before, after;
  long used = 0, growth = LEAK;
  int i;

  for (i = 0; i < ROUNDS; ++i) {
    CHECK((*mount_it)() == 0);
    use(directory);
    CHECK((*unmount_it)(directory) == 0);
    target_sleep(50);
    if (i == 0) {
      rtems_resource_snapshot_take(&before);
    } else if (memory_used() - used < growth) {
      growth = memory_used() - used;
    }
    used = memory_used();
    printf("many: %s, %ld bytes in use\n", directory, used);
  }
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
  CHECK(growth < LEAK);
}

static int
mount_memory(void)
{
  return call_mount_memory("/ram");
}

static int
mount_disk(void)
{
  return call_mount_disk("/disk", 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = { .memory = 48u << 20 };

  (void)arg;
  TARGET_BEGIN("many");
  disk_make_ramdisk();
#ifdef __rtems__
  CHECK(mkdir("/ram", 0755) == 0 && mkdir("/disk", 0755) == 0);
  CHECK(rtems_rump_filesystem_register(NULL) == 0);
#endif
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
#ifndef __rtems__
  CHECK(rump_sys_mkdir("/ram", 0755) == 0);
  CHECK(rump_sys_mkdir("/disk", 0755) == 0);
#endif
  test_on("/ram", mount_memory, call_unmount);
  test_on("/disk", mount_disk, call_unmount_disk);
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
  TARGET_END("many");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 40
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
