/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A kernel of files that is served over the stack of another kernel, of the
 * same image: clients come and die, one halts it, and in its second life the
 * stack ends under a client.
 *
 * RTEMS_RUMP_KERNEL is the one with the stack.
 */

#include "../target/target.h"

#include <rtems-rump/instance.h>
#include <rtems-rump/remote.h>
#include <rtems-rump/socket.h>

#define remote_rest target_sleep
#include "calls.h"

#define URL "tcp://127.0.0.1:7020"

RTEMS_RUMP_DECLARE_HANDLE(files);

static struct rtems_rump_client *
open_client(void)
{
  struct rtems_rump_client *client = NULL;

  CHECK(rtems_rump_client_open(URL, NULL, &client) == 0);
  return client;
}

/* Returns a client that is still there. */
static struct rtems_rump_client *
live(void)
{
  static const struct rtems_rump_access all;
  static const struct rtems_rump_config config = {
    .restartable = true,
    .server = { .url = URL, .access = &all, .rules = 1 }
  };
  struct rtems_rump_client *client;
  unsigned i;

  CHECK((*files_rtems_rump_kernel.start)(&config) == 0);
  client = open_client();
  remote_check_file(client, 0, 30000);
  for (i = 0; i < 3; ++i) {
    remote_die_asleep(URL);
  }
  remote_check_file(client, 1, 100);
  return client;
}

static void
close_client(struct rtems_rump_client *client)
{
  int error;

  CHECK(remote_getuid(client, &error) == -1 && error == -1);
  rtems_rump_client_close(client);
}

static rtems_task
Init(rtems_task_argument arg)
{
  struct rtems_rump_client *client;
  int error, status;

  (void)arg;
  TARGET_BEGIN("REMOTE OTHER STACK");
  rtems_rump_tcp_register();
  CHECK(rtems_rump_start(NULL) == 0);
  CHECK(rtems_rump_socket_register() == 0);
  client = live();
  CHECK(remote_reboot(client, &error) == 0);
  CHECK((*files_rtems_rump_kernel.wait)(&status) == 0 && status == 0);
  CHECK((*files_rtems_rump_kernel.end)() == 0);
  close_client(client);
  CHECK(rtems_rump_client_open(URL, NULL, &client) == ECONNREFUSED);

  client = live();
  CHECK(rtems_rump_end() == 0);
  close_client(client);
  CHECK((*files_rtems_rump_kernel.end)() == 0);
  TARGET_END("REMOTE OTHER STACK");
}

#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#define CONFIGURE_MAXIMUM_TASKS 100
#define CONFIGURE_MAXIMUM_FILE_DESCRIPTORS 64
#include "../target/config.h"
