/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A second kernel, which goes on.
 */

#ifndef TEST_DRIVERS_NEIGHBOUR_H
#define TEST_DRIVERS_NEIGHBOUR_H

/** Starts it and makes a file in it. */
void neighbour_begin(void);

/** Checks that the file is there. */
void neighbour_check(void);

/** Ends it. */
void neighbour_end(void);

#endif /* TEST_DRIVERS_NEIGHBOUR_H */
