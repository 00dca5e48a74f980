/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Where a file system is for the kernel.
 */

#ifndef RTEMS_RUMP_PLACE_H
#define RTEMS_RUMP_PLACE_H

#include "fs.h"
#include "options.h"

/*
 * Called inside the kernel, by root if nothing else is said.
 */

/**
 * Mounts what is requested, and opens its root.
 *
 * @return 0, or -1 and errno.
 */
int place_make(struct mount *mount, struct fs_request *request);

/**
 * Closes the root and unmounts, by force if need be.  What not even force
 * unmounts, as its disk is gone, is tried again by place_make().
 */
void place_remove(struct mount *mount);

/**
 * Writes what else fsync() has to write for a file; see sync.h.
 *
 * @return 0, or -1 and errno.
 */
int place_sync(const struct mount *mount);

#endif /* RTEMS_RUMP_PLACE_H */
