/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Commands for mounted file systems.
 */

#include "kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MNT_RDONLY 0x1
#define MNT_NOWAIT 2

/* Behind the arguments of mounting, the name of a device. */
#define DEVICE (DATA + 1024)

#define MOUNTS_MAX 28u

static uint32_t
round_up(uint32_t at, uint32_t alignment)
{
  return (at + alignment - 1) / alignment * alignment;
}

/* Of old, and unused: in the arguments of most file systems. */
static uint32_t
export_size(void)
{
  return word == 8 ? 128 : 108;
}

/* The arguments; the name of the device is the first of most. */
static uint32_t
disk_args(void)
{
  put(DATA, DEVICE, word);
  return word;
}

static uint32_t
cd9660_args(void)
{
  return round_up(disk_args() + export_size() + 4, word);
}

static uint32_t
msdos_args(void)
{
  uint32_t at = DATA + disk_args() + export_size();

  put(at + 8, 0755, 4);
  put(at + 16, 3, 4); /* the version */
  put(at + 20, 0755, 4);
  return round_up(at + 28 - DATA, word);
}

static uint32_t
ntfs_args(void)
{
  uint32_t at = DATA + disk_args() + export_size();

  put(at + 8, 0755, 4);
  return round_up(at + 12 - DATA, word) + word;
}

static uint32_t
udf_args(void)
{
  put(DATA, 1, 4); /* the version */
  put(DATA + word, DEVICE, word);
  return 2 * word + 64;
}

static uint32_t
tmpfs_args(void)
{
  uint32_t at = DATA + round_up(4, alignment64);

  put(DATA, 1, 4); /* the version */
  put(at + 24, 0755, 4);
  return round_up(at + 28 - DATA, alignment64);
}

static const struct {
  const char *type;
  uint32_t (*args)(void);
} types[] = {
  { "ffs", disk_args }, { "ext2fs", disk_args }, { "lfs", disk_args },
  { "cd9660", cd9660_args }, { "msdos", msdos_args }, { "ntfs", ntfs_args },
  { "udf", udf_args }, { "tmpfs", tmpfs_args }
};

static int
mount_type(unsigned which, char **words, bool is_read_only)
{
  uint32_t size;
  int error;

  memset(arena + DATA, 0, DEVICE - DATA);
  (void)path_at(DEVICE, words[2]);
  size = (*types[which].args)();
  do {
    error = call(SYS_MOUNT, NULL, 5, (uint64_t)path_at(PATH1, words[1]),
      (uint64_t)path_at(PATH2, words[3]),
      (uint64_t)(is_read_only ? MNT_RDONLY : 0), (uint64_t)DATA,
      (uint64_t)size);
  } while (error == NETBSD_EAGAIN);
  return report(words[3], error);
}

/* Of struct statvfs: its size, and where its names are. */
static int
list_mounts(void)
{
  uint32_t names = 6 * word + 124;
  uint32_t size = round_up(names + 32 + 2048, word == 8 ? 8 : alignment64);
  intptr_t count = 0;
  int error = CALL3(SYS_GETVFSSTAT, &count, DATA, MOUNTS_MAX * size,
    MNT_NOWAIT);
  intptr_t i;

  if (error != 0) {
    return report("mount", error);
  }
  for (i = 0; i < count && i < (intptr_t)MOUNTS_MAX; ++i) {
    const char *type =
      (const char *)arena + DATA + (uint32_t)i * size + names;

    printf("%.1023s on %.1023s type %.31s%s\n", type + 32 + 1024, type + 32,
      type, (get(DATA + (uint32_t)i * size, word) & MNT_RDONLY) != 0
        ? " (read-only)" : "");
  }
  return 0;
}

int
do_mount(int count, char **words)
{
  bool is_read_only = count == 5 && strcmp(words[4], "ro") == 0;
  unsigned i;

  if (count == 1) {
    return list_mounts();
  }
  if (count < 4 || (count == 5 && !is_read_only)) {
    (void)fputs("usage: mount [TYPE DEVICE PATH [ro]]\n", stderr);
    return 2;
  }
  for (i = 0; i < sizeof(types) / sizeof(types[0]); ++i) {
    if (strcmp(types[i].type, words[1]) == 0) {
      return mount_type(i, words, is_read_only);
    }
  }
  return complain(words[1], "what is mounted is ffs, ext2fs, lfs, cd9660, "
    "msdos, ntfs, udf or tmpfs");
}

int
do_umount(int count, char **words)
{
  (void)count;
  return report(words[1],
    CALL2(SYS_UNMOUNT, NULL, path_at(PATH1, words[1]), 0));
}
