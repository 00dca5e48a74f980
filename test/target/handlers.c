/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Each call of file systems, while the host refuses what it needs, the n-th
 * time that it is asked, for each n; and while the disk is away from then on,
 * slow, or full.  The call succeeds, or fails with the errno that belongs to
 * it; another file system does not notice; afterwards all works again, and
 * nothing is lost.  With MAY_END it may also end the kernel, by a panic of
 * NetBSD's as under a journal whose disk is away, by an exception, or by a call
 * that waits for ever: then all works again in the next one.
 */

#include "calls.h"
#include "said.h"

#ifdef LOG
#include "lfs.h"
#endif

#ifdef JOURNAL
#define MAY_END
#endif

#ifndef MEMORY
#define MEMORY (12u << 20)
#endif

#define FILE_SIZE 20000

/* Requests to the disk, one of them or all from then on. */
#define FAULT_REQUEST FAULTS
#define FAULT_AWAY (FAULTS + 1)

/* A disk without room, and one that takes its time, which is no failure. */
#define FAULT_FULL (FAULTS + 2)
#define FAULT_SLOW (FAULTS + 3)
#define FAULT_KINDS (FAULTS + 4)

/* Emulated processors take their time. */
#ifdef SHORT
#define FAULTS_TRIED FAULT_FULL
#else
#define FAULTS_TRIED FAULT_KINDS
#endif

/* NetBSD closes some files a little later. */
#define LATE_MSEC 10000

static const struct {
  const char *name;
  /*
   * The errno of a call that fails, and one more of mount(): NetBSD opens a
   * disk for reading if it cannot do so for writing.
   */
  int error, other;
} faults[FAULT_KINDS] = {
  [FAULT_NODE] = { "memory of RTEMS", ENOMEM, 0 },
  [FAULT_MEMORY] = { "memory of the kernel", ENOMEM, 0 },
  [FAULT_OBJECT] = { "memory of the layer", ENOMEM, EACCES },
  [FAULT_OPEN] = { "open", ENFILE, EACCES },
  [FAULT_STAT] = { "stat", EIO, EACCES },
  [FAULT_REQUEST] = { "a request", EIO, 0 },
  [FAULT_AWAY] = { "the disk", EIO, 0 },
  [FAULT_FULL] = { "room on the disk", ENOSPC, 0 },
  [FAULT_SLOW] = { "speed", 0, 0 }
};

/* How the disk is mounted. */
static int mount_flags;

static char buffer[FILE_SIZE];

/* That of the call, and one that it has opened. */
static int fd, opened;

static bool is_mounted;

struct handler {
  const char *name;
  int (*call)(void);
  /* Done before, with success: opens the descriptor, or makes a file. */
  void (*prepare)(void);
  /*
   * Another errno: NetBSD takes a cylinder group that it cannot read for full,
   * and a directory for one that is not empty; and RTEMS says so.
   */
  int other;
};

static void
open_file(void)
{
  fd = call_open("/disk/file", O_RDWR);
  CHECK(fd >= 0);
}

static void
open_to_append(void)
{
  fd = call_open("/disk/file", O_RDWR | O_APPEND);
  CHECK(fd >= 0);
}

static void
write_file(void)
{
  open_file();
  CHECK(call_write(fd, buffer, sizeof(buffer)) == (int)sizeof(buffer));
}

static void
mount_memory(void)
{
  CHECK(call_mount_memory("/disk/dir") == 0);
}

/* NetBSD cannot unmount what has a root that it cannot read. */
static int
unmount_disk(void)
{
  int result = call_unmount_disk("/disk");

  is_mounted = result != 0;
  return result;
}

static void
unmount_before(void)
{
  CHECK(unmount_disk() == 0);
}

static int
handle_open(void)
{
  opened = call_open("/disk/sub/deep", O_RDONLY);
  return opened;
}

