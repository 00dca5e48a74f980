/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Tasks by identifier and by name.
 */

#include "scheduler.h"

#include <string.h>

/* API 2 (Classic), class 1 (tasks), node 1; the index starts at 1. */
#define ID_BASE 0x0a010000u
#define TASKS_MAX 0x1000u

static task *tasks[TASKS_MAX];
static uint32_t active;
static uint32_t last_index;

static uint32_t
capacity(void)
{
  uint32_t maximum = sim_configuration.maximum_tasks;

  return rtems_resource_is_unlimited(maximum) || maximum >= TASKS_MAX ?
    TASKS_MAX - 1 : maximum;
}

uint32_t
rtems_configuration_get_maximum_tasks(void)
{
  return sim_configuration.maximum_tasks;
}

rtems_status_code
rtems_object_get_class_information(
  int                                 api,
  int                                 the_class,
  rtems_object_api_class_information *info
)
{
  if (info == NULL) {
    return RTEMS_INVALID_ADDRESS;
  }
  if (api != OBJECTS_CLASSIC_API || the_class != OBJECTS_RTEMS_TASKS) {
    return RTEMS_INVALID_NUMBER;
  }
  sim_enter();
  info->maximum = capacity();
  info->minimum_id = ID_BASE + 1;
  info->maximum_id = ID_BASE + info->maximum;
  info->auto_extend =
    rtems_resource_is_unlimited(sim_configuration.maximum_tasks);
  info->unallocated = info->maximum - active;
  sim_leave();
  return RTEMS_SUCCESSFUL;
}

uint32_t
sim_count_tasks(void)
{
  return active;
}

task *
sim_find(rtems_id id)
{
  uint32_t index = id - ID_BASE;

  if (id == RTEMS_SELF) {
    return sim_self();
  }
  return index < TASKS_MAX ? tasks[index] : NULL;
}

/* A new identifier is as different from those of old tasks as can be. */
bool
sim_register(task *t)
{
  if (active == capacity()) {
    return false;
  }
  do {
    last_index = last_index % capacity() + 1;
  } while (tasks[last_index] != NULL);
  tasks[last_index] = t;
  t->id = ID_BASE + last_index;
  ++active;
  return true;
}

void
sim_forget(task *t)
{
  tasks[t->id - ID_BASE] = NULL;
  --active;
}

rtems_status_code
sim_with_task(rtems_id id, sim_directive *directive, void *arg)
{
  rtems_status_code sc = RTEMS_INVALID_ID;
  task *t;

  sim_enter();
  t = sim_find(id);
  if (t != NULL) {
    sc = (*directive)(t, arg);
  }
  sim_leave();
  return sc;
}

rtems_status_code
rtems_task_ident(rtems_name name, uint32_t node, rtems_id *id)
{
  rtems_status_code sc = RTEMS_INVALID_NAME;

  (void)node;
  if (id == NULL) {
    return RTEMS_INVALID_ADDRESS;
  }
  sim_enter();
  for (uint32_t i = TASKS_MAX; i-- > 0;) {
    if (tasks[i] != NULL && tasks[i]->name == name) {
      *id = tasks[i]->id;
      sc = RTEMS_SUCCESSFUL;
    }
  }
  sim_leave();
  return sc;
}

static rtems_status_code
get_name(task *t, void *arg)
{
  *(rtems_name *)arg = t->name;
  return RTEMS_SUCCESSFUL;
}

rtems_status_code
rtems_object_get_classic_name(rtems_id id, rtems_name *name)
{
  return name == NULL ?
    RTEMS_INVALID_ADDRESS : sim_with_task(id, get_name, name);
}

/* As many characters as fit; those that cannot be printed become stars. */
char *
rtems_object_get_name(rtems_id id, size_t length, char *name)
{
  rtems_name n;
  char *s = name;

  if (
    length == 0 || name == NULL
      || sim_with_task(id, get_name, &n) != RTEMS_SUCCESSFUL
  ) {
    return NULL;
  }
  for (; n >> 24 != 0 && length > 1; n <<= 8, --length) {
    char c = (char)(n >> 24);

    *s++ = c >= ' ' && c <= '~' ? c : '*';
  }
  *s = '\0';
  return name;
}

static rtems_status_code
set_name(task *t, void *arg)
{
  t->name = *(rtems_name *)arg;
  return RTEMS_SUCCESSFUL;
}

rtems_status_code
rtems_object_set_name(rtems_id id, const char *name)
{
  char c[4] = { ' ', ' ', ' ', ' ' };
  rtems_name n;

  if (name == NULL) {
    return RTEMS_INVALID_ADDRESS;
  }
  memcpy(c, name, strnlen(name, sizeof(c)));
  n = rtems_build_name(c[0], c[1], c[2], c[3]);
  return sim_with_task(id, set_name, &n);
}
