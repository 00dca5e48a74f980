/* SPDX-License-Identifier: BSD-2-Clause */

#include "files.h"

#include "abi/mount.h"
#include "target.h"

#define CHUNK 65536
#define CHUNKS 32

static uint32_t buffer[CHUNK / sizeof(uint32_t)];

static void
fill(unsigned chunk)
{
  unsigned i;

  for (i = 0; i < CHUNK / sizeof(uint32_t); ++i) {
    buffer[i] = chunk * CHUNK + i;
  }
}

void
disk_mount(const char *device, const char *type)
{
  struct netbsd_ufs_args ufs = { .fspec = device };
  struct netbsd_msdosfs_args msdos = { .fspec = device, .mask = 0755 };
  bool is_ufs = strcmp(type, "msdos") != 0;

  (void)rump_sys_mkdir("/disk", 0755);
  CHECK(rump_sys_mount(
    type,
    "/disk",
    0,
    is_ufs ? (void *)&ufs : &msdos,
    is_ufs ? sizeof(ufs) : sizeof(msdos)
  ) == 0);
}

void
disk_read_from_host(void)
{
  static const char text[] = "made on the host";
  char line[64];
  int fd = rump_sys_open("/disk/host", NETBSD_O_RDONLY);

  CHECK(fd >= 0);
  CHECK(rump_sys_read(fd, line, sizeof(line)) >= (ssize_t)sizeof(text) - 1);
  CHECK(memcmp(line, text, sizeof(text) - 1) == 0);
  CHECK(rump_sys_close(fd) == 0);
}

void
disk_write(const char *name)
{
  int fd = rump_sys_open(name, NETBSD_O_CREAT | NETBSD_O_WRONLY, 0644);
  unsigned i;

  CHECK(fd >= 0);
  for (i = 0; i < CHUNKS; ++i) {
    fill(i);
    CHECK(rump_sys_write(fd, buffer, CHUNK) == CHUNK);
  }
  CHECK(rump_sys_fsync(fd) == 0);
  CHECK(rump_sys_close(fd) == 0);
}

void
disk_read(const char *name)
{
  static uint32_t read[CHUNK / sizeof(uint32_t)];
  int fd = rump_sys_open(name, NETBSD_O_RDONLY);
  unsigned i;

  CHECK(fd >= 0);
  for (i = 0; i < CHUNKS; ++i) {
    fill(i);
    CHECK(rump_sys_read(fd, read, CHUNK) == CHUNK);
    CHECK(memcmp(read, buffer, CHUNK) == 0);
  }
  CHECK(rump_sys_close(fd) == 0);
}

void
disk_unmount(void)
{
  CHECK(rump_sys_unmount("/disk", 0) == 0);
}

void
disk_read_again(const char *device, const char *type, const char *name)
{
  disk_unmount();
  disk_mount(device, type);
  disk_read(name);
  disk_unmount();
}
