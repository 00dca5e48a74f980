/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What is used of RTEMS's file system layer.
 */

#ifndef _RTEMS_RTEMS_LIBIO_H
#define _RTEMS_RTEMS_LIBIO_H

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <rtems.h>

/** Sets errno; returns 0 for RTEMS_SUCCESSFUL and -1 for all others. */
int rtems_status_code_to_errno(rtems_status_code status_code);

#endif /* _RTEMS_RTEMS_LIBIO_H */
