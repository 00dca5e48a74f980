/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A kernel of 4 MiB writes ten times as much, through FFS on a RAM disk and
 * through tmpfs, and is told when disk or memory are full.
 */

#include "disk.h"

#include <inttypes.h>

#ifndef MEMORY
#define MEMORY (4u << 20)
#endif
#define TEN_TIMES (10 * (size_t)MEMORY)
#define CHUNK (32 * 1024)
#define FILE_SIZE (4u << 20)
#define TMPFS_SIZE (1u << 20)
#define SMALL_FILE (256u << 10)

static uint32_t chunk[CHUNK / sizeof(uint32_t)];

static void
fill(uint32_t seed)
{
  size_t i;

  for (i = 0; i < CHUNK / sizeof(uint32_t); ++i) {
    chunk[i] = seed * UINT32_C(2654435761) + (uint32_t)i;
  }
}

static void
check_chunk(uint32_t seed)
{
  size_t i;

  for (i = 0; i < CHUNK / sizeof(uint32_t); ++i) {
    CHECK(chunk[i] == seed * UINT32_C(2654435761) + (uint32_t)i);
  }
}

static int
create(const char *name)
{
  int fd = rump_sys_open(name, NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);

  CHECK(fd >= 0);
  return fd;
}

/* A file larger than half the disk, written again and again. */
static void
rewrite_on_disk(void)
{
  int fd = create("/disk/large");
  size_t written = 0;
  uint32_t offset;

  while (written < TEN_TIMES) {
    for (offset = 0; offset < FILE_SIZE; offset += CHUNK) {
      fill((uint32_t)(written / CHUNK));
      CHECK(rump_sys_pwrite(fd, chunk, CHUNK, offset) == CHUNK);
      written += CHUNK;
    }
  }
  CHECK(rump_sys_fsync(fd) == 0);
  for (offset = 0; offset < FILE_SIZE; offset += CHUNK) {
    CHECK(rump_sys_pread(fd, chunk, CHUNK, offset) == CHUNK);
    check_chunk((uint32_t)((written - FILE_SIZE + offset) / CHUNK));
  }
  CHECK(rump_sys_close(fd) == 0);
}

/* Writes until an error; returns the bytes, and the error in errno. */
static size_t
write_until_full(int fd, size_t limit)
{
  size_t written = 0;

  errno = 0;
  fill(1);
  while (written < limit) {
    ssize_t n = rump_sys_write(fd, chunk, CHUNK);

    if (n < 0) {
      break;
    }
    written += (size_t)n;
  }
  return written;
}

static void
fill_disk(void)
{
  int fd = create("/disk/rest");
  size_t written = write_until_full(fd, TEN_TIMES);

  CHECK(errno == ENOSPC);
  CHECK(written > 0 && written < TEN_TIMES);
  CHECK(rump_sys_close(fd) == 0);
  CHECK(rump_sys_unlink("/disk/rest") == 0);
  CHECK(rump_sys_unlink("/disk/large") == 0);
  /* There is room again. */
  fd = create("/disk/large");
  CHECK(write_until_full(fd, FILE_SIZE) == FILE_SIZE);
  CHECK(rump_sys_close(fd) == 0);
  CHECK(rump_sys_unlink("/disk/large") == 0);
}

static void
mount_tmpfs(void)
{
  /*
   * Without a limit of its own NetBSD's tmpfs takes memory until there is
   * none, and who needs more waits for somebody else to delete.
   */
  struct netbsd_tmpfs_args args = {
    .version = 1,
    .size_max = TMPFS_SIZE,
    .root_mode = 0755
  };

  CHECK(rump_sys_mkdir("/data", 0755) == 0);
  CHECK(rump_sys_mount("tmpfs", "/data", 0, &args, sizeof(args)) == 0);
}

static void
create_and_delete(void)
{
  size_t written = 0;

  while (written < TEN_TIMES) {
    int fd = create("/data/small");

    CHECK(write_until_full(fd, SMALL_FILE) == SMALL_FILE);
    CHECK(rump_sys_close(fd) == 0);
    CHECK(rump_sys_unlink("/data/small") == 0);
    written += SMALL_FILE;
  }
}

static void
fill_tmpfs(void)
{
  int fd = create("/data/large");
  size_t written = write_until_full(fd, TEN_TIMES);

  CHECK(errno == ENOSPC);
  CHECK(written > 0 && written <= TMPFS_SIZE);
  printf("tmpfs is full after %zu KiB\n", written / 1024);
  CHECK(rump_sys_close(fd) == 0);
  CHECK(rump_sys_unlink("/data/large") == 0);
  create_and_delete();
}

static void
check_usage(void)
{
  struct rtems_rump_usage usage;

  rtems_rump_get_usage(&usage);
  printf(
    "memory: %zu KiB used, %zu at most, %zu in all, %lu failures; "
    "%lu block requests\n",
    usage.memory_used / 1024,
    usage.memory_peak / 1024,
    usage.memory_size / 1024,
    usage.memory_failures,
    usage.block_done
  );
  CHECK(usage.memory_size == MEMORY);
  CHECK(usage.memory_peak <= usage.memory_size);
  CHECK(usage.memory_used <= usage.memory_peak);
  CHECK(usage.memory_failures < 1000);
  CHECK(usage.block_pending == 0);
  CHECK(usage.block_done > TEN_TIMES / 65536);
}

static void
stage(const char *name, void (*run)(void))
{
  uint64_t begin = target_msec();

  (*run)();
  printf("%s: %u ms\n", name, (unsigned)(target_msec() - begin));
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = { .memory = MEMORY };

  (void)arg;
  TARGET_BEGIN("MEMORY");
  disk_make_ramdisk();
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  disk_mount();
  stage("rewrite on disk", rewrite_on_disk);
  stage("fill disk", fill_disk);
  mount_tmpfs();
  stage("create and delete", create_and_delete);
  stage("fill tmpfs", fill_tmpfs);
  CHECK(rump_sys_unmount("/data", 0) == 0);
  disk_unmount();
  rtems_rump_leave();
  check_usage();
  CHECK(rtems_rump_end() == 0);
  TARGET_END("MEMORY");
}

#define CONFIGURE_APPLICATION_NEEDS_LIBBLOCK
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
