/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Directives about the one scheduler and its processors, which all are alike.
 */

#include "scheduler.h"

/* API 7 (none of the usual), class 1 (schedulers), node 1, index 1. */
#define SCHEDULER_ID 0x0f010001u

uint32_t
rtems_configuration_get_maximum_processors(void)
{
  return sim_configuration.maximum_processors;
}

rtems_task_priority
_RTEMS_Maximum_priority(void)
{
  return sim_configuration.maximum_priority;
}

rtems_status_code
rtems_scheduler_ident(rtems_name name, rtems_id *id)
{
  if (id == NULL) {
    return RTEMS_INVALID_ADDRESS;
  }
  if (name != sim_configuration.scheduler_name) {
    return RTEMS_INVALID_NAME;
  }
  *id = SCHEDULER_ID;
  return RTEMS_SUCCESSFUL;
}

rtems_status_code
rtems_scheduler_get_maximum_priority(
  rtems_id             scheduler_id,
  rtems_task_priority *priority
)
{
  if (priority == NULL) {
    return RTEMS_INVALID_ADDRESS;
  }
  if (scheduler_id != SCHEDULER_ID) {
    return RTEMS_INVALID_ID;
  }
  *priority = sim_configuration.maximum_priority;
  return RTEMS_SUCCESSFUL;
}

static rtems_status_code
get_scheduler(task *t, void *arg)
{
  (void)t;
  *(rtems_id *)arg = SCHEDULER_ID;
  return RTEMS_SUCCESSFUL;
}

rtems_status_code
rtems_task_get_scheduler(rtems_id task_id, rtems_id *scheduler_id)
{
  return scheduler_id == NULL ? RTEMS_INVALID_ADDRESS :
    sim_with_task(task_id, get_scheduler, scheduler_id);
}

static rtems_status_code
get_priority(task *t, void *arg)
{
  *(rtems_task_priority *)arg = t->priority;
  return RTEMS_SUCCESSFUL;
}

rtems_status_code
rtems_task_get_priority(
  rtems_id             task_id,
  rtems_id             scheduler_id,
  rtems_task_priority *priority
)
{
  if (priority == NULL) {
    return RTEMS_INVALID_ADDRESS;
  }
  return scheduler_id != SCHEDULER_ID ?
    RTEMS_INVALID_ID : sim_with_task(task_id, get_priority, priority);
}

rtems_status_code
rtems_task_set_scheduler(
  rtems_id            task_id,
  rtems_id            scheduler_id,
  rtems_task_priority priority
)
{
  rtems_task_priority old;

  return scheduler_id != SCHEDULER_ID ?
    RTEMS_INVALID_ID : rtems_task_set_priority(task_id, priority, &old);
}

static void
set_all_processors(cpu_set_t *set)
{
  CPU_ZERO(set);
  for (uint32_t i = 0; i < rtems_scheduler_get_processor_maximum(); ++i) {
    CPU_SET(i, set);
  }
}

rtems_status_code
rtems_scheduler_get_processor_set(
  rtems_id   scheduler_id,
  size_t     cpusetsize,
  cpu_set_t *cpuset
)
{
  if (cpuset == NULL) {
    return RTEMS_INVALID_ADDRESS;
  }
  if (scheduler_id != SCHEDULER_ID) {
    return RTEMS_INVALID_ID;
  }
  if (cpusetsize < sizeof(*cpuset)) {
    return RTEMS_INVALID_SIZE;
  }
  set_all_processors(cpuset);
  return RTEMS_SUCCESSFUL;
}

static rtems_status_code
get_affinity(task *t, void *arg)
{
  (void)t;
  set_all_processors(arg);
  return RTEMS_SUCCESSFUL;
}

rtems_status_code
rtems_task_get_affinity(rtems_id id, size_t cpusetsize, cpu_set_t *cpuset)
{
  if (cpuset == NULL) {
    return RTEMS_INVALID_ADDRESS;
  }
  return cpusetsize < sizeof(*cpuset) ?
    RTEMS_INVALID_SIZE : sim_with_task(id, get_affinity, cpuset);
}

rtems_status_code
rtems_task_set_affinity(
  rtems_id         id,
  size_t           cpusetsize,
  const cpu_set_t *cpuset
)
{
  cpu_set_t unused;

  return cpuset == NULL ?
    RTEMS_INVALID_ADDRESS : rtems_task_get_affinity(id, cpusetsize, &unused);
}
