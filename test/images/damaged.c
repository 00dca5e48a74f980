/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * File systems that somebody has damaged: NetBSD refuses them, makes of them
 * what it can, or ends by it: then a neighbour works on, and the kernel can be
 * started again.
 *
 *   damaged TYPE IMAGE FIRST COUNT
 *
 * Each number from FIRST on is a way to damage the image, always the same.  Of
 * the type ffs-log the image is an FFS, and is given a journal to replay; that
 * of an LFS is empty, and is given files.
 */

#include "target.h"

#include "image.h"
#include "lfs.h"
#include "neighbour.h"

#include <rtems/blkdev.h>
#include <rtems/ramdisk.h>

#include <simulator/simulator.h>

#include "abi/file.h"
#include "abi/mount.h"

#define DEVICE "/dev/image"
#define KEY "/image"
#define BLOCK 512u
#define FIRST_BLOCKS 24u
#define CHUNK 8192
#define CWD (-100)

/* Entries to look at, calls for those of a directory, and how deep. */
#define ENTRIES_MAX 300
#define CALLS_MAX 50
#define DEPTH_MAX 6
#define PATH_SIZE 1024

/* A call that uses a virtual CPU that long, and work that takes that long. */
#define WATCHDOG_MSEC 1000
#define WORK_MSEC 5000

static const char *type;
static bool has_journal, has_log;
static char *image, *disk;
static uint32_t blocks;

/* Those that are not all zeros. */
static uint32_t *used;
static uint32_t used_count;

static uint64_t dice_state;

/* Below the limit, which is not zero. */
static uint32_t
dice(uint32_t limit)
{
  dice_state ^= dice_state << 13;
  dice_state ^= dice_state >> 7;
  dice_state ^= dice_state << 17;
  return (uint32_t)(dice_state >> 32) % limit;
}

static bool
is_used(const char *block)
{
  uint32_t i;

  for (i = 0; i < BLOCK && block[i] == 0; ++i) {
  }
  return i < BLOCK;
}

static void
find_used(void)
{
  uint32_t i;

  for (i = 0; i < blocks; ++i) {
    if (is_used(image + i * BLOCK)) {
      used[used_count++] = i;
    }
  }
  CHECK(used_count > FIRST_BLOCKS);
}

static void
read_image(const char *path)
{
  image = image_read(path, BLOCK, &blocks);
  disk = malloc((size_t)blocks * BLOCK);
  used = malloc(blocks * sizeof(*used));
  CHECK(disk != NULL && used != NULL);
  memcpy(disk, image, (size_t)blocks * BLOCK);
}

static void
damage_value(char *at, uint32_t size)
{
  static const uint32_t values[] = {
    0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000,
    0xfffffff0, 0xffffffff
  };
  uint32_t value;

  memcpy(&value, at, sizeof(value));
  switch (dice(4)) {
    case 0:
      value = values[dice(sizeof(values) / sizeof(values[0]))];
      break;
    case 1:
      value += dice(2) == 0 ? 1 : -1;
      break;
    case 2:
      value ^= 1u << dice(32);
      break;
    default:
      value = dice(UINT32_MAX);
  }
  memcpy(at, &value, size);
}

/* What tells of the others comes first, with all these file systems. */
static void
damage_once(void)
{
  uint32_t count = dice(3) == 0 ? FIRST_BLOCKS : used_count;
  char *block = disk + used[dice(count)] * BLOCK;

  switch (dice(10)) {
    case 0:
      memset(block, dice(2) == 0 ? 0 : 0xff, BLOCK);
      break;
    case 1:
      memcpy(block, disk + used[dice(used_count)] * BLOCK, BLOCK);
      break;
    default:
      damage_value(block + 4 * dice(BLOCK / 4), 1u << dice(3));
  }
}

/* Returns how many blocks are left. */
static uint32_t
damage(unsigned seed)
{
  uint32_t left = blocks;
  uint32_t i;

  dice_state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
  memcpy(disk, image, (size_t)blocks * BLOCK);
  if (dice(8) == 0) {
    left = 1 + dice(blocks);
  }
  for (i = 1u << dice(6); i > 0; --i) {
    damage_once();
  }
  return left;
}

