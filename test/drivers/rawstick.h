/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A memory stick without a file system, whose first half the host has
 * written, and whose other half is for it to see: check-usb.
 *
 * A task that uses it has entered the kernel.
 */

#ifndef TEST_DRIVERS_RAWSTICK_H
#define TEST_DRIVERS_RAWSTICK_H

#include <stdbool.h>

#define STICK_DEVICE "/dev/rsd0d"

/* Bytes. */
#ifndef STICK_CHUNK
#define STICK_CHUNK 65536
#endif

/* In each half. */
#define STICK_CHUNKS ((1u << 18) / STICK_CHUNK)

/** Opens it, as soon as the kernel has found it. */
int stick_open(void);

/** Asks the driver for a chunk; false, with errno, if that fails. */
bool stick_read(int fd, unsigned chunk);

/** Writes into a chunk what belongs there; false as above. */
bool stick_write(int fd, unsigned chunk);

/** Checks that chunks, from the first to before the last, are right. */
void stick_compare(int fd, unsigned begin, unsigned end);

/** Checks that the kernel knows that it is gone. */
void stick_is_gone(void);

#endif /* TEST_DRIVERS_RAWSTICK_H */
