/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What fsync() has to write besides the file, where NetBSD leaves it for
 * later: what leads to the file after a power failure.
 *
 * Called inside the kernel, by any user; the device's cache is not flushed.
 * They return 0, or NetBSD's number of an error.
 */

#ifndef RTEMS_RUMP_SYNC_H
#define RTEMS_RUMP_SYNC_H

/** Writes what NetBSD has changed on the device itself, as FAT's tables. */
int sync_tables(const char *directory, const char *device);

/** Writes all of a log-structured file system that is at a directory. */
int sync_log(const char *directory, const char *device);

#endif /* RTEMS_RUMP_SYNC_H */
