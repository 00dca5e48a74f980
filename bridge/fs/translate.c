/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's structures as RTEMS's.  File types, permissions and types of
 * directory entries have the same values.
 */

#include "fs.h"

#include <string.h>
#include <sys/statvfs.h>

/* NetBSD has 12 bits of major number within the 20 bits of minor number. */
static dev_t
dev_to_rtems(uint64_t dev)
{
  return rtems_filesystem_make_dev_t(
    (uint32_t)(dev >> 8) & 0xfff,
    ((uint32_t)(dev >> 12) & 0xfff00) | ((uint32_t)dev & 0xff)
  );
}

uint64_t
dev_to_netbsd(dev_t dev)
{
  uint32_t major = rtems_filesystem_dev_major_t(dev);
  uint32_t minor = rtems_filesystem_dev_minor_t(dev);

  return ((major & 0xfff) << 8) | ((minor & 0xfff00) << 12) | (minor & 0xff);
}

static struct timespec
time_to_rtems(const struct netbsd_timespec *time)
{
  return (struct timespec){ .tv_sec = time->tv_sec, .tv_nsec = time->tv_nsec };
}

/* RTEMS's number of the device tells the mount from all others. */
void
status_to_rtems(
  const struct mount *mount, const struct netbsd_stat *from, struct stat *to)
{
  memset(to, 0, sizeof(*to));
  to->st_dev = rtems_filesystem_make_dev_t_from_pointer(mount);
  to->st_ino = from->ino;
  to->st_mode = from->mode;
  to->st_nlink = (nlink_t)from->nlink;
  to->st_uid = (uid_t)from->uid;
  to->st_gid = (gid_t)from->gid;
  to->st_rdev = dev_to_rtems(from->rdev);
  to->st_size = from->size;
  to->st_atim = time_to_rtems(&from->atim);
  to->st_mtim = time_to_rtems(&from->mtim);
  to->st_ctim = time_to_rtems(&from->ctim);
  to->st_blksize = from->blksize;
  to->st_blocks = (blkcnt_t)from->blocks;
}

/* RTEMS's headers have no names for the bits of POSIX: these are the usual. */
#ifndef ST_RDONLY
#define ST_RDONLY 0x1
#define ST_NOSUID 0x2
#endif

void
statvfs_to_rtems(const struct netbsd_statvfs *from, struct statvfs *to)
{
  memset(to, 0, sizeof(*to));
  to->f_bsize = from->bsize;
  to->f_frsize = from->frsize;
  to->f_blocks = from->blocks;
  to->f_bfree = from->bfree;
  to->f_bavail = from->bavail;
  to->f_files = from->files;
  to->f_ffree = from->ffree;
  to->f_favail = from->favail;
  to->f_fsid = from->fsid;
  to->f_namemax = from->namemax;
  to->f_flag = ((from->flag & NETBSD_MNT_RDONLY) != 0 ? ST_RDONLY : 0)
    | ((from->flag & NETBSD_ST_NOSUID) != 0 ? ST_NOSUID : 0);
}
