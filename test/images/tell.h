/* SPDX-License-Identifier: BSD-2-Clause */

/** @file @brief What is in a file system, for the host. */

#ifndef TELL_H
#define TELL_H

/**
 * Prints what is in a directory: lines `image: file CRC PATH`,
 * `image: dir - PATH` and `image: link TARGET PATH`.
 */
void tell_tree(const char *path);

#endif /* TELL_H */
