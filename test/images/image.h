/* SPDX-License-Identifier: BSD-2-Clause */

#ifndef TEST_IMAGES_IMAGE_H
#define TEST_IMAGES_IMAGE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "target.h"

/* All of a file of the host, in memory that nobody gives back. */
static inline char *
image_read(const char *path, size_t block, uint32_t *blocks)
{
  FILE *file = fopen(path, "rb");
  char *image;

  CHECK(file != NULL && fseek(file, 0, SEEK_END) == 0);
  *blocks = (uint32_t)((size_t)ftell(file) / block);
  rewind(file);
  image = malloc(*blocks * block);
  CHECK(image != NULL && fread(image, block, *blocks, file) == *blocks);
  CHECK(fclose(file) == 0);
  return image;
}

#endif /* TEST_IMAGES_IMAGE_H */
