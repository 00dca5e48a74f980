/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief NetBSD's file systems as file systems of RTEMS: what the files of
 * this folder share.
 *
 * A location of RTEMS is a node: a name in a directory of which the kernel has
 * a descriptor.  An open file or directory is a descriptor of its own.
 */

#ifndef RTEMS_RUMP_FS_H
#define RTEMS_RUMP_FS_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <rtems/libio_.h>
#include <rtems/thread.h>

#include "abi/file.h"
#include "visit.h"

struct fs_place;
struct fs_type;
struct listing;
struct mount;

struct node {
  /** Of locations and of nodes whose directory this is. */
  atomic_uint references;

  /** Descriptors of RTEMS that have it open; these share the kernel's. */
  atomic_uint opens;

  /** The kernel's descriptor of an open file or a directory, or -1. */
  atomic_int fd;

  struct mount *mount;

  /** NULL for the root, which has the name ".". */
  struct node *directory;

  /**
   * What was found when the path was evaluated.  It is told again once more
   * while it is fresh: until the node is opened, or its location copied.
   */
  struct netbsd_stat status;
  atomic_bool is_fresh;

  /** Nobody has looked whether it exists; whoever makes or removes it does. */
  bool is_unseen;

  /** The entries read from an open directory, or NULL. */
  struct listing *listing;

  char name[];
};

/** A descriptor of a directory that nobody uses. */
struct kept_directory {
  uint64_t dev;
  uint64_t ino;

  /** -1: none. */
  int fd;
};

#define KEPT_DIRECTORIES 4

/** Where another file system is mounted on a directory of this one. */
struct mount_point {
  struct mount_point *next;
  uint64_t dev;
  uint64_t ino;
  rtems_filesystem_mount_table_entry_t *mt_entry;
};

struct mount {
  rtems_filesystem_mount_table_entry_t *mt_entry;
  struct node *root;

  /** That of the kernel in which the file system is mounted. */
  unsigned life;

  /** Where it is for the kernel. */
  struct fs_place *place;

  const struct fs_type *type;

  rtems_filesystem_limits_and_options_t limits;

  /** Guards what follows, which nobody does inside the kernel. */
  rtems_mutex lock;

  struct mount_point *points;

  /** Nodes without references whose descriptors have to be closed. */
  struct node *_Atomic dead;

  /**
   * For who comes the same way; the next one is replaced first.  Not if a
   * server can give the number of a directory to another one.
   */
  bool keeps_directories;
  struct kept_directory kept[KEPT_DIRECTORIES];
  unsigned next_kept;
};

static inline struct mount *
fs_mount(const rtems_filesystem_mount_table_entry_t *mt_entry)
{
  return mt_entry->fs_info;
}

static inline struct node *
fs_node(const rtems_filesystem_location_info_t *location)
{
  return location->node_access;
}

static inline bool
node_is_directory(const struct node *node)
{
  return S_ISDIR(node->status.mode);
}

static inline bool
node_equals(const struct node *a, const struct node *b)
{
  return a->mount == b->mount
    && a->status.ino == b->status.ino
    && a->status.dev == b->status.dev;
}

/** Makes a node; NULL if there is no memory. */
struct node *node_make(
  struct mount *mount, struct node *directory, const char *name, size_t size);

static inline struct node *
node_hold(struct node *node)
{
  atomic_fetch_add_explicit(&node->references, 1, memory_order_relaxed);
  return node;
}

/** Undoes node_hold() or node_make().  Does not call the kernel. */
void node_drop(struct node *node);

/* The rest is called inside the kernel; -1 and errno, or NULL, on failure. */

/** Closes what nodes have left. */
void nodes_reap(struct mount *mount);

/** Closes also the directories that are kept. */
void nodes_reap_all(struct mount *mount);

/** Finds out what has the node's name in its directory. */
int node_look_up(struct node *node);

/** Makes the node of what has this name in a directory. */
struct node *node_find(struct node *directory, const char *name, size_t size);

/** The descriptor of a directory. */
int node_directory(struct node *node);

/** Asks the kernel for the status. */
int node_status(struct node *node, struct netbsd_stat *status);

/*
 * A call for a node: for its descriptor if it has one, which finds it also if
 * it has been renamed or unlinked, else by its name.
 */
#define NODE_CALL(node, by_fd, by_name) \
  ((node)->fd >= 0 ? (by_fd) : (by_name))

/** RTEMS's form of what NetBSD tells. */
void status_to_rtems(
  const struct mount *mount, const struct netbsd_stat *from, struct stat *to);
void statvfs_to_rtems(const struct netbsd_statvfs *from, struct statvfs *to);
uint64_t dev_to_netbsd(dev_t dev);

/** The mount on this directory, or NULL. */
rtems_filesystem_mount_table_entry_t *mount_on(const struct node *node);

/* Operations and handlers. */
extern const rtems_filesystem_operations_table fs_operations;
extern const rtems_filesystem_file_handlers_r fs_file_handlers;
extern const rtems_filesystem_file_handlers_r fs_directory_handlers;

static inline const rtems_filesystem_file_handlers_r *
fs_handlers(const struct node *node)
{
  return node_is_directory(node) ? &fs_directory_handlers : &fs_file_handlers;
}

/** node_look_up() of who is not in the kernel. */
int fs_look_up(struct node *node);

void fs_eval_path(rtems_filesystem_eval_path_context_t *ctx);
int fs_mount_on(rtems_filesystem_mount_table_entry_t *mt_entry);
int fs_unmount_on(rtems_filesystem_mount_table_entry_t *mt_entry);
void fs_unmount_me(rtems_filesystem_mount_table_entry_t *mt_entry);
int fs_open(rtems_libio_t *iop, const char *path, int oflag, mode_t mode);
int fs_close(rtems_libio_t *iop);
int fs_fstat(
  const rtems_filesystem_location_info_t *location, struct stat *status);
int fs_fsync(rtems_libio_t *iop);
int fs_fcntl(rtems_libio_t *iop, int command);

/**
 * What RTEMS's location of a directory has besides: the node of a file that
 * open() is about to make, or has just made, which then is open.
 */
static inline struct node *
fs_new(const rtems_filesystem_location_info_t *location)
{
  return location->node_access_2;
}

#endif /* RTEMS_RUMP_FS_H */
