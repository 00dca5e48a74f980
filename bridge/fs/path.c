/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Evaluation of paths, one name after the other: RTEMS's root and its other
 * file systems are not known to the kernel, so the kernel never follows a
 * symbolic link or crosses a mount point itself.
 */

#include "fs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/*
 * Those with which RTEMS evaluates the new names of rename() and symlink(), and
 * of open() with O_EXCL, which follows links besides.
 */
#define NEW_NAME (RTEMS_FS_MAKE | RTEMS_FS_EXCLUSIVE)

/* That with which unlink() and rmdir() evaluate the last name, and nobody else. */
#define OLD_NAME RTEMS_FS_REJECT_TERMINAL_DOT

/* Longest target of a symbolic link. */
#define TARGET_SIZE 1024

rtems_filesystem_mount_table_entry_t *
mount_on(const struct node *node)
{
  struct mount *mount = node->mount;
  rtems_filesystem_mount_table_entry_t *mt_entry = NULL;
  struct mount_point *p;

  rtems_mutex_lock(&mount->lock);
  for (p = mount->points; p != NULL; p = p->next) {
    if (p->ino == node->status.ino && p->dev == node->status.dev) {
      mt_entry = p->mt_entry;
    }
  }
  rtems_mutex_unlock(&mount->lock);
  return mt_entry;
}

int
fs_mount_on(rtems_filesystem_mount_table_entry_t *mt_entry)
{
  struct node *node = fs_node(&mt_entry->mt_point_node->location);
  struct mount *mount = node->mount;
  struct mount_point *point;

  if (!node_is_directory(node)) {
    errno = ENOTDIR;
    return -1;
  }
  point = malloc(sizeof(*point));
  if (point == NULL) {
    errno = ENOMEM;
    return -1;
  }
  point->dev = node->status.dev;
  point->ino = node->status.ino;
  point->mt_entry = mt_entry;
  rtems_mutex_lock(&mount->lock);
  point->next = mount->points;
  mount->points = point;
  rtems_mutex_unlock(&mount->lock);
  return 0;
}

int
fs_unmount_on(rtems_filesystem_mount_table_entry_t *mt_entry)
{
  struct mount *mount = fs_node(&mt_entry->mt_point_node->location)->mount;
  struct mount_point **p = &mount->points;
  struct mount_point *point;

  rtems_mutex_lock(&mount->lock);
  while ((*p)->mt_entry != mt_entry) {
    p = &(*p)->next;
  }
  point = *p;
  *p = point->next;
  rtems_mutex_unlock(&mount->lock);
  free(point);
  return 0;
}

static bool
is_directory(rtems_filesystem_eval_path_context_t *ctx, void *arg)
{
  (void)arg;
  return node_is_directory(
    fs_node(rtems_filesystem_eval_path_get_currentloc(ctx))
  );
}

static void
move_to(rtems_filesystem_location_info_t *location, struct node *node)
{
  node_drop(fs_node(location));
  location->node_access = node;
  location->node_access_2 = NULL;
  location->handlers = fs_handlers(node);
}

int
fs_look_up(struct node *node)
{
  int rv;

  VISIT(node->mount->life, rv, node_look_up(node));
  return rv;
}

static void
keep_new(rtems_filesystem_location_info_t *location, struct node *node)
{
  node_drop(fs_new(location));
  location->node_access_2 = node;
}

/*
 * A file that mknod() has made in this evaluation is not looked up.  What is
 * not there may be made next.
 */
static struct node *
find(
  rtems_filesystem_location_info_t *location, const char *token, size_t size)
{
  struct node *directory = fs_node(location);
  struct node *node = fs_new(location);

  if (node != NULL && node->fd >= 0) {
    return node;
  }
  node = node_make(directory->mount, directory, token, size);
  if (node == NULL) {
    return NULL;
  }
  if (fs_look_up(node) != 0) {
    keep_new(location, node);
    node = NULL;
  }
  return node;
}

