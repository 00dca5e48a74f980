/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Tasks are threads of the host, but they only run while they hold one of the
 * simulated processors, which the ready tasks with the highest priorities do.
 *
 * A task that has to give up its processor to another does so at its next
 * directive.  So that one which makes none cannot keep it for ever, it also
 * gets a signal, whose handler does the same where that is safe: in the code
 * of the application, but neither in the simulator nor in a library of the
 * host, which may hold locks that others need.
 */

#include "scheduler.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <rtems/score/threaddispatch.h>
#include <simulator/simulator.h>

#define STACK_MINIMUM ((size_t)256 * 1024)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_key_t key;
static task *processors[PROCESSORS_MAX];
static unsigned processor_count = 1;
static task *ready;

/* The assignment of the processors may be out of date. */
static bool changed;
static bool preempt_by_signal;

static _Thread_local task *self;

/* How many times it has entered; more than once with more than one queue. */
static _Thread_local volatile sig_atomic_t inside;

task *
sim_self(void)
{
  return self;
}

uint32_t
rtems_scheduler_get_processor_maximum(void)
{
  return processor_count;
}

uint32_t
rtems_scheduler_get_processor(void)
{
  return self != NULL ? (uint32_t)self->processor : 0;
}

bool
_Thread_Dispatch_is_enabled(void)
{
  return self != NULL && !inside && self->dispatch_disabled == 0;
}

bool
rtems_interrupt_is_in_progress(void)
{
  return self == NULL;
}

/* Tasks which have been ready for longer come first among equals. */
static void
ready_insert(task *t, bool first_of_equals)
{
  unsigned limit = first_of_equals ? t->priority : t->priority + 1;
  task **p = &ready;

  while (*p != NULL && (*p)->priority < limit) {
    p = &(*p)->next_ready;
  }
  t->next_ready = *p;
  *p = t;
  changed = true;
}

static void
ready_extract(task *t)
{
  task **p = &ready;

  while (*p != t) {
    p = &(*p)->next_ready;
  }
  *p = t->next_ready;
}

static bool
is_in_ready_list(const task *t)
{
  return t->state == 0 && t->processor < 0;
}

/* Of those that run and may go on, the first that has to yield to others. */
static task *
lowest_running(void)
{
  task *lowest = NULL;

  for (unsigned i = 0; i < processor_count; ++i) {
    task *t = processors[i];

    if (t == NULL || atomic_load(&t->attention)) {
      continue;
    }
    if (
      lowest == NULL || t->priority > lowest->priority
        || (t->priority == lowest->priority && t->behind)
    ) {
      lowest = t;
    }
  }
  return lowest;
}

static void
assign_idle_processors(void)
{
  for (unsigned i = 0; i < processor_count && ready != NULL; ++i) {
    if (processors[i] == NULL) {
      task *t = ready;

      ready = t->next_ready;
      processors[i] = t;
      t->processor = (int)i;
      t->behind = false;
      pthread_cond_signal(&t->assigned);
    }
  }
}

static bool
must_stop(const task *t)
{
  return t->state != 0 || (t->terminating && !t->ending);
}

/* Marks those who have to stop anyway, and counts them. */
static unsigned
mark_stopping(void)
{
  unsigned count = 0;

  for (unsigned i = 0; i < processor_count; ++i) {
    task *t = processors[i];

    if (t != NULL) {
      bool stopping = must_stop(t);

      atomic_store(&t->attention, stopping);
      count += stopping;
    }
  }
  return count;
}

/*
 * Marks those who have to give up their processors to ready tasks, the first
 * of which can be served by those who stop anyway.
 */
static void
mark_outranked(unsigned stopping)
{
  const task *t = ready;

  for (; stopping > 0 && t != NULL; --stopping) {
    t = t->next_ready;
  }
  for (; t != NULL; t = t->next_ready) {
    task *victim = lowest_running();

    if (
      victim == NULL || victim->priority < t->priority
        || (victim->priority == t->priority && !victim->behind)
    ) {
      break;
    }
    atomic_store(&victim->attention, true);
  }
}

/* Who stays where it is need not remember that it offered its place. */
static void
notify_marked(void)
{
  for (unsigned i = 0; i < processor_count; ++i) {
    task *t = processors[i];

    if (t == NULL) {
      continue;
    }
    if (!atomic_load(&t->attention)) {
      t->behind = false;
    } else if (t != self && preempt_by_signal) {
      pthread_kill(t->thread, SIGUSR2);
    }
  }
}

