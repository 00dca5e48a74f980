/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What mounting "nfs" asks the server for.
 */

#ifndef RTEMS_RUMP_NFS_H
#define RTEMS_RUMP_NFS_H

struct fs_request;

/**
 * Completes the arguments of mounting: the server's address, and the handle of
 * its folder.  Called inside the kernel.
 *
 * @param source "server:/folder", with the server's IPv4 address.
 * @return 0, or -1 and errno.
 */
int nfs_prepare(struct fs_request *request, const char *source);

#endif /* RTEMS_RUMP_NFS_H */
