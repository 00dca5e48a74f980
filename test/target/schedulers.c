/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Two scheduler instances of two processors each: a kernel lives in the
 * second, all of its tasks and nowhere else, and tasks of both call it.  The
 * scheduler of the first cannot pin tasks.
 */

#define _GNU_SOURCE /* pthread_getname_np() */

#include "pinned.h"
#include "said.h"

#include <stdatomic.h>

#include "lock.h"

#define MAIN rtems_build_name('M', 'A', 'I', 'N')
#define SIDE rtems_build_name('S', 'I', 'D', 'E')

#define SIDE_PROCESSORS 0xcu

#define WORKERS 4
#define ROUNDS 20
#define TIME_LIMIT_MSEC 30000

static rtems_id main_scheduler, side_scheduler;

static rtems_counting_semaphore ended =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("ended", 0);

static void
wait_for(unsigned tasks)
{
  while (tasks-- > 0) {
    CHECK(
      rtems_counting_semaphore_wait_timed_ticks(
        &ended,
        TIME_LIMIT_MSEC / 1000 * rtems_clock_get_ticks_per_second()
      ) == 0
    );
  }
}

/* What cannot be had. */

static void
refuse(struct rtems_rump_config what, const char *words)
{
  rtems_resource_snapshot before;

  forget();
  what.console = listen;
  rtems_resource_snapshot_take(&before);
  CHECK(rtems_rump_start(&what) == EINVAL);
  CHECK(rtems_resource_snapshot_check(&before));
  CHECK(strstr(said, words) != NULL);
}

/* Where the kernel is. */

static bool
is_within(rtems_id task, uint32_t processors)
{
  cpu_set_t set;
  int i;

  CPU_ZERO(&set);
  CHECK(
    rtems_task_get_affinity(task, sizeof(set), &set) == RTEMS_SUCCESSFUL
  );
  for (i = 0; i < 32; ++i) {
    if (CPU_ISSET(i, &set) && (processors >> i & 1) == 0) {
      return false;
    }
  }
  return true;
}

/* All tasks but this one are the kernel's. */
static unsigned
count_tasks_on(rtems_id scheduler, uint32_t processors)
{
  rtems_object_api_class_information info;
  unsigned count = 0;
  rtems_id id;

  (void)rtems_object_get_class_information(
    OBJECTS_CLASSIC_API,
    OBJECTS_RTEMS_TASKS,
    &info
  );
  for (id = info.minimum_id; id <= info.maximum_id; ++id) {
    rtems_id home;

    if (id == rtems_task_self()
        || rtems_task_get_scheduler(id, &home) != RTEMS_SUCCESSFUL) {
      continue;
    }
    CHECK(home == scheduler);
    CHECK(is_within(id, processors));
    ++count;
  }
  return count;
}

/* Files of a directory that all change. */
static rtems_task
work(rtems_task_argument worker)
{
  char name[32], text[32];
  unsigned round;
  int fd;

  (void)snprintf(name, sizeof(name), "/file%u", (unsigned)worker);
  CHECK(rtems_rump_enter() == 0);
  for (round = 0; round < ROUNDS; ++round) {
    fd = rump_sys_open(name, NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);
    CHECK(fd >= 0);
    CHECK(rump_sys_write(fd, name, sizeof(name)) == sizeof(name));
    CHECK(rump_sys_pread(fd, text, sizeof(text), 0) == sizeof(text));
    CHECK(strcmp(name, text) == 0);
    CHECK(rump_sys_close(fd) == 0);
    CHECK(rump_sys_unlink(name) == 0);
  }
  rtems_rump_leave();
  rtems_counting_semaphore_post(&ended);
  rtems_task_exit();
}

static void
live(uint32_t affinity, unsigned virtual_cpus)
{
  const struct rtems_rump_config config = {
    .memory = 4u << 20,
    .scheduler = SIDE,
    .affinity = affinity,
    .restartable = true
  };
  uint32_t processors = affinity == 0 ? SIDE_PROCESSORS : affinity;
  struct rtems_rump_usage usage;
  unsigned i;

  CHECK(rtems_rump_start(&config) == 0);
  rtems_rump_get_usage(&usage);
  CHECK(usage.processors == processors);
  /* The set of a task that may be on all its scheduler's is all there are. */
  CHECK(
    usage.tasks == count_tasks_on(
      side_scheduler,
      processors == SIDE_PROCESSORS ? UINT32_MAX : processors
    )
  );
  /* Each virtual CPU has a clock thread, the first on the last processor. */
  CHECK(usage.tasks >= 8 + virtual_cpus);
  check_pinned("rumpclk0", 31 - __builtin_clz(processors));
  for (i = 0; i < WORKERS; ++i) {
    (void)target_task_on(i % 2 == 0 ? main_scheduler : side_scheduler,
      TARGET_PRIORITY, work, i);
  }
  wait_for(WORKERS);
  CHECK(rtems_rump_end() == 0);
  target_sleep(20);
}

