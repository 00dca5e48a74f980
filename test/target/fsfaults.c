/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * FFS by RTEMS's own calls on a disk that is slow, fails, or is full: tasks do
 * not wait for each other's requests, and errors arrive as errno.  FFS and FAT:
 * what fsync() promises is on the disk, or it fails.  LFS: it is on the disk.
 */

#include "disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rtems/blkdev.h>
#include <rtems/dosfs.h>
#include <rtems/libio.h>

#include <rtems-rump/filesystem.h>

#define DEVICE "/dev/rda"
#define DISK_SIZE (6u << 20)

/* Whether the disk is an LFS. */
#ifndef LOG
#define LOG false
#endif

static const struct rtems_rump_config config = {
  .memory = LOG ? 24u << 20 : 12u << 20
};

static const char *type = LOG ? "rump-lfs" : "rump-ffs";
static char buffer[65536];
static atomic_bool has_made;
static rtems_counting_semaphore done =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("done", 0);

static void
mount_disk(const char *options)
{
  CHECK(
    mount(
      DEVICE,
      "/disk",
      type,
      RTEMS_FILESYSTEM_READ_WRITE,
      options
    ) == 0
  );
}

static rtems_task
make_directory(rtems_task_argument arg)
{
  (void)arg;
  CHECK(mkdir("/disk/slow", 0755) == 0);
  atomic_store(&has_made, true);
  rtems_counting_semaphore_post(&done);
  rtems_task_exit();
}

/*
 * While one task makes an entry, others work in the same file system, but for
 * the same directory, which NetBSD locks.
 */
static void
test_no_lock(void)
{
  struct stat status;
  char text[40];
  int fd, i;

  mount_disk("sync");
  fd = open("/disk/host", O_RDONLY);
  CHECK(read(fd, text, sizeof(text)) > 0);
  CHECK(mkdir("/disk/other", 0755) == 0);
  CHECK(chdir("/disk/other") == 0);
  CHECK_ERRNO(stat("x", &status), ENOENT);
  atomic_store(&disk_behaviour.delay, 20);
  (void)target_task(TARGET_PRIORITY - 5, make_directory, 0);
  target_sleep(10);
  for (i = 0; i < 10; ++i) {
    CHECK(fstat(fd, &status) == 0 && S_ISREG(status.st_mode));
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    CHECK(read(fd, text, sizeof(text)) > 0);
    CHECK_ERRNO(stat("x", &status), ENOENT);
  }
  CHECK(!atomic_load(&has_made));
  rtems_counting_semaphore_wait(&done);
  atomic_store(&disk_behaviour.delay, 0);
  CHECK(close(fd) == 0 && chdir("/") == 0);
  CHECK(rmdir("/disk/slow") == 0 && rmdir("/disk/other") == 0);
  CHECK(unmount("/disk") == 0);
}

static void
test_write_errors(void)
{
  int fd;

  atomic_store(&disk_behaviour.fails, true);
  CHECK_ERRNO(
    mount(DEVICE, "/disk", type, RTEMS_FILESYSTEM_READ_WRITE, NULL),
    EIO
  );
  atomic_store(&disk_behaviour.fails, false);

  mount_disk(NULL);
  fd = open("/disk/file", O_RDWR | O_CREAT, 0644);
  CHECK(write(fd, buffer, sizeof(buffer)) == (ssize_t)sizeof(buffer));
  atomic_store(&disk_behaviour.fails, true);
  CHECK_ERRNO(fsync(fd), EIO);
  atomic_store(&disk_behaviour.fails, false);
  CHECK(lseek(fd, 0, SEEK_SET) == 0);
  CHECK(write(fd, buffer, sizeof(buffer)) == (ssize_t)sizeof(buffer));
  CHECK(fsync(fd) == 0);
  CHECK(close(fd) == 0);
  CHECK(unmount("/disk") == 0);
}

static void
test_read_errors(void)
{
  int fd;

  mount_disk(NULL);
  fd = open("/disk/file", O_RDWR);
  atomic_store(&disk_behaviour.fails, true);
  CHECK_ERRNO(read(fd, buffer, sizeof(buffer)), EIO);
  atomic_store(&disk_behaviour.fails, false);
  CHECK(read(fd, buffer, sizeof(buffer)) == (ssize_t)sizeof(buffer));
  CHECK(close(fd) == 0);
  CHECK(unmount("/disk") == 0);
}

static const char *
directory(int i)
{
  static char name[32];

  snprintf(name, sizeof(name), "/disk/dir%d", i);
  return name;
}

