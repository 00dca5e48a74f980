/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What the tests on real NetBSD kernels share.
 *
 * A test says how it ends: with the line that ends an RTEMS test if all checks
 * have held, with the first that has not otherwise.
 */

#ifndef TARGET_H
#define TARGET_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rtems.h>
#include <rtems/libcsupport.h>
#include <rtems/thread.h>

#include <rtems-rump/instance.h>
#include <rtems-rump/netbsd.h>

#include "../exit.h"

#define CHECK(condition) \
  ((condition) ? (void)0 : target_fail(__FILE__, __LINE__, #condition))

/* A call that has to fail, with this number. */
#define CHECK_ERRNO(call, number) \
  do { \
    errno = 0; \
    CHECK((call) == -1); \
    CHECK(errno == (number)); \
  } while (0)

#define TARGET_BEGIN(name) puts("*** BEGIN OF TEST " name " ***")

#define TARGET_END(name) \
  do { \
    puts("*** END OF TEST " name " ***"); \
    test_exit(0); \
  } while (0)

#define NSEC_PER_SEC UINT64_C(1000000000)
#define NSEC_PER_MSEC UINT64_C(1000000)

/* The priority of tasks that call a kernel and have no other. */
#define TARGET_PRIORITY 110

static inline void
target_fail(const char *file, int line, const char *what)
{
  printf(
    "not ok: %s:%d: %s (errno %d, %s)\n",
    file,
    line,
    what,
    errno,
    strerror(errno)
  );
  test_exit(1);
}

/* On the monotonic clock. */
static inline uint64_t
target_msec(void)
{
  struct timespec now;

  rtems_clock_get_monotonic(&now);
  return (uint64_t)now.tv_sec * 1000
    + (uint64_t)now.tv_nsec / NSEC_PER_MSEC;
}

static inline void
target_sleep(unsigned msec)
{
  CHECK(
    rtems_task_wake_after(
      msec * rtems_clock_get_ticks_per_second() / 1000 + 1
    ) == RTEMS_SUCCESSFUL
  );
}

static inline int
target_last_processor(void)
{
  return (int)rtems_scheduler_get_processor_maximum() - 1;
}

/* Scheduler 0: that of the caller. */
static inline rtems_id
target_task_on(
  rtems_id            scheduler,
  rtems_task_priority priority,
  rtems_task_entry    entry,
  rtems_task_argument arg
)
{
  rtems_id id;

  CHECK(
    rtems_task_create(
      rtems_build_name('T', 'E', 'S', 'T'),
      priority,
      16 * 1024,
      RTEMS_DEFAULT_MODES,
      RTEMS_FLOATING_POINT,
      &id
    ) == RTEMS_SUCCESSFUL
  );
  CHECK(
    scheduler == 0
      || rtems_task_set_scheduler(id, scheduler, priority) == RTEMS_SUCCESSFUL
  );
  CHECK(rtems_task_start(id, entry, arg) == RTEMS_SUCCESSFUL);
  return id;
}

static inline rtems_id
target_task(
  rtems_task_priority priority,
  rtems_task_entry    entry,
  rtems_task_argument arg
)
{
  return target_task_on(0, priority, entry, arg);
}

/*
 * Waits for the end of a task, whose memory is free then.  That it has said so
 * is not enough: it has to run once more.
 */
static inline void
target_wait_for_end(rtems_id id)
{
  while (rtems_task_is_suspended(id) != RTEMS_INVALID_ID) {
    target_sleep(10);
  }
}

static inline void
target_show(const char *what, const rtems_resource_snapshot *s)
{
  printf(
    "%s: heap %lu in %lu blocks, workspace %lu, %lu tasks, %lu keys, "
    "%d files\n",
    what,
    (unsigned long)s->heap_info.Used.total,
    (unsigned long)s->heap_info.Used.number,
    (unsigned long)s->workspace_info.Used.total,
    (unsigned long)s->rtems_api.active_tasks,
    (unsigned long)s->active_posix_key_value_pairs,
    s->open_files
  );
}

/* That nothing is left behind. */
static inline void
target_check_equal(
  const rtems_resource_snapshot *before, const rtems_resource_snapshot *after)
{
  if (!rtems_resource_snapshot_equal(before, after)) {
    target_show("before", before);
    target_show("after", after);
    target_fail(__FILE__, __LINE__, "the snapshots are equal");
  }
}

/* Two lives of a kernel, of which the second leaves nothing more behind. */
static inline void
target_live_twice(void (*live)(unsigned life))
{
  rtems_resource_snapshot before, after;

  (*live)(0);
  rtems_resource_snapshot_take(&before);
  (*live)(1);
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
}

#endif /* TARGET_H */
