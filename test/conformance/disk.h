/* SPDX-License-Identifier: BSD-2-Clause */

#ifndef CONFORMANCE_DISK_H
#define CONFORMANCE_DISK_H

#include "host.h"

/**
 * Makes a block device with a cache that loses what is not flushed to its
 * medium, through RTEMS's interface for drivers; NULL if that fails.
 */
const struct host_disk *disk_create(void);

#endif /* CONFORMANCE_DISK_H */
