/* SPDX-License-Identifier: BSD-2-Clause */

#define RTEMS_RUMP_KERNEL k2

#include "neighbour.h"

#include "target.h"

#define FILE "/neighbour"

static const char text[] = "goes on";

void
neighbour_begin(void)
{
  static const struct rtems_rump_config config = {
    .memory = 4 << 20, .restartable = true
  };
  int fd;

  CHECK(rtems_rump_start(&config) == 0);
  fd = rump_sys_open(FILE, NETBSD_O_CREAT | NETBSD_O_WRONLY, 0644);
  CHECK(fd >= 0);
  CHECK(rump_sys_write(fd, text, sizeof(text)) == sizeof(text));
  CHECK(rump_sys_close(fd) == 0);
}

void
neighbour_check(void)
{
  char read[sizeof(text)];
  int fd = rump_sys_open(FILE, NETBSD_O_RDONLY);

  CHECK(fd >= 0);
  CHECK(rump_sys_read(fd, read, sizeof(read)) == sizeof(read));
  CHECK(memcmp(read, text, sizeof(text)) == 0);
  CHECK(rump_sys_close(fd) == 0);
}

void
neighbour_end(void)
{
  CHECK(rtems_rump_end() == 0);
}
