/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A kernel cannot have the n-th of its tasks while it boots, for each n: the
 * start fails, the console tells what to do about it, and nothing is lost.
 */

#include "target.h"

#include <stdatomic.h>

#include "faulty.h"
#include "said.h"

/* Its threads for one virtual CPU, and that for the wall clock. */
#define LEAST_TASKS 10

static atomic_uint panics;

static void
kernel_exits(const struct rtems_rump_exit *why)
{
  CHECK(why->status == RTEMS_RUMP_PANIC);
  atomic_fetch_add(&panics, 1);
}

static int
start_without(unsigned n)
{
  static const struct rtems_rump_config config = {
    .processors = 1,
    .memory = 4 << 20,
    .restartable = true,
    .console = listen,
    .on_exit = kernel_exits
  };
  int error;

  forget();
  fault_start(FAULT_TASK, n, 1);
  error = rtems_rump_start(&config);
  CHECK(fault_stop() == (error != 0));
  CHECK((strstr(said, "cannot make a task") != NULL) == (error != 0));
  return error;
}

static void
check_nothing_lost(const rtems_resource_snapshot *before)
{
  target_sleep(20);
  CHECK(rtems_resource_snapshot_check(before));
}

/* NetBSD panics without a thread of its own; one is this project's. */
static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before;
  unsigned refusals = 0;
  unsigned n = 1;
  int error;

  (void)arg;
  TARGET_BEGIN("BOOTFAULTS");
  /* The copy of the kernel's data stays. */
  CHECK(start_without(UINT_MAX) == 0);
  CHECK(rtems_rump_end() == 0);
  target_sleep(20);
  rtems_resource_snapshot_take(&before);
  while ((error = start_without(n)) != 0) {
    CHECK(error == EIO || error == EAGAIN);
    refusals += error == EAGAIN;
    CHECK(rtems_rump_end() == EINVAL);
    check_nothing_lost(&before);
    ++n;
  }
  printf("%u panics, %u refusals\n", atomic_load(&panics), refusals);
  CHECK(atomic_load(&panics) + refusals == n - 1);
  CHECK(atomic_load(&panics) >= LEAST_TASKS);
  CHECK(refusals == 1);
  CHECK(rtems_rump_end() == 0);
  check_nothing_lost(&before);
  TARGET_END("BOOTFAULTS");
}

/* A fixed number: else RTEMS keeps memory for more. */
#define CONFIGURE_MAXIMUM_TASKS 40
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
