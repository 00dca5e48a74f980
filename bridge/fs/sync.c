/* SPDX-License-Identifier: BSD-2-Clause */

#include "sync.h"

#include <stddef.h>

#include "abi/vnode.h"

int
sync_tables(const char *directory, const char *device)
{
  struct vnode *vnode;
  int error =
    rump_pub_namei(NETBSD_NAMEI_LOOKUP, 0, device, NULL, &vnode, NULL);

  (void)directory;
  if (error == 0) {
    error = RUMP_VOP_FSYNC(vnode, NULL, NETBSD_FSYNC_WAIT, 0, 0);
    rump_pub_vp_rele(vnode);
  }
  return error;
}

/*
 * After a power failure LFS goes back to the older of its two superblocks: both
 * have to tell of what has been written.  NetBSD writes the second one without
 * waiting for it, which is done with what else goes to the device.
 */
int
sync_log(const char *directory, const char *device)
{
  struct netbsd_mount *mount;
  int error = rump_pub_vfs_getmp(directory, &mount);

  if (error == 0) {
    error = rump_pub_vfs_sync(mount, 1, NULL);
  }
  return error == 0 ? sync_tables(directory, device) : error;
}
