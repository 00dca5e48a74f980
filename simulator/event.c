/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Directives of the event manager.
 */

#include "scheduler.h"

/* The events of the set that satisfy the condition, or none. */
static rtems_event_set
satisfying(const struct events *e, rtems_event_set wanted, rtems_option option)
{
  rtems_event_set seized = e->pending & wanted;

  return (option & RTEMS_EVENT_ANY) || seized == wanted ? seized : 0;
}

static void
send(task *t, struct events *e, rtems_event_set in)
{
  rtems_event_set seized;

  e->pending |= in;
  seized = satisfying(e, e->wanted, e->option);
  if (e->wanted != 0 && seized != 0) {
    e->pending &= ~seized;
    *e->out = seized;
    sim_wake(t, RTEMS_SUCCESSFUL);
  }
}

static rtems_status_code
receive(
  task            *self,
  struct events   *e,
  rtems_event_set  in,
  rtems_option     option,
  rtems_interval   ticks,
  rtems_event_set *out
)
{
  rtems_event_set seized;

  sim_enter();
  seized = satisfying(e, in, option);
  if (in == RTEMS_PENDING_EVENTS || seized != 0) {
    *out = in == RTEMS_PENDING_EVENTS ? e->pending : seized;
    e->pending &= ~seized;
    sim_leave();
    return RTEMS_SUCCESSFUL;
  }
  if (option & RTEMS_NO_WAIT) {
    *out = e->pending & in;
    sim_leave();
    return RTEMS_UNSATISFIED;
  }
  e->wanted = in;
  e->option = option;
  e->out = out;
  sim_set_state(self, STATE_WAITING);
  if (ticks != RTEMS_NO_TIMEOUT) {
    sim_set_timeout(self, sim_deadline(ticks));
  }
  return (rtems_status_code)sim_block(self);
}

static rtems_status_code
send_events(task *t, void *arg)
{
  send(t, &t->events, *(rtems_event_set *)arg);
  return RTEMS_SUCCESSFUL;
}

static rtems_status_code
send_system_events(task *t, void *arg)
{
  send(t, &t->system_events, *(rtems_event_set *)arg);
  return RTEMS_SUCCESSFUL;
}

rtems_status_code
rtems_event_send(rtems_id id, rtems_event_set event_in)
{
  return sim_with_task(id, send_events, &event_in);
}

rtems_status_code
rtems_event_system_send(rtems_id id, rtems_event_set event_in)
{
  return sim_with_task(id, send_system_events, &event_in);
}

rtems_status_code
rtems_event_receive(
  rtems_event_set  event_in,
  rtems_option     option_set,
  rtems_interval   ticks,
  rtems_event_set *event_out
)
{
  task *self = sim_self();

  return event_out == NULL ? RTEMS_INVALID_ADDRESS :
    receive(self, &self->events, event_in, option_set, ticks, event_out);
}

rtems_status_code
rtems_event_system_receive(
  rtems_event_set  event_in,
  rtems_option     option_set,
  rtems_interval   ticks,
  rtems_event_set *event_out
)
{
  task *self = sim_self();

  return event_out == NULL ? RTEMS_INVALID_ADDRESS : receive(
    self,
    &self->system_events,
    event_in,
    option_set,
    ticks,
    event_out
  );
}
