/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What NetBSD's kernel lets its host do with vnodes and mounts, that
 * no system call does.  Called inside the kernel; errors are NetBSD's.
 */

#ifndef RTEMS_RUMP_ABI_VNODE_H
#define RTEMS_RUMP_ABI_VNODE_H

#include <rtems-rump/netbsd.h>

struct componentname;
struct kauth_cred;
struct netbsd_mount;
struct vnode;

/** Operation of rump_pub_namei(): it gives a reference to what is there. */
#define NETBSD_NAMEI_LOOKUP 0

/** Flag of RUMP_VOP_FSYNC(). */
#define NETBSD_FSYNC_WAIT 0x1

int rump_pub_namei(
  uint32_t operation, uint32_t flags, const char *path,
  struct vnode **directory, struct vnode **vnode,
  struct componentname **name)
  NETBSD_PUBLIC("namei");
void rump_pub_vp_rele(struct vnode *vnode) NETBSD_PUBLIC("vp_rele");
int RUMP_VOP_FSYNC(
  struct vnode *vnode, struct kauth_cred *unused, int flags, int64_t begin,
  int64_t end)
  RTEMS_RUMP_SYMBOL("RUMP_VOP_FSYNC");
int rump_pub_vfs_getmp(const char *path, struct netbsd_mount **mount)
  NETBSD_PUBLIC("vfs_getmp");
int rump_pub_vfs_sync(
  struct netbsd_mount *mount, int wait, struct kauth_cred *unused)
  NETBSD_PUBLIC("vfs_sync");

#endif /* RTEMS_RUMP_ABI_VNODE_H */
