/* SPDX-License-Identifier: BSD-2-Clause */

#ifndef RTEMS_RUMP_BLOCK_H
#define RTEMS_RUMP_BLOCK_H

#include "file.h"

/**
 * Has a block device write what it caches to its medium, if it knows how.
 *
 * @return 0 or a NetBSD errno value.
 */
int block_flush(struct file *file);

#endif /* RTEMS_RUMP_BLOCK_H */
