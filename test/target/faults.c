/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Whatever the host refuses while a kernel works on a disk and on a file, the
 * n-th time that it is asked, for each n: the call that needs it returns an
 * error, nothing hangs and nothing is lost.
 */

#include "disk.h"

#include <fcntl.h>
#include <unistd.h>

#include <rtems/libcsupport.h>

#include "faulty.h"
#include "said.h"

#define CHUNK 8192
#define CHUNKS 4

/* Beside enum fault: a request to the disk. */
#define FAULT_REQUEST FAULTS

/* NetBSD closes some files a little later. */
#define LATE_MSEC 10000

static const char *const names[] = {
  [FAULT_HEAP] = "heap",
  [FAULT_TASK] = "tasks",
  [FAULT_MEMORY] = "memory",
  [FAULT_OBJECT] = "memory of the layer",
  [FAULT_OPEN] = "open",
  [FAULT_CLOSE] = "close",
  [FAULT_STAT] = "stat",
  [FAULT_SEEK] = "lseek",
  [FAULT_READ] = "read",
  [FAULT_WRITE] = "write",
  [FAULT_REQUEST] = "disk requests"
};

static char host_file[32];
static char buffer[CHUNK];
static bool has_disk, is_mounted, has_file, has_block;

static void
kernel_exits(const struct rtems_rump_exit *why)
{
  printf("not ok: the kernel ends itself with %d: %s\n", why->status, said);
  test_exit(1);
}

static void
arm(unsigned fault, unsigned first, unsigned count)
{
  if (fault == FAULT_REQUEST) {
    fault_plan(&disk_behaviour.plan, first, count);
  } else {
    fault_start((enum fault)fault, first, count);
  }
}

/* Returns whether there was a failure. */
static bool
disarm(unsigned fault)
{
  return fault == FAULT_REQUEST
    ? fault_unplan(&disk_behaviour.plan) : fault_stop();
}

/*
 * Returns whether the call has succeeded; if not, its error has a reason:
 *
 *   EACCES   NetBSD opens a disk for reading if it cannot do so for writing;
 *   EBADF    it opens a file twice, for each direction, and is content with one;
 *   ENOENT   what could not be made before.
 */
static bool
done(long result)
{
  static const int reasons[] = {
    EIO, ENOMEM, EAGAIN, ENFILE, ENOSPC, EACCES, EBADF, ENOENT
  };
  unsigned i = 0;

  while (result < 0 && errno != reasons[i]) {
    ++i;
    CHECK(i < sizeof(reasons) / sizeof(reasons[0]));
  }
  return result >= 0;
}

static void
fill(unsigned chunk)
{
  memset(buffer, 'a' + (int)chunk, sizeof(buffer));
}

static void
check_chunk(unsigned chunk)
{
  unsigned i;

  for (i = 0; i < CHUNK; ++i) {
    CHECK(buffer[i] == (char)('a' + chunk));
  }
}

/* What was written and read without an error is right. */
static bool
write_and_read(const char *name, int flags)
{
  bool good = true;
  unsigned i;
  int fd = rump_sys_open(name, NETBSD_O_RDWR | flags, 0644);

  if (!done(fd)) {
    return false;
  }
  for (i = 0; i < CHUNKS; ++i) {
    fill(i);
    good &= done(rump_sys_pwrite(fd, buffer, CHUNK, i * CHUNK));
  }
  good &= done(rump_sys_fsync(fd));
  for (i = 0; good && i < CHUNKS; ++i) {
    good &= done(rump_sys_pread(fd, buffer, CHUNK, i * CHUNK));
    if (good) {
      check_chunk(i);
    }
  }
  good &= done(rump_sys_close(fd));
  return good;
}

static bool
use_disk(void)
{
  struct netbsd_ufs_args args = { .fspec = "/dev/disk" };
  bool good;

  has_disk =
    rump_pub_etfs_register("/dev/disk", "/dev/rda", NETBSD_ETFS_BLK) == 0;
  is_mounted = has_disk
    && done(rump_sys_mount("ffs", "/disk", 0, &args, sizeof(args)));
  if (!is_mounted) {
    return false;
  }
  good = write_and_read("/disk/file", NETBSD_O_CREAT);
  good &= done(rump_sys_unlink("/disk/file"));
  is_mounted = !done(rump_sys_unmount("/disk", 0));
  return good && !is_mounted;
}

/* A file of the host, as a file and as a disk. */
static bool
use_file(const char *key, int type, bool *has)
{
  *has = rump_pub_etfs_register(key, host_file, type) == 0;
  return *has && write_and_read(key, 0);
}

