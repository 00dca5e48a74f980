/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Read by RTEMS's own tests: the name of the file system, given by the build.
 */

#ifndef FSTESTS_FS_CONFIG_H
#define FSTESTS_FS_CONFIG_H

#define FILESYSTEM FSTESTS_TYPE

#endif /* FSTESTS_FS_CONFIG_H */
