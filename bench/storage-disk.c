/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A RAM disk that is made anew each time, or on a PC parts of an IDE disk that
 * is blank at first.
 */

#include "storage.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rtems/bdbuf.h>
#include <rtems/blkdev.h>
#include <rtems/diskdevs.h>
#include <rtems/ramdisk.h>

#include "kernel.h"

#define SECTOR 512u
#define SIZE (16u << 20)
#define SECTORS (SIZE / SECTOR)
#define CHUNK 4096u

#define IMAGE(name, file) \
  __asm__( \
    ".section .rodata." #name ", \"a\"\n" \
    ".balign 4096\n" \
    #name ":\n" \
    ".incbin \"" file "\"\n" \
    ".previous\n" \
  ); \
  extern const char name[]

IMAGE(image_ffs, IMAGE_FFS);
IMAGE(image_ext2, IMAGE_EXT2);
IMAGE(image_fat, IMAGE_FAT);

static const char *
image_of(enum content content)
{
  static const char *const images[] = {
    [FFS] = image_ffs, [EXT2FS] = image_ext2, [FAT] = image_fat
  };

  return images[content];
}

static char path[16];

static void
on_disk(void (*operate)(rtems_disk_device *disk))
{
  rtems_disk_device *disk;
  int fd = open(path, O_RDWR);

  bench_check(path, fd >= 0);
  bench_check("disk", rtems_disk_fd_get_disk_device(fd, &disk) == 0);
  (*operate)(disk);
  (void)close(fd);
}

static void
sync_disk(rtems_disk_device *disk)
{
  bench_check("sync", rtems_bdbuf_syncdev(disk) == RTEMS_SUCCESSFUL);
}

void
disk_sync(void)
{
  on_disk(sync_disk);
}

void
disk_forget(void)
{
  on_disk(sync_disk);
  on_disk(rtems_bdbuf_purge_dev);
}

#ifdef BENCH_IDE

void
disk_init(void)
{
}

static void
write_image(const char *image)
{
  static const char zero[CHUNK];
  int fd = open(path, O_RDWR);
  size_t i;

  bench_check(path, fd >= 0);
  for (i = 0; i < SIZE; i += CHUNK) {
    if (memcmp(&image[i], zero, CHUNK) != 0) {
      bench_check("lseek", lseek(fd, (off_t)i, SEEK_SET) == (off_t)i);
      bench_check("write", write(fd, &image[i], CHUNK) == (ssize_t)CHUNK);
    }
  }
  (void)close(fd);
}

const char *
disk_fresh(enum content content)
{
  static unsigned count;

  snprintf(path, sizeof(path), "/dev/part%u", count);
  bench_check("partition", rtems_blkdev_create_partition(
    path,
    "/dev/hda",
    count * SECTORS,
    SECTORS
  ) == RTEMS_SUCCESSFUL);
  ++count;
  if (content != BLANK) {
    write_image(image_of(content));
  }
  disk_forget();
  return path;
}

#else

static char area[SIZE] __attribute__((__aligned__(4096)));

void
disk_init(void)
{
  struct ramdisk *disk = ramdisk_allocate(area, SECTOR, SECTORS, false);

  bench_check("RAM disk", disk != NULL);
  strcpy(path, "/dev/rda");
  bench_check("RAM disk", rtems_blkdev_create(
    path,
    SECTOR,
    SECTORS,
    ramdisk_ioctl,
    disk
  ) == RTEMS_SUCCESSFUL);
}

const char *
disk_fresh(enum content content)
{
  disk_forget();
  if (content == BLANK) {
    memset(area, 0, SIZE);
  } else {
    memcpy(area, image_of(content), SIZE);
  }
  return path;
}

#endif
