/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Makes, renames and removes files, and promises on the console what is on the
 * disk from then on.  The host notes what reaches the disk, and lets the power
 * fail later, as often as it likes.  On the simulator a disk in memory does
 * so: see simulated.h for the arguments of the program.
 */

#include "calls.h"

#ifdef __rtems__
#include <rtems-rump/blockdev.h>
#else
#include "lfs.h"
#include "simulated.h"
#include "sync.h"
#endif

/* NetBSD's name of the file system; FFS has its journal. */
#ifndef TYPE
#define TYPE "ffs"
#endif

/* The disk in the kernel, if it is not RTEMS's. */
#ifndef NETBSD_DISK
#define NETBSD_DISK NULL
#endif

/* Also the host's. */
#define STEPS 40
#define SIZE(i) (200 + (i) * 2654435761u % 9000)

#ifndef MEMORY
#define MEMORY (8u << 20)
#endif

static const struct rtems_rump_config config = { .memory = MEMORY };

#ifdef __rtems__

static const char *
disk(void)
{
  const char *device = NETBSD_DISK;

  if (device == NULL) {
    return "/dev/hda";
  }
  CHECK(rtems_rump_blockdev_create("/dev/disk", device) == 0);
  return "/dev/disk";
}

static void
mount_disk(void)
{
  const char *options = strcmp(TYPE, "ffs") == 0 ? "log" : NULL;

  CHECK(mkdir("/disk", 0755) == 0);
  CHECK(rtems_rump_filesystem_register(NULL) == 0);
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(
    mount(
      disk(),
      "/disk",
      "rump-" TYPE,
      RTEMS_FILESYSTEM_READ_WRITE,
      options
    ) == 0
  );
}

static int
sync_file(int fd)
{
  return call_fsync(fd);
}

static void
promise(int i)
{
  printf("promise: %d\n", i);
}

#else

#define KEY "/dev/disk"

#define IS(type) (strcmp(TYPE, type) == 0)

static int
mount_type(void)
{
  struct netbsd_ufs_args ufs = { .fspec = KEY };
  struct netbsd_msdosfs_args fat = {
    .fspec = KEY, .mask = 0755, .dirmask = 0755,
    .version = NETBSD_MSDOSFS_VERSION, .flags = NETBSD_MSDOSFS_VERSIONED
  };
  int flags = IS("ffs") ? NETBSD_MNT_LOG : 0;

  if (IS("lfs") && lfs_prepare(NULL, NULL) != 0) {
    return -1;
  }
  return IS("msdos")
    ? rump_sys_mount(TYPE, "/disk", flags, &fat, sizeof(fat))
    : rump_sys_mount(TYPE, "/disk", flags, &ufs, sizeof(ufs));
}

static void
mount_disk(void)
{
  simulated_disk_make(CALLS_DEVICE);
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  CHECK(
    rump_pub_etfs_register(KEY, CALLS_DEVICE, NETBSD_ETFS_BLK) == 0
  );
  CHECK(rump_sys_mkdir("/disk", 0755) == 0);
  CHECK(mount_type() == 0);
}

/* As the types of file systems do. */
static int
sync_file(int fd)
{
  int error = IS("lfs") ? sync_log("/disk", KEY)
    : IS("msdos") ? sync_tables("/disk", KEY) : 0;

  return error == 0 ? call_fsync(fd) : -1;
}

static void
promise(int i)
{
  printf("promise: %d at %ld\n", i, simulated_disk_log());
}

#endif

static const char *
name_of(char name[16], char kind, int i)
{
  snprintf(name, 16, "/disk/%c%d", kind, i);
  return name;
}

static void
write_and_sync(int fd, const void *data, size_t size)
{
  CHECK(fd >= 0);
  CHECK(call_write(fd, data, size) == (int)size);
  CHECK(sync_file(fd) == 0);
  CHECK(call_close(fd) == 0);
}

/* A file says at its begin of what step it is. */
static void
make_file(int i)
{
  static char data[SIZE(0) + 9000];
  uint32_t size = SIZE((uint32_t)i);
  char name[16];
  uint32_t at;

  for (at = 0; at < size; ++at) {
    data[at] = (char)((uint32_t)i * 7 + at * 13 + (at >> 8));
  }
  memcpy(data, "the file of step ", 17);
  snprintf(data + 17, 8, "%06d", i);
  write_and_sync(
    call_open(name_of(name, 'f', i), O_WRONLY | O_CREAT),
    data,
    size
  );
}

static void
append_to_log(int i)
{
  char line[32];

  snprintf(line, sizeof(line), "step %06d\n", i);
  write_and_sync(
    call_open("/disk/log", O_WRONLY | O_CREAT | O_APPEND),
    line,
    strlen(line)
  );
}

/* What is synced last takes with it what was done before. */
static void
step(int i)
{
  char from[16], to[16];

  if (i % 3 == 2) {
    (void)name_of(from, 'f', i - 1);
    CHECK(call_rename(from, name_of(to, 'g', i - 1)) == 0);
  }
  if (i % 4 == 3) {
    (void)name_of(from, (i - 3) % 3 == 1 ? 'g' : 'f', i - 3);
    CHECK(call_unlink(from) == 0);
  }
  make_file(i);
  append_to_log(i);
  promise(i);
}

static rtems_task
Init(rtems_task_argument arg)
{
  int i;

  (void)arg;
  TARGET_BEGIN("workload");
  mount_disk();
  for (i = 0; i < STEPS; ++i) {
    step(i);
  }
  TARGET_END("workload");
}

#define CONFIGURE_MAXIMUM_PROCESSORS 1
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#ifdef __rtems__
#define CONFIGURE_APPLICATION_NEEDS_IDE_DRIVER
#endif
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
