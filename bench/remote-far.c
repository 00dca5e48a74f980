/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Clients that come over the kernel's own stack, in the clear and encrypted,
 * and by a serial line.
 */

#include "remote.h"

#include <rtems/libio.h>

#include <rtems-rump/remote.h>
#include <rtems-rump/socket.h>

#include "cable.h"
#include "kernel.h"

#define TCP_URL "tcp://127.0.0.1:7000"
#define TLS_URL "tls://127.0.0.1:7001"

#define KEY "the key of a client from elsewhere"
#define USER "bench"

static const struct rtems_rump_client_config with_key = {
  .key = KEY, .key_size = sizeof(KEY), .user = USER
};

static void
over_tcp(void)
{
  rtems_rump_tcp_register();
  bench_check("sockets", rtems_rump_socket_register() == 0);
  remote_serve(TCP_URL);
  remote_measure("remote_tcp", TCP_URL, NULL);
  remote_measure_connection("remote_tcp", TCP_URL, &with_key);
}

#ifdef BENCH_TLS
static void
over_tls(void)
{
  rtems_rump_tls_register();
  remote_serve(TLS_URL);
  remote_measure("remote_tls", TLS_URL, &with_key);
  remote_measure_connection("remote_tls", TLS_URL, &with_key);
}
#else
#define over_tls() ((void)0)
#endif

static void
over_cable(void)
{
  /* A frame has its place in termios, as the manual says. */
  bench_check("buffers",
    rtems_termios_bufsize(256, 4096, 1024) == RTEMS_SUCCESSFUL);
  if (cable_install()) {
    remote_serve("serial:///dev/cable0");
    remote_measure("remote_serial", "serial:///dev/cable1", NULL);
  }
}

/* Who comes from elsewhere is nobody else. */
void
remote_measure_all(void)
{
  static const struct rtems_rump_access rules[] = {
    { .key = KEY, .key_size = sizeof(KEY), .user = USER }, { .uid = 0 }
  };
  static const struct rtems_rump_config config = {
    .memory = 12 << 20,
    .server = { .access = rules, .rules = 2 }
  };

  bench_check("start", bench_start(&config) == 0);
  over_tcp();
  over_tls();
  over_cable();
}