static void
make_device(uint32_t size)
{
  struct ramdisk *ramdisk = ramdisk_allocate(disk, BLOCK, size, false);

  CHECK(ramdisk != NULL);
  ramdisk_enable_free_at_delete_request(ramdisk);
  CHECK(
    rtems_blkdev_create(DEVICE, BLOCK, size, ramdisk_ioctl, ramdisk)
      == RTEMS_SUCCESSFUL
  );
}

/* What is done to each image: all errors are welcome. */

static char chunk[CHUNK];
static unsigned entries;

static int
mount_image(void)
{
  struct netbsd_ufs_args ufs = { .fspec = KEY };
  struct netbsd_msdosfs_args msdos = {
    .fspec = KEY, .mask = 0755, .dirmask = 0755,
    .version = NETBSD_MSDOSFS_VERSION, .flags = NETBSD_MSDOSFS_VERSIONED
  };

  if (has_log && lfs_prepare(NULL, NULL) != 0) {
    return -1;
  }
  if (has_journal) {
    return rump_sys_mount("ffs", "/disk", NETBSD_MNT_LOG, &ufs, sizeof(ufs));
  }
  return strcmp(type, "msdos") == 0
    ? rump_sys_mount(type, "/disk", 0, &msdos, sizeof(msdos))
    : rump_sys_mount(type, "/disk", 0, &ufs, sizeof(ufs));
}

static void
use_file(const char *path)
{
  int fd = rump_sys_open(path, NETBSD_O_RDWR | NETBSD_O_NONBLOCK);
  int i;

  if (fd < 0) {
    return;
  }
  for (i = 0; i < 40 && rump_sys_read(fd, chunk, CHUNK) > 0; ++i) {
  }
  if (entries % 4 == 0) {
    (void)rump_sys_write(fd, chunk, CHUNK);
    (void)rump_sys_pwrite(fd, chunk, 10, 0);
  }
  if (entries % 8 == 1) {
    (void)rump_sys_ftruncate(fd, 100);
  }
  (void)rump_sys_close(fd);
}

static void list(const char *path, unsigned depth);

static void
use_entry(
  const char *directory, const struct netbsd_dirent *entry, unsigned depth)
{
  struct netbsd_stat status;
  char path[PATH_SIZE];

  if (snprintf(path, sizeof(path), "%s/%s", directory, entry->name)
      >= PATH_SIZE) {
    return;
  }
  if (rump_sys_fstatat(
        CWD, path, &status, NETBSD_AT_SYMLINK_NOFOLLOW) != 0) {
    return;
  }
  (void)rump_sys_readlinkat(CWD, path, chunk, CHUNK);
  if (S_ISDIR(status.mode)) {
    list(path, depth + 1);
  } else if (S_ISREG(status.mode)) {
    use_file(path);
  }
  if (entries % 16 == 3) {
    (void)rump_sys_unlink(path);
  }
}

static void
use_entries(const char *path, const char *buffer, int size, unsigned depth)
{
  const struct netbsd_dirent *entry;
  int at;

  for (at = 0; at < size && entries < ENTRIES_MAX; at += entry->reclen) {
    entry = (const void *)&buffer[at];
    if (!netbsd_dirent_is_whole(entry, (size_t)(size - at))) {
      return;
    }
    if (entry->fileno != 0 && entry->name[0] != '.') {
      ++entries;
      use_entry(path, entry, depth);
    }
  }
}

static void
list(const char *path, unsigned depth)
{
  char buffer[1024] __attribute__((__aligned__(8)));
  int fd = rump_sys_open(path, NETBSD_O_RDONLY | NETBSD_O_DIRECTORY);
  int i, n;

  if (fd < 0) {
    return;
  }
  for (i = 0; i < CALLS_MAX && depth < DEPTH_MAX && entries < ENTRIES_MAX
      && (n = rump_sys_getdents(fd, buffer, sizeof(buffer))) > 0; ++i) {
    use_entries(path, buffer, n, depth);
  }
  (void)rump_sys_close(fd);
}

