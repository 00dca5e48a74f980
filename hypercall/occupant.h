/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Who is in the kernel, and how they get out when it ends.
 *
 * Occupants are the kernel's own threads and those tasks of the application
 * that have called in by rtems_rump_call(), or visit it for one call.  When the
 * kernel ends, each leaves at its next lock operation or wait, or at once if it
 * waits: it returns a second time from the setjmp() of its way out, whatever it
 * was doing.  Nobody is stopped anywhere else, so nobody takes a lock of RTEMS
 * along.
 *
 * A visitor stays in the list while it is out, so that it comes and goes
 * without the list's lock: by its state alone.
 */

#ifndef RTEMS_RUMP_OCCUPANT_H
#define RTEMS_RUMP_OCCUPANT_H

#include <setjmp.h>
#include <stdatomic.h>
#include <stdint.h>

#include "waitq.h"

struct hypercall_self;

enum occupant_kind {
  /** A task of the application; it may stay for long. */
  OCCUPANT_CALLER,

  /** The same for one call at a time: it will soon wait or leave. */
  OCCUPANT_VISITOR,

  /** A thread of the kernel. */
  OCCUPANT_THREAD
};

enum occupant_state {
  OCCUPANT_OUT,
  OCCUPANT_IN,

  /** In, with a priority of its own, below that of callers. */
  OCCUPANT_LOW,

  /** In, and was low: now it has the priority of callers. */
  OCCUPANT_RAISED
};

/* Lives as long as it is in the list. */
struct occupant {
  struct occupant *next, *previous;

  /** The occupant's own, for who expels it. */
  struct hypercall_self *self;

  waitq_task *task;

  enum occupant_kind kind;

  /** An enum occupant_state, the occupant's own but while it is low. */
  atomic_uint state;

  /** What the occupant waits in, for who expels it. */
  struct waitq *_Atomic queue;

  /**
   * For the watchdog: the occupant has been seen to make progress, and the
   * processor time that it had used then; where it was stopped.
   */
  atomic_bool watched;
  uint64_t used;
  uintptr_t stopped_at;

  /** Where the occupant leaves, on its stack; set before it comes in. */
  jmp_buf *way_out;
};

/** Before the first may enter. */
void occupants_admit(void);

/** From now on visitors may come in this life of the kernel, from 1. */
void occupants_invite(unsigned life);

/**
 * Makes the calling task an occupant.
 *
 * @return false if the kernel has ended, or is about to.
 */
bool occupant_enter(struct occupant *occupant, enum occupant_kind kind);

/** The calling task is an occupant no longer. */
void occupant_leave(struct occupant *occupant);

/** Puts a visitor, the calling task, into the list; see visitor.h. */
void occupant_add(struct occupant *visitor);

/** Takes a visitor out of the list, wherever it is. */
void occupant_remove(struct occupant *visitor);


/** Leaves if all must; for what must not be begun then. */
void occupant_check(void);

/** Takes the calling task, an occupant, to its way out. */
void occupant_escape(void) __attribute__((__noreturn__));

/**
 * Makes all leave, and waits for some time until they have.
 *
 * @param but An occupant that need not, the caller's own, or NULL; while it is
 *   here, the caller counts as none.
 *
 * @return How many tasks of the application are left.
 */
unsigned occupants_expel(const struct occupant *but);

/**
 * Calls a function while nobody can be about to enter or to leave: nobody who
 * is deleted by it has the lock.
 */
void occupants_hold(void (*function)(void));

/** Calls a function for each occupant; none of them leaves meanwhile. */
void occupants_visit(
  void (*visit)(struct occupant *occupant, void *arg), void *arg);

/** How many are low. */
extern atomic_uint occupants_low;

/** Gives all that are low the priority of callers. */
void occupants_raise(void);

/**
 * To be called by who has found out that it has to wait for something that has
 * no known owner, a virtual CPU for instance, or is about to put off waking
 * somebody: whoever has it goes on with the priority of callers.  Who is low
 * keeps its own for as long as nobody waits.
 */
static inline __attribute__((__always_inline__)) void
occupants_urge(void)
{
  if (__builtin_expect(atomic_load(&occupants_low) != 0, 0)) {
    occupants_raise();
  }
}

/** waitq_wait() and waitq_wait_owner(), which an occupant may not survive. */
int occupant_wait(
  struct waitq          *q,
  struct waitq_context  *ctx,
  const struct timespec *deadline,
  void                 (*then)(void *arg),
  void                  *arg
);
int occupant_wait_owner(struct waitq *q, struct waitq_context *ctx);

#endif /* RTEMS_RUMP_OCCUPANT_H */
