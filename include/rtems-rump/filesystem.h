/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief NetBSD's file systems as file systems of RTEMS.
 *
 * After rtems_rump_filesystem_register() an application that knows nothing of
 * rump kernels uses mount(), open(), fopen(), opendir() and so on:
 *
 *     mount("/dev/rda", "/data", "rump-ffs", RTEMS_FILESYSTEM_READ_WRITE,
 *       "log,noatime");
 *
 * In an image with several kernels define RTEMS_RUMP_KERNEL as the name of one
 * before this header is included, and the function is that kernel's.
 */

#ifndef RTEMS_RUMP_FILESYSTEM_H
#define RTEMS_RUMP_FILESYSTEM_H

#include <rtems-rump/name.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Registers the types of file systems that a kernel may have.
 *
 * The types are `rump-ffs`, `rump-ext2fs`, `rump-msdos`, `rump-cd9660`,
 * `rump-udf`, `rump-ntfs`, `rump-lfs` and `rump-tmpfs`.  To mount one, the
 * kernel has to run and to be linked with its component.
 *
 * Once, before or after the start of the kernel, also if it is restarted.
 * Takes one RTEMS user extension.  Only from a task.
 *
 * @param name What the types begin with in place of `rump`; in an image with
 *   several kernels each needs another.  At most 15 characters; NULL: `rump`.
 *
 * @retval 0 The types are registered.
 * @retval EINVAL The name is empty or too long, or types of that name are
 *   registered already.
 * @retval EBUSY This kernel has its types registered.
 * @retval EAGAIN RTEMS has no user extension left.
 * @retval ENOMEM The RTEMS heap has no memory left.
 */
int rtems_rump_filesystem_register(const char *name)
  RTEMS_RUMP_SYMBOL("rtems_rump_filesystem_register");

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_FILESYSTEM_H */
