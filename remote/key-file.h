/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Keys in files, of programs for people and of those that the
 * environment configures.
 */

#ifndef RTEMS_RUMP_KEY_FILE_H
#define RTEMS_RUMP_KEY_FILE_H

#include <errno.h>
#include <stddef.h>
#include <string.h>

/** More than a key has. */
#define KEY_FILE_SIZE 1024u

/**
 * Reads a key: the whole file, without the end of its line.
 *
 * @return 0, EINVAL if that is too short or too long, or why there is no file.
 */
int key_file_read(
  const char *path, unsigned char key[KEY_FILE_SIZE], size_t *size);

/** What is wrong, for people. */
static inline const char *
key_file_error(int error)
{
  return error == EINVAL ? "a key has 16 to 1023 bytes" : strerror(error);
}

#endif /* RTEMS_RUMP_KEY_FILE_H */
