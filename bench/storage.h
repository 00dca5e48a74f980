/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Disks for bench/storage.c, and NetBSD's own calls for it.
 */

#ifndef RTEMS_RUMP_BENCH_STORAGE_H
#define RTEMS_RUMP_BENCH_STORAGE_H

#include "files.h"

/** What a disk has when it is fresh. */
enum content { BLANK, FFS, EXT2FS, FAT };

void disk_init(void);

/** The path of a disk with that content, which nobody has used yet. */
const char *disk_fresh(enum content content);

/** Nothing of the disk is left in RTEMS's cache. */
void disk_forget(void);

/** Writes back what RTEMS's cache has of the disk. */
void disk_sync(void);

/** Mounts a fresh disk by rump_sys_mount(), and ends that. */
void direct_mount(const char *type, int flags, const char *disk);
void direct_unmount(void);

#define DIRECT_FOLDER "/direct"
extern const struct files_system direct_system;

#endif /* RTEMS_RUMP_BENCH_STORAGE_H */
