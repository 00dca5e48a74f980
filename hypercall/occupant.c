/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Who is in the kernel.
 *
 * An occupant that begins to wait just when all are expelled can be missed.
 * It is found the next time: who expels comes again each tick.
 */

#include "occupant.h"

#include <rtems.h>

#include "lock.h"
#include "visitor.h"

/* Ticks after which who has not left will not. */
#define PATIENCE 200

/* Outlives the kernel as those do who are counted. */
atomic_uint occupants_low OUTLIVES_KERNEL;

/* Tasks come and see that there is no kernel, so this outlives it. */
static struct {
  /* Its waits are never cut short: in it, nobody is an occupant. */
  struct lock lock;
  struct occupant *first;
} occupants OUTLIVES_KERNEL = { .lock = LOCK_INITIALIZER("rump occupants") };

atomic_bool occupants_must_leave OUTLIVES_KERNEL = true;

/* Guarded by the lock. */
atomic_uint visited_life OUTLIVES_KERNEL = VISITED_NEVER;

void
occupants_admit(void)
{
  atomic_store(&occupants_must_leave, false);
}

/* It may have ended again already. */
void
occupants_invite(unsigned life)
{
  lock_enter(&occupants.lock);
  if (!atomic_load(&occupants_must_leave)) {
    atomic_store(&visited_life, life);
  }
  lock_exit(&occupants.lock);
}

static void
prepare(struct occupant *occupant, enum occupant_kind kind)
{
  occupant->self = &hypercall_self;
  occupant->kind = kind;
  atomic_init(&occupant->state, OCCUPANT_OUT);
  atomic_init(&occupant->queue, NULL);
  atomic_init(&occupant->watched, false);
  occupant->task = hypercall_known_task();
  if (occupant->task == NULL) {
    occupant->task = waitq_self();
  }
}

/* The lock is held. */
static void
link_first(struct occupant *occupant)
{
  occupant->previous = NULL;
  occupant->next = occupants.first;
  if (occupants.first != NULL) {
    occupants.first->previous = occupant;
  }
  occupants.first = occupant;
}

/* The lock is held. */
static void
unlink_it(struct occupant *occupant)
{
  if (occupant->previous == NULL) {
    occupants.first = occupant->next;
  } else {
    occupant->previous->next = occupant->next;
  }
  if (occupant->next != NULL) {
    occupant->next->previous = occupant->previous;
  }
}

bool
occupant_enter(struct occupant *occupant, enum occupant_kind kind)
{
  bool enters;

  prepare(occupant, kind);
  lock_enter(&occupants.lock);
  enters = !atomic_load(&occupants_must_leave);
  if (enters) {
    atomic_store(&occupant->state, OCCUPANT_IN);
    link_first(occupant);
  }
  lock_exit(&occupants.lock);
  if (enters) {
    hypercall_self.occupant = occupant;
  }
  return enters;
}

void
occupant_leave(struct occupant *occupant)
{
  if (hypercall_has_deferred()) {
    hypercall_do_deferred();
  }
  hypercall_self.occupant = NULL;
  lock_enter(&occupants.lock);
  unlink_it(occupant);
  lock_exit(&occupants.lock);
}

void
occupant_add(struct occupant *visitor)
{
  prepare(visitor, OCCUPANT_VISITOR);
  lock_enter(&occupants.lock);
  link_first(visitor);
  lock_exit(&occupants.lock);
}

/* Takes the state away from who is low, unless somebody else has. */
static inline bool
take_low(struct occupant *occupant, enum occupant_state next)
{
  unsigned state = OCCUPANT_LOW;

  if (!atomic_compare_exchange_strong(&occupant->state, &state, next)) {
    return false;
  }
  (void)atomic_fetch_sub_explicit(
    &occupants_low, 1, memory_order_relaxed);
  return true;
}

void
occupant_remove(struct occupant *visitor)
{
  if (hypercall_self.occupant == visitor) {
    hypercall_self.occupant = NULL;
  }
  (void)take_low(visitor, OCCUPANT_OUT);
  lock_enter(&occupants.lock);
  unlink_it(visitor);
  lock_exit(&occupants.lock);
}

/* Waits until who expels, or raises, is done with the calling task. */
static SLOW_PATH void
wait_for_others(void)
{
  lock_enter(&occupants.lock);
  lock_exit(&occupants.lock);
}

FAST_PATH bool
visitor_go(struct occupant *visitor)
{
  bool was_raised;

  if (hypercall_has_deferred()) {
    hypercall_do_deferred();
  }
  hypercall_self.occupant = NULL;
  was_raised = !take_low(visitor, OCCUPANT_OUT)
    && atomic_exchange(&visitor->state, OCCUPANT_OUT) == OCCUPANT_RAISED;
  if (PREDICT_FALSE(was_raised || atomic_load(&occupants_must_leave))) {
    wait_for_others();
  }
  return was_raised;
}

/* The lock is held. */
static void
raise_if_low(struct occupant *occupant, void *arg)
{
  rtems_task_priority old;

  (void)arg;
  if (take_low(occupant, OCCUPANT_RAISED)) {
    (void)rtems_task_set_priority(
      waitq_task_id(occupant->task),
      hypercall_config.ceiling + CALLER_LEVEL,
      &old
    );
  }
}

