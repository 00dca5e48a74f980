/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A second kernel, which uses a disk in life after life.
 */

#ifndef TEST_DRIVERS_TWO_H
#define TEST_DRIVERS_TWO_H

/** Returns when the disk is mounted in the first life. */
void two_disk_begin(const char *name);

/** How often the kernel has ended. */
unsigned two_disk_lives(void);

/** Lets the life that goes on be the last one, and waits for its end. */
void two_disk_end(void);

#endif /* TEST_DRIVERS_TWO_H */
