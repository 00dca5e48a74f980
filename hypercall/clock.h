/* SPDX-License-Identifier: BSD-2-Clause */

#ifndef RTEMS_RUMP_CLOCK_H
#define RTEMS_RUMP_CLOCK_H

#include <stdint.h>
#include <time.h>

/**
 * Stores the time of the monotonic clock that is @a sec seconds and @a nsec
 * nanoseconds from now; what is out of range becomes now or the far future.
 */
void clock_deadline(struct timespec *deadline, int64_t sec, int64_t nsec);

/**
 * Notes that RTEMS's clock is being set.  In any context, also with interrupts
 * off, as RTEMS calls its hooks: the kernel's next clock tick tells those who
 * wait.
 */
void clock_note_setting(void);

/** Waits until the clock has been set since the last call. */
void clock_wait_for_setting(void);

#endif /* RTEMS_RUMP_CLOCK_H */
