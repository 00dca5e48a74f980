/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A kernel whose files are for clients elsewhere: by a serial line, on the
 * simulator by a socket, and with INTERFACE, the name of a network card of
 * NetBSD's, by TCP/IP of the kernel itself.  Everybody may read, who has the
 * key may do all.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rtems.h>
#ifdef __rtems__
#include <rtems/termiostypes.h>
#endif

#include <rtems-rump/instance.h>
#include <rtems-rump/netbsd.h>
#ifdef INTERFACE
#include <rtems-rump/netconfig.h>
#include <rtems-rump/remote.h>
#include <rtems-rump/socket.h>
#endif

/* Yours are random bytes, from where you keep such things. */
static const char key[] = "not a secret, as it is in an example";

static const struct rtems_rump_access access_rules[] = {
  { .key = key, .key_size = sizeof(key) - 1, .user = "admin" },
  { .uid = RTEMS_RUMP_NOBODY, .gid = RTEMS_RUMP_NOGROUP }
};

static const struct rtems_rump_config config = {
  .hostname = "board",
  .restartable = true,
  .server = {
#ifndef INTERFACE
    .url = URL,
#endif
    .access = access_rules, .rules = 2
  }
};

static void
check(const char *what, bool ok)
{
  if (!ok) {
    printf("server: %s: %s\n", what, strerror(errno));
    exit(1);
  }
}

static void
write_file(const char *path, const char *text)
{
  int fd = rump_sys_open(path, NETBSD_O_WRONLY | NETBSD_O_CREAT, 0644);

  check("open", fd >= 0);
  check("write",
    rump_sys_write(fd, text, strlen(text)) == (ssize_t)strlen(text));
  check("close", rump_sys_close(fd) == 0);
}

/* Its own stack a kernel has when it runs. */
static void
serve_network(void)
{
#ifdef INTERFACE
  static const struct rtems_rump_interface interface = {
    .name = INTERFACE, .address = "10.0.2.15/24", .gateway = "10.0.2.2"
  };

  rtems_rump_tcp_register();
  errno = rtems_rump_socket_register();
  check("sockets", errno == 0);
  errno = rtems_rump_interface_configure(&interface);
  check(INTERFACE, errno == 0);
  check("serve", rump_init_server(URL) == 0);
#endif
}

static rtems_task
Init(rtems_task_argument arg)
{
  int status;

  (void)arg;
#ifdef __rtems__
  /* Before a port is opened: for what comes while this task is not on. */
  (void)rtems_termios_bufsize(256, 4096, 1024);
#endif
  errno = rtems_rump_start(&config);
  check("start", errno == 0);
  errno = rtems_rump_enter();
  check("enter", errno == 0);
  check("mkdir", rump_sys_mkdir("/public", 0755) == 0);
  write_file("/public/greeting", "Hello from a board\n");
  serve_network();
  rtems_rump_leave();

  puts("server: serving " URL);
  check("wait", rtems_rump_wait(&status) == 0);
  check("end", rtems_rump_end() == 0);
  puts("server: done");
  exit(0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