static int
handle_create(void)
{
  opened = call_open("/disk/dir/new", O_RDWR | O_CREAT);
  return opened;
}

static int
handle_truncate(void)
{
  opened = call_open("/disk/file", O_RDWR | O_TRUNC);
  return opened;
}

static int
handle_close(void)
{
  int result = call_close(fd);

  fd = -1;
  return result;
}

static int
handle_read(void)
{
  return call_read(fd, buffer, sizeof(buffer));
}

static int
handle_readv(void)
{
  struct iovec iov[2] = { { buffer, 5000 }, { buffer + 9000, 9000 } };

  return call_readv(fd, iov, 2);
}

static int
handle_write(void)
{
  return call_write(fd, buffer, 9000);
}

static int
handle_writev(void)
{
  struct iovec iov[2] = { { buffer, 5000 }, { buffer + 9000, 9000 } };

  return call_writev(fd, iov, 2);
}

static int
handle_seek(void)
{
  return call_seek(fd, 5);
}

static int
handle_shrink(void)
{
  return call_ftruncate(fd, 100);
}

static int
handle_grow(void)
{
  return call_ftruncate(fd, 2 * FILE_SIZE);
}

static int
handle_fsync(void)
{
  return call_fsync(fd);
}

static int
handle_fdatasync(void)
{
  return call_fdatasync(fd);
}

static int
handle_stat(void)
{
  return call_stat("/disk/sub/deep");
}

static int
handle_fstat(void)
{
  return call_fstat(fd);
}

static int
handle_statvfs(void)
{
  return call_statvfs("/disk/sub/deep");
}

static int
handle_list(void)
{
  return call_list("/disk/sub");
}

static int
handle_mkdir(void)
{
  return call_mkdir("/disk/dir/new");
}

static int
handle_rmdir(void)
{
  return call_rmdir("/disk/dir");
}

static int
handle_unlink(void)
{
  return call_unlink("/disk/sub/deep");
}

static int
handle_rename(void)
{
  return call_rename("/disk/sub/deep", "/disk/dir/new");
}

static int
handle_rename_over(void)
{
  return call_rename("/disk/sub/deep", "/disk/file");
}

static int
handle_rename_directory(void)
{
  return call_rename("/disk/sub", "/disk/dir");
}

static int
handle_link(void)
{
  return call_link("/disk/sub/deep", "/disk/dir/new");
}

static int
handle_symlink(void)
{
  return call_symlink("sub/deep", "/disk/dir/new");
}

static int
handle_readlink(void)
{
  return call_readlink("/disk/link", buffer, sizeof(buffer));
}

static int
handle_follow(void)
{
  return call_stat("/disk/link");
}

static int
handle_mkfifo(void)
{
  return call_mkfifo("/disk/dir/new");
}

static int
handle_mknod(void)
{
  return call_mknod("/disk/dir/new");
}

static int
handle_chmod(void)
{
  return call_chmod("/disk/sub/deep", 0600);
}

static int
handle_fchmod(void)
{
  return call_fchmod(fd, 0600);
}

static int
handle_chown(void)
{
  return call_chown("/disk/sub/deep", 7);
}

static int
handle_lchown(void)
{
  return call_lchown("/disk/link", 7);
}

static int
handle_fchown(void)
{
  return call_fchown(fd, 7);
}

static int
handle_utimens(void)
{
  return call_utimens("/disk/sub/deep", 1000);
}

static int
handle_mount_on(void)
{
  return call_mount_memory("/disk/dir");
}

static int
handle_unmount_on(void)
{
  return call_unmount("/disk/dir");
}

static int
handle_mount(void)
{
  int result = call_mount_disk("/disk", mount_flags);

  is_mounted = result == 0;
  return result;
}

