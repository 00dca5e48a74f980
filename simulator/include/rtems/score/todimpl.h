/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Hooks that run when the clock is about to be set.
 */

#ifndef _RTEMS_SCORE_TODIMPL_H
#define _RTEMS_SCORE_TODIMPL_H

#include <time.h>

#include <rtems.h>

typedef enum {
  STATUS_SUCCESSFUL = 0,
  STATUS_INVALID_NUMBER = RTEMS_INVALID_NUMBER,
  STATUS_UNAVAILABLE = RTEMS_UNSATISFIED
} Status_Control;

typedef struct Chain_Node {
  struct Chain_Node *next;
  struct Chain_Node *previous;
} Chain_Node;

typedef enum {
  TOD_ACTION_SET_CLOCK
} TOD_Action;

typedef struct TOD_Hook {
  Chain_Node Node;

  /**
   * Called before the clock is set, with thread dispatching disabled; a
   * status other than success prevents it.
   */
  Status_Control (*handler)(TOD_Action, const struct timespec *);
} TOD_Hook;

void _TOD_Hook_Register(TOD_Hook *hook);

void _TOD_Hook_Unregister(TOD_Hook *hook);

#endif /* _RTEMS_SCORE_TODIMPL_H */
