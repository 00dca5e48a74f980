/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What the files of the instance share.
 */

#ifndef RTEMS_RUMP_INSTANCE_INTERNAL_H
#define RTEMS_RUMP_INSTANCE_INTERNAL_H

#include <rtems.h>

#include "hypercall.h"

/* The kernel's own entry point. */
int rump_init(void);

/** An enum rtems_rump_state. */
extern atomic_int instance_state;

/** Counts the starts. */
extern atomic_uint instance_lives;

/** True from the end of a start to the beginning of an end. */
static inline bool
instance_runs(void)
{
  return atomic_load_explicit(&instance_state, memory_order_acquire)
    == RTEMS_RUMP_RUNNING;
}

/** Counts the lives of the kernel, from 1. */
static inline unsigned
instance_life(void)
{
  return atomic_load_explicit(&instance_lives, memory_order_relaxed);
}

/** Whether the kernel runs, and in this life. */
static inline bool
instance_runs_in(unsigned life)
{
  return instance_runs() && instance_life() == life;
}

/** What rtems_rump_get_usage() tells of the kernel's life. */
void instance_usage(struct rtems_rump_usage *usage);

/**
 * Finds where the kernel's tasks are to run, and with it how many virtual CPUs
 * it has if its configuration does not tell.
 *
 * @return 0, EINVAL or EAGAIN of RTEMS; the console tells more.
 */
int placement_configure(struct rtems_rump_config *config);

/** The kernel's processors, bit n for processor n; 0 before the first start. */
uint32_t placement_processors(void);

/** That of tasks of the application in the kernel. */
static inline rtems_task_priority
caller_priority(void)
{
  return hypercall_config.ceiling + CALLER_LEVEL;
}

/**
 * Copies the first values of the kernel's variables, once.
 *
 * @return 0, EINVAL or ENOMEM of RTEMS; the console tells more.
 */
int image_save(void);

bool image_is_saved(void);

/** Gives the variables their first values again. */
void image_restore(void);

/** From now on exceptions in the kernel are contained. */
void exception_guard(void);

/**
 * From now on who holds a virtual CPU too long ends the kernel.
 *
 * @return 0 or an RTEMS errno value.
 */
int watchdog_start(void);

/** Checks that RTEMS is configured for a kernel; prints what is missing. */
int check_rtems(void);

/**
 * From now on the kernel's wall clock follows RTEMS's.
 *
 * @return 0 or an RTEMS errno value.
 */
int wallclock_follow(void);

void wallclock_leave(void);

#endif /* RTEMS_RUMP_INSTANCE_INTERNAL_H */
