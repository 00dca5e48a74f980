/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Received frames that a kernel must not be given.
 */

#ifndef RTEMS_RUMP_COMPONENT_FRAME_H
#define RTEMS_RUMP_COMPONENT_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Whether NetBSD would panic, or use memory that it has freed.
 *
 * @param size Not less than that of a header.
 */
bool frame_is_deadly(const uint8_t *frame, size_t size);

#endif /* RTEMS_RUMP_COMPONENT_FRAME_H */
