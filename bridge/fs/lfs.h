/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What NetBSD's log-structured file system needs to be mounted.
 */

#ifndef RTEMS_RUMP_LFS_H
#define RTEMS_RUMP_LFS_H

struct fs_request;

/**
 * Lets the kernel have buffers of at least 2 MiB, as LFS waits for ever for
 * room in smaller ones.  Called inside the kernel, by root.
 *
 * @return 0, or -1 and errno.
 */
int lfs_prepare(struct fs_request *request, const char *source);

#endif /* RTEMS_RUMP_LFS_H */
