/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Three kernels of one image and two buses in memory: left and right reach
 * each other through the middle one, which is on both and routes.
 */

#include <stdio.h>
#include <stdlib.h>

#include <rtems.h>

#include "node.h"

static const struct rtems_rump_link links[] = {
  { .driver = &rtems_rump_link_mem, .device = "first" },
  { .driver = &rtems_rump_link_mem, .device = "second" }
};
static const char *const addresses[] = {
  "10.0.1.2", "10.0.1.1", "10.0.2.1", "10.0.2.2"
};
static const uint8_t right_address[] = { 10, 0, 2, 2 };

static void
check(const char *what, bool ok)
{
  if (!ok) {
    printf("routed: %s failed\n", what);
    exit(1);
  }
}

static rtems_task
serve(rtems_task_argument fd)
{
  while (node_right.serve((int)fd) != 0) {
  }
  rtems_task_exit();
}

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_id id;
  int fd;

  (void)arg;
  check("left", node_left.start(&links[0], 1, &addresses[0], addresses[1])
    == 0);
  check("middle", node_middle.start(links, 2, &addresses[1], NULL) == 0);
  check("right", node_right.start(&links[1], 1, &addresses[3], addresses[2])
    == 0);
  fd = node_right.open();
  check("right's socket", fd >= 0);
  check("task", rtems_task_create(rtems_build_name('S', 'E', 'R', 'V'), 110,
    RTEMS_MINIMUM_STACK_SIZE + 8192, RTEMS_DEFAULT_MODES,
    RTEMS_FLOATING_POINT, &id) == RTEMS_SUCCESSFUL);
  (void)rtems_task_start(id, serve, (rtems_task_argument)fd);
  fd = node_left.open();
  check("left's socket", fd >= 0);
  check("the way there and back", node_left.call(fd, right_address,
    "hello from the left") == 0);
  puts("routed: the right one has answered, through the middle one");
  check("the end", node_left.end() == 0 && node_middle.end() == 0
    && node_right.end() == 0);
  puts("routed: done");
  exit(0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_MAXIMUM_TASKS 150
#define CONFIGURE_INIT_TASK_PRIORITY 110
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT
#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
