/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Queues of blocked tasks.
 *
 * Every path here disables interrupts for one operation on one queue.
 */

#include "waitq.h"

#include <errno.h>
#include <stdatomic.h>

#include <rtems.h>
#include <rtems/score/statesimpl.h>
#include <rtems/score/threadimpl.h>
#include <rtems/score/timecounter.h>
#include <rtems/score/timestampimpl.h>
#include <rtems/score/watchdogimpl.h>

/* Small rather than fast: kept apart, in a file that is compiled to be fast. */
#define SLOW_PATH __attribute__((__noinline__, __cold__))

#define INHERIT (&_Thread_queue_Operations_priority_inherit)

waitq_task *
waitq_self(void)
{
  return _Thread_Get_executing();
}

uint32_t
waitq_task_id(const waitq_task *task)
{
  return task->Object.id;
}

void
waitq_name_self(const char *name)
{
  (void)_Thread_Set_name(_Thread_Get_executing(), name);
}

uint64_t
waitq_cpu_time(waitq_task *task)
{
  Timestamp_Control time = _Thread_Get_CPU_time_used(task);

  return _Timestamp_Get_as_nanoseconds(&time);
}

static inline void
lock(struct waitq *q, struct waitq_context *ctx)
{
  _Thread_queue_Context_initialize(&ctx->base);
  _ISR_lock_ISR_disable(&ctx->base.Lock_context.Lock_context);
  _Thread_queue_Queue_acquire_critical(
    &q->queue,
    &_Thread_Executing->Potpourri_stats,
    &ctx->base.Lock_context.Lock_context
  );
}

static inline void
unlock(struct waitq *q, struct waitq_context *ctx)
{
  _Thread_queue_Queue_release(
    &q->queue,
    &ctx->base.Lock_context.Lock_context
  );
}

void
waitq_lock(struct waitq *q, struct waitq_context *ctx)
{
  lock(q, ctx);
}

void
waitq_unlock(struct waitq *q, struct waitq_context *ctx)
{
  unlock(q, ctx);
}

waitq_task *
waitq_owner(const struct waitq *q)
{
  return q->queue.owner;
}

void
waitq_set_owner(struct waitq *q, waitq_task *owner)
{
  q->queue.owner = owner;
}

/*
 * RTEMS can end a wait that is not over: a time-out of an earlier wait of the
 * caller, on any object, may just have begun on another processor.
 */
int
waitq_wait_owner(struct waitq *q, struct waitq_context *ctx)
{
  Thread_Control *self = _Thread_Executing;

  _Thread_queue_Context_set_thread_state(
    &ctx->base,
    STATES_WAITING_FOR_MUTEX
  );
  _Thread_queue_Context_set_enqueue_do_nothing_extra(&ctx->base);
  _Thread_queue_Context_set_deadlock_callout(
    &ctx->base,
    _Thread_queue_Deadlock_status
  );
  _Thread_queue_Enqueue(&q->queue, INHERIT, self, &ctx->base);

  switch (_Thread_Wait_get_status(self)) {
    case STATUS_SUCCESSFUL:
      return 0;
    case STATUS_DEADLOCK:
      return EDEADLK;
    default:
      return EINTR;
  }
}

void
waitq_surrender(struct waitq *q, struct waitq_context *ctx)
{
  _Thread_queue_Surrender(
    &q->queue,
    q->queue.heads,
    q->queue.owner,
    &ctx->base,
    INHERIT
  );
}

/*
 * A task that waits without an owner; on its stack.
 *
 * It is blocked before it can be found, so that whoever wakes it has nothing to
 * find out.  Only if it has a time-out does one of the two come too late: then
 * the flags tell, which the task's own lock guards.
 */
struct waiter {
  RBTree_Node node;
  Priority_Control priority;
  unsigned arrival;
  Thread_Control *task;
  bool timed;
  bool woken;
  atomic_bool timer_has_run;
};

#define BLOCKED (THREAD_WAIT_CLASS_OBJECT | THREAD_WAIT_STATE_BLOCKED)