static const struct handler handlers[] = {
  { "open", handle_open, NULL, 0 },
  { "open to make", handle_create, NULL, ENOSPC },
  { "open to truncate", handle_truncate, NULL, 0 },
  { "close", handle_close, open_file, 0 },
  { "read", handle_read, open_file, 0 },
  { "readv", handle_readv, open_file, 0 },
  { "write", handle_write, open_file, 0 },
  { "write to append", handle_write, open_to_append, ENOSPC },
  { "writev", handle_writev, open_file, 0 },
  { "lseek", handle_seek, open_file, 0 },
  { "ftruncate to shrink", handle_shrink, open_file, 0 },
  { "ftruncate to grow", handle_grow, open_file, ENOSPC },
  { "fsync", handle_fsync, write_file, 0 },
  { "fdatasync", handle_fdatasync, write_file, 0 },
  { "stat", handle_stat, NULL, 0 },
  { "fstat", handle_fstat, open_file, 0 },
  { "statvfs", handle_statvfs, NULL, 0 },
  { "readdir", handle_list, NULL, 0 },
  { "mkdir", handle_mkdir, NULL, ENOSPC },
  { "rmdir", handle_rmdir, NULL, ENOTEMPTY },
  { "unlink", handle_unlink, NULL, 0 },
  { "rename", handle_rename, NULL, 0 },
  { "rename over a file", handle_rename_over, NULL, 0 },
  { "rename a directory", handle_rename_directory, NULL, ENOTEMPTY },
  { "link", handle_link, NULL, 0 },
  { "symlink", handle_symlink, NULL, ENOSPC },
  { "readlink", handle_readlink, NULL, 0 },
  { "follow a link", handle_follow, NULL, 0 },
  { "mkfifo", handle_mkfifo, NULL, ENOSPC },
  { "mknod", handle_mknod, NULL, ENOSPC },
  { "chmod", handle_chmod, NULL, 0 },
  { "fchmod", handle_fchmod, open_file, 0 },
  { "chown", handle_chown, NULL, 0 },
  { "lchown", handle_lchown, NULL, 0 },
  { "fchown", handle_fchown, open_file, 0 },
  { "utimens", handle_utimens, NULL, ENOENT },
  { "mount on it", handle_mount_on, NULL, 0 },
  { "unmount on it", handle_unmount_on, mount_memory, 0 },
  { "mount", handle_mount, unmount_before, 0 },
  { "unmount", unmount_disk, NULL, 0 }
};

#define HANDLERS (sizeof(handlers) / sizeof(handlers[0]))

static const struct handler *current;
static unsigned current_fault, current_n;

/* How often a disk without room was a reason. */
static unsigned full_failures;

/* What the call says if nothing fails: not all file systems have all. */
static int usual_error;

#ifdef MAY_END
static unsigned panics, exceptions;
#endif

static void
kernel_exits(const struct rtems_rump_exit *why)
{
#ifdef MAY_END
  panics += why->status == RTEMS_RUMP_PANIC;
  exceptions += why->status == RTEMS_RUMP_EXCEPTION;
  if (why->status == RTEMS_RUMP_EXCEPTION) {
    printf("%s ends by an exception\n", current->name);
  }
  if (why->status == RTEMS_RUMP_PANIC
      || why->status == RTEMS_RUMP_EXCEPTION) {
    return;
  }
#endif
  printf(
    "not ok: the kernel ends itself with %d in %s, %u of %s: %s\n",
    why->status,
    current->name,
    current_n,
    faults[current_fault].name,
    said
  );
  test_exit(1);
}

static unsigned fillers;

static const char *
filler(unsigned i)
{
  static char name[32];

  snprintf(name, sizeof(name), "/disk/fill%u", i);
  return name;
}

/* All blocks, and all inodes. */
static void
fill_disk(void)
{
  int file = call_open("/disk/fill", O_RDWR | O_CREAT);
  size_t size;

  CHECK(file >= 0);
  for (size = FILE_SIZE; size > 500; size /= 2) {
    while (call_write(file, buffer, size) == (int)size) {
    }
    CHECK(errno == ENOSPC);
  }
  CHECK(call_close(file) == 0);
  while ((file = call_open(filler(fillers), O_RDWR | O_CREAT)) >= 0) {
    CHECK(call_close(file) == 0);
    ++fillers;
  }
  CHECK(errno == ENOSPC && fillers > 0);
}

