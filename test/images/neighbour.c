/* SPDX-License-Identifier: BSD-2-Clause */

#include "neighbour.h"

#include "target.h"

#define SIZE 100000

static char content[SIZE], copy[SIZE];

static int
start(void *arg)
{
  struct netbsd_tmpfs_args args = {
    .version = 1, .size_max = 1 << 20, .root_mode = 0755
  };
  int fd;

  (void)arg;
  CHECK(rump_sys_mkdir("/ram", 0755) == 0);
  CHECK(rump_sys_mount("tmpfs", "/ram", 0, &args, sizeof(args)) == 0);
  fd = rump_sys_open("/ram/kept", NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);
  CHECK(rump_sys_write(fd, content, SIZE) == SIZE);
  return rump_sys_close(fd);
}

static int
check(void *arg)
{
  int fd = rump_sys_open("/ram/kept", NETBSD_O_RDONLY);

  (void)arg;
  CHECK(fd >= 0 && rump_sys_read(fd, copy, SIZE) == SIZE);
  CHECK(memcmp(content, copy, SIZE) == 0);
  CHECK(rump_sys_close(fd) == 0);
  CHECK(rump_sys_mkdir("/ram/dir", 0755) == 0);
  return rump_sys_rmdir("/ram/dir");
}

void
neighbour_start(void)
{
  static const struct rtems_rump_config config = { .memory = 4u << 20 };
  int i, result;

  for (i = 0; i < SIZE; ++i) {
    content[i] = (char)(i * i >> 8);
  }
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_call(start, NULL, &result) == 0 && result == 0);
}

void
neighbour_check(void)
{
  int result;

  CHECK(rtems_rump_call(check, NULL, &result) == 0 && result == 0);
}