static void
change(void)
{
  struct netbsd_statvfs statvfs;
  int fd;

  (void)rump_sys_mkdir("/disk/made", 0755);
  fd = rump_sys_open("/disk/made/new", NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);
  if (fd >= 0) {
    (void)rump_sys_write(fd, chunk, CHUNK);
    (void)rump_sys_pwrite(fd, chunk, CHUNK, 100000);
    (void)rump_sys_fstatvfs1(fd, &statvfs, NETBSD_ST_WAIT);
    (void)rump_sys_fsync_range(fd, NETBSD_FFILESYNC, 0, 0);
    (void)rump_sys_close(fd);
  }
  (void)rump_sys_rename("/disk/made/new", "/disk/moved");
  (void)rump_sys_rename("/disk/directory", "/disk/made/directory");
  (void)rump_sys_symlinkat("moved", CWD, "/disk/symbolic");
  (void)rump_sys_linkat(CWD, "/disk/moved", CWD, "/disk/hard", 0);
  (void)rump_sys_unlink("/disk/moved");
  (void)rump_sys_rmdir("/disk/made");
  rump_sys_sync();
}

enum outcome { REFUSED, USED, STUCK, PANIC, EXCEPTION, LOOP, ENDLESS,
  OUTCOMES };

static const char *const outcomes[OUTCOMES] = {
  [REFUSED] = "refused",
  [USED] = "used",
  [STUCK] = "not unmounted",
  [PANIC] = "panic",
  [EXCEPTION] = "exception",
  [LOOP] = "ended by the watchdog",
  [ENDLESS] = "ended by the test"
};

static int
use_image(void *arg)
{
  (void)arg;
  CHECK(rtems_rump_enter() == 0);
  if (rump_pub_etfs_register(KEY, DEVICE, NETBSD_ETFS_BLK) != 0) {
    return REFUSED;
  }
  if (mount_image() != 0) {
    CHECK(rump_pub_etfs_remove(KEY) == 0);
    rtems_rump_leave();
    return REFUSED;
  }
  entries = 0;
  list("/disk", 0);
  change();
  list("/disk", 0);
  if (rump_sys_unmount("/disk", 0) != 0
      && rump_sys_unmount("/disk", NETBSD_MNT_FORCE) != 0) {
    return STUCK;
  }
  CHECK(rump_pub_etfs_remove(KEY) == 0);
  rtems_rump_leave();
  return USED;
}

static void
make_files(void)
{
  char path[PATH_SIZE];
  int i, fd;

  CHECK(rump_sys_mkdir("/disk/directory", 0755) == 0);
  for (i = 0; i < 20; ++i) {
    snprintf(path, sizeof(path), "/disk/directory/file %d", i);
    fd = rump_sys_open(path, NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);
    CHECK(fd >= 0 && rump_sys_write(fd, chunk, CHUNK) == CHUNK);
    CHECK(rump_sys_pwrite(fd, chunk, CHUNK, i * 10000) == CHUNK);
    CHECK(rump_sys_close(fd) == 0);
  }
}

/* A journal is on the disk before it is done, a log when it is. */
static int
complete_image(void *arg)
{
  (void)arg;
  CHECK(rump_pub_etfs_register(KEY, DEVICE, NETBSD_ETFS_BLK) == 0);
  CHECK(mount_image() == 0);
  if (has_journal) {
    change();
    memcpy(image, disk, (size_t)blocks * BLOCK);
  } else {
    make_files();
  }
  CHECK(rump_sys_unmount("/disk", 0) == 0);
  if (has_log) {
    memcpy(image, disk, (size_t)blocks * BLOCK);
  }
  return rump_pub_etfs_remove(KEY);
}

/* The life of the kernel, which lasts as long as the images let it. */

static int status;
static char reason[100];
static rtems_counting_semaphore done =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("done", 0);
static int result;

static void
kernel_exits(const struct rtems_rump_exit *why)
{
  const char *text = strstr(why->messages, "panic: ");

  status = why->status;
  snprintf(reason, sizeof(reason), "%s", text == NULL ? "" : text);
  reason[strcspn(reason, "\n")] = '\0';
}

