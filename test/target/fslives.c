/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Two kernels, each with its file systems.  One ends, by itself and by the
 * application, with files of it open and a task in it; the other's files are
 * there all the time.
 */

#include "disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <rtems/libio.h>

#include <rtems-rump/filesystem.h>

/* The functions of the other kernel. */
int k2_rtems_rump_start(const struct rtems_rump_config *config);
int k2_rtems_rump_end(void);
int k2_rtems_rump_filesystem_register(const char *name);

#define DEVICE "/dev/rda"
#define RB_DUMP 0x100 /* with it, the end is a panic */
#define MOUNT(from, to, type) \
  mount(from, to, type, RTEMS_FILESYSTEM_READ_WRITE, NULL)

static const struct rtems_rump_config k1_config = {
  .memory = 4 << 20, .restartable = true
};

/* Above the other's tasks, which have their disk here. */
static const struct rtems_rump_config k2_config = {
  .memory = 16 << 20, .ceiling = RTEMS_RUMP_DEFAULT_CEILING - 4
};

static rtems_counting_semaphore out =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("out", 0);

static void
write_file(const char *path, const char *text)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

  CHECK(fd >= 0);
  CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
  CHECK(close(fd) == 0);
}

static void
check_file(const char *path, const char *text)
{
  char copy[100] = "";
  int fd = open(path, O_RDONLY);

  CHECK(fd >= 0);
  CHECK(read(fd, copy, sizeof(copy) - 1) == (ssize_t)strlen(text));
  CHECK(strcmp(copy, text) == 0);
  CHECK(close(fd) == 0);
}

static rtems_task
wait_for_data(rtems_task_argument arg)
{
  rtems_task_priority priority;
  char c;
  int fd = open("/one/fifo", O_RDWR);

  (void)arg;
  CHECK(fd >= 0);
  rtems_counting_semaphore_post(&out);
  CHECK_ERRNO(read(fd, &c, 1), EIO);
  (void)rtems_task_set_priority(
    RTEMS_SELF,
    RTEMS_CURRENT_PRIORITY,
    &priority
  );
  CHECK(priority == TARGET_PRIORITY + 5);
  CHECK_ERRNO(close(fd), EIO);
  rtems_counting_semaphore_post(&out);
  rtems_task_exit();
}

static rtems_task
visit(rtems_task_argument is_last)
{
  struct stat status;

  CHECK(stat("/one/file", &status) == 0);
  rtems_counting_semaphore_post(&out);
  if (is_last) {
    rtems_task_exit();
  }
  (void)rtems_task_suspend(RTEMS_SELF);
}

/* It has lost all that it knew of its visits, and nobody else has. */
static void
restart_a_visitor(void)
{
  rtems_id task = target_task(TARGET_PRIORITY + 5, visit, 0);

  rtems_counting_semaphore_wait(&out);
  target_sleep(2);
  CHECK(rtems_task_restart(task, 1) == RTEMS_SUCCESSFUL);
  rtems_counting_semaphore_wait(&out);
}

static int
panic(void *arg)
{
  (void)arg;
  (void)rump_sys_reboot(RB_DUMP | NETBSD_RB_NOSYNC, NULL);
  return 0;
}

/* As the last of those that have something open there. */
static void
check_lost(int fd)
{
  struct statvfs sv;
  struct stat status;
  char c;

  CHECK_ERRNO(read(fd, &c, 1), EIO);
  CHECK_ERRNO(write(fd, "x", 1), EIO);
  CHECK_ERRNO(lseek(fd, 0, SEEK_SET), EIO);
  CHECK_ERRNO(fstat(fd, &status), EIO);
  CHECK_ERRNO(ftruncate(fd, 0), EIO);
  CHECK_ERRNO(fsync(fd), EIO);
  CHECK_ERRNO(fcntl(fd, F_SETFL, O_APPEND), EIO);
  CHECK_ERRNO(open("/one/file", O_RDONLY), EIO);
  CHECK_ERRNO(open("/one/new", O_RDWR | O_CREAT, 0644), EIO);
  CHECK_ERRNO(stat("/one/file", &status), EIO);
  CHECK_ERRNO(mkdir("/one/dir", 0755), EIO);
  CHECK_ERRNO(rename("/one/file", "/one/other"), EIO);
  CHECK_ERRNO(link("/one/file", "/one/other"), EIO);
  CHECK_ERRNO(symlink("file", "/one/other"), EIO);
  CHECK_ERRNO(unlink("/one/file"), EIO);
  CHECK_ERRNO(chmod("/one", 0755), EIO);
  CHECK_ERRNO(chown("/one", 0, 0), EIO);
  CHECK_ERRNO(statvfs("/one", &sv), EIO);
  CHECK_ERRNO(opendir("/one") == NULL ? -1 : 0, EIO);
  check_file("/two/file", "two's");
}

