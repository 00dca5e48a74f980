/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A kernel with a client over its own stack, as a user's program has it: it is
 * made by install.sh, with nothing but what is installed.
 */

#include <stdio.h>
#include <stdlib.h>

#include <rtems.h>

#include <rtems-rump/instance.h>
#include <rtems-rump/netbsd.h>
#include <rtems-rump/remote-call.h>
#include <rtems-rump/socket.h>

#ifdef TEST_TLS
#define URL "tls://127.0.0.1:7000"
#else
#define URL "tcp://127.0.0.1:7000"
#define rtems_rump_tls_register() ((void)0)
#endif

/* NetBSD's numbers. */
#define SYS_MKDIR 136
#define SYS_STAT 439

static const char key[] = "sixteen bytes or more";

static const struct rtems_rump_access rules[] = {
  { .key = key, .key_size = sizeof(key) }
};
static const struct rtems_rump_config config = {
  .memory = 8 << 20,
  .server = { .access = rules, .rules = 1 }
};
static const struct rtems_rump_client_config root = {
  .key = key, .key_size = sizeof(key)
};

static void
check(const char *what, int error)
{
  if (error != 0) {
    printf("not ok: %s: %d\n", what, error);
    exit(1);
  }
}

static void
listen_here(void)
{
  check("enter", rtems_rump_enter());
  check("rump_init_server", rump_init_server(URL));
  rtems_rump_leave();
}

/* What was made is a directory. */
static void
check_directory(struct rtems_rump_client *client)
{
  struct netbsd_stat status;
  const struct rtems_rump_argument args[] = {
    RTEMS_RUMP_ARG_STRING("/directory"),
    RTEMS_RUMP_ARG_STRUCT(RTEMS_RUMP_OUT, RTEMS_RUMP_FORMAT_STAT, &status)
  };
  struct rtems_rump_call call = {
    .number = SYS_STAT, .arguments = args, .count = 2
  };

  check("described call", rtems_rump_client_call(client, &call));
  check("stat", call.error);
  check("mode", (int)(status.mode ^ 040755));
}

static rtems_task
Init(rtems_task_argument arg)
{
  const intptr_t args[] = { (intptr_t)"/directory", 0755 };
  struct rtems_rump_client *client;
  intptr_t values[2];
  int error = -1;

  (void)arg;
  rtems_rump_tcp_register();
  rtems_rump_tls_register();
  check("start", rtems_rump_start(&config));
  check("sockets", rtems_rump_socket_register());
  listen_here();
  check("open", rtems_rump_client_open(URL, &root, &client));
  check("call", rtems_rump_client_syscall(client, SYS_MKDIR, args,
    sizeof(args), &error, values));
  check("mkdir", error);
  check_directory(client);
  rtems_rump_client_close(client);
  puts("*** END OF TEST REMOTE INSTALL " URL " ***");
  exit(0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 64
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