static void
empty_disk(void)
{
  while (fillers > 0) {
    CHECK(call_unlink(filler(--fillers)) == 0);
  }
  CHECK(call_unlink("/disk/fill") == 0);
}

static void
arm(unsigned fault, unsigned first)
{
  current_fault = fault;
  current_n = first;
  switch (fault) {
    case FAULT_REQUEST:
    case FAULT_AWAY:
      fault_plan(
        &disk_behaviour.plan,
        first,
        fault == FAULT_AWAY ? FAULT_FOREVER : 1
      );
      break;
    case FAULT_FULL:
      if (is_mounted) {
        fill_disk();
      }
      break;
    case FAULT_SLOW:
      atomic_store(&disk_behaviour.delay, 1);
      break;
    default:
      fault_start((enum fault)fault, first, 1);
  }
}

/* Returns whether there was a failure that may be another one next time. */
static bool
disarm(unsigned fault)
{
  switch (fault) {
    case FAULT_REQUEST:
    case FAULT_AWAY:
      return fault_unplan(&disk_behaviour.plan);
    case FAULT_FULL:
      if (is_mounted && fillers > 0) {
        empty_disk();
      }
      fillers = 0;
      return false;
    case FAULT_SLOW:
      atomic_store(&disk_behaviour.delay, 0);
      return false;
    default:
      return fault_stop();
  }
}

static void
check_error(const char *name, int error)
{
  if (error != faults[current_fault].error
      && error != faults[current_fault].other
      && error != current->other && error != usual_error) {
    printf(
      "not ok: %s, %u of %s: errno %d, %s\n",
      name,
      current_n,
      faults[current_fault].name,
      error,
      strerror(error)
    );
    test_exit(1);
  }
}

/* What another file system has. */
static void
check_other(void)
{
  static char text[8];
  int other = call_open("/ram/other", O_RDWR);

  CHECK(other >= 0 && call_read(other, text, sizeof(text)) == 5);
  CHECK(memcmp(text, "other", 5) == 0);
  CHECK(call_close(other) == 0);
  CHECK(call_mkdir("/ram/dir") == 0 && call_rmdir("/ram/dir") == 0);
}

static void
close_all(void)
{
  if (fd >= 0 && call_close(fd) != 0) {
    check_error("close at the end", errno);
  }
  if (opened >= 0 && call_close(opened) != 0) {
    check_error("close at the end", errno);
  }
  fd = opened = -1;
}

static void
unmount_what_is_on_it(void)
{
  if (current->call == handle_mount_on || current->call == handle_unmount_on) {
    (void)call_unmount("/disk/dir");
  }
}

/* Where the kernel may end, no task is inside for longer than a trial. */
#if defined(MAY_END) && !defined(__rtems__)
#define CALLS_IN
#endif

/* Inside, for whoever is not; false if the kernel has ended by it. */
static bool
do_inside(int (*work)(void *), void *arg)
{
#ifdef CALLS_IN
  int result;

  return rtems_rump_call(work, arg, &result) == 0;
#else
  (void)(*work)(arg);
  return true;
#endif
}

static int
mount_other(void *arg)
{
  int other;

  (void)arg;
#ifndef __rtems__
  CHECK(rump_sys_mkdir("/ram", 0755) == 0);
  CHECK(rump_sys_mkdir("/disk", 0755) == 0);
#endif
#ifdef LOG
  CHECK(lfs_prepare(NULL, NULL) == 0);
#endif
  CHECK(call_mount_memory("/ram") == 0);
  other = call_open("/ram/other", O_RDWR | O_CREAT);
  CHECK(call_write(other, "other", 5) == 5 && call_close(other) == 0);
  return 0;
}

