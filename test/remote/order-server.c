/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A server on a stand-in for a kernel whose machine is big-endian, and so is
 * that for which this is compiled: it serves one client, order-client.c.
 */

#include "kernel.h"

#include "../target/target.h"

#include <simulator/simulator.h>

#include "hypercall.h"

static const struct rtems_rump_config config = { .memory = 4 << 20 };

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("REMOTE ORDER");
  CHECK(hypercall_configure(&config) == 0);
  CHECK(rumpuser_init(RUMPUSER_VERSION, &kernel_upcalls) == 0);
  kernel_boot();
  CHECK(rumpuser_sp_init(sim_argv[1], "NetBSD", "7.99", "macppc") == 0);
  printf("serving %s\n", sim_argv[1]);
  (void)fflush(stdout);
  while (kernel_processes() == 0) {
    target_sleep(5);
  }
  kernel_check_gone();
  TARGET_END("REMOTE ORDER");
}

#define CONFIGURE_UNLIMITED_OBJECTS
#define CONFIGURE_UNLIMITED_ALLOCATION_SIZE 32
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "../target/config.h"
