/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Files on a disk with a file system that was made on the host, where
 * the program check-disk looks at them.
 */

#ifndef TEST_DRIVERS_FILES_H
#define TEST_DRIVERS_FILES_H

/** Mounts a file system of NetBSD's type ffs, ext2fs or msdos at /disk. */
void disk_mount(const char *device, const char *type);

void disk_unmount(void);

/** Reads what the host has put there. */
void disk_read_from_host(void);

/** Makes a file, or the same once more, so that it is on the disk. */
void disk_write(const char *name);

/** Compares what is in it. */
void disk_read(const char *name);

/** Compares what of it is on the disk, by mounting that again, and unmounts. */
void disk_read_again(const char *device, const char *type, const char *name);

#endif /* TEST_DRIVERS_FILES_H */
