/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Operations on nodes.
 *
 * RTEMS would hold a lock of the file system while it evaluates a path and
 * then works with what it has found.  The kernel has its own locks, and each
 * operation is one call of it, so there is none here: tasks wait for each
 * other only where the kernel has to.
 */

#include "fs.h"

#include <string.h>
#include <sys/statvfs.h>

/* A name that RTEMS gives without an end. */
struct name {
  char text[NAME_MAX + 1];
};

static bool
name_set(struct name *name, const char *text, size_t size)
{
  if (size > NAME_MAX) {
    errno = ENAMETOOLONG;
    return false;
  }
  memcpy(name->text, text, size);
  name->text[size] = '\0';
  return true;
}

static void
no_lock(const rtems_filesystem_mount_table_entry_t *mt_entry)
{
  (void)mt_entry;
}

static bool
are_equal(
  const rtems_filesystem_location_info_t *a,
  const rtems_filesystem_location_info_t *b
)
{
  return node_equals(fs_node(a), fs_node(b));
}

static int
clone_node(rtems_filesystem_location_info_t *location)
{
  struct node *node = node_hold(fs_node(location));

  node->is_fresh = false;
  location->node_access_2 = NULL;
  return 0;
}

/*
 * RTEMS looks at the mode and at the rights to the directory before it lets
 * anybody make a file; that there is one comes first.
 */
static void
tell_if_exists(struct node *node)
{
  int error = errno;

  errno = fs_look_up(node) == 0 ? EEXIST : error;
}

static void
free_node(const rtems_filesystem_location_info_t *location)
{
  struct node *node = fs_new(location);

  if (node != NULL) {
    if (node->is_unseen) {
      tell_if_exists(node);
    }
    node_drop(node);
  }
  node_drop(fs_node(location));
}

/* RTEMS says by a flag of the evaluation that nobody else may make it. */
static int
make_file(struct node *node, mode_t permissions, int flags)
{
  int fd;

  if (node == NULL) {
    return -1;
  }
  node->is_unseen = false;
  fd = rump_sys_openat(
    node->directory->fd,
    node->name,
    NETBSD_O_RDWR | NETBSD_O_CREAT | flags,
    permissions
  );
  if (fd < 0) {
    return -1;
  }
  /* As much as the evaluation wants to know. */
  node->status.mode = S_IFREG | permissions;
  node->is_fresh = true;
  node->fd = fd;
  return 0;
}

/* The node stays open for who goes on to open it. */
static int
make_and_keep_file(
  const rtems_filesystem_location_info_t *parent,
  const struct name                      *name,
  mode_t                                  permissions
)
{
  rtems_filesystem_location_info_t *location =
    (rtems_filesystem_location_info_t *)parent;
  struct node *directory = fs_node(parent);
  struct node *node = fs_new(parent);

  if (node != NULL) {
    return make_file(
      node,
      permissions,
      node->is_unseen ? NETBSD_O_EXCL : 0
    );
  }
  node =
    node_make(directory->mount, directory, name->text, strlen(name->text));
  location->node_access_2 = node;
  return make_file(node, permissions, NETBSD_O_EXCL);
}

static int
make_entry(
  const rtems_filesystem_location_info_t *parent,
  const struct name                      *name,
  mode_t                                  mode,
  dev_t                                   dev
)
{
  int fd = node_directory(fs_node(parent));
  mode_t permissions = mode & ~(mode_t)S_IFMT;

  if (fd < 0) {
    return -1;
  }
  switch (mode & S_IFMT) {
    case S_IFREG:
      return make_and_keep_file(parent, name, permissions);
    case S_IFDIR:
      return rump_sys_mkdirat(fd, name->text, permissions);
    case S_IFIFO:
      return rump_sys_mkfifoat(fd, name->text, permissions);
    default:
      return rump_sys_mknodat(fd, name->text, mode, dev_to_netbsd(dev));
  }
}

static int
fs_mknod(
  const rtems_filesystem_location_info_t *parent,
  const char                             *text,
  size_t                                  size,
  mode_t                                  mode,
  dev_t                                   dev
)
{
  struct name name;
  int rv = -1;

  if (name_set(&name, text, size)) {
    VISIT(
      fs_mount(parent->mt_entry)->life,
      rv,
      make_entry(parent, &name, mode, dev)
    );
  }
  return rv;
}

