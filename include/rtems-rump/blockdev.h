/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief NetBSD's block devices as block devices of RTEMS.
 *
 * In an image with several kernels define RTEMS_RUMP_KERNEL as the name of one
 * before this header is included, and the function is that kernel's.
 */

#ifndef RTEMS_RUMP_BLOCKDEV_H
#define RTEMS_RUMP_BLOCKDEV_H

#include <rtems-rump/name.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Makes a disk of the kernel a block device of RTEMS.
 *
 * unlink() of the path ends it.  If the kernel ends before, each use of the
 * device fails with an I/O error.  Takes one RTEMS task for each device, and
 * one user extension for each kernel.  Only from a task of root's.
 *
 * @param path That of the new device, as /dev/vnd0.
 * @param device The disk's raw device in the kernel, as /dev/rvnd0d.
 *
 * @retval 0 RTEMS has the device.
 * @retval EINVAL What the kernel has there tells no size.
 * @retval EIO The kernel does not run, or has ended meanwhile.
 * @retval EAGAIN RTEMS has no user extension or task left.
 * @retval ENOMEM RTEMS has no memory left.
 * @retval EEXIST There is something at the path.
 * @retval other As of opening the disk for reading and writing.
 */
int rtems_rump_blockdev_create(const char *path, const char *device)
  RTEMS_RUMP_SYMBOL("rtems_rump_blockdev_create");

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_BLOCKDEV_H */