static inline struct waiter *
waiter_of(const RBTree_Node *node)
{
  return RTEMS_CONTAINER_OF(node, struct waiter, node);
}

static bool
waiter_precedes(const void *left, const RBTree_Node *right)
{
  return *(const Priority_Control *)left < waiter_of(right)->priority;
}

/* The queue is locked. */
static inline void
waiter_insert(struct waitq *q, struct waiter *waiter, Thread_Control *self)
{
  waiter->priority = _Thread_Get_priority(self);
  waiter->arrival = q->arrivals++;
  waiter->task = self;
  if (_RBTree_Is_empty(&q->waiters)) {
    _RBTree_Initialize_node(&waiter->node);
    _RBTree_Initialize_one(&q->waiters, &waiter->node);
  } else {
    (void)_RBTree_Insert_inline(
      &q->waiters,
      &waiter->node,
      &waiter->priority,
      waiter_precedes
    );
  }
}

static inline void
waiter_extract(struct waitq *q, struct waiter *waiter)
{
  if (_RBTree_Left(&waiter->node) == NULL
      && _RBTree_Right(&waiter->node) == NULL
      && _RBTree_Root(&q->waiters) == &waiter->node) {
    _RBTree_Initialize_empty(&q->waiters);
  } else {
    _RBTree_Extract(&q->waiters, &waiter->node);
  }
}

/* False if another came first; then the task may be gone. */
static bool
make_ready_once(Thread_Control *task)
{
  ISR_lock_Context context;
  bool first;

  _Thread_Wait_acquire_default_critical(task, &context);
  first = _Thread_Wait_flags_get(task) == BLOCKED;
  _Thread_Wait_flags_set(task, THREAD_WAIT_STATE_READY);
  _Thread_Wait_release_default_critical(task, &context);
  return first;
}

/* RTEMS's own would not find out that the wait it is for is over. */
static void
time_out(Watchdog_Control *watchdog)
{
  Thread_Control *task =
    RTEMS_CONTAINER_OF(watchdog, Thread_Control, Timer.Watchdog);
  struct waiter *waiter = task->Wait.return_argument;

  if (make_ready_once(task)) {
    _Thread_Unblock(task);
  }
  atomic_store_explicit(&waiter->timer_has_run, true, memory_order_release);
}

static uint64_t
expiry_of(const struct timespec *deadline)
{
  return _Watchdog_Is_far_future_timespec(deadline)
    ? WATCHDOG_MAXIMUM_TICKS
    : _Watchdog_Ticks_from_timespec(deadline);
}

static void
start_timer(
  struct waiter         *waiter,
  Per_CPU_Control       *cpu,
  const struct timespec *deadline
)
{
  Thread_Control *self = waiter->task;
  Watchdog_Header *header =
    &cpu->Watchdog.Header[PER_CPU_WATCHDOG_MONOTONIC];
  uint64_t expiry = expiry_of(deadline);
  ISR_lock_Context context;
  struct timespec now;

  atomic_init(&waiter->timer_has_run, false);
  self->Wait.return_argument = waiter;
  _Timecounter_Nanouptime(&now);
  if (expiry <= _Watchdog_Ticks_from_timespec(&now)) {
    time_out(&self->Timer.Watchdog);
    return;
  }
  _ISR_lock_ISR_disable_and_acquire(&self->Timer.Lock, &context);
  self->Timer.header = header;
  self->Timer.Watchdog.routine = time_out;
  (void)_Watchdog_Per_CPU_insert(
    &self->Timer.Watchdog,
    cpu,
    header,
    expiry
  );
  _ISR_lock_Release_and_ISR_enable(&self->Timer.Lock, &context);
}

