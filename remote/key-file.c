/* SPDX-License-Identifier: BSD-2-Clause */

#include "key-file.h"

#include <rtems-rump/remote.h>

#include <stdio.h>

int
key_file_read(const char *path, unsigned char key[KEY_FILE_SIZE], size_t *size)
{
  FILE *file = fopen(path, "rb");

  if (file == NULL) {
    return errno;
  }
  *size = fread(key, 1, KEY_FILE_SIZE, file);
  (void)fclose(file);
  while (*size > 0 && (key[*size - 1] == '\n' || key[*size - 1] == '\r')) {
    --*size;
  }
  return *size >= RTEMS_RUMP_CLIENT_KEY_MINIMUM && *size < KEY_FILE_SIZE ? 0
    : EINVAL;
}