static ssize_t
read_link(const struct node *link, char *target)
{
  ssize_t size;

  VISIT(
    link->mount->life,
    size,
    rump_sys_readlinkat(
      link->directory->fd,
      link->name,
      target,
      TARGET_SIZE
    )
  );
  return size;
}

/* What a link leads to is there, and followed, too, if it is a link. */
static void
eval_target(
  rtems_filesystem_eval_path_context_t *ctx, const char *target, size_t size)
{
  int flags = rtems_filesystem_eval_path_get_flags(ctx);

  rtems_filesystem_eval_path_set_flags(
    ctx,
    (flags | RTEMS_FS_FOLLOW_SYM_LINK) & ~RTEMS_FS_EXCLUSIVE
  );
  rtems_filesystem_eval_path_recursive(ctx, target, size);
  rtems_filesystem_eval_path_set_flags(ctx, flags);
}

static void
follow(rtems_filesystem_eval_path_context_t *ctx, struct node *link)
{
  char *target = malloc(TARGET_SIZE);
  ssize_t size = -1;

  if (target == NULL) {
    errno = ENOMEM;
  } else {
    size = read_link(link, target);
  }
  node_drop(link);
  if (size >= 0) {
    eval_target(ctx, target, (size_t)size);
  } else {
    rtems_filesystem_eval_path_error(ctx, errno);
  }
  free(target);
}

static void
cross(
  rtems_filesystem_eval_path_context_t *ctx,
  rtems_filesystem_mount_table_entry_t *mt_entry,
  struct node                          *node
)
{
  bool may_search = rtems_filesystem_eval_path_check_access(
    ctx,
    RTEMS_FS_PERMS_EXEC,
    node->status.mode,
    (uid_t)node->status.uid,
    (gid_t)node->status.gid
  );

  node_drop(node);
  if (may_search) {
    rtems_filesystem_eval_path_restart(ctx, &mt_entry->mt_fs_root);
  }
}

static rtems_filesystem_eval_path_generic_status
go_on(rtems_filesystem_eval_path_context_t *ctx)
{
  return rtems_filesystem_eval_path_has_path(ctx)
    ? RTEMS_FILESYSTEM_EVAL_PATH_GENERIC_CONTINUE
    : RTEMS_FILESYSTEM_EVAL_PATH_GENERIC_DONE;
}

/* RTEMS says ENOENT itself; of two paths the first may have had an error. */
static rtems_filesystem_eval_path_generic_status
not_found(rtems_filesystem_eval_path_context_t *ctx, int saved_errno)
{
  if (errno != ENOENT) {
    rtems_filesystem_eval_path_error(ctx, errno);
    return RTEMS_FILESYSTEM_EVAL_PATH_GENERIC_DONE;
  }
  errno = saved_errno;
  return RTEMS_FILESYSTEM_EVAL_PATH_GENERIC_NO_ENTRY;
}

/* NULL, and the path's error, if there is no memory. */
static struct node *
make_unseen(
  rtems_filesystem_eval_path_context_t *ctx, const char *token, size_t size)
{
  struct node *directory =
    fs_node(rtems_filesystem_eval_path_get_currentloc(ctx));
  struct node *node = node_make(directory->mount, directory, token, size);

  if (node == NULL) {
    rtems_filesystem_eval_path_error(ctx, ENOMEM);
  } else {
    node->is_unseen = true;
  }
  return node;
}

/* The kernel looks whether a file exists that open() must make. */
static rtems_filesystem_eval_path_generic_status
not_looked_for(
  rtems_filesystem_eval_path_context_t *ctx, const char *token, size_t size)
{
  struct node *node = make_unseen(ctx, token, size);

  if (node == NULL) {
    return RTEMS_FILESYSTEM_EVAL_PATH_GENERIC_DONE;
  }
  keep_new(rtems_filesystem_eval_path_get_currentloc(ctx), node);
  return RTEMS_FILESYSTEM_EVAL_PATH_GENERIC_NO_ENTRY;
}

