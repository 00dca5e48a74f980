/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What is mounted, and how.
 */

#ifndef RTEMS_RUMP_OPTIONS_H
#define RTEMS_RUMP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "abi/mount.h"

/** Arguments, and what they are made of. */
struct netbsd_nfs_source {
  struct netbsd_nfs_args args;
  uint32_t udp;
  uint32_t port;
  uint32_t mount_port;
  uint8_t address[16];
  uint8_t handle[64];
};

union netbsd_args {
  struct netbsd_ufs_args ufs;
  struct netbsd_msdosfs_args msdosfs;
  struct netbsd_iso_args iso;
  struct netbsd_udf_args udf;
  struct netbsd_ntfs_args ntfs;
  struct netbsd_tmpfs_args tmpfs;
  struct netbsd_nfs_source nfs;
};

struct fs_request;

struct option;

/** A type of file systems. */
struct fs_type {
  /** NetBSD's name; the component's is "fs_" and this. */
  const char *name;

  /** Of its arguments, of which the first are these. */
  size_t size;
  union netbsd_args defaults;

  /** Where in them the device stands; not for one in memory. */
  size_t device_offset;
  bool has_device;

  /** A server has the files, which others change, too, and may be gone. */
  bool is_remote;

  /** What fsync() has to write besides the file; or NULL.  See sync.h. */
  int (*sync)(const char *directory, const char *device);

  /** Completes the arguments inside the kernel; or NULL. */
  int (*prepare)(struct fs_request *request, const char *source);

  /** Those of its own, ended by one without a name. */
  const struct option *options;
};

#define FS_TYPES 9
extern const struct fs_type fs_types[FS_TYPES];

/** A device or a file of RTEMS, by what stat() tells of it. */
struct fs_source {
  bool exists;
  dev_t dev;
  ino_t ino;
};

/** What to mount, and the arguments of rump_sys_mount(). */
struct fs_request {
  struct fs_source source;
  const struct fs_type *type;
  int flags;
  union netbsd_args args;
};

/**
 * Adds to a request, whose type is set, what a string of options says.
 *
 * @return 0 or EINVAL; the console tells which option is wrong.
 */
int options_parse(struct fs_request *request, const char *options);

#endif /* RTEMS_RUMP_OPTIONS_H */