static void
schedule(void)
{
  if (changed) {
    changed = false;
    assign_idle_processors();
    mark_outranked(mark_stopping());
    notify_marked();
  }
}

void
sim_remind(void)
{
  notify_marked();
}

static void
give_up_processor(task *t)
{
  processors[t->processor] = NULL;
  t->processor = -1;
  atomic_store(&t->attention, false);
  if (t->state == 0) {
    ready_insert(t, !t->behind);
  }
  changed = true;
}

static void
wait_for_processor(task *t)
{
  while (t->processor < 0) {
    pthread_cond_wait(&t->assigned, &lock);
  }
}

static void
unlock(void)
{
  pthread_mutex_unlock(&lock);
  inside = 0;
}

/* Unwinds the stack of the calling task; run() goes on. */
static RTEMS_NO_RETURN void
end(void)
{
  self->ending = true;
  unlock();
  siglongjmp(self->bottom, 1);
}

bool
sim_has_to_dispatch(void)
{
  return self != NULL && atomic_load(&self->attention)
    && self->dispatch_disabled == 0;
}

/* Returns when the calling task may run. */
static void
dispatch(void)
{
  while (sim_has_to_dispatch()) {
    if (self->terminating && !self->ending) {
      end();
    }
    give_up_processor(self);
    schedule();
    wait_for_processor(self);
  }
}

task *
sim_enter(void)
{
  inside = inside + 1;
  if (inside == 1) {
    pthread_mutex_lock(&lock);
    dispatch();
  }
  return self;
}

static void
leave_inner(void)
{
  if (inside == 0) {
    rtems_panic("SIMULATOR ERROR: a queue is unlocked that is not locked\n");
  }
  inside = inside - 1;
}

void
sim_leave(void)
{
  if (inside != 1) {
    leave_inner();
    return;
  }
  schedule();
  dispatch();
  unlock();
  /* The signal may have come before unlock() was done. */
  if (sim_has_to_dispatch()) {
    sim_enter();
    unlock();
  }
}

int
sim_block(task *t)
{
  if (t->dispatch_disabled != 0 || inside > 1) {
    rtems_fatal(INTERNAL_ERROR_CORE, 30); /* bad dispatch disable level */
  }
  sim_leave();
  return t->wait_status;
}

void
sim_set_state(task *t, unsigned state)
{
  if (t == NULL) {
    rtems_panic("SIMULATOR ERROR: an interrupt blocks\n");
  }
  if (is_in_ready_list(t)) {
    ready_extract(t);
  }
  t->state |= state;
  changed = true;
}

void
sim_clear_state(task *t, unsigned state)
{
  if (t->state == 0) {
    return;
  }
  t->state &= ~state;
  if (is_in_ready_list(t)) {
    ready_insert(t, false);
  }
  changed = true;
}

void
sim_wake(task *t, int status)
{
  if (t->queue != NULL) {
    sim_dequeue(t);
  }
  if (t->timed) {
    sim_cancel_timeout(t);
  }
  t->events.wanted = 0;
  t->system_events.wanted = 0;
  t->wait_status = status;
  sim_clear_state(t, STATE_WAITING);
}

void
sim_terminate(task *t)
{
  t->terminating = true;
  if (!t->ending) {
    if (t->state & STATE_WAITING) {
      sim_wake(t, RTEMS_INTERNAL_ERROR);
    }
    sim_clear_state(t, STATE_SUSPENDED);
    changed = true;
  }
}

void
sim_yield(task *t)
{
  t->behind = true;
  changed = true;
}

static unsigned
inherited_priority(const task *t)
{
  unsigned priority = t->base_priority;

  for (const struct waitq *q = t->owned; q != NULL; q = q->next_owned) {
    if (q->first->priority < priority) {
      priority = q->first->priority;
    }
  }
  return priority;
}

/* Follows the chain of owners for as long as something changes. */
static void
update_priority(task *t, bool first_of_equals)
{
  while (t != NULL && inherited_priority(t) != t->priority) {
    if (is_in_ready_list(t)) {
      ready_extract(t);
      t->priority = inherited_priority(t);
      ready_insert(t, first_of_equals);
    } else {
      t->priority = inherited_priority(t);
      t->behind = t->processor >= 0 && !first_of_equals;
      changed = true;
    }
    if (t->queue == NULL) {
      break;
    }
    sim_requeue(t);
    t = t->queue->owner;
  }
}

void
sim_set_priority(task *t, unsigned priority)
{
  t->base_priority = priority;
  update_priority(t, false);
}

void
sim_inherit(task *t)
{
  update_priority(t, inherited_priority(t) > t->priority);
}

