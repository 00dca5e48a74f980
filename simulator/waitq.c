/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Queues of blocked tasks.  The lock of all of them is the simulator's.
 *
 * Whoever waits for an ownership lends its priority: the owner has a list of
 * its queues in which somebody waits.
 */

#include "scheduler.h"

#include <errno.h>

#include "../hypercall/waitq.h"

int __real_clock_gettime(clockid_t clock, struct timespec *t);

static void
set_occupied(struct waitq *q)
{
  __atomic_store_n(&q->occupied, q->first != NULL, __ATOMIC_RELEASE);
}

static void
disown(struct waitq *q)
{
  struct waitq **p = &q->owner->owned;

  while (*p != q) {
    p = &(*p)->next_owned;
  }
  *p = q->next_owned;
  q->next_owned = NULL;
}

static void
own(struct waitq *q)
{
  q->next_owned = q->owner->owned;
  q->owner->owned = q;
}

static void
insert(struct waitq *q, task *t, bool fifo)
{
  task **p = &q->first;

  while (*p != NULL && (fifo || (*p)->priority <= t->priority)) {
    p = &(*p)->next_waiting;
  }
  t->next_waiting = *p;
  *p = t;
}

static void
extract(struct waitq *q, task *t)
{
  task **p = &q->first;

  while (*p != t) {
    p = &(*p)->next_waiting;
  }
  *p = t->next_waiting;
}

void
sim_enqueue(struct waitq *q, task *t, bool fifo)
{
  bool was_empty = q->first == NULL;

  sim_set_state(t, STATE_WAITING);
  insert(q, t, fifo);
  t->queue = q;
  t->fifo = fifo;
  set_occupied(q);
  if (q->owner != NULL) {
    if (was_empty) {
      own(q);
    }
    sim_inherit(q->owner);
  }
}

void
sim_dequeue(task *t)
{
  struct waitq *q = t->queue;

  extract(q, t);
  t->queue = NULL;
  set_occupied(q);
  if (q->owner != NULL) {
    if (q->first == NULL) {
      disown(q);
    }
    sim_inherit(q->owner);
  }
}

void
sim_requeue(task *t)
{
  if (!t->fifo) {
    extract(t->queue, t);
    insert(t->queue, t, false);
  }
}

waitq_task *
waitq_self(void)
{
  return sim_self();
}

uint32_t
waitq_task_id(const waitq_task *task)
{
  return task->id;
}

void
waitq_name_self(const char *name)
{
  (void)pthread_setname_np(pthread_self(), name);
}

uint64_t
waitq_cpu_time(waitq_task *t)
{
  struct timespec time = { 0, 0 };
  clockid_t clock;

  if (pthread_getcpuclockid(t->thread, &clock) == 0) {
    (void)__real_clock_gettime(clock, &time);
  }
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void
waitq_lock(struct waitq *q, struct waitq_context *ctx)
{
  (void)q;
  ctx->self = sim_enter();
}

void
waitq_unlock(struct waitq *q, struct waitq_context *ctx)
{
  (void)q;
  (void)ctx;
  sim_leave();
}

waitq_task *
waitq_owner(const struct waitq *q)
{
  return q->owner;
}

void
waitq_set_owner(struct waitq *q, waitq_task *owner)
{
  q->owner = owner;
}

static bool
closes_circle(const struct waitq *q, const task *self)
{
  while (q != NULL && q->owner != NULL) {
    if (q->owner == self) {
      return true;
    }
    q = q->owner->queue;
  }
  return false;
}

int
waitq_wait_owner(struct waitq *q, struct waitq_context *ctx)
{
  task *self = ctx->self;

  if (closes_circle(q, self)) {
    sim_leave();
    return EDEADLK;
  }
  sim_enqueue(q, self, false);
  return sim_block(self) == RTEMS_SUCCESSFUL ? 0 : EINTR;
}

void
waitq_surrender(struct waitq *q, struct waitq_context *ctx)
{
  task *heir = q->first;
  task *owner = q->owner;

  (void)ctx;
  disown(q);
  q->owner = NULL;
  sim_wake(heir, RTEMS_SUCCESSFUL);
  q->owner = heir;
  if (q->first != NULL) {
    own(q);
    sim_inherit(heir);
  }
  sim_inherit(owner);
  sim_leave();
}

/* May end the wait at once. */
static void
set_deadline(task *self, const struct timespec *deadline)
{
  const int64_t second = 1000000000;
  int64_t ns = INT64_MAX;

  if (deadline->tv_sec < INT64_MAX / second - 1) {
    ns = deadline->tv_sec * second + deadline->tv_nsec;
  }
  if (
    deadline->tv_nsec < 0 || deadline->tv_nsec >= second
      || deadline->tv_sec < 0 || ns <= sim_now()
  ) {
    sim_wake(self, RTEMS_TIMEOUT);
  } else {
    sim_set_timeout(self, ns);
  }
}

/* The caller is in the queue, so it may be woken before it blocks. */
static void
call_then(task *self, void (*then)(void *arg), void *arg)
{
  ++self->dispatch_disabled;
  sim_leave();
  (*then)(arg);
  sim_enter();
  --self->dispatch_disabled;
}

int
waitq_wait(
  struct waitq          *q,
  struct waitq_context  *ctx,
  const struct timespec *deadline,
  void                 (*then)(void *arg),
  void                  *arg
)
{
  task *self = ctx->self;

  sim_enqueue(q, self, false);
  if (deadline != NULL) {
    set_deadline(self, deadline);
  }
  if (then != NULL) {
    call_then(self, then, arg);
  }
  return sim_block(self) == RTEMS_SUCCESSFUL ? 0 : ETIMEDOUT;
}

void
waitq_wake_one(struct waitq *q, struct waitq_context *ctx)
{
  (void)ctx;
  if (q->first != NULL) {
    sim_wake(q->first, RTEMS_SUCCESSFUL);
  }
  sim_leave();
}

void
waitq_signal(struct waitq *q)
{
  struct waitq_context ctx;

  waitq_lock(q, &ctx);
  waitq_wake_one(q, &ctx);
}

void
waitq_wake_all(struct waitq *q, struct waitq_context *ctx)
{
  (void)ctx;
  while (q->first != NULL) {
    sim_wake(q->first, RTEMS_SUCCESSFUL);
  }
  sim_leave();
}

waitq_task *
waitq_take(struct waitq *q)
{
  waitq_task *task;

  (void)sim_enter();
  task = q->first;
  if (task != NULL && task->timed) {
    task = NULL;
  }
  if (task != NULL) {
    sim_dequeue(task);
  }
  sim_leave();
  return task;
}

void
waitq_resume(waitq_task *task)
{
  (void)sim_enter();
  sim_wake(task, RTEMS_SUCCESSFUL);
  sim_leave();
}

void
waitq_expel(struct waitq *q, waitq_task *task)
{
  (void)sim_enter();
  if (task->queue == q) {
    sim_wake(task, RTEMS_INTERNAL_ERROR);
  }
  sim_leave();
}

/* Here a directive that concerns a task is over before the task runs. */
void
waitq_retire(void)
{
}
