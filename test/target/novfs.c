/* SPDX-License-Identifier: BSD-2-Clause */

/* A kernel without file systems is asked for files. */

#include "target.h"

int rump_sys_pipe2(int fds[2], int flags) NETBSD_SYSTEM_CALL("pipe2");

static rtems_task
Init(rtems_task_argument arg)
{
  int fds[2];
  char c = 0;

  (void)arg;
  TARGET_BEGIN("NOVFS");
  CHECK(rtems_rump_start(NULL) == 0);
  CHECK(rtems_rump_enter() == 0);
  CHECK_ERRNO(rump_sys_open("/file", NETBSD_O_RDONLY), ENOSYS);
  CHECK_ERRNO(rump_sys_mkdir("/dir", 0755), ENOSYS);
  CHECK(rump_sys_getpid() == 1);
  CHECK(rump_sys_pipe2(fds, 0) == 0);
  CHECK(rump_sys_write(fds[1], "y", 1) == 1);
  CHECK(rump_sys_read(fds[0], &c, 1) == 1 && c == 'y');
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
  TARGET_END("NOVFS");
}

#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
