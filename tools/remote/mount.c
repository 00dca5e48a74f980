/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Commands for mounted file systems.
 */

#include "kernel.h"

#include "../../bridge/abi/mount.h"

#include <stdio.h>
#include <string.h>

#define MNT_NOWAIT 2

#define MOUNTS_MAX 28u

/* Of struct netbsd_export_args. */
#define EXPORT "(iI(HIIh16I)*i*iz)"

static union {
  struct netbsd_ufs_args disk;
  struct netbsd_msdosfs_args msdos;
  struct netbsd_iso_args cd9660;
  struct netbsd_ntfs_args ntfs;
  struct netbsd_udf_args udf;
  struct netbsd_tmpfs_args tmpfs;
} args;

/* The name of the device is the first of most. */
static void
set_disk(const char *device)
{
  args.disk.fspec = device;
}

static void
set_msdos(const char *device)
{
  args.msdos.fspec = device;
  args.msdos.mask = 0755;
  args.msdos.version = NETBSD_MSDOSFS_VERSION;
  args.msdos.dirmask = 0755;
}

static void
set_ntfs(const char *device)
{
  args.ntfs.fspec = device;
  args.ntfs.mode = 0755;
}

static void
set_udf(const char *device)
{
  args.udf.fspec = device;
  args.udf.version = NETBSD_UDF_VERSION;
}

static void
set_tmpfs(const char *device)
{
  (void)device;
  args.tmpfs.version = NETBSD_TMPFS_VERSION;
  args.tmpfs.root_mode = 0755;
}

static const struct {
  const char *type;
  const char *format;
  void (*set)(const char *device);
} types[] = {
  { "ffs", "z", set_disk }, { "ext2fs", "z", set_disk },
  { "lfs", "z", set_disk }, { "cd9660", "z" EXPORT "i", set_disk },
  { "msdos", "z" EXPORT "3IiiIi", set_msdos },
  { "ntfs", "z" EXPORT "3IL", set_ntfs },
  { "udf", "IziIi5I32s", set_udf }, { "tmpfs", "iQq3I", set_tmpfs }
};

static int
mount_type(unsigned which, char **words, bool is_read_only)
{
  const char *format = types[which].format;
  int error;

  memset(&args, 0, sizeof(args));
  (*types[which].set)(words[2]);
  do {
    error = CALL(SYS_MOUNT, NULL, STRING(words[1]), STRING(words[3]),
      NUMBER(is_read_only ? NETBSD_MNT_RDONLY : 0), READS(format, &args),
      SIZE(format, 1));
  } while (error == NETBSD_EAGAIN);
  return report(words[3], error);
}

static int
list_mounts(void)
{
  static struct netbsd_statvfs mounts[MOUNTS_MAX];
  static const char format[] = RTEMS_RUMP_FORMAT_STATVFS;
  intptr_t count = 0;
  int error = CALL(SYS_GETVFSSTAT, &count,
    RTEMS_RUMP_ARG_STRUCTS(RTEMS_RUMP_OUT, format, mounts, MOUNTS_MAX),
    SIZE(format, MOUNTS_MAX), NUMBER(MNT_NOWAIT));
  intptr_t i;

  if (error != 0) {
    return report("mount", error);
  }
  for (i = 0; i < count && i < (intptr_t)MOUNTS_MAX; ++i) {
    const struct netbsd_statvfs *m = &mounts[i];

    printf("%.1023s on %.1023s type %.31s%s\n", m->mntfromname,
      m->mntonname, m->fstypename,
      (m->flag & NETBSD_MNT_RDONLY) != 0 ? " (read-only)" : "");
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
  return report(
    words[1], CALL(SYS_UNMOUNT, NULL, STRING(words[1]), NUMBER(0)));
}