static rtems_filesystem_eval_path_generic_status
found(
  rtems_filesystem_eval_path_context_t *ctx, struct node *node, bool follows)
{
  rtems_filesystem_mount_table_entry_t *mt_entry;

  rtems_filesystem_eval_path_clear_token(ctx);
  if (S_ISLNK(node->status.mode) && follows) {
    follow(ctx, node);
    return RTEMS_FILESYSTEM_EVAL_PATH_GENERIC_DONE;
  }
  mt_entry = node_is_directory(node) && node->mount->points != NULL
    ? mount_on(node) : NULL;
  if (mt_entry != NULL) {
    cross(ctx, mt_entry, node);
    return RTEMS_FILESYSTEM_EVAL_PATH_GENERIC_DONE;
  }
  move_to(rtems_filesystem_eval_path_get_currentloc(ctx), node);
  return go_on(ctx);
}

static bool
is_dots(const char *token, size_t size)
{
  return rtems_filesystem_is_current_directory(token, size)
    || rtems_filesystem_is_parent_directory(token, size);
}

/*
 * The kernel looks itself for a name that it shall remove; a mount point has to
 * be found here.  RTEMS asks for a status first, of which it needs nothing.
 */
static rtems_filesystem_eval_path_generic_status
not_looked_at(
  rtems_filesystem_eval_path_context_t *ctx, const char *token, size_t size)
{
  struct node *node = make_unseen(ctx, token, size);

  if (node != NULL) {
    node->is_fresh = true;
    node->status.mode = S_IFREG;
    rtems_filesystem_eval_path_clear_token(ctx);
    move_to(rtems_filesystem_eval_path_get_currentloc(ctx), node);
  }
  return RTEMS_FILESYSTEM_EVAL_PATH_GENERIC_DONE;
}

static bool
is_for_removal(
  rtems_filesystem_eval_path_context_t *ctx, const char *token, size_t size)
{
  const struct node *directory =
    fs_node(rtems_filesystem_eval_path_get_currentloc(ctx));

  return rtems_filesystem_eval_path_get_flags(ctx) == OLD_NAME
    && directory->mount->points == NULL
    && !is_dots(token, size);
}

/* The kernel looks for new names itself; so rename() can replace a file. */
static rtems_filesystem_eval_path_generic_status
eval_token(
  rtems_filesystem_eval_path_context_t *ctx,
  void                                 *arg,
  const char                           *token,
  size_t                                size
)
{
  int flags = rtems_filesystem_eval_path_get_flags(ctx);
  bool is_last = !rtems_filesystem_eval_path_has_path(ctx);
  int saved_errno = errno;
  struct node *node;

  (void)arg;
  if (is_last && (flags & NEW_NAME) == NEW_NAME) {
    if ((flags & RTEMS_FS_FOLLOW_SYM_LINK) == 0) {
      return RTEMS_FILESYSTEM_EVAL_PATH_GENERIC_NO_ENTRY;
    }
    if (!is_dots(token, size)) {
      return not_looked_for(ctx, token, size);
    }
  }
  if (is_last && is_for_removal(ctx, token, size)) {
    return not_looked_at(ctx, token, size);
  }
  if (rtems_filesystem_is_current_directory(token, size)) {
    rtems_filesystem_eval_path_clear_token(ctx);
    return go_on(ctx);
  }
  node = find(rtems_filesystem_eval_path_get_currentloc(ctx), token, size);
  if (node == NULL) {
    return not_found(ctx, saved_errno);
  }
  return found(
    ctx,
    node,
    !is_last || (flags & RTEMS_FS_FOLLOW_SYM_LINK) != 0
  );
}

void
fs_eval_path(rtems_filesystem_eval_path_context_t *ctx)
{
  static const rtems_filesystem_eval_path_generic_config config = {
    .is_directory = is_directory,
    .eval_token = eval_token
  };

  rtems_filesystem_eval_path_generic(ctx, NULL, &config);
}
