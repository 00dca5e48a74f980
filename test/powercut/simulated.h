/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A disk whose power may fail, on the simulator.
 *
 * The program has the arguments IMAGE LOG CACHE: what is on the disk before,
 * where each write and flush is noted in the format of writelog.py, and "off",
 * "on" or "flushed".  Without a cache each write is followed by a flush, one
 * that is on cannot be flushed.
 */

#ifndef POWERCUT_SIMULATED_H
#define POWERCUT_SIMULATED_H

/** Makes the block device. */
void simulated_disk_make(const char *path);

/** How long the log is. */
long simulated_disk_log(void);

#endif /* POWERCUT_SIMULATED_H */