static void
test_full(void)
{
  size_t size;
  int fd, made;

  mount_disk(NULL);
  fd = open("/disk/file", O_WRONLY | O_APPEND);
  for (size = sizeof(buffer); size >= 512; size /= 2) {
    while (write(fd, buffer, size) > 0) {
    }
    CHECK(errno == ENOSPC);
  }
  CHECK(close(fd) == 0);
  for (made = 0; mkdir(directory(made), 0755) == 0; ++made) {
  }
  CHECK(errno == ENOSPC);
  CHECK(unlink("/disk/file") == 0);
  CHECK(mkdir(directory(made), 0755) == 0);
  for (; made >= 0; --made) {
    CHECK(rmdir(directory(made)) == 0);
  }
  CHECK(unmount("/disk") == 0);
}

/* What fsync() promises has gone to the device, which was told to flush. */
static atomic_uint flushes;

static void
count_flush(void)
{
  atomic_fetch_add(&flushes, 1);
}

static void
test_flush(const char *options)
{
  int fd;

  mount_disk(options);
  fd = open("/disk/file", O_WRONLY | O_CREAT, 0644);
  CHECK(write(fd, "x", 1) == 1);
  atomic_store(&flushes, 0);
  CHECK(fsync(fd) == 0);
  CHECK(atomic_load(&flushes) > 0);
  CHECK(write(fd, "x", 1) == 1);
  atomic_store(&flushes, 0);
  CHECK(fdatasync(fd) == 0);
  CHECK(atomic_load(&flushes) > 0);
  CHECK(close(fd) == 0 && unlink("/disk/file") == 0);
  CHECK(unmount("/disk") == 0);
}

/* Writes what RTEMS's cache has, and empties it. */
static void
empty_cache(void)
{
  int fd = open(DEVICE, O_RDWR);

  CHECK(fd >= 0);
  CHECK(rtems_disk_fd_sync(fd) == 0 && rtems_disk_fd_purge(fd) == 0);
  CHECK(close(fd) == 0);
}

/* The whole disk, by RTEMS's cache, which keeps nothing of it. */
static void
transfer_disk(char *content, bool writing)
{
  int fd = open(DEVICE, O_RDWR);
  size_t i;

  CHECK(fd >= 0 && rtems_disk_fd_purge(fd) == 0);
  for (i = 0; i < DISK_SIZE; i += sizeof(buffer)) {
    ssize_t n = writing
      ? write(fd, content + i, sizeof(buffer))
      : read(fd, content + i, sizeof(buffer));

    CHECK(n == (ssize_t)sizeof(buffer));
  }
  CHECK(close(fd) == 0);
  empty_cache();
}

/* More than the first cluster of FAT, which needs no table. */
#define PROMISED 20000

/* What fsync() has promised is there after the power has failed. */
static void
test_power_cut(const char *options)
{
  char *content = malloc(DISK_SIZE);
  int fd;

  CHECK(content != NULL);
  memset(buffer, 'k', PROMISED);
  mount_disk(options);
  fd = open("/disk/promised", O_WRONLY | O_CREAT, 0644);
  CHECK(write(fd, buffer, PROMISED) == PROMISED);
  CHECK(fsync(fd) == 0);
  transfer_disk(content, false);
  CHECK(close(fd) == 0);
  CHECK(unlink("/disk/promised") == 0);
  CHECK(unmount("/disk") == 0);

  transfer_disk(content, true);
  mount_disk(options);
  fd = open("/disk/promised", O_RDONLY);
  CHECK(fd >= 0);
  memset(buffer, 0, PROMISED);
  CHECK(read(fd, buffer, sizeof(buffer)) == PROMISED);
  CHECK(buffer[0] == 'k' && buffer[PROMISED - 1] == 'k');
  CHECK(close(fd) == 0);
  CHECK(unmount("/disk") == 0);
  free(content);
}

/* RTEMS says that a track has 255 sectors, and NetBSD wants 63 at most. */
#define SECTORS_PER_TRACK 24

/* Also for a FAT that RTEMS has made. */
static void
test_fat(void)
{
  type = "rump-msdos";
  CHECK(msdos_format(DEVICE, NULL) == 0);
  empty_cache();
  disk_content()[SECTORS_PER_TRACK] = 63;
  test_flush(NULL);
  test_power_cut(NULL);
  /* Which may leave a file without what the table would lead to. */
  test_write_errors();
}

static void
test_all(void)
{
  test_no_lock();
  test_write_errors();
  test_read_errors();
  test_full();
  test_flush(NULL);
  test_flush("log");
  test_power_cut("log");
  test_fat();
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("fsfaults");
  disk_behaviour.on_sync = count_flush;
  disk_make_unreliable();
  CHECK(mkdir("/disk", 0755) == 0);
  CHECK(rtems_rump_filesystem_register(NULL) == 0);
  CHECK(rtems_rump_start(&config) == 0);
  if (LOG) {
    test_power_cut(NULL);
  } else {
    test_all();
  }
  CHECK(rtems_rump_end() == 0);
  TARGET_END("fsfaults");
}

#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#include "config.h"
