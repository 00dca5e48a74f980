/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A disk that fails and one that shrinks, a kernel for another interface, and
 * parameters that nobody knows.
 */

#include "disk.h"
#include "said.h"

int rumpuser_init(int version, const void *hyperup);

#define CHUNK 8192

/* Enough that not all is in the kernel's memory. */
#define FILE_SIZE (1u << 20)

static char buffer[CHUNK];

static void
wrong_version(void)
{
  CHECK(rumpuser_init(16, NULL) == EINVAL);
  CHECK(rumpuser_init(-1, NULL) == EINVAL);
}

static void
check_other_files(void)
{
  int fd = rump_sys_open("/other", NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);

  CHECK(fd >= 0);
  CHECK(rump_sys_pwrite(fd, "x", 1, 0) == 1);
  CHECK(rump_sys_close(fd) == 0);
}

static int
make_file(const char *name)
{
  int fd = rump_sys_open(name, NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);
  uint32_t offset;

  CHECK(fd >= 0);
  for (offset = 0; offset < FILE_SIZE; offset += CHUNK) {
    CHECK(rump_sys_pwrite(fd, buffer, CHUNK, offset) == CHUNK);
  }
  CHECK(rump_sys_fsync(fd) == 0);
  return fd;
}

static void
disk_fails_to_write(int fd)
{
  CHECK(rump_sys_pwrite(fd, buffer, CHUNK, 0) == CHUNK);
  atomic_store(&disk_behaviour.fails, true);
  CHECK_ERRNO(rump_sys_fsync(fd), EIO);
  CHECK(atomic_load(&disk_behaviour.failures) > 0);
  check_other_files();
  atomic_store(&disk_behaviour.fails, false);

  /* As good as before. */
  CHECK(rump_sys_pwrite(fd, buffer, CHUNK, 0) == CHUNK);
  CHECK(rump_sys_fsync(fd) == 0);
}

/* After a remount nothing is in the kernel's memory. */
static void
disk_fails_to_read(const char *name)
{
  int fd = rump_sys_open(name, NETBSD_O_RDWR);

  CHECK(fd >= 0);
  atomic_store(&disk_behaviour.fails, true);
  CHECK_ERRNO(rump_sys_pread(fd, buffer, CHUNK, FILE_SIZE / 2), EIO);
  check_other_files();
  atomic_store(&disk_behaviour.fails, false);
  CHECK(rump_sys_pread(fd, buffer, CHUNK, FILE_SIZE / 2) == CHUNK);
  CHECK(rump_sys_close(fd) == 0);
}

static void
disk_shrinks(const char *name)
{
  unsigned failures = atomic_load(&disk_behaviour.failures);
  int fd = rump_sys_open(name, NETBSD_O_RDWR);

  CHECK(fd >= 0);
  atomic_store(&disk_behaviour.shrunk_to, 64);
  CHECK_ERRNO(rump_sys_pread(fd, buffer, CHUNK, 0), EIO);
  CHECK(atomic_load(&disk_behaviour.failures) > failures);
  atomic_store(&disk_behaviour.shrunk_to, 0);
  CHECK(rump_sys_pread(fd, buffer, CHUNK, 0) == CHUNK);
  CHECK(rump_sys_close(fd) == 0);
}

static void
remount(void)
{
  disk_unmount();
  disk_mount();
}

static void
no_disk(void)
{
  struct netbsd_ufs_args args = { .fspec = "/dev/none" };

  CHECK_ERRNO(
    rump_sys_mount("ffs", "/other-disk", 0, &args, sizeof(args)),
    ENOENT
  );
  CHECK(rump_sys_mkdir("/other-disk", 0755) == 0);
  CHECK_ERRNO(
    rump_sys_mount("ffs", "/other-disk", 0, &args, sizeof(args)),
    ENOENT
  );
  CHECK(
    rump_pub_etfs_register("/dev/none", "/no/such/file", NETBSD_ETFS_BLK)
      != 0
  );
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const char *const parameters[] = {
    "RUMP_NO_SUCH_KEY=1", "NONSENSE", "=", "", "RUMP_NVNODES=500", NULL
  };
  static const struct rtems_rump_config config = {
    .parameters = parameters,
    .console = listen
  };
  struct rtems_rump_usage usage;
  int fd;

  (void)arg;
  TARGET_BEGIN("BADINPUT");
  disk_make_unreliable();
  CHECK(rtems_rump_start(&config) == 0);
  forget();
  wrong_version();
  CHECK(strstr(said, "version") != NULL);
  CHECK(rtems_rump_enter() == 0);
  no_disk();
  disk_mount();
  fd = make_file("/disk/file");
  disk_fails_to_write(fd);
  CHECK(rump_sys_close(fd) == 0);
  remount();
  disk_fails_to_read("/disk/file");
  remount();
  disk_shrinks("/disk/file");
  disk_unmount();
  rtems_rump_leave();
  rtems_rump_get_usage(&usage);
  CHECK(usage.block_pending == 0);
  CHECK(rtems_rump_end() == 0);
  TARGET_END("BADINPUT");
}

#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