/* What is removed shall not be kept. */
static int
remove_entry(const struct node *directory, const struct node *node)
{
  int flags = 0;

  if (node_is_directory(node)) {
    nodes_reap_all(node->mount);
    flags = NETBSD_AT_REMOVEDIR;
  } else {
    nodes_reap(node->mount);
  }
  return rump_sys_unlinkat(directory->fd, node->name, flags);
}

/* NetBSD says EPERM if it is a directory, or for another reason. */
static int
find_and_remove(struct node *directory, struct node *node)
{
  int rv;

  if (node_directory(directory) < 0) {
    return -1;
  }
  rv = remove_entry(directory, node);
  if (rv == 0 || errno != EPERM || !node->is_unseen) {
    return rv;
  }
  if (node_look_up(node) != 0) {
    return -1;
  }
  node->is_unseen = false;
  return remove_entry(directory, node);
}

static int
fs_rmnod(
  const rtems_filesystem_location_info_t *parent,
  const rtems_filesystem_location_info_t *location
)
{
  struct node *directory = fs_node(parent);
  int rv;

  VISIT(
    directory->mount->life,
    rv,
    find_and_remove(directory, fs_node(location))
  );
  return rv;
}

static int
fs_link(
  const rtems_filesystem_location_info_t *parent,
  const rtems_filesystem_location_info_t *target,
  const char                             *text,
  size_t                                  size
)
{
  struct node *directory = fs_node(parent);
  const struct node *node = fs_node(target);
  struct name name;
  int rv = -1;

  if (node->directory == NULL) {
    errno = EPERM;
    return -1;
  }
  if (name_set(&name, text, size)) {
    VISIT(
      directory->mount->life,
      rv,
      node_directory(directory) < 0
        ? -1
        : rump_sys_linkat(
            node->directory->fd,
            node->name,
            directory->fd,
            name.text,
            0
          )
    );
  }
  return rv;
}

static int
fs_symlink(
  const rtems_filesystem_location_info_t *parent,
  const char                             *text,
  size_t                                  size,
  const char                             *target
)
{
  struct node *directory = fs_node(parent);
  struct name name;
  int rv = -1;

  if (name_set(&name, text, size)) {
    VISIT(
      directory->mount->life,
      rv,
      node_directory(directory) < 0
        ? -1 : rump_sys_symlinkat(target, directory->fd, name.text)
    );
  }
  return rv;
}

static ssize_t
fs_readlink(
  const rtems_filesystem_location_info_t *location, char *buffer, size_t size)
{
  const struct node *node = fs_node(location);
  ssize_t rv = -1;

  VISIT(
    node->mount->life,
    rv,
    rump_sys_readlinkat(node->directory->fd, node->name, buffer, size)
  );
  return rv;
}

/*
 * What would be replaced, if there is a reason to look.  An empty directory
 * may be replaced, but not one that is a mount point; and between two names of one
 * file POSIX wants nothing done, where NetBSD unlinks the old one.
 */
static struct node *
find_replaced(
  const struct node *node, struct node *directory, const struct name *name)
{
  bool has_names = !node_is_directory(node) && node->status.nlink > 1;

  return has_names || directory->mount->points != NULL
    ? node_find(directory, name->text, strlen(name->text)) : NULL;
}

static bool
is_dots(const struct name *name)
{
  return strcmp(name->text, ".") == 0 || strcmp(name->text, "..") == 0;
}

static int
replace(
  const struct node *from,
  const struct node *node,
  const struct node *to,
  const struct name *name,
  const struct node *replaced
)
{
  if (replaced != NULL && mount_on(replaced) != NULL) {
    errno = EBUSY;
    return -1;
  }
  if (replaced != NULL && node_equals(replaced, node)) {
    return 0;
  }
  return rump_sys_renameat(from->fd, node->name, to->fd, name->text);
}

/* What is called "." is known by another name. */
static int
rename_entry(
  struct node *from, struct node *node, struct node *to, struct name *name)
{
  struct node *replaced;
  int rv, error;

  if (node->directory == NULL) {
    errno = EBUSY;
    return -1;
  }
  if (!node_equals(node->directory, from) || is_dots(name)) {
    errno = EINVAL;
    return -1;
  }
  if (node_directory(from) < 0 || node_directory(to) < 0) {
    return -1;
  }
  if (node_is_directory(node)) {
    nodes_reap_all(node->mount);
  }
  replaced = find_replaced(node, to, name);
  rv = replace(from, node, to, name, replaced);
  error = errno;
  node_drop(replaced);
  errno = error;
  return rv;
}