/* Returns whether all that was asked for has been done. */
static bool
work(void)
{
  int error = rtems_rump_enter();
  bool good;

  if (error != 0) {
    CHECK(error == ENOMEM);
    return false;
  }
  good = use_disk();
  good &= use_file("/file", NETBSD_ETFS_REG, &has_file);
  good &= use_file("/block", NETBSD_ETFS_BLK, &has_block);
  rtems_rump_leave();
  return good;
}

/* Whatever has failed before, all can be given back. */
static void
clean_up(void)
{
  struct rtems_rump_usage usage;

  if (is_mounted) {
    CHECK(rump_sys_unmount("/disk", NETBSD_MNT_FORCE) == 0);
    is_mounted = false;
  }
  if (has_disk) {
    CHECK(rump_pub_etfs_remove("/dev/disk") == 0);
    has_disk = false;
  }
  if (has_file) {
    CHECK(rump_pub_etfs_remove("/file") == 0);
    has_file = false;
  }
  if (has_block) {
    CHECK(rump_pub_etfs_remove("/block") == 0);
    has_block = false;
  }
  rtems_rump_get_usage(&usage);
  CHECK(usage.block_pending == 0);
  disk_restore();
}

/* Returns false if nothing had to be refused. */
static bool
refuse(unsigned fault, unsigned first, unsigned count)
{
  bool good, refused;

  arm(fault, first, count);
  good = work();
  refused = disarm(fault);
  CHECK(good || refused);
  clean_up();
  return refused;
}

static void
check_nothing_lost(const rtems_resource_snapshot *before)
{
  uint64_t begin = target_msec();

  while (!rtems_resource_snapshot_check(before)) {
    CHECK(target_msec() - begin < LATE_MSEC);
    target_sleep(10);
  }
}

static void
refuse_each(unsigned fault, unsigned count)
{
  rtems_resource_snapshot before;
  unsigned n = 1;

  rtems_resource_snapshot_take(&before);
  while (refuse(fault, n, count)) {
    ++n;
  }
  printf("%s: %u times\n", names[fault], n - 1);
  CHECK(n > 1);
  check_nothing_lost(&before);
}

/* Without memory there is no kernel, but there can be one later. */
static void
start(void)
{
  static const struct rtems_rump_config config = {
    .console = listen,
    .on_exit = kernel_exits
  };
  rtems_resource_snapshot before;

  rtems_resource_snapshot_take(&before);
  fault_start(FAULT_HEAP, 1, 1);
  CHECK(rtems_rump_start(&config) == ENOMEM);
  CHECK(fault_stop());
  CHECK(strstr(said, "rtems_rump_config::memory") != NULL);
  CHECK(rtems_resource_snapshot_check(&before));
  CHECK(rtems_rump_start(&config) == 0);
}

/*
 * What all disks need is made by the first who opens one, and goes on where it
 * could not: the requests and three tasks.
 */
static void
first_use(void)
{
  unsigned refused = 0;

  CHECK(refuse(FAULT_OBJECT, 2, FAULT_FOREVER));
  while (refuse(FAULT_TASK, refused == 0 ? 1 : 2, FAULT_FOREVER)) {
    ++refused;
  }
  CHECK(refused == 3);
}

static void
make_host_file(void)
{
  unsigned i;
  int fd;

  (void)snprintf(host_file, sizeof(host_file), "faults-%d.tmp", (int)getpid());
  fd = open(host_file, O_RDWR | O_CREAT | O_TRUNC, 0666);
  CHECK(fd >= 0);
  for (i = 0; i < CHUNKS; ++i) {
    CHECK(write(fd, buffer, CHUNK) == CHUNK);
  }
  CHECK(close(fd) == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before;
  unsigned fault;

  (void)arg;
  TARGET_BEGIN("FAULTS");
  disk_make_unreliable();
  disk_restore();
  make_host_file();
  rtems_resource_snapshot_take(&before);
  start();
  CHECK(rump_sys_mkdir("/disk", 0755) == 0);
  first_use();
  for (fault = FAULT_MEMORY; fault <= FAULT_REQUEST; ++fault) {
    refuse_each(fault, 1);
    if (fault != FAULT_MEMORY) {
      /* NetBSD waits for memory until there is some. */
      refuse_each(fault, FAULT_FOREVER);
    }
  }
  CHECK(work());
  clean_up();
  CHECK(rtems_rump_end() == 0);
  check_nothing_lost(&before);
  CHECK(unlink(host_file) == 0);
  TARGET_END("FAULTS");
}

/* A fixed number: else RTEMS keeps memory for more. */
#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