/* False if it has run, or is about to on another processor. */
static bool
stop_timer(Thread_Control *self)
{
  Watchdog_Control *watchdog = &self->Timer.Watchdog;
  Per_CPU_Control *cpu = _Watchdog_Get_CPU(watchdog);
  ISR_lock_Context context;
  bool scheduled;

  _ISR_lock_ISR_disable(&context);
  _Watchdog_Per_CPU_acquire_critical(cpu, &context);
  scheduled = _Watchdog_Is_scheduled(watchdog);
  if (scheduled) {
    _Watchdog_Remove(self->Timer.header, watchdog);
  }
  _Watchdog_Per_CPU_release_critical(cpu, &context);
  _ISR_lock_ISR_enable(&context);
  return scheduled;
}

/*
 * Who times out just when it is woken has been woken.  The timer has the
 * waiter: one that runs on another processor is waited for.
 */
static int
waiter_end(struct waitq *q, struct waiter *waiter, Thread_Control *self)
{
  struct waitq_context ctx;
  int error = 0;

  if (!stop_timer(self)) {
    while (!atomic_load_explicit(
        &waiter->timer_has_run,
        memory_order_acquire
      )) {
    }
  }
  lock(q, &ctx);
  if (!waiter->woken) {
    waiter_extract(q, waiter);
    error = ETIMEDOUT;
  }
  unlock(q, &ctx);
  return error;
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
  struct waiter waiter;
  Thread_Control *self = _Thread_Executing;
  Per_CPU_Control *cpu;

  waiter.timed = deadline != NULL;
  waiter.woken = false;
  waiter_insert(q, &waiter, self);
  cpu = _Thread_Dispatch_disable_critical(
    &ctx->base.Lock_context.Lock_context
  );
  _Thread_Wait_flags_set(self, BLOCKED);
  _Thread_Set_state(self, STATES_WAITING_FOR_CONDITION_VARIABLE);
  unlock(q, ctx);

  if (then != NULL) {
    (*then)(arg);
  }
  if (deadline != NULL) {
    start_timer(&waiter, cpu, deadline);
  }
  _Thread_Dispatch_direct(cpu);
  return deadline == NULL ? 0 : waiter_end(q, &waiter, self);
}

static inline bool
make_ready(struct waiter *waiter)
{
  if (waiter->timed) {
    return make_ready_once(waiter->task);
  }
  _Thread_Wait_flags_set(waiter->task, THREAD_WAIT_STATE_READY);
  return true;
}

/* Wakes a waiter and unlocks the queue. */
static inline void
wake_and_unlock(
  struct waitq         *q,
  struct waitq_context *ctx,
  struct waiter        *waiter
)
{
  Thread_Control *task = waiter->task;
  Per_CPU_Control *cpu;
  bool unblock;

  waiter_extract(q, waiter);
  waiter->woken = true;
  unblock = make_ready(waiter);
  cpu = _Thread_Dispatch_disable_critical(
    &ctx->base.Lock_context.Lock_context
  );
  unlock(q, ctx);
  if (unblock) {
    _Thread_Unblock(task);
  }
  _Thread_Dispatch_enable(cpu);
}

void
waitq_signal(struct waitq *q)
{
  struct waitq_context ctx;

  lock(q, &ctx);
  waitq_wake_one(q, &ctx);
}

/* The queue is locked, and somebody waits. */
static inline struct waiter *
first_waiter(const struct waitq *q)
{
  RBTree_Node *first = _RBTree_Root(&q->waiters);

  if (_RBTree_Left(first) != NULL) {
    first = _RBTree_Minimum(&q->waiters);
  }
  return waiter_of(first);
}

void
waitq_wake_one(struct waitq *q, struct waitq_context *ctx)
{
  if (_RBTree_Is_empty(&q->waiters)) {
    unlock(q, ctx);
  } else {
    wake_and_unlock(q, ctx, first_waiter(q));
  }
}

waitq_task *
waitq_take(struct waitq *q)
{
  struct waitq_context ctx;
  Thread_Control *task = NULL;

  lock(q, &ctx);
  if (!_RBTree_Is_empty(&q->waiters)) {
    struct waiter *first = first_waiter(q);

    if (!first->timed) {
      task = first->task;
      waiter_extract(q, first);
      first->woken = true;
      _Thread_Wait_flags_set(task, THREAD_WAIT_STATE_READY);
    }
  }
  unlock(q, &ctx);
  return task;
}

