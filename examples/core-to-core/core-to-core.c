/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A kernel on one processor and its client on another: the client's task makes
 * system calls by mem://, and never runs NetBSD's code itself.  With one
 * processor both are there.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rtems.h>

#include <rtems-rump/instance.h>
#include <rtems-rump/netbsd.h>
#include <rtems-rump/remote.h>

#define URL "mem://files"

#define CLIENT_PROCESSOR 0u
#define KERNEL_PROCESSOR 1u

#define RECORDS 20

/* NetBSD's numbers, of sys/syscall.h. */
enum { SYS_READ = 3, SYS_WRITE = 4, SYS_OPEN = 5, SYS_CLOSE = 6 };

static struct rtems_rump_client *client;

static void
check(const char *what, bool ok)
{
  if (!ok) {
    printf("core-to-core: %s: %s\n", what, strerror(errno));
    exit(1);
  }
}

static intptr_t
call(const char *what, int number, intptr_t a, intptr_t b, intptr_t c)
{
  const intptr_t arguments[] = { a, b, c };
  intptr_t values[2];
  int error;

  errno = rtems_rump_client_syscall(
    client, number, arguments, sizeof(arguments), &error, values);
  check(what, errno == 0 && error == 0);
  return values[0];
}

static void
start_kernel(void)
{
  static struct rtems_rump_config config = { .server = { .url = URL } };

  if (rtems_scheduler_get_processor_maximum() > KERNEL_PROCESSOR) {
    config.affinity = UINT32_C(1) << KERNEL_PROCESSOR;
  }
  errno = rtems_rump_start(&config);
  check("start", errno == 0);
}

static void
use_files(void)
{
  char text[32], back[32] = "";
  int i;

  for (i = 0; i < RECORDS; ++i) {
    intptr_t size = snprintf(text, sizeof(text), "record %d", i) + 1;
    intptr_t fd = call("open", SYS_OPEN, (intptr_t)"/records",
      NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);

    check("write", call("write", SYS_WRITE, fd, (intptr_t)text, size) == size);
    (void)call("close", SYS_CLOSE, fd, 0, 0);
    fd = call("open", SYS_OPEN, (intptr_t)"/records", NETBSD_O_RDONLY, 0);
    check("read", call("read", SYS_READ, fd, (intptr_t)back, size) == size);
    (void)call("close", SYS_CLOSE, fd, 0, 0);
    check("compare", strcmp(text, back) == 0);
  }
  printf("core-to-core: the last one: %s\n", back);
}

static rtems_task
Init(rtems_task_argument arg)
{
  struct rtems_rump_usage usage;
  cpu_set_t processor;

  (void)arg;
  CPU_ZERO(&processor);
  CPU_SET(CLIENT_PROCESSOR, &processor);
  check("affinity", rtems_task_set_affinity(
    RTEMS_SELF, sizeof(processor), &processor) == RTEMS_SUCCESSFUL);
  start_kernel();
  rtems_rump_get_usage(&usage);
  printf("core-to-core: the client on processor %" PRIu32
    ", the kernel on processors 0x%" PRIx32 "\n",
    rtems_scheduler_get_processor(), usage.processors);

  errno = rtems_rump_client_open(URL, NULL, &client);
  check("client", errno == 0);
  use_files();
  rtems_rump_client_close(client);

  errno = rtems_rump_end();
  check("end", errno == 0);
  puts("core-to-core: done");
  exit(0);
}

#define CONFIGURE_MAXIMUM_PROCESSORS 4
#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