SLOW_PATH void
occupants_raise(void)
{
  occupants_visit(raise_if_low, NULL);
}

bool
hypercall_defer(void (*function)(void *arg), void *arg)
{
  struct hypercall_self *self = &hypercall_self;

  if (self->occupant == NULL || self->occupant->kind == OCCUPANT_CALLER) {
    return false;
  }
  occupants_urge();
  if (self->deferred_arg != arg && self->deferred != NULL) {
    hypercall_do_deferred();
  }
  self->deferred = function;
  self->deferred_arg = arg;
  return true;
}

void
hypercall_do_deferred(void)
{
  void (*function)(void *arg) = hypercall_self.deferred;

  hypercall_self.deferred = NULL;
  (*function)(hypercall_self.deferred_arg);
}

void
occupant_escape(void)
{
  struct occupant *occupant = hypercall_self.occupant;

  if (hypercall_has_deferred()) {
    hypercall_do_deferred();
  }
  hypercall_self.occupant = NULL;
  hypercall_lwp = NULL;
  wait_for_others();
  longjmp(*occupant->way_out, 1);
}

/* Not from inside a wait: what is called there has to return. */
void
occupant_check(void)
{
  struct occupant *occupant = hypercall_self.occupant;

  if (occupant != NULL
      && atomic_load(&occupants_must_leave)
      && atomic_load(&occupant->queue) == NULL) {
    occupant_escape();
  }
}

/* From here on in the list. */
static struct occupant *
first_in(struct occupant *o)
{
  while (o != NULL && atomic_load(&o->state) == OCCUPANT_OUT) {
    o = o->next;
  }
  return o;
}

struct count {
  unsigned threads;
  unsigned callers;
};

/* Those who are about to leave wait for the lock, and so keep the queue. */
static struct count
expel_once(const struct occupant *but)
{
  struct count left = { 0, 0 };
  struct occupant *o;

  lock_enter(&occupants.lock);
  atomic_store(&visited_life, VISITED_NEVER);
  for (o = first_in(occupants.first); o != NULL; o = first_in(o->next)) {
    struct waitq *q = atomic_load(&o->queue);

    raise_if_low(o, NULL);
    if (q != NULL) {
      waitq_expel(q, o->task);
    }
    /* Who does not wait looks who it is at the next lock. */
    atomic_store_explicit(&o->self->task, NULL, memory_order_relaxed);
    if (o != but) {
      ++*(o->kind == OCCUPANT_THREAD ? &left.threads : &left.callers);
    }
  }
  lock_exit(&occupants.lock);
  return left;
}

unsigned
occupants_expel(const struct occupant *but)
{
  struct count left;
  int ticks;

  atomic_store(&occupants_must_leave, true);
  left = expel_once(but);
  for (ticks = 0; left.threads + left.callers > 0 && ticks < PATIENCE;
      ++ticks) {
    rtems_task_wake_after(1);
    left = expel_once(but);
  }
  return left.callers;
}

void
occupants_hold(void (*function)(void))
{
  lock_enter(&occupants.lock);
  (*function)();
  lock_exit(&occupants.lock);
}

void
occupants_visit(
  void (*visit)(struct occupant *occupant, void *arg), void *arg)
{
  struct occupant *self = hypercall_self.occupant;
  struct occupant *o;

  hypercall_self.occupant = NULL;
  lock_enter(&occupants.lock);
  for (o = first_in(occupants.first); o != NULL; o = first_in(o->next)) {
    (*visit)(o, arg);
  }
  lock_exit(&occupants.lock);
  hypercall_self.occupant = self;
}

/*
 * The queue is no longer told before it is looked whether all must leave, and
 * the other way round in expel_once(): who goes on is not being expelled.
 */
static inline __attribute__((__always_inline__)) void
end_of_wait(struct occupant *occupant, bool may_leave)
{
  if (occupant != NULL) {
    atomic_store(&occupant->queue, NULL);
    if (PREDICT_FALSE(atomic_load(&occupants_must_leave)) && may_leave) {
      occupant_escape();
    }
  }
}

static inline struct occupant *
begin_of_wait(struct waitq *q)
{
  struct occupant *occupant = hypercall_self.occupant;

  if (occupant != NULL) {
    atomic_store_explicit(&occupant->queue, q, memory_order_relaxed);
  }
  return occupant;
}

int
occupant_wait(
  struct waitq          *q,
  struct waitq_context  *ctx,
  const struct timespec *deadline,
  void                 (*then)(void *arg),
  void                  *arg
)
{
  struct occupant *occupant = begin_of_wait(q);
  int error = waitq_wait(q, ctx, deadline, then, arg);

  end_of_wait(occupant, true);
  return error;
}

/* Who has become owner of a lock gives it back before. */
int
occupant_wait_owner(struct waitq *q, struct waitq_context *ctx)
{
  struct occupant *occupant = begin_of_wait(q);
  int error = waitq_wait_owner(q, ctx);

  end_of_wait(occupant, error != 0);
  return error;
}