static int
fs_rename(
  const rtems_filesystem_location_info_t *old_parent,
  const rtems_filesystem_location_info_t *old,
  const rtems_filesystem_location_info_t *new_parent,
  const char                             *text,
  size_t                                  size
)
{
  struct name name;
  int rv = -1;

  if (name_set(&name, text, size)) {
    VISIT(
      fs_mount(old->mt_entry)->life,
      rv,
      rename_entry(
        fs_node(old_parent),
        fs_node(old),
        fs_node(new_parent),
        &name
      )
    );
  }
  return rv;
}

static int
fs_fchmod(const rtems_filesystem_location_info_t *location, mode_t mode)
{
  const struct node *node = fs_node(location);
  mode_t permissions = mode & ~(mode_t)S_IFMT;
  int rv = -1;

  VISIT(
    node->mount->life,
    rv,
    NODE_CALL(
      node,
      rump_sys_fchmod(node->fd, permissions),
      rump_sys_fchmodat(
        node->directory->fd,
        node->name,
        permissions,
        NETBSD_AT_SYMLINK_NOFOLLOW
      )
    )
  );
  return rv;
}

/* RTEMS's numbers may have fewer bits; -1 is to change nothing. */
static uint32_t
id_to_netbsd(uint32_t id, uint32_t none)
{
  return id == none ? UINT32_MAX : id;
}

static int
fs_chown(
  const rtems_filesystem_location_info_t *location, uid_t owner, gid_t group)
{
  const struct node *node = fs_node(location);
  uint32_t uid = id_to_netbsd(owner, (uid_t)-1);
  uint32_t gid = id_to_netbsd(group, (gid_t)-1);
  int rv = -1;

  VISIT(
    node->mount->life,
    rv,
    NODE_CALL(
      node,
      rump_sys_fchown(node->fd, uid, gid),
      rump_sys_fchownat(
        node->directory->fd,
        node->name,
        uid,
        gid,
        NETBSD_AT_SYMLINK_NOFOLLOW
      )
    )
  );
  return rv;
}

static struct netbsd_timespec
time_to_netbsd(const struct timespec *time)
{
  return (struct netbsd_timespec){
    .tv_sec = time->tv_sec,
    .tv_nsec = time->tv_nsec == UTIME_OMIT ? NETBSD_UTIME_OMIT : time->tv_nsec
  };
}

static int
fs_utimens(
  const rtems_filesystem_location_info_t *location, struct timespec times[2])
{
  const struct node *node = fs_node(location);
  struct netbsd_timespec t[2] = {
    time_to_netbsd(&times[0]),
    time_to_netbsd(&times[1])
  };
  int rv;

  VISIT(
    node->mount->life,
    rv,
    NODE_CALL(
      node,
      rump_sys_futimens(node->fd, t),
      rump_sys_utimensat(
        node->directory->fd,
        node->name,
        t,
        NETBSD_AT_SYMLINK_NOFOLLOW
      )
    )
  );
  return rv;
}

static int
fs_statvfs(
  const rtems_filesystem_location_info_t *__restrict location,
  struct statvfs *__restrict                         to
)
{
  const struct mount *mount = fs_mount(location->mt_entry);
  struct netbsd_statvfs from;
  int rv = -1;

  VISIT(
    mount->life,
    rv,
    rump_sys_fstatvfs1(mount->root->fd, &from, NETBSD_ST_WAIT)
  );
  if (rv == 0) {
    statvfs_to_rtems(&from, to);
  }
  return rv;
}

const rtems_filesystem_operations_table fs_operations = {
  .lock_h = no_lock,
  .unlock_h = no_lock,
  .eval_path_h = fs_eval_path,
  .link_h = fs_link,
  .are_nodes_equal_h = are_equal,
  .mknod_h = fs_mknod,
  .rmnod_h = fs_rmnod,
  .fchmod_h = fs_fchmod,
  .chown_h = fs_chown,
  .clonenod_h = clone_node,
  .freenod_h = free_node,
  .mount_h = fs_mount_on,
  .unmount_h = fs_unmount_on,
  .fsunmount_me_h = fs_unmount_me,
  .utimens_h = fs_utimens,
  .symlink_h = fs_symlink,
  .readlink_h = fs_readlink,
  .rename_h = fs_rename,
  .statvfs_h = fs_statvfs
};
