/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A kernel that is served over its own TCP/IP, through the driver of a PC's
 * network card, until a client halts it.  All clients are root.
 */

#include "../target/addresses.h"
#include "../target/target.h"

#include <rtems-rump/netconfig.h>
#include <rtems-rump/remote.h>
#include <rtems-rump/socket.h>

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_access all_are_root;
  static const struct rtems_rump_config config = {
    .memory = 16 << 20, .restartable = true,
    .server = { .access = &all_are_root, .rules = 1 }
  };
  static const struct rtems_rump_interface interface = {
    .name = "vioif0", .address = "10.0.2.15/24", .gateway = "10.0.2.2"
  };

  int status;

  (void)arg;
  TARGET_BEGIN("REMOTE TCP SERVER");
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  addresses_at_once();
  rtems_rump_leave();
  CHECK(rtems_rump_socket_register() == 0);
  rtems_rump_tcp_register();
  CHECK(rtems_rump_interface_configure(&interface) == 0);
  CHECK(rump_init_server("tcp://0:7000") == 0);
  puts("serving tcp://0:7000");
  CHECK(rtems_rump_wait(&status) == 0);
  TARGET_END("REMOTE TCP SERVER");
}

#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "../target/config.h"
