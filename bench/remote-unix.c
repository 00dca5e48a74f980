/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A client by unix://, for the simulator under valgrind, which counts
 * instructions of the host.
 */

#include "remote.h"

#include <rtems-rump/remote.h>

#include "kernel.h"

#define URL "unix://bench-remote.sock"

void
remote_measure_all(void)
{
  static const struct rtems_rump_config config = { .server = { .url = URL } };

  bench_check("start", bench_start(&config) == 0);
  remote_measure("remote_unix", URL, NULL);
  remote_measure_direct("remote_unix");
}
