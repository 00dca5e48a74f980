/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Two kernels: while the first ends itself and starts again, again and again,
 * tasks work in the second, the neighbour, and do not notice.
 */

#include "tenants.h"

#include "target.h"

#include <stdatomic.h>

/* Emulated processors take their time. */
#ifndef LIVES
#define LIVES (rtems_scheduler_get_processor_maximum() > 1 ? 8 : 28)
#endif
#define WORKERS 2

static atomic_bool ends;
static atomic_uint rounds;
static rtems_counting_semaphore ended =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("ended", 0);

static void
work_once(unsigned worker, unsigned round)
{
  uint32_t stamp[256], back[256];
  char name[32];
  unsigned i;
  int fd;

  (void)snprintf(name, sizeof(name), "/work%u", worker);
  for (i = 0; i < 256; ++i) {
    stamp[i] = worker << 28 ^ round << 8 ^ i;
  }
  fd = rump_sys_open(name, NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);
  CHECK(fd >= 0);
  CHECK(rump_sys_pwrite(fd, stamp, sizeof(stamp), 0) == sizeof(stamp));
  CHECK(rump_sys_pread(fd, back, sizeof(back), 0) == sizeof(back));
  CHECK(memcmp(stamp, back, sizeof(stamp)) == 0);
  CHECK(rump_sys_close(fd) == 0);
  CHECK(rump_sys_unlink(name) == 0);
}

static rtems_task
work(rtems_task_argument worker)
{
  unsigned round;

  CHECK(rtems_rump_enter() == 0);
  for (round = 0; !atomic_load(&ends); ++round) {
    work_once((unsigned)worker, round);
    atomic_fetch_add(&rounds, 1);
    if (round % 8 == 7) {
      (void)rtems_task_wake_after(1);
    }
  }
  rtems_rump_leave();
  rtems_counting_semaphore_post(&ended);
  rtems_task_exit();
}

static void
start_neighbour(void)
{
  static const struct rtems_rump_config config = {
    .hostname = "neighbour",
    .processors = 2,
    .memory = 4 << 20
  };
  unsigned i;

  CHECK(rtems_rump_start(&config) == 0);
  for (i = 0; i < WORKERS; ++i) {
    (void)target_task(TARGET_PRIORITY, work, i);
  }
}

static void
end_neighbour(void)
{
  unsigned i;

  atomic_store(&ends, true);
  for (i = 0; i < WORKERS; ++i) {
    rtems_counting_semaphore_wait(&ended);
  }
  CHECK(rtems_rump_end() == 0);
  CHECK(rtems_rump_start(NULL) == EBUSY);
}

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;
  unsigned i;

  (void)arg;
  TARGET_BEGIN("TENANTS");
  start_neighbour();
  victim_live(0);
  rtems_resource_snapshot_take(&before);
  for (i = 1; i < LIVES; ++i) {
    unsigned work_before = atomic_load(&rounds);

    victim_live(i);
    rtems_resource_snapshot_take(&after);
    target_check_equal(&before, &after);
    /* An emulated processor may have stood still for all of that life. */
    while (atomic_load(&rounds) == work_before) {
      rtems_task_wake_after(1);
    }
  }
  victim_be_busy();
#ifndef __SANITIZE_THREAD__
  victim_loop();
#endif
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
  end_neighbour();
  printf("%u lives beside %u rounds of work\n", i, atomic_load(&rounds));
  TARGET_END("TENANTS");
}

#define CONFIGURE_MAXIMUM_TASKS 90
/* More urgent than the tasks that work. */
#define CONFIGURE_INIT_TASK_PRIORITY (RTEMS_RUMP_DEFAULT_CEILING - 1)
#include "config.h"