void
sim_exit(void)
{
  sim_enter();
  end();
}

/* The task is over: its thread must not touch it any more. */
static void
finish(task *t)
{
  inside = 1;
  pthread_mutex_lock(&lock);
  while (t->join.first != NULL) {
    sim_wake(t->join.first, RTEMS_SUCCESSFUL);
  }
  while (t->owned != NULL) { /* what it has not surrendered has no owner now */
    struct waitq *q = t->owned;

    t->owned = q->next_owned;
    q->next_owned = NULL;
    q->owner = NULL;
  }
  t->state = STATE_DORMANT;
  give_up_processor(t);
  sim_forget(t);
  self = NULL;
  schedule();
  pthread_mutex_unlock(&lock);
  pthread_cond_destroy(&t->assigned);
  sim_host_free(t);
}

/*
 * The destructors of the application's keys still run as this task, so this
 * one stays until the host's next but last round of them.
 */
static void
destroy_key(void *arg)
{
  task *t = arg;

  if (++t->destructor_rounds < 3) {
    pthread_setspecific(key, t);
  } else {
    finish(t);
  }
}

static void *
run(void *arg)
{
  inside = 1; /* before a signal can find a task without a bottom */
  self = arg;
  pthread_setspecific(key, self);
  if (sigsetjmp(self->bottom, 1) == 0) {
    pthread_mutex_lock(&lock);
    wait_for_processor(self);
    dispatch();
    unlock();
    (*self->entry)(self->argument);
    rtems_fatal(INTERNAL_ERROR_CORE, 5); /* thread exitted */
  }
  return NULL;
}

void
sim_start(task *t)
{
  pthread_attr_t attr;
  int error;

  pthread_attr_init(&attr);
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(
    &attr,
    RTEMS_ALIGN_UP(t->stack_size + STACK_MINIMUM, 4096)
  );
  error = pthread_create(&t->thread, &attr, run, t);
  pthread_attr_destroy(&attr);
  if (error != 0) {
    rtems_panic("simulator: no thread: %s\n", strerror(error));
  }
  sim_clear_state(t, STATE_DORMANT);
}

uintptr_t *
sim_interrupted_at(task *t)
{
  return atomic_load(&t->interrupted_at);
}

#if defined(__x86_64__)
static uintptr_t *
pc_of(ucontext_t *context)
{
  return (uintptr_t *)&context->uc_mcontext.gregs[REG_RIP];
}

static bool
is_in_application(ucontext_t *context)
{
  extern const char __executable_start[], etext[];
  uintptr_t pc = *pc_of(context);

  return pc >= (uintptr_t)__executable_start && pc < (uintptr_t)etext;
}
#else
static uintptr_t *
pc_of(ucontext_t *context)
{
  (void)context;
  return NULL;
}

static bool
is_in_application(ucontext_t *context)
{
  (void)context;
  return false;
}
#endif

static void
preempt(int signal, siginfo_t *info, void *context)
{
  int saved_errno = errno;

  (void)signal;
  (void)info;
  if (!inside && sim_has_to_dispatch() && is_in_application(context)) {
    atomic_store(&self->interrupted_at, pc_of(context));
    sim_enter();
    sim_leave();
    atomic_store(&self->interrupted_at, NULL);
  }
  errno = saved_errno;
}

/* Checkers lose track of a thread that waits in a signal handler. */
static bool
is_checked(void)
{
  const char *preload = getenv("LD_PRELOAD");

#ifdef __SANITIZE_THREAD__
  return true;
#endif
  return preload != NULL && strstr(preload, "vgpreload") != NULL;
}

static unsigned
configured_processors(void)
{
  const char *value = getenv("SIM_PROCESSORS");
  unsigned maximum = sim_configuration.maximum_processors;
  unsigned long wanted = value != NULL ? strtoul(value, NULL, 10) : maximum;

  if (maximum > PROCESSORS_MAX) {
    maximum = PROCESSORS_MAX;
  }
  return wanted >= 1 && wanted < maximum ? (unsigned)wanted : maximum;
}

void
sim_scheduler_initialize(void)
{
  const char *value = getenv("SIM_PREEMPT");
  struct sigaction action = {
    .sa_sigaction = preempt,
    .sa_flags = SA_SIGINFO | SA_RESTART
  };

  processor_count = configured_processors();
  preempt_by_signal = value != NULL ? *value == '1' : !is_checked();
  pthread_key_create(&key, destroy_key);
  sigaction(SIGUSR2, &action, NULL);
}
