/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Nodes.
 *
 * RTEMS gives up locations anywhere, also with its own locks held.  So who
 * drops the last reference does not call the kernel: descriptors that are left
 * are closed by the next who comes.  Those of some directories are kept: who
 * finds the same one again need not open it.
 */

#include "fs.h"

#include <stdlib.h>
#include <string.h>

struct node *
node_make(
  struct mount *mount, struct node *directory, const char *name, size_t size)
{
  struct node *node = calloc(1, sizeof(*node) + size + 1);

  if (node == NULL) {
    errno = ENOMEM;
    return NULL;
  }
  atomic_init(&node->references, 1);
  atomic_init(&node->fd, -1);
  node->mount = mount;
  node->directory = directory == NULL ? NULL : node_hold(directory);
  memcpy(node->name, name, size);
  return node;
}

/* Returns the descriptor that has to go for it, or -1. */
static int
keep(struct mount *mount, const struct node *node)
{
  struct kept_directory *kept =
    &mount->kept[mount->next_kept++ % KEPT_DIRECTORIES];
  int fd = kept->fd;

  *kept = (struct kept_directory){
    .dev = node->status.dev, .ino = node->status.ino, .fd = node->fd
  };
  return fd;
}

static void
bury(struct node *node)
{
  struct mount *mount = node->mount;

  rtems_mutex_lock(&mount->lock);
  if (mount->keeps_directories && node_is_directory(node)) {
    node->fd = keep(mount, node);
  }
  if (node->fd >= 0) {
    node->directory = atomic_load(&mount->dead);
    atomic_store(&mount->dead, node);
    node = NULL;
  }
  rtems_mutex_unlock(&mount->lock);
  free(node);
}

/* An open directory cannot lose its number to another one. */
static int
take_kept(struct node *node)
{
  struct mount *mount = node->mount;
  int fd = -1;
  size_t i;

  rtems_mutex_lock(&mount->lock);
  for (i = 0; i < KEPT_DIRECTORIES && fd < 0; ++i) {
    struct kept_directory *kept = &mount->kept[i];

    if (kept->ino == node->status.ino && kept->dev == node->status.dev) {
      fd = kept->fd;
      kept->fd = -1;
    }
  }
  rtems_mutex_unlock(&mount->lock);
  return fd;
}

static bool
is_last(struct node *node)
{
  return atomic_fetch_sub_explicit(
    &node->references,
    1,
    memory_order_acq_rel
  ) == 1;
}

void
node_drop(struct node *node)
{
  while (node != NULL && is_last(node)) {
    struct node *directory = node->directory;

    free(node->listing);
    node->listing = NULL;
    if (node->fd >= 0) {
      bury(node);
    } else {
      free(node);
    }
    node = directory;
  }
}

void
nodes_reap(struct mount *mount)
{
  struct node *node;

  if (atomic_load_explicit(&mount->dead, memory_order_relaxed) == NULL) {
    return;
  }
  rtems_mutex_lock(&mount->lock);
  node = atomic_exchange(&mount->dead, NULL);
  rtems_mutex_unlock(&mount->lock);
  while (node != NULL) {
    struct node *next = node->directory;

    (void)rump_sys_close(node->fd);
    free(node);
    node = next;
  }
}

void
nodes_reap_all(struct mount *mount)
{
  size_t i;

  nodes_reap(mount);
  for (i = 0; i < KEPT_DIRECTORIES; ++i) {
    int fd;

    rtems_mutex_lock(&mount->lock);
    fd = mount->kept[i].fd;
    mount->kept[i].fd = -1;
    rtems_mutex_unlock(&mount->lock);
    if (fd >= 0) {
      (void)rump_sys_close(fd);
    }
  }
}

int
node_status(struct node *node, struct netbsd_stat *status)
{
  return NODE_CALL(
    node,
    rump_sys_fstat(node->fd, status),
    rump_sys_fstatat(
      node->directory->fd,
      node->name,
      status,
      NETBSD_AT_SYMLINK_NOFOLLOW
    )
  );
}

/* By all rights: whoever uses it has his own checked, and entries' too. */
static int
open_directory(const struct node *node)
{
  struct lwp *own = visit_as_root();
  int fd = rump_sys_openat(
    node->directory->fd,
    node->name,
    NETBSD_O_RDONLY | NETBSD_O_DIRECTORY | NETBSD_O_NOFOLLOW,
    0
  );

  visit_as_self(own);
  return fd;
}

int
node_directory(struct node *node)
{
  int fd = node->fd;
  int none = -1;

  if (fd < 0) {
    fd = take_kept(node);
    if (fd < 0) {
      fd = open_directory(node);
    }
    if (fd >= 0 && !atomic_compare_exchange_strong(&node->fd, &none, fd)) {
      (void)rump_sys_close(fd);
      fd = none;
    }
  }
  return fd;
}

int
node_look_up(struct node *node)
{
  nodes_reap(node->mount);
  if (node_directory(node->directory) < 0
      || node_status(node, &node->status) != 0) {
    return -1;
  }
  node->is_fresh = true;
  return 0;
}

struct node *
node_find(struct node *directory, const char *name, size_t size)
{
  struct node *node = node_make(directory->mount, directory, name, size);

  if (node != NULL && node_look_up(node) != 0) {
    int error = errno;

    node_drop(node);
    errno = error;
    node = NULL;
  }
  return node;
}
