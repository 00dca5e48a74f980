/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief NetBSD's user ABI: arguments of mounting.
 */

#ifndef RTEMS_RUMP_ABI_MOUNT_H
#define RTEMS_RUMP_ABI_MOUNT_H

#include <rtems-rump/netbsd.h>

/** More flags of rump_sys_mount(). */
#define NETBSD_MNT_NOEXEC 0x4
#define NETBSD_MNT_NOSUID 0x8
#define NETBSD_MNT_NODEV 0x10
#define NETBSD_MNT_RELATIME 0x20000
#define NETBSD_MNT_DISCARD 0x800000
#define NETBSD_MNT_EXTATTR 0x1000000
#define NETBSD_MNT_SYMPERM 0x20000000
#define NETBSD_MNT_NODEVMTIME 0x40000000

#define NETBSD_TMPFS_VERSION 1
#define NETBSD_MSDOSFS_VERSION 3
#define NETBSD_UDF_VERSION 1

/** Flags of netbsd_msdosfs_args. */
#define NETBSD_MSDOSFS_SHORTNAME 0x1
#define NETBSD_MSDOSFS_LONGNAME 0x2
#define NETBSD_MSDOSFS_NOWIN95 0x4
#define NETBSD_MSDOSFS_GEMDOSFS 0x8
#define NETBSD_MSDOSFS_VERSIONED 0x10
#define NETBSD_MSDOSFS_UTF8 0x20

/** Flags of netbsd_iso_args. */
#define NETBSD_ISOFS_NORRIP 0x1
#define NETBSD_ISOFS_GENS 0x2
#define NETBSD_ISOFS_EXTATT 0x4
#define NETBSD_ISOFS_NOJOLIET 0x8
#define NETBSD_ISOFS_NOCASETRANS 0x10
#define NETBSD_ISOFS_RRCASEINS 0x20

/** Flags of netbsd_ntfs_args. */
#define NETBSD_NTFS_CASEINS 0x1
#define NETBSD_NTFS_ALLNAMES 0x2

/** Flag of netbsd_udf_args. */
#define NETBSD_UDF_CLOSESESSION 0x1

/* Of old, and unused. */
struct netbsd_export_args {
  int32_t flags;
  uint32_t root;
  struct {
    uint16_t unused;
    uint32_t uid;
    uint32_t gid;
    int16_t group_count;
    uint32_t groups[16];
  } anonymous;
  void *address;
  int32_t address_size;
  void *mask;
  int32_t mask_size;
  char *index_file;
};

struct netbsd_msdosfs_args {
  const char *fspec;
  struct netbsd_export_args unused;
  uint32_t uid;
  uint32_t gid;
  uint32_t mask;
  int32_t flags;
  int32_t version;
  uint32_t dirmask;
  int32_t gmtoff;
};

struct netbsd_iso_args {
  const char *fspec;
  struct netbsd_export_args unused;
  int32_t flags;
};

struct netbsd_udf_args {
  uint32_t version;
  const char *fspec;
  int32_t sessionnr;
  uint32_t flags;
  int32_t gmtoff;
  uint32_t anon_uid;
  uint32_t anon_gid;
  uint32_t nobody_uid;
  uint32_t nobody_gid;
  uint32_t sector_size;
  uint8_t reserved[32];
};

struct netbsd_ntfs_args {
  const char *fspec;
  struct netbsd_export_args unused;
  uint32_t uid;
  uint32_t gid;
  uint32_t mode;
  unsigned long flags;
};

#define NETBSD_NFS_VERSION 3

/** Flags of netbsd_nfs_args; the numbers of 0 are as those not given. */
#define NETBSD_NFSMNT_SOFT 0x1
#define NETBSD_NFSMNT_WSIZE 0x2
#define NETBSD_NFSMNT_RSIZE 0x4
#define NETBSD_NFSMNT_TIMEO 0x8
#define NETBSD_NFSMNT_RETRANS 0x10
#define NETBSD_NFSMNT_NFSV3 0x200
#define NETBSD_NFSMNT_DEADTHRESH 0x4000
#define NETBSD_NFSMNT_RESVPORT 0x8000
#define NETBSD_NFSMNT_RDIRPLUS 0x10000
#define NETBSD_NFSMNT_NOAC 0x80000

struct netbsd_nfs_args {
  int32_t version;
  void *addr;
  int32_t addrlen;
  int32_t sotype;
  int32_t proto;
  uint8_t *fh;
  int32_t fhsize;
  int32_t flags;
  int32_t wsize;
  int32_t rsize;
  int32_t readdirsize;
  int32_t timeo;
  int32_t retrans;
  int32_t maxgrouplist;
  int32_t readahead;
  int32_t leaseterm;
  int32_t deadthresh;
  const char *hostname;
};

/* As in NetBSD's libraries. */
#ifdef __x86_64__
_Static_assert(sizeof(struct netbsd_nfs_args) == 96, "nfs_args");
_Static_assert(sizeof(struct netbsd_msdosfs_args) == 168, "msdosfs_args");
_Static_assert(sizeof(struct netbsd_iso_args) == 144, "iso_args");
_Static_assert(sizeof(struct netbsd_udf_args) == 80, "udf_args");
_Static_assert(sizeof(struct netbsd_ntfs_args) == 160, "ntfs_args");
_Static_assert(sizeof(struct netbsd_tmpfs_args) == 40, "tmpfs_args");
#elif defined(__arm__) || defined(__i386__)
_Static_assert(sizeof(struct netbsd_msdosfs_args) == 140, "msdosfs_args");
_Static_assert(sizeof(struct netbsd_iso_args) == 116, "iso_args");
_Static_assert(sizeof(struct netbsd_udf_args) == 72, "udf_args");
_Static_assert(sizeof(struct netbsd_ntfs_args) == 128, "ntfs_args");
_Static_assert(sizeof(struct netbsd_nfs_args) == 72, "nfs_args");
#endif

#endif /* RTEMS_RUMP_ABI_MOUNT_H */
