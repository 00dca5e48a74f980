/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Failures inside a kernel, on demand.
 *
 * A kernel linked with failing.c has these functions: those of the kernel that
 * RTEMS_RUMP_KERNEL names.
 */

#ifndef TARGET_FAILING_H
#define TARGET_FAILING_H

#include <stdbool.h>
#include <stdint.h>

#include <rtems-rump/name.h>

enum failing_place {
  IN_CALL,         /**< The calling task of the application. */
  IN_FILE_SYSTEM,  /**< It too, in tmpfs, with a directory locked. */
  IN_SOFTINT,      /**< A soft interrupt. */
  IN_THREAD,       /**< A thread of the kernel. */
  FAILING_PLACES
};

enum failing_way {
  BY_PANIC,
  BY_INSTRUCTION,  /**< One that there is not. */
  BY_JUMP,         /**< To where no code is. */
  BY_POINTER,      /**< It is written to. */
  BY_COPY,         /**< It is given to memcpy(). */
  BY_HOST,         /**< It is given to the host. */
  BY_LOOP          /**< It does not fail at all. */
};

/** Once in each life, before all else; inside. */
void failing_prepare(void) RTEMS_RUMP_SYMBOL("failing_prepare");

/**
 * Fails with a mutex and a reader/writer lock held; inside.  Returns if it is
 * not the calling task that fails.
 */
void failing_fail(enum failing_place place, enum failing_way way)
  RTEMS_RUMP_SYMBOL("failing_fail");

/** Fails at once, wherever the caller is. */
void failing_fail_here(enum failing_way way)
  RTEMS_RUMP_SYMBOL("failing_fail_here");

/** Waits for the mutex or for the other lock, until the end; inside. */
void failing_wait(bool for_mutex) RTEMS_RUMP_SYMBOL("failing_wait");

/** Whether an address is in the code that fails. */
bool failing_is_here(uintptr_t address)
  RTEMS_RUMP_SYMBOL("failing_is_here");

#endif /* TARGET_FAILING_H */
