/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Three kernels of one image and two buses in memory: the middle one is on both
 * and routes.
 */

#include "host.h"

#include <rtems-rump/netbsd-net.h>

/* Emulated processors take their time. */
#ifdef __rtems__
#define AMOUNT \
  ((256u << 10) >> (rtems_scheduler_get_processor_maximum() > 1 ? 3 : 0))
#else
#define AMOUNT (1u << 20)
#endif

#define CLIENT (&network_host_k1)
#define ROUTER (&network_host_k2)
#define SERVER (&network_host_k3)

static const struct rtems_rump_link links[] = {
  { .driver = &rtems_rump_link_mem, .device = "first" },
  { .driver = &rtems_rump_link_mem, .device = "second" }
};

static rtems_binary_semaphore served =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("served");

static rtems_task
serve(rtems_task_argument arg)
{
  (void)arg;
  SERVER->tcp_serve(AMOUNT);
  rtems_binary_semaphore_post(&served);
  rtems_task_exit();
}

static void
check_usage(void)
{
  struct rtems_rump_link_usage usage;
  unsigned i;

  for (i = 0; i < 2; ++i) {
    ROUTER->get_usage(i, &usage);
    CHECK(usage.sent_bytes > AMOUNT);
    CHECK(usage.received_bytes > AMOUNT);
  }
}

static void
live(unsigned life)
{
  (void)life;
  CLIENT->start(&links[0], 1);
  ROUTER->start(links, 2);
  SERVER->start(&links[1], 1);
  CLIENT->add_interface(0, 0, 1);
  ROUTER->add_interface(0, 0, 2);
  ROUTER->add_interface(1, 1, 2);
  SERVER->add_interface(0, 1, 3);
  CLIENT->add_gateway("10.0.0.2");
  SERVER->add_gateway("10.0.1.2");

  ROUTER->forward(false);
  CHECK(CLIENT->ping(1, 3, 64, 1, 1) == 0);
  ROUTER->forward(true);
  CHECK(CLIENT->ping(1, 3, 64, 5, 30) == 5);
  CHECK(SERVER->ping(0, 1, 1472, 5, 30) == 5);
  (void)target_task(TARGET_PRIORITY, serve, 0);
  CLIENT->tcp_call(1, 3, AMOUNT);
  rtems_binary_semaphore_wait(&served);
  check_usage();

  SERVER->end();
  ROUTER->end();
  CLIENT->end();
  target_sleep(50);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("NETWORK ROUTED");
  target_live_twice(live);
  TARGET_END("NETWORK ROUTED");
}

#define CONFIGURE_MAXIMUM_TASKS 170
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#define CONFIGURE_INIT_TASK_STACK_SIZE (64 * 1024)
#include "config.h"
