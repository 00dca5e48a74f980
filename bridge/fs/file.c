/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Open files.  Offset, appending and limits of access are the kernel's.
 */

#include "place.h"

#include <fcntl.h>
#include <string.h>

static int
flags_to_netbsd(int oflag)
{
  return (oflag & O_ACCMODE)
    | ((oflag & O_APPEND) != 0 ? NETBSD_O_APPEND : 0)
    | ((oflag & O_NONBLOCK) != 0 ? NETBSD_O_NONBLOCK : 0)
    | ((oflag & O_SYNC) != 0 ? NETBSD_O_SYNC : 0);
}

static int
set_flags(struct node *node, int flags)
{
  return rump_sys_fcntl(
    node->fd,
    NETBSD_F_SETFL,
    flags & ~NETBSD_O_ACCMODE
  );
}

/* A file that has just been made is open, for reading and writing. */
static bool
is_open(const struct node *node, int flags)
{
  return node->fd >= 0 && (flags & ~NETBSD_O_ACCMODE) == 0;
}

static int
open_node(struct node *node, int flags)
{
  if (node->fd >= 0) {
    return set_flags(node, flags);
  }
  node->fd = rump_sys_openat(
    node->directory->fd,
    node->name,
    flags | NETBSD_O_NOFOLLOW,
    0
  );
  return node->fd >= 0 ? 0 : -1;
}

/* The node of an open file or directory is not that of another location. */
static struct node *
own_node(struct node *node)
{
  struct node *own;

  if (atomic_load(&node->references) == 1 && !node_is_directory(node)) {
    return node_hold(node);
  }
  own = node->fd >= 0
    ? node_make(node->mount, node, ".", 1)
    : node_make(
        node->mount,
        node->directory,
        node->name,
        strlen(node->name)
      );
  if (own != NULL) {
    own->status = node->status;
  }
  return own;
}

static int
open_own_node(rtems_libio_t *iop, int oflag)
{
  struct node *node = own_node(fs_node(&iop->pathinfo));
  int flags = flags_to_netbsd(oflag);
  int rv = 0;

  if (node == NULL) {
    return -1;
  }
  if (!is_open(node, flags)) {
    VISIT(node->mount->life, rv, open_node(node, flags));
  }
  if (rv != 0) {
    node_drop(node);
    return -1;
  }
  node->is_fresh = false;
  node->opens = 1;
  node_drop(fs_node(&iop->pathinfo));
  iop->pathinfo.node_access = node;
  return 0;
}

/* For dup(), which copies the location of an open file, RTEMS opens again. */
int
fs_open(rtems_libio_t *iop, const char *path, int oflag, mode_t mode)
{
  struct node *node = fs_node(&iop->pathinfo);

  (void)path;
  (void)mode;
  if (S_ISLNK(node->status.mode)) {
    errno = ELOOP;
    return -1;
  }
  if (atomic_load(&node->opens) > 0) {
    atomic_fetch_add(&node->opens, 1);
    return 0;
  }
  return open_own_node(iop, oflag);
}

static int
close_and_reap(struct mount *mount, int fd)
{
  nodes_reap(mount);
  return rump_sys_close(fd);
}

/* A directory may have become the current one of a task. */
int
fs_close(rtems_libio_t *iop)
{
  struct node *node = fs_node(&iop->pathinfo);
  int rv = -1;
  int fd;

  if (atomic_fetch_sub(&node->opens, 1) > 1) {
    return 0;
  }
  if (node_is_directory(node)) {
    return 0;
  }
  fd = atomic_exchange(&node->fd, -1);
  VISIT(node->mount->life, rv, close_and_reap(node->mount, fd));
  return rv;
}

static int
change_flags(struct node *node, int flags)
{
  int rv;

  VISIT(node->mount->life, rv, set_flags(node, flags));
  return rv == 0 ? 0 : errno;
}

int
fs_fcntl(rtems_libio_t *iop, int command)
{
  int oflag = rtems_libio_to_fcntl_flags(rtems_libio_iop_flags(iop));

  return command == F_SETFL
    ? change_flags(fs_node(&iop->pathinfo), flags_to_netbsd(oflag)) : 0;
}

static int
ask_status(struct node *node, struct netbsd_stat *status)
{
  int rv;

  VISIT(node->mount->life, rv, node_status(node, status));
  return rv;
}

/*
 * RTEMS's unmount() asks for the root's status: that of a file system whose
 * kernel has ended, or whose server does not answer, can still be unmounted.
 * Else what the kernel tells of an open root is not read from a disk.
 */
static bool
is_lost_root(const struct node *node)
{
  return node == node->mount->root
    && (errno == EIO || node->mount->type->is_remote);
}

/*
 * RTEMS asks a second time for rmdir(), whether a name is a directory's.  If
 * nothing is there, whoever removes it is to say so.
 */
