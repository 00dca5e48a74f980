/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Open directories.  To RTEMS a directory is an array of entries of one size,
 * in which an offset is a multiple of that.
 */

#include "fs.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "lock.h"

#define ENTRY_SIZE ((off_t)sizeof(struct dirent))

struct listing {
  struct lock lock;

  /* Of the next entry, in RTEMS's array. */
  off_t offset;

  /*
   * Whether there was one in what the kernel has given, and where in the
   * kernel's directory that was not so.
   */
  bool had_entry;
  off_t place;

  /* What is left of that. */
  size_t begin;
  size_t end;
  char buffer[2048] __attribute__((__aligned__(8)));
};

static int
directory_open(
  rtems_libio_t *iop, const char *path, int oflag, mode_t mode)
{
  struct listing *listing = malloc(sizeof(*listing));
  struct node *node;
  int rv;

  if (listing == NULL) {
    errno = ENOMEM;
    return -1;
  }
  lock_init(&listing->lock, "rump directory");
  listing->offset = 0;
  listing->had_entry = true;
  listing->place = -1;
  listing->begin = 0;
  listing->end = 0;
  rv = fs_open(iop, path, oflag, mode);
  node = fs_node(&iop->pathinfo);
  if (rv != 0 || node->listing != NULL) {
    free(listing);
  } else {
    node->listing = listing;
  }
  return rv;
}

/*
 * In a damaged directory the kernel may stay where it is, and give what is no
 * entry again and again.
 */
static bool
stays(struct node *node)
{
  struct listing *listing = node->listing;
  off_t before = listing->place;

  listing->place = rump_sys_lseek(node->fd, 0, SEEK_CUR);
  return listing->place == before;
}

/* More of what the kernel has: 1, 0 at the end, or -1. */
static int
fill(struct node *node)
{
  struct listing *listing = node->listing;
  int n;

  if (!listing->had_entry && stays(node)) {
    errno = EIO;
    return -1;
  }
  n = rump_sys_getdents(node->fd, listing->buffer, sizeof(listing->buffer));
  if (n <= 0) {
    return n;
  }
  listing->had_entry = false;
  listing->begin = 0;
  listing->end = (size_t)n;
  return 1;
}

/* The next entry of the kernel: 1, 0 at the end, or -1. */
static int
next_entry(struct node *node, const struct netbsd_dirent **entry)
{
  struct listing *listing = node->listing;

  do {
    if (listing->begin == listing->end) {
      int rv = fill(node);

      if (rv <= 0) {
        return rv;
      }
    }
    *entry = (const void *)&listing->buffer[listing->begin];
    if (!netbsd_dirent_is_whole(*entry, listing->end - listing->begin)) {
      errno = EIO;
      return -1;
    }
    listing->begin += (*entry)->reclen;
  } while ((*entry)->fileno == 0);
  listing->had_entry = true;
  return 1;
}

static int
read_entry(struct node *node, struct dirent *to)
{
  const struct netbsd_dirent *from;
  int rv = next_entry(node, &from);

  if (rv <= 0) {
    return rv;
  }
  if (from->namlen > NAME_MAX) {
    errno = EOVERFLOW;
    return -1;
  }
  to->d_ino = from->fileno;
  to->d_off = node->listing->offset;
  to->d_reclen = sizeof(*to);
  to->d_type = from->type;
  to->d_namlen = from->namlen;
  memcpy(to->d_name, from->name, from->namlen);
  to->d_name[from->namlen] = '\0';
  node->listing->offset += ENTRY_SIZE;
  return 1;
}

static ssize_t
read_entries(struct node *node, struct dirent *entries, size_t count)
{
  size_t done = 0;
  int rv = 1;

  lock_enter(&node->listing->lock);
  while (done < count && rv == 1) {
    rv = read_entry(node, &entries[done]);
    done += rv == 1;
  }
  lock_exit(&node->listing->lock);
  return done == 0 && rv < 0 ? -1 : (ssize_t)(done * sizeof(*entries));
}

static ssize_t
directory_read(rtems_libio_t *iop, void *buffer, size_t size)
{
  struct node *node = fs_node(&iop->pathinfo);
  ssize_t n = -1;

  if (size < sizeof(struct dirent)) {
    errno = EINVAL;
    return -1;
  }
  VISIT(
    node->mount->life,
    n,
    read_entries(node, buffer, size / sizeof(struct dirent))
  );
  return n;
}

/* Not even NetBSD can go anywhere but to the begin without a cookie. */
static off_t
seek_entry(struct node *node, off_t offset, int whence)
{
  struct listing *listing = node->listing;
  const struct netbsd_dirent *entry;
  int rv = 1;

  lock_enter(&listing->lock);
  offset += whence == SEEK_CUR ? listing->offset : 0;
  if (offset < listing->offset) {
    rv = rump_sys_lseek(node->fd, 0, SEEK_SET) == 0 ? 1 : -1;
    listing->offset = 0;
    listing->place = -1;
    listing->begin = listing->end = 0;
  }
  while (rv == 1 && listing->offset < offset) {
    rv = next_entry(node, &entry);
    listing->offset += rv == 1 ? ENTRY_SIZE : 0;
  }
  offset = listing->offset;
  lock_exit(&listing->lock);
  return rv < 0 ? -1 : offset;
}

static off_t
directory_lseek(rtems_libio_t *iop, off_t offset, int whence)
{
  struct node *node = fs_node(&iop->pathinfo);
  off_t result = -1;

  if (offset % ENTRY_SIZE != 0 || (whence == SEEK_SET && offset < 0)
      || (whence != SEEK_SET && whence != SEEK_CUR)) {
    errno = EINVAL;
    return -1;
  }
  VISIT(node->mount->life, result, seek_entry(node, offset, whence));
  return result;
}

const rtems_filesystem_file_handlers_r fs_directory_handlers = {
  .open_h = directory_open,
  .close_h = fs_close,
  .read_h = directory_read,
  .write_h = rtems_filesystem_default_write,
  .ioctl_h = rtems_filesystem_default_ioctl,
  .lseek_h = directory_lseek,
  .fstat_h = fs_fstat,
  .ftruncate_h = rtems_filesystem_default_ftruncate_directory,
  .fsync_h = fs_fsync,
  .fdatasync_h = fs_fsync,
  .fcntl_h = fs_fcntl,
  .poll_h = rtems_filesystem_default_poll,
  .kqfilter_h = rtems_filesystem_default_kqfilter,
  .readv_h = rtems_filesystem_default_readv,
  .writev_h = rtems_filesystem_default_writev,
  .mmap_h = rtems_filesystem_default_mmap
};