static const char *const *parameters;

static void
start(void)
{
  static struct rtems_rump_config config = {
    .memory = MEMORY,
    .restartable = true,
    .console = listen,
    .on_exit = kernel_exits
  };

  config.parameters = parameters;
  CHECK(rtems_rump_start(&config) == 0);
#if !defined(__rtems__) && !defined(CALLS_IN)
  CHECK(rtems_rump_enter() == 0);
#endif
  CHECK(do_inside(mount_other, NULL));
}

static void
end(void)
{
#ifndef CALLS_IN
  CHECK(call_unmount("/ram") == 0);
#ifndef __rtems__
  rtems_rump_leave();
#endif
#endif
  CHECK(rtems_rump_end() == 0);
}

static int
make_content(void *arg)
{
  (void)arg;
  CHECK(call_mount_disk("/disk", 0) == 0);
  CHECK(call_mkdir("/disk/dir") == 0 && call_mkdir("/disk/sub") == 0);
  fd = call_open("/disk/file", O_RDWR | O_CREAT);
  CHECK(call_write(fd, buffer, sizeof(buffer)) == (int)sizeof(buffer));
  opened = call_open("/disk/sub/deep", O_RDWR | O_CREAT);
  CHECK(call_write(opened, buffer, 10000) == 10000);
  CHECK(
    call_symlink("sub/deep", "/disk/link") == 0 || errno == EOPNOTSUPP
  );
  close_all();
  CHECK(call_unmount_disk("/disk") == 0);
  disk_restore();
  return 0;
}

#ifndef JOURNAL

static void
check_nothing_lost(const rtems_resource_snapshot *before)
{
  uint64_t begin = target_msec();
  rtems_resource_snapshot after;

  do {
    rtems_resource_snapshot_take(&after);
    /* NetBSD has threads that end. */
    if (after.rtems_api.active_tasks < before->rtems_api.active_tasks) {
      after.rtems_api.active_tasks = before->rtems_api.active_tasks;
    }
#ifdef __rtems__
    /* What is free may be in other pieces. */
    after.heap_info.Free = before->heap_info.Free;
    after.workspace_info.Free = before->workspace_info.Free;
#endif
    if (rtems_resource_snapshot_equal(before, &after)) {
      return;
    }
    target_sleep(10);
  } while (target_msec() - begin < LATE_MSEC);
  printf("not ok: after %s, %s:\n", current->name, faults[current_fault].name);
  target_check_equal(before, &after);
}

#endif

#ifdef MAY_END

#define TRIAL_MSEC 5000

static unsigned total, told, endless, stuck;
static bool has_failed;
static rtems_counting_semaphore done =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("done", 0);

/* Inside, and on RTEMS also after the kernel has ended. */
static int
try_handler(void *arg)
{
  (void)arg;
  CHECK(call_mount_disk("/disk", mount_flags) == 0);
  is_mounted = true;
  if (current->prepare != NULL) {
    (*current->prepare)();
  }
  arm(current_fault, current_n);
  if ((*current->call)() < 0) {
    if (current_n == UINT_MAX) {
      usual_error = errno;
    }
    full_failures += current_fault == FAULT_FULL && errno == ENOSPC;
    told += errno == faults[current_fault].error;
    check_error(current->name, errno);
  }
  close_all();
  unmount_what_is_on_it();
  if (is_mounted) {
    (void)unmount_disk();
  }
  has_failed = disarm(current_fault);
  if (is_mounted) {
    (void)unmount_disk();
  }
  return 0;
}

static bool
is_running(void)
{
  struct rtems_rump_usage usage;

  rtems_rump_get_usage(&usage);
  return usage.state == RTEMS_RUMP_RUNNING;
}

static rtems_task
try_handler_once(rtems_task_argument arg)
{
  (void)arg;
  (void)do_inside(try_handler, NULL);
  rtems_counting_semaphore_post(&done);
  rtems_task_exit();
}

