/* SPDX-License-Identifier: BSD-2-Clause */

/* Where a task of the kernel is, told by its name. */

#ifndef PINNED_H
#define PINNED_H

#include <pthread.h>

#include <rtems/score/threadimpl.h>

#include "target.h"

struct pinned {
  const char *prefix;
  int processor;
  unsigned count;
};

static bool
pinned_visit(rtems_tcb *task, void *arg)
{
  struct pinned *pinned = arg;
  cpu_set_t set, one;
  char name[16];

  if (pthread_getname_np(task->Object.id, name, sizeof(name)) != 0
      || strncmp(name, pinned->prefix, strlen(pinned->prefix)) != 0) {
    return false;
  }
  CPU_ZERO(&one);
  CPU_SET(pinned->processor, &one);
  CHECK(rtems_task_get_affinity(task->Object.id, sizeof(set), &set)
    == RTEMS_SUCCESSFUL);
  CHECK(rtems_scheduler_get_processor_maximum() == 1 || CPU_EQUAL(&set, &one));
  CHECK((int)_Per_CPU_Get_index(_Thread_Get_CPU(task)) == pinned->processor);
  ++pinned->count;
  return false;
}

/*
 * The one task whose name begins so is pinned there, and has run there last.  It
 * has its name as soon as it has run.
 */
static inline void
check_pinned(const char *prefix, int processor)
{
  struct pinned pinned = { .prefix = prefix, .processor = processor };

  for (;;) {
    rtems_task_iterate(pinned_visit, &pinned);
    if (pinned.count > 0) {
      break;
    }
    target_sleep(10);
  }
  printf("%s: %u on processor %d\n", prefix, pinned.count, processor);
  CHECK(pinned.count == 1);
}

#endif /* PINNED_H */
