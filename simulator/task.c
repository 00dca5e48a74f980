/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Directives of the task manager.
 */

#include "scheduler.h"

#include "../hypercall/waitq.h"
#include "fault.h"

static bool
is_priority_valid(rtems_task_priority priority)
{
  return priority >= RTEMS_MINIMUM_PRIORITY
    && priority <= sim_configuration.maximum_priority;
}

static rtems_status_code
check_create(rtems_name name, rtems_task_priority priority, const rtems_id *id)
{
  int fault;

  if (name == 0) {
    return RTEMS_INVALID_NAME;
  }
  if (id == NULL) {
    return RTEMS_INVALID_ADDRESS;
  }
  if (!is_priority_valid(priority)) {
    return RTEMS_INVALID_PRIORITY;
  }
  return sim_fault_next(SIM_FAULT_TASK_CREATE, &fault) ?
    (rtems_status_code)fault : RTEMS_SUCCESSFUL;
}

static task *
create(rtems_name name, rtems_task_priority priority, size_t stack_size)
{
  task *t = sim_host_calloc(1, sizeof(*t));

  if (t != NULL) {
    t->name = name;
    t->base_priority = priority;
    t->priority = priority;
    t->state = STATE_DORMANT;
    t->processor = -1;
    t->stack_size = stack_size;
    t->join = (struct waitq)WAITQ_INITIALIZER("join");
    t->join.owner = t;
    pthread_cond_init(&t->assigned, NULL);
  }
  return t;
}

static void
destroy(task *t)
{
  pthread_cond_destroy(&t->assigned);
  sim_host_free(t);
}

rtems_status_code
rtems_task_create(
  rtems_name          name,
  rtems_task_priority initial_priority,
  size_t              stack_size,
  rtems_mode          initial_modes,
  rtems_attribute     attribute_set,
  rtems_id           *id
)
{
  rtems_status_code sc = check_create(name, initial_priority, id);
  task *t;

  (void)initial_modes;
  (void)attribute_set;
  if (sc != RTEMS_SUCCESSFUL) {
    return sc;
  }
  t = create(name, initial_priority, stack_size);
  if (t == NULL) {
    return RTEMS_UNSATISFIED;
  }
  sim_enter();
  if (sim_register(t)) {
    *id = t->id;
    sim_leave();
    return RTEMS_SUCCESSFUL;
  }
  sim_leave();
  destroy(t);
  return RTEMS_TOO_MANY;
}

struct start {
  rtems_task_entry entry;
  rtems_task_argument argument;
};

static rtems_status_code
start(task *t, void *arg)
{
  const struct start *s = arg;

  if (!(t->state & STATE_DORMANT)) {
    return RTEMS_INCORRECT_STATE;
  }
  t->entry = s->entry;
  t->argument = s->argument;
  t->events = t->system_events = (struct events){ 0 };
  sim_start(t);
  return RTEMS_SUCCESSFUL;
}

rtems_status_code
rtems_task_start(
  rtems_id            id,
  rtems_task_entry    entry_point,
  rtems_task_argument argument
)
{
  struct start s = { entry_point, argument };

  return entry_point == NULL ?
    RTEMS_INVALID_ADDRESS : sim_with_task(id, start, &s);
}

void
rtems_task_exit(void)
{
  sim_exit();
}

/* Waits until the task is gone, which inherits the caller's priority. */
static rtems_status_code
delete_other(task *t)
{
  struct waitq_context ctx = { .self = sim_self() };

  sim_terminate(t);
  return waitq_wait_owner(&t->join, &ctx) == 0 ?
    RTEMS_SUCCESSFUL : RTEMS_INCORRECT_STATE;
}

rtems_status_code
rtems_task_delete(rtems_id id)
{
  const task *self = sim_enter();
  task *t = sim_find(id);

  if (t == NULL || self == NULL) {
    sim_leave();
    return t == NULL ? RTEMS_INVALID_ID : RTEMS_CALLED_FROM_ISR;
  }
  if (t == self) {
    sim_leave();
    sim_exit();
  }
  if (!(t->state & STATE_DORMANT)) {
    return delete_other(t);
  }
  sim_forget(t);
  sim_leave();
  destroy(t);
  return RTEMS_SUCCESSFUL;
}

rtems_id
rtems_task_self(void)
{
  return sim_self() != NULL ? sim_self()->id : 0;
}

static rtems_status_code
is_suspended(task *t, void *arg)
{
  (void)arg;
  return t->state & STATE_SUSPENDED ?
    RTEMS_ALREADY_SUSPENDED : RTEMS_SUCCESSFUL;
}

rtems_status_code
rtems_task_is_suspended(rtems_id id)
{
  return sim_with_task(id, is_suspended, NULL);
}

static rtems_status_code
suspend(task *t, void *arg)
{
  rtems_status_code sc = is_suspended(t, arg);

  sim_set_state(t, STATE_SUSPENDED);
  return sc;
}

rtems_status_code
rtems_task_suspend(rtems_id id)
{
  return sim_with_task(id, suspend, NULL);
}

static rtems_status_code
resume(task *t, void *arg)
{
  (void)arg;
  if (!(t->state & STATE_SUSPENDED)) {
    return RTEMS_INCORRECT_STATE;
  }
  sim_clear_state(t, STATE_SUSPENDED);
  return RTEMS_SUCCESSFUL;
}

rtems_status_code
rtems_task_resume(rtems_id id)
{
  return sim_with_task(id, resume, NULL);
}

/* The argument is the new priority and then the old one. */
static rtems_status_code
set_priority(task *t, void *arg)
{
  rtems_task_priority *priority = arg;
  rtems_task_priority new_priority = *priority;

  *priority = t->priority;
  if (new_priority == RTEMS_CURRENT_PRIORITY) {
    return RTEMS_SUCCESSFUL;
  }
  if (!is_priority_valid(new_priority)) {
    return RTEMS_INVALID_PRIORITY;
  }
  sim_set_priority(t, new_priority);
  return RTEMS_SUCCESSFUL;
}

rtems_status_code
rtems_task_set_priority(
  rtems_id             id,
  rtems_task_priority  new_priority,
  rtems_task_priority *old_priority
)
{
  rtems_task_priority priority = new_priority;
  rtems_status_code sc;

  if (old_priority == NULL) {
    return RTEMS_INVALID_ADDRESS;
  }
  sc = sim_with_task(id, set_priority, &priority);
  if (sc != RTEMS_INVALID_ID) {
    *old_priority = priority;
  }
  return sc;
}

rtems_status_code
rtems_task_wake_after(rtems_interval ticks)
{
  task *self = sim_enter();

  if (ticks == RTEMS_YIELD_PROCESSOR) {
    sim_yield(self);
    sim_leave();
  } else {
    sim_set_state(self, STATE_WAITING);
    sim_set_timeout(self, sim_deadline(ticks));
    sim_block(self);
  }
  return RTEMS_SUCCESSFUL;
}