static int
check_other_inside(void *arg)
{
  (void)arg;
  check_other();
  return 0;
}

static void
restart(void)
{
  end();
  fd = opened = -1;
  is_mounted = false;
  start();
}

/* Returns whether there was a failure. */
static bool
run_and_restart(const struct handler *handler, unsigned fault, unsigned n)
{
  current = handler;
  current_fault = fault;
  current_n = n;
  has_failed = false;
  (void)target_task(TARGET_PRIORITY, try_handler_once, 0);
  if (rtems_counting_semaphore_wait_timed_ticks(
        &done,
        TRIAL_MSEC * rtems_clock_get_ticks_per_second() / 1000
      ) != 0) {
    ++endless;
    CHECK(rtems_rump_end() == 0);
    rtems_counting_semaphore_wait(&done);
    start();
  }
  has_failed |= disarm(fault);
  forget();
  disk_restore();
  stuck += is_running() && is_mounted;
  if (is_running() && !is_mounted) {
    CHECK(do_inside(check_other_inside, NULL));
  } else {
    restart();
  }
  return has_failed;
}

static void
run_all_with(unsigned fault)
{
  unsigned i, n;

  total = told = panics = exceptions = endless = stuck = 0;
  for (i = 0; i < HANDLERS; ++i) {
    usual_error = 0;
    (void)run_and_restart(&handlers[i], FAULT_NODE, UINT_MAX);
    for (n = 1; run_and_restart(&handlers[i], fault, n); ++n) {
      ++total;
    }
  }
  printf(
    "%s: failed %u times, told %u times, %u panics, %u exceptions, "
      "%u endless, %u not unmounted\n",
    faults[fault].name,
    total,
    told,
    panics,
    exceptions,
    endless,
    stuck
  );
}

static void
run_all(void)
{
#ifndef JOURNAL
  unsigned fault;

  for (fault = 0; fault < FAULT_REQUEST; ++fault) {
    if (faults[fault].name != NULL) {
      run_all_with(fault);
    }
  }
#ifndef LOG
  /* LFS waits for ever. */
  run_all_with(FAULT_FULL);
  CHECK(full_failures > 0);
#endif
  run_all_with(FAULT_SLOW);
#endif
  run_all_with(FAULT_REQUEST);
  CHECK(told > 0);
  run_all_with(FAULT_AWAY);
  CHECK(told > 0);
}

#else

/* One failure is no reason for others. */
static void
check_works(void)
{
  int again = call_open("/disk/again", O_RDWR | O_CREAT);

  CHECK(again >= 0 && call_write(again, "again", 5) == 5);
  CHECK(call_fsync(again) == 0);
  CHECK(call_seek(again, 0) == 0 && call_read(again, buffer, 10) == 5);
  CHECK(call_close(again) == 0 && call_unlink("/disk/again") == 0);
}

/* That something was forgotten is known by a mount that is in use. */
static void
check_console(bool may_force)
{
  CHECK(may_force || strstr(said, "by force") == NULL);
  forget();
}

/* Returns whether there was a failure. */
static bool
run(const struct handler *handler, unsigned fault, unsigned n)
{
  bool away = fault == FAULT_AWAY;
  bool failed = false;
  int result;

  current = handler;
  CHECK(call_mount_disk("/disk", mount_flags) == 0);
  is_mounted = true;
  if (handler->prepare != NULL) {
    (*handler->prepare)();
  }
  arm(fault, n);
  errno = 0;
  result = (*handler->call)();
  if (result < 0) {
    check_error(handler->name, errno);
  }
  if (!away) {
    failed = disarm(fault);
  }
  CHECK(result >= 0 || away || failed || fault == FAULT_FULL);
  full_failures += result < 0 && fault == FAULT_FULL;
  check_other();
  close_all();
  unmount_what_is_on_it();
  if (is_mounted && !away) {
    check_works();
  }
  if (is_mounted) {
    CHECK(unmount_disk() == 0 || away);
  }
  if (away) {
    failed = disarm(fault);
  }
  CHECK(!is_mounted || unmount_disk() == 0);
  check_console(fault == FAULT_REQUEST || away);
  disk_restore();
  return failed;
}

