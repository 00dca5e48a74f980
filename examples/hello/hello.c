/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The smallest application: boots a kernel, makes a file in its root file
 * system, reads it back and ends the kernel.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rtems.h>

#include <rtems-rump/instance.h>
#include <rtems-rump/netbsd.h>

static const char text[] = "Hello from NetBSD's file system\n";

static void
check(const char *what, bool ok)
{
  if (!ok) {
    printf("hello: %s: %s\n", what, strerror(errno));
    exit(1);
  }
}

static void
write_file(const char *path)
{
  int fd = rump_sys_open(path, NETBSD_O_WRONLY | NETBSD_O_CREAT, 0644);

  check("open", fd >= 0);
  check("write", rump_sys_write(fd, text, sizeof(text)) == sizeof(text));
  check("close", rump_sys_close(fd) == 0);
}

static void
print_file(const char *path)
{
  char buffer[sizeof(text)];
  int fd = rump_sys_open(path, NETBSD_O_RDONLY);

  check("open", fd >= 0);
  check("read", rump_sys_read(fd, buffer, sizeof(buffer)) == sizeof(text));
  check("close", rump_sys_close(fd) == 0);
  fputs(buffer, stdout);
}

static rtems_task
Init(rtems_task_argument arg)
{
  struct rtems_rump_usage usage;

  (void)arg;
  errno = rtems_rump_start(NULL);
  check("start", errno == 0);
  errno = rtems_rump_enter();
  check("enter", errno == 0);

  check("mkdir", rump_sys_mkdir("/hello", 0755) == 0);
  write_file("/hello/world");
  print_file("/hello/world");

  rtems_rump_leave();
  rtems_rump_get_usage(&usage);
  printf(
    "hello: %zu KiB of %zu KiB used, %u tasks\n",
    usage.memory_used / 1024,
    usage.memory_size / 1024,
    usage.tasks
  );
  check("end", rtems_rump_end() == 0);
  puts("hello: done");
  exit(0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
