/* SPDX-License-Identifier: BSD-2-Clause */

#include "image.h"

#include <stdio.h>
#include <string.h>

#include <rtems/ramdisk.h>

#define BLOCK_SIZE 512u

/* The file that the build calls IMAGE, in the program's constant data. */
__asm__(
  ".pushsection .rodata\n"
  ".balign 4\n"
  ".globl image_begin\n"
  "image_begin:\n"
  ".incbin \"" IMAGE "\"\n"
  ".globl image_end\n"
  "image_end:\n"
  ".popsection\n"
);

extern const unsigned char image_begin[];
extern const unsigned char image_end[];

static ramdisk *disk;

static size_t
block_count(void)
{
  return (size_t)(image_end - image_begin) / BLOCK_SIZE;
}

rtems_status_code
image_create_disk(const char *path)
{
  disk = ramdisk_allocate(NULL, BLOCK_SIZE, block_count(), false);
  if (disk == NULL) {
    return RTEMS_NO_MEMORY;
  }
  memcpy(disk->area, image_begin, block_count() * BLOCK_SIZE);
  return rtems_blkdev_create(
    path,
    BLOCK_SIZE,
    block_count(),
    ramdisk_ioctl,
    disk
  );
}

/* Three bytes as four characters; size is less than three at the end only. */
static void
encode(const unsigned char *from, size_t size, char *to)
{
  static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned bits = (unsigned)from[0] << 16;

  bits |= size > 1 ? (unsigned)from[1] << 8 : 0;
  bits |= size > 2 ? from[2] : 0;
  to[0] = digits[bits >> 18];
  to[1] = digits[bits >> 12 & 63];
  to[2] = size > 1 ? digits[bits >> 6 & 63] : '=';
  to[3] = size > 2 ? digits[bits & 63] : '=';
}

static void
print_block(size_t number, const unsigned char *block)
{
  char line[(BLOCK_SIZE + 2) / 3 * 4 + 1];
  char *to = line;
  size_t i;

  for (i = 0; i < BLOCK_SIZE; i += 3, to += 4) {
    encode(block + i, BLOCK_SIZE - i, to);
  }
  *to = '\0';
  printf("image: %zu %s\n", number, line);
}

void
image_print_changes(void)
{
  const unsigned char *now = disk->area;
  size_t changed = 0;
  size_t i;

  for (i = 0; i < block_count(); ++i) {
    size_t offset = i * BLOCK_SIZE;

    if (memcmp(now + offset, image_begin + offset, BLOCK_SIZE) != 0) {
      print_block(i, now + offset);
      ++changed;
    }
  }
  printf("image: end, %zu of %zu blocks changed\n", changed, block_count());
}
