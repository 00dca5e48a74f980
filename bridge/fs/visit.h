/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Calls of RTEMS's tasks into the kernel, under their own credentials.
 *
 * A task has a thread context in the NetBSD process of its user and groups.
 * All these processes share one table of descriptors.  The application's own
 * calls of rump_sys_* have nothing to do with them.
 */

#ifndef RTEMS_RUMP_VISIT_H
#define RTEMS_RUMP_VISIT_H

#include <setjmp.h>
#include <stdbool.h>

struct lwp;

enum visit_kind {
  /** A visitor with the priority of callers. */
  VISIT_EQUAL,

  /** With a lower priority, while nobody has to wait for it. */
  VISIT_LOW,

  /** That has got the priority of callers for the visit. */
  VISIT_RAISED,

  /** The task was in the kernel already. */
  VISIT_NESTED
};

struct visit {
  jmp_buf way_out;
  enum visit_kind kind;

  /** What the task was in the kernel before. */
  struct lwp *lwp;
};

/**
 * Makes a call into the kernel in its given life.  If that is over, or ends
 * meanwhile, the call is left where it is and errno is EIO.
 *
 * @param none What the result is if there is no call, or no end of it.
 * @param call May not return or jump out of here.
 */
#define VISIT_OR(life, none, result, call) \
  VISIT_AS(false, life, none, result, call)

/** The same, at the priority of callers or not. */
#define VISIT_AS(urgent, life, none, result, call) \
  do { \
    struct visit visit_; \
    if (setjmp(visit_.way_out) != 0) { \
      visit_abandon(&visit_); \
      (result) = (none); \
    } else if (visit_begin(&visit_, (life), (urgent))) { \
      (result) = (call); \
      visit_end(&visit_); \
    } else { \
      (result) = (none); \
    } \
  } while (0)

/** For a call that returns -1 if it fails. */
#define VISIT(life, result, call) VISIT_OR(life, -1, result, call)

/**
 * The same for a call that makes work for others, whom it shall not wait for:
 * it has the priority of callers from its beginning, others while somebody
 * waits for them.
 */
#define VISIT_URGENT(life, result, call) \
  VISIT_AS(true, life, -1, result, call)

/** False, and errno, if the calling task cannot call the kernel. */
bool visit_begin(struct visit *visit, unsigned life, bool urgent);

/** The end of a visit. */
void visit_end(const struct visit *visit);

/** The end of a visit whose kernel has ended. */
void visit_abandon(const struct visit *visit);

/** Inside a visit, all rights. */
struct lwp *visit_as_root(void);

/** The end of visit_as_root(), which has returned @a own. */
void visit_as_self(struct lwp *own);

/**
 * Makes what takes a task's thread context when the task ends or begins anew,
 * once.
 *
 * @return 0 or EAGAIN.
 */
int visit_init(void);

#endif /* RTEMS_RUMP_VISIT_H */