void
waitq_resume(waitq_task *task)
{
  Per_CPU_Control *cpu = _Thread_Dispatch_disable();

  _Thread_Unblock(task);
  _Thread_Dispatch_enable(cpu);
}

/* The first from a node on who came before a certain arrival. */
static struct waiter *
first_before(const RBTree_Node *node, unsigned arrival)
{
  while (node != NULL && (int)(waiter_of(node)->arrival - arrival) >= 0) {
    node = _RBTree_Successor(node);
  }
  return node == NULL ? NULL : waiter_of(node);
}

/*
 * One by one, so that interrupts are not off for all of them together.  Who is
 * woken last may free the queue's memory.
 */
SLOW_PATH void
waitq_wake_all(struct waitq *q, struct waitq_context *ctx)
{
  unsigned arrival = q->arrivals;
  struct waiter *waiter;

  while ((waiter = first_before(_RBTree_Minimum(&q->waiters), arrival))
      != NULL) {
    bool last =
      first_before(_RBTree_Successor(&waiter->node), arrival) == NULL;

    wake_and_unlock(q, ctx, waiter);
    if (last) {
      return;
    }
    lock(q, ctx);
  }
  unlock(q, ctx);
}

/*
 * The queue, in which the task waits for ownership, is locked.  RTEMS's own
 * flush lowers the priority of whoever is the owner after it has unlocked,
 * which nobody may be then.
 */
static SLOW_PATH void
give_up_and_unlock(
  struct waitq         *q,
  struct waitq_context *ctx,
  Thread_Control       *task
)
{
  Per_CPU_Control *cpu;
  bool unblock;

  task->Wait.return_code = STATUS_OBJECT_WAS_DELETED;
  _Thread_queue_Context_clear_priority_updates(&ctx->base);
  unblock =
    _Thread_queue_Extract_locked(&q->queue, INHERIT, task, &ctx->base);
  cpu = _Thread_Dispatch_disable_critical(
    &ctx->base.Lock_context.Lock_context
  );
  unlock(q, ctx);
  _Thread_Priority_update(&ctx->base);
  if (unblock) {
    _Thread_Remove_timer_and_unblock(task, &q->queue);
  }
  _Thread_Dispatch_enable(cpu);
}

SLOW_PATH void
waitq_expel(struct waitq *q, waitq_task *task)
{
  struct waitq_context ctx;

  lock(q, &ctx);
  if (task->Wait.queue == &q->queue) {
    give_up_and_unlock(q, &ctx, task);
  } else {
    waitq_wake_all(q, &ctx);
  }
}

#ifdef RTEMS_SMP
/*
 * Interrupts, each of which disables dispatching once more, may come and go
 * between the loads.
 */
static bool
has_dispatching_disabled(const volatile Per_CPU_Control *cpu)
{
  uint32_t nesting = cpu->isr_nest_level;
  uint32_t level = cpu->thread_dispatch_disable_level;

  return level != nesting || nesting != cpu->isr_nest_level;
}

static bool
has_dispatching_disabled_for_long(const volatile Per_CPU_Control *cpu)
{
  unsigned tries = 50;

  while (has_dispatching_disabled(cpu)) {
    if (--tries == 0) {
      return true;
    }
  }
  return false;
}
#endif

/*
 * Who has just passed an inheriting lock on, or has just got it, may still be
 * the subject of another processor's last step, the change of its priority.
 * All of that is done with thread dispatching disabled.  Nothing tells when
 * that is over: who finds it lasts lets others run until the next tick.
 */
SLOW_PATH void
waitq_retire(void)
{
#ifdef RTEMS_SMP
  uint32_t n = _SMP_Get_processor_maximum();
  uint32_t i;

  atomic_thread_fence(memory_order_seq_cst);
  for (i = 0; i < n; ++i) {
    while (has_dispatching_disabled_for_long(_Per_CPU_Get_by_index(i))) {
      (void)rtems_task_wake_after(1);
    }
  }
#endif
}