static void
ignore(char c)
{
  (void)c;
}

static int
make_directory(void *arg)
{
  (void)arg;
  return rump_sys_mkdir("/disk", 0755);
}

static void
start(void)
{
  static struct rtems_rump_config config = {
    .memory = 12u << 20,
    .processors = 1,
    .restartable = true,
    .watchdog = WATCHDOG_MSEC,
    .console = ignore,
    .on_exit = kernel_exits
  };
  int made;

  /* LFS wants 3 MiB in one piece for each mount, or waits for ever. */
  if (has_log) {
    config.memory = 64u << 20;
  }
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_call(make_directory, NULL, &made) == 0 && made == 0);
}

static rtems_task
use_image_once(rtems_task_argument arg)
{
  (void)arg;
  if (rtems_rump_call(use_image, NULL, &result) != 0) {
    result = status == RTEMS_RUMP_PANIC ? PANIC
      : status == RTEMS_RUMP_EXCEPTION ? EXCEPTION
      : status == RTEMS_RUMP_WATCHDOG ? LOOP : ENDLESS;
  }
  rtems_counting_semaphore_post(&done);
  rtems_task_exit();
}

/* Above who may be endless in the kernel and never sleep. */
static bool
is_done_in_time(void)
{
  rtems_task_priority own;
  bool in_time;

  (void)rtems_task_set_priority(RTEMS_SELF, 2, &own);
  in_time = rtems_counting_semaphore_wait_timed_ticks(
    &done,
    WORK_MSEC * rtems_clock_get_ticks_per_second() / 1000
  ) == 0;
  (void)rtems_task_set_priority(RTEMS_SELF, own, &own);
  return in_time;
}

static enum outcome
run(unsigned seed)
{
  rtems_id task;

  status = 0;
  reason[0] = '\0';
  make_device(damage(seed));
  task = target_task(TARGET_PRIORITY, use_image_once, 0);
  if (!is_done_in_time()) {
    CHECK(rtems_rump_end() == 0);
    rtems_counting_semaphore_wait(&done);
    start();
  } else if (result >= STUCK) {
    CHECK(rtems_rump_end() == 0);
    start();
  }
  target_wait_for_end(task);
  CHECK(unlink(DEVICE) == 0);
  neighbour_check();
  return (enum outcome)result;
}

static void
run_all(unsigned first, unsigned count)
{
  unsigned counts[OUTCOMES] = { 0 };
  unsigned i;

  for (i = first; i < first + count; ++i) {
    enum outcome outcome = run(i);

    ++counts[outcome];
    if (outcome > USED) {
      printf("%s %u: %s %s\n", type, i, outcomes[outcome], reason);
    }
  }
  printf("%s, %u images:", type, count);
  for (i = 0; i < OUTCOMES; ++i) {
    printf(" %u %s%s", counts[i], outcomes[i], i < OUTCOMES - 1 ? "," : "\n");
  }
  CHECK(counts[REFUSED] > 0 && counts[USED] > 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;

  (void)arg;
  TARGET_BEGIN("DAMAGED");
  CHECK(sim_argc == 5);
  type = sim_argv[1];
  has_journal = strcmp(type, "ffs-log") == 0;
  has_log = strcmp(type, "lfs") == 0;
  read_image(sim_argv[2]);
  neighbour_start();
  start();
  if (has_journal || has_log) {
    make_device(blocks);
    CHECK(rtems_rump_call(complete_image, NULL, &result) == 0 && result == 0);
    CHECK(unlink(DEVICE) == 0);
  }
  find_used();
  CHECK(rtems_rump_end() == 0);
  rtems_resource_snapshot_take(&before);
  start();
  run_all(
    (unsigned)strtoul(sim_argv[3], NULL, 10),
    (unsigned)strtoul(sim_argv[4], NULL, 10)
  );
  CHECK(rtems_rump_end() == 0);
  target_sleep(50);
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
  TARGET_END("DAMAGED");
}

#define CONFIGURE_MAXIMUM_TASKS 80
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