/* Inheritance. */

static struct lock lock = LOCK_INITIALIZER("test");
static atomic_bool owned, taken;

/* Has the lock until it runs where those of the other instance do. */
static rtems_task
own(rtems_task_argument arg)
{
  uint64_t begin = target_msec();

  (void)arg;
  lock_enter(&lock);
  atomic_store(&owned, true);
  while (rtems_scheduler_get_processor() >= 2) {
    CHECK(target_msec() - begin < TIME_LIMIT_MSEC);
  }
  lock_exit(&lock);
  rtems_counting_semaphore_post(&ended);
  rtems_task_exit();
}

static rtems_task
spin(rtems_task_argument arg)
{
  uint64_t begin = target_msec();

  (void)arg;
  while (!atomic_load(&taken)) {
    CHECK(target_msec() - begin < TIME_LIMIT_MSEC);
  }
  rtems_counting_semaphore_post(&ended);
  rtems_task_exit();
}

/*
 * The owner of a lock has no processor of its own scheduler any more, and goes
 * on on one of those who wait for it.
 */
static void
inherit_across(void)
{
  (void)target_task_on(side_scheduler, TARGET_PRIORITY, own, 0);
  while (!atomic_load(&owned)) {
  }
  (void)target_task_on(side_scheduler, TARGET_PRIORITY - 10, spin, 0);
  (void)target_task_on(side_scheduler, TARGET_PRIORITY - 10, spin, 1);
  lock_enter(&lock);
  atomic_store(&taken, true);
  lock_exit(&lock);
  wait_for(3);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("SCHEDULERS");
  CHECK(rtems_scheduler_ident(MAIN, &main_scheduler) == RTEMS_SUCCESSFUL);
  CHECK(rtems_scheduler_ident(SIDE, &side_scheduler) == RTEMS_SUCCESSFUL);
  if (rtems_scheduler_get_processor_maximum() < 4) {
    refuse(
      (struct rtems_rump_config){ .scheduler = SIDE }, "owns no processor");
    TARGET_END("SCHEDULERS");
  }
  refuse((struct rtems_rump_config){ .affinity = 4 }, "does not own");
  refuse((struct rtems_rump_config){ .affinity = 2 }, "cannot pin");
  refuse(
    (struct rtems_rump_config){ .scheduler = SIDE, .affinity = 6 },
    "does not own");
  live(0, 2);
  live(8, 1);
  live(SIDE_PROCESSORS, 2);
  inherit_across();
  TARGET_END("SCHEDULERS");
}

#define CONFIGURE_MAXIMUM_PROCESSORS 4
#define CONFIGURE_SCHEDULER_EDF_SMP
#define CONFIGURE_SCHEDULER_PRIORITY_SMP
#include <rtems/scheduler.h>

RTEMS_SCHEDULER_PRIORITY_SMP(main_instance, 256);
RTEMS_SCHEDULER_EDF_SMP(side_instance);

#define CONFIGURE_SCHEDULER_TABLE_ENTRIES \
  RTEMS_SCHEDULER_TABLE_PRIORITY_SMP(main_instance, MAIN), \
  RTEMS_SCHEDULER_TABLE_EDF_SMP(side_instance, SIDE)
#define CONFIGURE_SCHEDULER_ASSIGNMENTS \
  RTEMS_SCHEDULER_ASSIGN(0, RTEMS_SCHEDULER_ASSIGN_PROCESSOR_MANDATORY), \
  RTEMS_SCHEDULER_ASSIGN(0, RTEMS_SCHEDULER_ASSIGN_PROCESSOR_OPTIONAL), \
  RTEMS_SCHEDULER_ASSIGN(1, RTEMS_SCHEDULER_ASSIGN_PROCESSOR_OPTIONAL), \
  RTEMS_SCHEDULER_ASSIGN(1, RTEMS_SCHEDULER_ASSIGN_PROCESSOR_OPTIONAL)
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