static void
look_again(struct node *node)
{
  if (node->is_fresh) {
    node->is_fresh = false;
  } else if (fs_look_up(node) == 0) {
    node->is_unseen = false;
  } else {
    node->status.mode = S_IFDIR;
  }
}

int
fs_fstat(
  const rtems_filesystem_location_info_t *location, struct stat *to)
{
  struct node *node = fs_node(location);
  struct netbsd_stat status = { .mode = S_IFDIR | 0777 };

  if (node->is_unseen) {
    look_again(node);
    status = node->status;
  } else if (node->is_fresh) {
    status = node->status;
  } else if (ask_status(node, &status) != 0 && !is_lost_root(node)) {
    return -1;
  }
  status_to_rtems(node->mount, &status, to);
  return 0;
}

static ssize_t
file_read(rtems_libio_t *iop, void *buffer, size_t size)
{
  const struct node *node = fs_node(&iop->pathinfo);
  ssize_t n = -1;

  VISIT(node->mount->life, n, rump_sys_read(node->fd, buffer, size));
  return n;
}

static ssize_t
file_write(rtems_libio_t *iop, const void *buffer, size_t size)
{
  const struct node *node = fs_node(&iop->pathinfo);
  ssize_t n = -1;

  VISIT(node->mount->life, n, rump_sys_write(node->fd, buffer, size));
  return n;
}

/* An iovec is the same in both worlds. */
static ssize_t
file_readv(
  rtems_libio_t *iop, const struct iovec *iov, int count, ssize_t total)
{
  const struct node *node = fs_node(&iop->pathinfo);
  ssize_t n = -1;

  (void)total;
  VISIT(node->mount->life, n, rump_sys_readv(node->fd, iov, count));
  return n;
}

static ssize_t
file_writev(
  rtems_libio_t *iop, const struct iovec *iov, int count, ssize_t total)
{
  const struct node *node = fs_node(&iop->pathinfo);
  ssize_t n = -1;

  (void)total;
  VISIT(node->mount->life, n, rump_sys_writev(node->fd, iov, count));
  return n;
}

static bool
is_whence(int whence)
{
  return whence == SEEK_SET || whence == SEEK_CUR || whence == SEEK_END;
}

/* NetBSD takes an offset that is too large for one below zero. */
static off_t
file_lseek(rtems_libio_t *iop, off_t offset, int whence)
{
  const struct node *node = fs_node(&iop->pathinfo);
  off_t result = -1;

  VISIT(
    node->mount->life,
    result,
    rump_sys_lseek(node->fd, offset, whence)
  );
  if (result == -1 && errno == EINVAL && offset > 0 && is_whence(whence)) {
    errno = EOVERFLOW;
  }
  return result;
}

static int
file_ftruncate(rtems_libio_t *iop, off_t size)
{
  const struct node *node = fs_node(&iop->pathinfo);
  int rv = -1;

  VISIT(node->mount->life, rv, rump_sys_ftruncate(node->fd, size));
  return rv;
}

/*
 * FFS commits its journal for a part of a file, even if that is all of it, but
 * not always for the file as a whole, which is the size 0.
 */
static int64_t
ask_size_to_sync(const struct node *node)
{
  struct netbsd_stat status;

  if (node->mount->type->sync != NULL) {
    return 0;
  }
  if (rump_sys_fstat(node->fd, &status) != 0) {
    return -1;
  }
  return status.size > 0 ? status.size : 1;
}

/*
 * The call for parts wants a descriptor for writing; with another one nothing
 * can have been written.  The device's cache is to be flushed last.
 */
static int
sync_node(const struct node *node, bool may_write)
{
  int64_t size;

  if (place_sync(node->mount) != 0) {
    return -1;
  }
  if (!may_write) {
    return rump_sys_fsync(node->fd);
  }
  size = ask_size_to_sync(node);
  return size < 0 ? -1 : rump_sys_fsync_range(
    node->fd,
    NETBSD_FFILESYNC | NETBSD_FDISKSYNC,
    0,
    size
  );
}

int
fs_fsync(rtems_libio_t *iop)
{
  const struct node *node = fs_node(&iop->pathinfo);
  int rv = -1;

  VISIT(
    node->mount->life,
    rv,
    sync_node(node, rtems_libio_iop_is_writeable(iop))
  );
  return rv;
}

const rtems_filesystem_file_handlers_r fs_file_handlers = {
  .open_h = fs_open,
  .close_h = fs_close,
  .read_h = file_read,
  .write_h = file_write,
  .ioctl_h = rtems_filesystem_default_ioctl,
  .lseek_h = file_lseek,
  .fstat_h = fs_fstat,
  .ftruncate_h = file_ftruncate,
  .fsync_h = fs_fsync,
  .fdatasync_h = fs_fsync,
  .fcntl_h = fs_fcntl,
  .poll_h = rtems_filesystem_default_poll,
  .kqfilter_h = rtems_filesystem_default_kqfilter,
  .readv_h = file_readv,
  .writev_h = file_writev,
  .mmap_h = rtems_filesystem_default_mmap
};
