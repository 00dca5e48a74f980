/* SPDX-License-Identifier: BSD-2-Clause */

/* Too few tasks are configured for a kernel; all that was taken comes back. */

#include "said.h"
#include "target.h"

#include <rtems/libcsupport.h>

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = { .console = listen };
  rtems_resource_snapshot before;

  (void)arg;
  TARGET_BEGIN("FEWTASKS");
  rtems_resource_snapshot_take(&before);
  CHECK(rtems_rump_start(&config) == EAGAIN);
  CHECK(rtems_rump_start(&config) == EAGAIN);
  CHECK(strstr(said, "CONFIGURE_MAXIMUM_TASKS") != NULL);
  CHECK(rtems_rump_enter() == EINVAL);
  CHECK(rtems_resource_snapshot_check(&before));
  TARGET_END("FEWTASKS");
}

#define CONFIGURE_MAXIMUM_TASKS 5
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
