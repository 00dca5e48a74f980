/* SPDX-License-Identifier: BSD-2-Clause */

/** @file @brief Whether the calling task can be preempted. */

#ifndef _RTEMS_SCORE_THREADDISPATCH_H
#define _RTEMS_SCORE_THREADDISPATCH_H

#include <stdbool.h>

bool _Thread_Dispatch_is_enabled(void);

#endif /* _RTEMS_SCORE_THREADDISPATCH_H */