/* From the start of the kernel to its end, and what is left of it. */
static void
live(bool panics, bool starts_before_unmount)
{
  int fd, result, status;

  CHECK(MOUNT(NULL, "/one", "rump-tmpfs") == 0);
  write_file("/one/file", "one's");
  CHECK_ERRNO(rename("/one/file", "/two/new"), EXDEV);
  CHECK_ERRNO(link("/one/file", "/two/new"), EXDEV);
  CHECK(mkfifo("/one/fifo", 0600) == 0);
  (void)target_task(TARGET_PRIORITY + 5, wait_for_data, 0);
  rtems_counting_semaphore_wait(&out);
  restart_a_visitor();
  fd = open("/one/file", O_RDWR);
  CHECK(fd >= 0);
  target_sleep(20);
  if (panics) {
    CHECK(rtems_rump_call(panic, NULL, &result) == EIO);
    CHECK(rtems_rump_wait(&status) == 0 && status == RTEMS_RUMP_PANIC);
    rtems_counting_semaphore_wait(&out);
    check_lost(fd);
  }
  CHECK(rtems_rump_end() == 0);
  if (!panics) {
    rtems_counting_semaphore_wait(&out);
  }
  check_lost(fd);
  if (starts_before_unmount) {
    CHECK(rtems_rump_start(&k1_config) == 0);
    check_lost(fd);
  }
  CHECK_ERRNO(close(fd), EIO);
  CHECK(unmount("/one") == 0);
  if (!starts_before_unmount) {
    CHECK_ERRNO(MOUNT(NULL, "/one", "rump-tmpfs"), EIO);
    CHECK(rtems_rump_start(&k1_config) == 0);
  }
}

static void
copy_disk_to(const char *path)
{
  static char buffer[65536];
  int in = open(DEVICE, O_RDONLY);
  int fd = open(path, O_WRONLY | O_CREAT, 0644);
  ssize_t n;

  CHECK(in >= 0 && fd >= 0);
  while ((n = read(in, buffer, sizeof(buffer))) > 0) {
    CHECK(write(fd, buffer, (size_t)n) == n);
  }
  CHECK(close(in) == 0 && close(fd) == 0);
}

/* One kernel has a file of the other for its disk. */
static void
test_image(void)
{
  copy_disk_to("/two/image");
  CHECK(MOUNT("/two/image", "/one", "rump-ffs") == 0);
  check_file("/one/host", "made on the host\n");
  write_file("/one/guest", "written");
  check_file("/one/guest", "written");
  CHECK(unmount("/one") == 0);
  CHECK(unlink("/two/image") == 0);
}

static void
test_lives(void)
{
  rtems_resource_snapshot before, after;
  int i;

  live(false, false);
  live(true, true);
  target_sleep(50);
  rtems_resource_snapshot_take(&before);
  for (i = 0; i < 4; ++i) {
    live(i % 2 == 1, i >= 2);
  }
  /* Tasks that are about to end may be counted, both times. */
  for (i = 0; i < 100; ++i) {
    rtems_resource_snapshot_take(&after);
    if (after.heap_info.Used.number <= before.heap_info.Used.number) {
      break;
    }
    target_sleep(100);
  }
  target_show("before", &before);
  target_show("after", &after);
  CHECK(after.heap_info.Used.number <= before.heap_info.Used.number);
  CHECK(after.open_files == before.open_files);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("fslives");
  disk_make_ramdisk();
  CHECK(mkdir("/one", 0755) == 0 && mkdir("/two", 0755) == 0);
  CHECK(rtems_rump_filesystem_register(NULL) == 0);
  CHECK(k2_rtems_rump_filesystem_register("rump") == EINVAL);
  CHECK(k2_rtems_rump_filesystem_register("k2") == 0);
  CHECK(rtems_rump_start(&k1_config) == 0);
  CHECK(k2_rtems_rump_start(&k2_config) == 0);
  CHECK(MOUNT(NULL, "/two", "k2-tmpfs") == 0);
  write_file("/two/file", "two's");

  test_image();
  test_lives();

  check_file("/two/file", "two's");
  CHECK(unmount("/two") == 0);
  CHECK(rtems_rump_end() == 0);
  CHECK(k2_rtems_rump_end() == 0);
  TARGET_END("fslives");
}

#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#include "config.h"
