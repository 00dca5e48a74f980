/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Nodes.
 *
 * RTEMS gives up locations anywhere, also with its own locks held.  So who
 * drops the last reference does not call the kernel: descriptors that are left
 * are closed by the next who comes.
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

static void
bury(struct node *node)
{
  struct mount *mount = node->mount;

  rtems_mutex_lock(&mount->lock);
  node->directory = atomic_load(&mount->dead);
  atomic_store(&mount->dead, node);
  rtems_mutex_unlock(&mount->lock);
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
    fd = open_directory(node);
    if (fd >= 0 && !atomic_compare_exchange_strong(&node->fd, &none, fd)) {
      (void)rump_sys_close(fd);
      fd = none;
    }
  }
  return fd;
}

struct node *
node_find(struct node *directory, const char *name, size_t size)
{
  struct node *node;
  int error;

  nodes_reap(directory->mount);
  if (node_directory(directory) < 0) {
    return NULL;
  }
  node = node_make(directory->mount, directory, name, size);
  if (node == NULL) {
    return NULL;
  }
  if (node_status(node, &node->status) != 0) {
    error = errno;
    node_drop(node);
    errno = error;
    return NULL;
  }
  node->is_fresh = true;
  return node;
}
