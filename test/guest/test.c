/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Boots the test guest and uses it as an application uses a rump kernel.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rtems.h>
#include <rtems/thread.h>

#include <rtems-rump/instance.h>
#include <rtems-rump/netbsd.h>

#include "guest_test.h"

#define DISK_SIZE (1 << 20)
#define TASKS 8
#define BLOCK 4096
#define SIGNAL_FILE_SIZE 25

#define CHECK(x) \
  ((x) ? (void)0 : fail(#x, __LINE__))
#define FAILS(x, error) \
  (errno = 0, (x) == -1 && errno == (error) ? (void)0 : fail(#x, __LINE__))

static rtems_counting_semaphore done =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("done", 0);
static atomic_int exit_status = -99, last_signal;
static char disk_image[32], host_file[32];

static void fail(const char *what, int line)
{
  printf("test.c:%d: %s failed (errno %d)\n", line, what, errno);
  exit(1);
}

static void start_task(rtems_task_entry entry, rtems_task_argument argument)
{
  rtems_id id;

  CHECK(rtems_task_create(rtems_build_name('T', 'E', 'S', 'T'), 120, 32768,
    RTEMS_DEFAULT_MODES, RTEMS_DEFAULT_ATTRIBUTES, &id) == RTEMS_SUCCESSFUL);
  CHECK(rtems_task_start(id, entry, argument) == RTEMS_SUCCESSFUL);
}

static void on_exit_of_kernel(const struct rtems_rump_exit *why)
{
  atomic_store(&exit_status, why->status);
  if (why->status != 0) {
    puts("the guest has panicked");
    exit(1);
  }
  rtems_counting_semaphore_post(&done);
  rtems_task_exit();
}

static int on_signal(int signal)
{
  atomic_store(&last_signal, signal);
  return 0;
}

static void make_host_files(void)
{
  static const char zero[BLOCK];
  int fd, i;

  snprintf(disk_image, sizeof(disk_image), "guest-%d.img", (int)getpid());
  snprintf(host_file, sizeof(host_file), "guest-%d.txt", (int)getpid());
  fd = open(disk_image, O_RDWR | O_CREAT | O_TRUNC, 0666);
  CHECK(fd >= 0);
  for (i = 0; i < DISK_SIZE / BLOCK; i++) {
    CHECK(write(fd, zero, BLOCK) == BLOCK);
  }
  close(fd);
  unlink(host_file);
}

static void fill(unsigned char *data, size_t size, unsigned seed)
{
  size_t i;

  for (i = 0; i < size; i++) {
    data[i] = (unsigned char)(seed * 31 + i * 7 + (i >> 8));
  }
}

static int is_filled(const unsigned char *data, size_t size, unsigned seed)
{
  size_t i;

  for (i = 0; i < size; i++) {
    if (data[i] != (unsigned char)(seed * 31 + i * 7 + (i >> 8))) {
      return 0;
    }
  }
  return 1;
}

static void write_file(const char *name, size_t size, unsigned seed)
{
  static const int flags = NETBSD_O_RDWR | NETBSD_O_CREAT | NETBSD_O_TRUNC;
  unsigned char data[1000];
  int fd = rump_sys_open(name, flags, 0644);
  size_t at, n;

  CHECK(fd >= 0);
  for (at = 0; at < size; at += n) {
    n = size - at < sizeof(data) ? size - at : sizeof(data);
    fill(data, n, seed + (unsigned)at);
    CHECK(rump_sys_write(fd, data, n) == (ssize_t)n);
  }
  CHECK(rump_sys_close(fd) == 0);
}

static void verify_file(const char *name, size_t size, unsigned seed)
{
  unsigned char data[1000];
  int fd = rump_sys_open(name, NETBSD_O_RDONLY);
  size_t at, n;

  CHECK(fd >= 0 && rump_sys_lseek(fd, 0, SEEK_END) == (int64_t)size);
  for (at = 0; at < size; at += n) {
    n = size - at < sizeof(data) ? size - at : sizeof(data);
    CHECK(rump_sys_pread(fd, data, sizeof(data), (int64_t)at) == (ssize_t)n);
    CHECK(is_filled(data, n, seed + (unsigned)at));
  }
  CHECK(rump_sys_pread(fd, data, 1, (int64_t)size) == 0);
  CHECK(rump_sys_close(fd) == 0);
}

static void mount_tmpfs(const char *path, int64_t size)
{
  struct netbsd_tmpfs_args args = {
    .version = 1, .size_max = size, .root_mode = 0777
  };

  CHECK(rump_sys_mount("tmpfs", path, 0, &args, sizeof(args)) == 0);
}

static void test_contexts(void)
{
  struct lwp *first, *second, *third;
  int pid;

  puts("contexts");
  CHECK(rump_pub_getversion() > 0 && rump_sys_getpid() == 1);
  CHECK(rump_pub_lwproc_curlwp() == NULL);
  CHECK(rump_pub_lwproc_newlwp(0) == 0 && rump_sys_getpid() == 0);
  first = rump_pub_lwproc_curlwp();
  CHECK(first != NULL);
  CHECK(rump_pub_lwproc_rfork(3) != 0 && rump_pub_lwproc_newlwp(999) != 0);
  CHECK(rump_pub_lwproc_rfork(2) == 0);
  second = rump_pub_lwproc_curlwp();
  pid = rump_sys_getpid();
  CHECK(second != first && pid > 1);
  rump_pub_lwproc_switch(first);
  CHECK(rump_pub_lwproc_curlwp() == first && rump_sys_getpid() == 0);
  rump_pub_lwproc_releaselwp();
  CHECK(rump_pub_lwproc_curlwp() == NULL);
  CHECK(rump_pub_lwproc_newlwp(pid) == 0 && rump_sys_getpid() == pid);
  third = rump_pub_lwproc_curlwp();
  rump_pub_lwproc_switch(NULL);
  CHECK(rump_sys_getpid() == 1);
  rump_pub_lwproc_switch(second);
  rump_pub_lwproc_releaselwp();
  rump_pub_lwproc_switch(third); /* with it ends the process */
  CHECK(rump_sys_getpid() == pid);
  rump_pub_lwproc_releaselwp();
  CHECK(rump_pub_lwproc_newlwp(pid) != 0);
  CHECK(rump_sys_getpid() == 1);
}

static void test_shared_files(void)
{
  int fd, copy, before;
  struct lwp *l;
  char c;

  CHECK(rump_pub_lwproc_rfork(2) == 0);
  l = rump_pub_lwproc_curlwp();
  fd = rump_sys_open("/tmp/shared", NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);
  CHECK(fd == 0 && rump_sys_write(fd, "ab", 2) == 2);
  CHECK(rump_pub_lwproc_rfork(0) == 0); /* the same table */
  copy = rump_sys_open("/dev/null", NETBSD_O_WRONLY);
  CHECK(copy == 1 && rump_sys_lseek(fd, 0, SEEK_SET) == 0);
  rump_pub_lwproc_releaselwp();
  rump_pub_lwproc_switch(l);
  CHECK(rump_sys_write(copy, "x", 1) == 1);
  CHECK(rump_sys_read(fd, &c, 1) == 1 && c == 'a');
  CHECK(rump_pub_lwproc_rfork(1) == 0); /* a copy, with the same offsets */
  CHECK(rump_sys_read(fd, &c, 1) == 1 && c == 'b');
  CHECK(rump_sys_close(fd) == 0);
  rump_pub_lwproc_releaselwp();
  rump_pub_lwproc_switch(l);
  CHECK(rump_sys_read(fd, &c, 1) == 0);
  FAILS(rump_sys_close(77), EBADF);
  rump_pub_lwproc_releaselwp();
  before = rump_sys_open("/dev/null", NETBSD_O_RDWR);
  CHECK(before == 3 && rump_sys_close(3) == 0); /* 0 to 2: the console */
  CHECK(rump_sys_unlink("/tmp/shared") == 0);
}

static void test_file_system(void)
{
  struct netbsd_tmpfs_args args = { .version = 2 };
  char text[16] = "";
  int fd;

  puts("file system");
  CHECK(rump_sys_mkdir("/mnt", 0777) == 0);
  mount_tmpfs("/mnt", 0);
  write_file("/mnt/a", 10000, 1);
  verify_file("/mnt/../mnt/./a", 10000, 1);
  CHECK(rump_sys_mkdir("/mnt/d", 0777) == 0);
  CHECK(rump_sys_rename("/mnt/a", "/mnt/d/b") == 0);
  verify_file("/mnt/d/b", 10000, 1);
  fd = rump_sys_open("/mnt/d/b", NETBSD_O_RDWR | NETBSD_O_APPEND);
  CHECK(rump_sys_ftruncate(fd, 5000) == 0);
  CHECK(rump_sys_write(fd, "end", 3) == 3);
  CHECK(rump_sys_ftruncate(fd, 20000) == 0);
  CHECK(rump_sys_pread(fd, text, 8, 4998) == 8);
  CHECK(memcmp(text + 2, "end\0\0\0", 6) == 0);
  FAILS(rump_sys_pwrite(fd, text, 1, -1), EINVAL);
  FAILS(rump_sys_lseek(fd, -1, SEEK_SET), EINVAL);
  FAILS(rump_sys_unmount("/mnt", 0), EBUSY);
  CHECK(rump_sys_unlink("/mnt/d/b") == 0); /* stays until it is closed */
  CHECK(rump_sys_fsync(fd) == 0 && rump_sys_close(fd) == 0);
  FAILS(rump_sys_close(fd), EBADF);

  CHECK(rump_sys_mkdir("/mnt/d/e", 0777) == 0);
  FAILS(rump_sys_rmdir("/mnt/d"), ENOTEMPTY);
  FAILS(rump_sys_unlink("/mnt/d"), EPERM);
  FAILS(rump_sys_rename("/mnt/d", "/mnt/d/e/f"), EINVAL);
  FAILS(rump_sys_rename("/mnt/d", "/other"), EXDEV);
  FAILS(rump_sys_mkdir("/mnt/d", 0777), EEXIST);
  FAILS(rump_sys_rmdir("/mnt"), EBUSY);
  FAILS(rump_sys_open("/mnt/x", NETBSD_O_RDONLY), ENOENT);
  FAILS(rump_sys_open("/dev/null/x", NETBSD_O_RDONLY), ENOTDIR);
  FAILS(rump_sys_open("/mnt", NETBSD_O_RDWR), EISDIR);
  FAILS(rump_sys_open("/mnt/d", NETBSD_O_CREAT | NETBSD_O_EXCL, 0), EEXIST);
  CHECK(rump_sys_rename("/mnt/d/e", "/mnt/g") == 0);
  CHECK(rump_sys_rmdir("/mnt/d") == 0);

  FAILS(rump_sys_mount("ffs", "/mnt", 0, NULL, 0), ENODEV);
  FAILS(rump_sys_mount("tmpfs", "/mnt", 0, &args, sizeof(args)), EINVAL);
  FAILS(rump_sys_mount("tmpfs", "/no", 0, &args, sizeof(args)), ENOENT);
  FAILS(rump_sys_unmount("/tmp", 0), EINVAL);
  CHECK(rump_sys_unmount("/mnt", 0) == 0);
  FAILS(rump_sys_open("/mnt/g", NETBSD_O_RDONLY), ENOENT);
}

static void test_limits(void)
{
  static const char byte[1];
  char data[BLOCK];
  int fd, n = 0;

  puts("limits");
  memset(data, 'x', sizeof(data));
  mount_tmpfs("/mnt", 10 * BLOCK);
  fd = rump_sys_open("/mnt/full", NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);
  while (n < 20 && rump_sys_write(fd, data, BLOCK) == BLOCK) {
    n++;
  }
  CHECK(n == 10 && errno == ENOSPC);
  FAILS(rump_sys_pwrite(fd, byte, 1, INT64_C(1) << 40), EFBIG);
  CHECK(atomic_load(&last_signal) == SIGNAL_FILE_SIZE);
  FAILS(rump_sys_ftruncate(fd, INT64_C(1) << 40), EFBIG);
  CHECK(rump_sys_unmount("/mnt", NETBSD_MNT_FORCE) == 0);
  CHECK(rump_sys_pread(fd, data, 2, 0) == 2 && data[0] == 'x');
  CHECK(rump_sys_close(fd) == 0);
}

static void test_time(void)
{
  struct netbsd_timespec time, later;

  puts("time");
  guest_check_clock();
  CHECK(rump_sys_clock_gettime(NETBSD_CLOCK_REALTIME, &time) == 0);
  time.tv_sec += 1000;
  CHECK(rump_sys_clock_settime(NETBSD_CLOCK_REALTIME, &time) == 0);
  CHECK(rump_sys_clock_gettime(NETBSD_CLOCK_REALTIME, &later) == 0);
  CHECK(later.tv_sec >= time.tv_sec && later.tv_sec < time.tv_sec + 60);
  CHECK(rump_sys_clock_gettime(NETBSD_CLOCK_MONOTONIC, &later) == 0);
  FAILS(rump_sys_clock_settime(NETBSD_CLOCK_MONOTONIC, &time), EINVAL);
  FAILS(rump_sys_clock_gettime(17, &time), EINVAL);
}

static void test_devices(void)
{
  char sent[3000], got[3000], zero[16] = "";
  size_t n = 0;
  int fd;

  puts("devices");
  fd = rump_sys_open("/dev/random", NETBSD_O_RDONLY);
  CHECK(rump_sys_read(fd, got, 16) == 16 && memcmp(got, zero, 16) != 0);
  CHECK(rump_sys_close(fd) == 0);
  CHECK(rump_sys_write(1, "console of the guest\n", 21) == 21);
  fd = rump_sys_open("/dev/echo", NETBSD_O_RDWR);
  fill((unsigned char *)sent, sizeof(sent), 5);
  CHECK(rump_sys_write(fd, sent, 700) == 700);
  CHECK(rump_sys_write(fd, sent + 700, 700) == 700);
  while (n < 1400) {
    ssize_t part = rump_sys_read(fd, got + n, sizeof(got) - n);

    CHECK(part > 0);
    n += (size_t)part;
  }
  CHECK(n == 1400 && memcmp(sent, got, n) == 0);
  CHECK(rump_sys_close(fd) == 0);
}

static void test_host_file(void)
{
  char text[32] = "";
  int fd;

  puts("host file");
  guest_check_host_file(host_file);
  FAILS(rump_sys_open("/host/file", NETBSD_O_RDONLY), ENOENT);
  CHECK(rump_pub_etfs_register("/no", "/no/such", NETBSD_ETFS_REG) != 0);
  CHECK(rump_pub_etfs_register("rel", host_file, NETBSD_ETFS_REG) != 0);
  CHECK(rump_pub_etfs_register("/host/f", host_file, NETBSD_ETFS_REG) == 0);
  CHECK(rump_pub_etfs_register("/host/f", host_file, NETBSD_ETFS_REG) != 0);
  fd = rump_sys_open("/host/f", NETBSD_O_RDWR);
  CHECK(fd >= 0 && rump_sys_pwrite(fd, "0123456789", 10, 200) == 10);
  CHECK(rump_sys_pread(fd, text, 32, 195) == 15);
  CHECK(memcmp(text, "\0\0\0\0\0" "0123456789", 15) == 0);
  CHECK(rump_sys_fsync(fd) == 0 && rump_sys_close(fd) == 0);
  CHECK(rump_pub_etfs_remove("/host/f") == 0);
  CHECK(rump_pub_etfs_remove("/host/f") != 0);
}

/* What the kernel has written stands in the host's file. */
static void verify_image(int offset, unsigned seed)
{
  unsigned char data[BLOCK];
  int fd = open(disk_image, O_RDONLY);

  CHECK(fd >= 0 && lseek(fd, offset, SEEK_SET) == offset);
  CHECK(read(fd, data, BLOCK) == BLOCK && is_filled(data, BLOCK, seed));
  close(fd);
}

static void test_block_device(void)
{
  unsigned char data[BLOCK];
  int fd, i;

  puts("block device");
  CHECK(rump_pub_etfs_register("/disk", disk_image, NETBSD_ETFS_BLK) == 0);
  fd = rump_sys_open("/disk", NETBSD_O_RDWR);
  CHECK(fd >= 0 && rump_sys_lseek(fd, 0, SEEK_END) == DISK_SIZE);
  for (i = 0; i < DISK_SIZE / BLOCK; i++) {
    fill(data, BLOCK, (unsigned)i);
    CHECK(rump_sys_pwrite(fd, data, BLOCK, i * BLOCK) == BLOCK);
  }
  CHECK(rump_sys_fsync(fd) == 0);
  verify_image(17 * BLOCK, 17);
  fill(data, BLOCK, 1234);
  CHECK(rump_sys_pwrite(fd, data, BLOCK, 3 * BLOCK) == BLOCK);
  CHECK(rump_sys_pwrite(fd, data, BLOCK, 9 * BLOCK) == BLOCK);
  CHECK(rump_sys_pwrite(fd, "odd", 3, 5 * BLOCK + 7) == 3);
  CHECK(rump_sys_fsync_range(
    fd, NETBSD_FFILESYNC | NETBSD_FDISKSYNC, 0, 0) == 0);
  verify_image(9 * BLOCK, 1234);
  for (i = 0; i < DISK_SIZE / BLOCK; i++) {
    CHECK(rump_sys_pread(fd, data, BLOCK, i * BLOCK) == BLOCK);
    CHECK(i == 5 || is_filled(
      data, BLOCK, i == 3 || i == 9 ? 1234 : (unsigned)i));
    CHECK(i != 5 || memcmp(data + 7, "odd", 3) == 0);
  }
  CHECK(rump_sys_pread(fd, data, BLOCK, DISK_SIZE) == 0);
  CHECK(rump_sys_pread(fd, data, BLOCK, DISK_SIZE - 100) == 100);
  FAILS(rump_sys_pwrite(fd, data, 1, DISK_SIZE), ENOSPC);
  CHECK(rump_pub_etfs_remove("/disk") != 0); /* it is open */
  CHECK(rump_sys_close(fd) == 0);
  rump_sys_sync();
  CHECK(rump_pub_etfs_remove("/disk") == 0);
}

static void test_raw_device(void)
{
  size_t size = DISK_SIZE;
  unsigned char *data = malloc(size);
  int fd;

  puts("raw device");
  CHECK(data != NULL);
  CHECK(rump_pub_etfs_register("/rdisk", disk_image, NETBSD_ETFS_CHR) == 0);
  fd = rump_sys_open("/rdisk", NETBSD_O_RDWR);
  fill(data, size, 77);
  CHECK(rump_sys_pwrite(fd, data, size, 0) == (ssize_t)size);
  memset(data, 0, size);
  CHECK(rump_sys_pread(fd, data, size, 0) == (ssize_t)size);
  CHECK(is_filled(data, size, 77));
  CHECK(rump_sys_pread(fd, data, 512, 1024) == 512 &&
    data[0] == (unsigned char)(77 * 31 + 1024 * 7 + 4));
  FAILS(rump_sys_pread(fd, data, 100, 0), EINVAL);
  CHECK(rump_sys_close(fd) == 0);
  CHECK(rump_pub_etfs_remove("/rdisk") == 0);
  free(data);
}

/* Tasks of the application, half of them with an lwp of their own. */
static void work(rtems_task_argument argument)
{
  int bound = argument % 2, i;
  char name[32], other[32];

  if (bound) {
    CHECK(rtems_rump_enter() == 0);
  }
  for (i = 0; i < 12; i++) {
    snprintf(name, sizeof(name), "/mnt/t%d-%d", (int)argument, i % 3);
    snprintf(other, sizeof(other), "/mnt/u%d", (int)argument);
    write_file(name, 3000 + 500 * (size_t)i, (unsigned)argument);
    CHECK(rump_sys_rename(name, other) == 0);
    verify_file(other, 3000 + 500 * (size_t)i, (unsigned)argument);
    CHECK(rump_sys_unlink(other) == 0);
    FAILS(rump_sys_unlink(other), ENOENT); /* errno is the task's own */
  }
  if (bound) {
    rtems_rump_leave();
  }
  rtems_counting_semaphore_post(&done);
  rtems_task_exit();
}

static void test_tasks(void)
{
  int i;

  puts("tasks");
  mount_tmpfs("/mnt", 0);
  for (i = 0; i < TASKS; i++) {
    start_task(work, (rtems_task_argument)i);
  }
  for (i = 0; i < TASKS; i++) {
    rtems_counting_semaphore_wait(&done);
  }
  CHECK(rump_sys_unmount("/mnt", 0) == 0);
}

static void test_kernel(void)
{
  puts("call-outs and soft interrupts");
  guest_check_callouts();
  guest_check_softints();
  puts("kernel threads");
  guest_check_threads(32);
  guest_check_giant();
  puts("locks");
  guest_check_mutexes();
  guest_check_rwlocks();
  guest_check_condvars();
  puts("memory");
  guest_check_memory();
  puts("refusals");
  guest_check_refusals();
  CHECK(rump_daemonize_begin() != 0); /* too late */
}

/* Fills the memory to the brim, and has the disk's buffers compete for it. */
static void fill_memory(void)
{
  char data[BLOCK];
  int fd = rump_sys_open("/mnt/brim", NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);

  memset(data, 'b', sizeof(data));
  CHECK(fd >= 0);
  while (rump_sys_write(fd, data, BLOCK) == BLOCK) {
  }
  CHECK(errno == ENOSPC);
  CHECK(rump_sys_pread(fd, data, 1, 0) == 1 && data[0] == 'b');
  CHECK(rump_sys_ftruncate(fd, 0) == 0 && rump_sys_close(fd) == 0);
  CHECK(rump_sys_unlink("/mnt/brim") == 0);
}

static void test_memory_pressure(void)
{
  struct guest_statistics before, after;
  size_t size;
  int i;

  puts("memory pressure");
  guest_get_statistics(&before);
  size = before.memory_limit / 5;
  mount_tmpfs("/mnt", 0);
  fill_memory();
  test_block_device();
  for (i = 0; i < 50; i++) {
    write_file(i % 2 == 0 ? "/mnt/even" : "/mnt/odd", size, (unsigned)i);
    if (i % 10 == 0) {
      verify_file("/mnt/even", size, (unsigned)i);
    }
    CHECK(rump_sys_unlink(i % 2 == 0 ? "/mnt/even" : "/mnt/odd") == 0);
  }
  fill_memory();
  CHECK(rump_sys_unmount("/mnt", 0) == 0);
  guest_get_statistics(&after);
  CHECK(after.page_daemon_runs > before.page_daemon_runs);
  CHECK(after.pages_reclaimed > before.pages_reclaimed);
}

static void print_statistics(void)
{
  struct guest_statistics s;

  guest_get_statistics(&s);
  printf("virtual CPUs: %u, to them fast %lu, slow %lu, migrated %lu\n",
    s.cpus, s.fast, s.slow, s.migrated);
  printf("page daemon: %lu runs, %lu pages, %lu buffers, limit %lu\n",
    s.page_daemon_runs, s.pages_reclaimed, s.buffers_reclaimed,
    s.memory_limit);
  printf("block requests: %lu, in flight at most %lu\n",
    s.block_requests, s.block_in_flight_maximum);
  printf("call-outs: %lu, soft interrupts: %lu, kernel threads: %lu\n",
    s.callouts, s.softints, s.threads);
}

static void reboot(rtems_task_argument argument)
{
  (void)argument;
  rump_sys_reboot(0, NULL);
  fail("reboot has returned", __LINE__);
}

static void test_end(void)
{
  puts("end");
  guest_end_echo();
  rtems_rump_leave();
  start_task(reboot, 0);
  rtems_counting_semaphore_wait(&done);
  CHECK(atomic_load(&exit_status) == 0);
  CHECK(rtems_rump_end() == 0);
  CHECK(rtems_rump_end() == EINVAL);
}

static void run(void)
{
  static const char *const parameters[] = { "RUMP_VERBOSE=1", NULL };
  static const struct rtems_rump_config config = {
    .hostname = "guest", .processors = 3, .memory = 6u << 20,
    .parameters = parameters, .on_exit = on_exit_of_kernel,
    .on_signal = on_signal
  };

  CHECK(rtems_rump_enter() == EINVAL);
  CHECK(rtems_rump_start(&config) == 0);
  test_contexts();
  test_shared_files();
  CHECK(rtems_rump_enter() == 0);
  test_file_system();
  test_limits();
  test_time();
  test_devices();
  test_host_file();
  test_block_device();
  test_raw_device();
  test_tasks();
  test_kernel();
  test_memory_pressure();
  print_statistics();
  test_end();
}

static rtems_task Init(rtems_task_argument argument)
{
  (void)argument;
  puts("*** BEGIN OF TEST GUEST ***");
  make_host_files();
  run();
  unlink(disk_image);
  unlink(host_file);
  puts("*** END OF TEST GUEST ***");
  exit(0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_MICROSECONDS_PER_TICK 1000
#define CONFIGURE_MAXIMUM_PROCESSORS 4
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 32
#define CONFIGURE_UNLIMITED_OBJECTS
#define CONFIGURE_UNIFIED_WORK_AREAS
#define CONFIGURE_INIT_TASK_PRIORITY 120
#define CONFIGURE_INIT_TASK_STACK_SIZE 32768
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems/confdefs.h>
