/* SPDX-License-Identifier: BSD-2-Clause */

/** @file @brief A kernel with a file system of its own, beside another. */

#ifndef IMAGES_NEIGHBOUR_H
#define IMAGES_NEIGHBOUR_H

/** Starts it and makes a file. */
void neighbour_start(void);

/** That it is as it was, and can be used. */
void neighbour_check(void);

#endif /* IMAGES_NEIGHBOUR_H */