/* Returns how many failures there can be. */
static unsigned
run_each(const struct handler *handler, unsigned fault)
{
  rtems_resource_snapshot before;
  unsigned n = 1;

  if (faults[fault].name == NULL) {
    return 0;
  }
  rtems_resource_snapshot_take(&before);
  while (run(handler, fault, n)) {
    ++n;
  }
  check_nothing_lost(&before);
  return n - 1;
}

static void
run_all(void)
{
  unsigned total[FAULT_KINDS] = { 0 };
  unsigned i, fault;

  /* Once before: NetBSD and RTEMS keep what they have made for the first. */
  for (i = 0; i < HANDLERS; ++i) {
    (void)run(&handlers[i], FAULT_NODE, UINT_MAX);
  }
  for (i = 0; i < HANDLERS; ++i) {
    for (fault = 0; fault < FAULTS_TRIED; ++fault) {
      total[fault] += run_each(&handlers[i], fault);
    }
  }
  for (fault = 0; fault < FAULT_KINDS; ++fault) {
    if (total[fault] > 0) {
      printf("%s: failed %u times\n", faults[fault].name, total[fault]);
    }
  }
  printf("%s: failed %u times\n", faults[FAULT_FULL].name, full_failures);
  CHECK(full_failures > 0 || FAULTS_TRIED == FAULT_FULL);
  CHECK(total[FAULT_REQUEST] > 0 && total[FAULT_AWAY] > 0);
}

/* NetBSD's own failures, by chance; mounting has them, too. */
static void
run_with_blkfail(void)
{
  static const char *const failing[] = {
    "RUMP_BLKFAIL=500", "RUMP_BLKFAIL_SEED=1", NULL
  };
  unsigned i;

  end();
  parameters = failing;
  start();
  current_fault = FAULT_REQUEST;
  for (i = 0; i < HANDLERS; ++i) {
    current = &handlers[i];
    if (current->prepare != NULL) {
      continue;
    }
    while (call_mount_disk("/disk", mount_flags) != 0) {
      CHECK(errno == EIO);
    }
    if ((*current->call)() < 0) {
      check_error(current->name, errno);
    }
    close_all();
    unmount_what_is_on_it();
    is_mounted |= current->call != unmount_disk;
    while (is_mounted) {
      (void)unmount_disk();
    }
    check_other();
    disk_restore();
  }
  CHECK(strstr(said, "failing I/O") != NULL);
}

#endif

static rtems_task
Init(rtems_task_argument arg)
{
#ifdef CALLS_IN
  rtems_resource_snapshot before;
#endif

  (void)arg;
  TARGET_BEGIN("HANDLERS");
  fd = opened = -1;
  disk_make_unreliable();
#ifdef __rtems__
  CHECK(mkdir("/ram", 0755) == 0 && mkdir("/disk", 0755) == 0);
  CHECK(rtems_rump_filesystem_register(NULL) == 0);
#endif
  start();
  CHECK(do_inside(make_content, NULL));
#ifdef JOURNAL
  mount_flags = NETBSD_MNT_LOG;
#endif
#ifdef CALLS_IN
  end();
  rtems_resource_snapshot_take(&before);
  start();
#endif
#ifdef MAY_END
  run_all();
#else
  mount_flags = NETBSD_MNT_SYNCHRONOUS;
  run_all();
  run_with_blkfail();
#endif
  end();
#ifdef CALLS_IN
  check_nothing_lost(&before);
#endif
  TARGET_END("HANDLERS");
}

/* A fixed number: else RTEMS keeps memory for more. */
#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 40
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
