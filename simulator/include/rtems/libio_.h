/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What is used of the inside of RTEMS's file system layer.
 */

#ifndef _RTEMS_LIBIO__H
#define _RTEMS_LIBIO__H

#include <rtems/libio.h>

/** CONFIGURE_MAXIMUM_FILE_DESCRIPTORS. */
extern const uint32_t rtems_libio_number_iops;

#endif /* _RTEMS_LIBIO__H */
