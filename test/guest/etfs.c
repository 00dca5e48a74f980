/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test guest: files and block devices of the host under names of the kernel.
 * Directories of the host are not supported.
 */

#include "guest.h"

enum { ETFS_REGULAR, ETFS_BLOCK, ETFS_CHARACTER };

struct etfs {
  struct etfs *next;
  char *key;
  struct node *node;
};

static struct etfs *list; /* guarded by the lock of the names */

static const char *skip_slashes(const char *s)
{
  while (*s == '/') {
    s++;
  }
  return s;
}

static struct etfs **find(const char *key)
{
  struct etfs **p = &list;

  while (*p != NULL && strcmp((*p)->key, key) != 0) {
    p = &(*p)->next;
  }
  return p;
}

struct node *etfs_find(const char *path)
{
  struct etfs *etfs = *path == '/' ? *find(skip_slashes(path)) : NULL;

  return etfs != NULL ? etfs->node : NULL;
}

/* In two pieces, so that the vector is one. */
static int host_transfer(struct node *node, struct io *io)
{
  size_t half = io->size / 2;
  struct rumpuser_iovec iov[2] = {
    { io->data, half }, { io->data + half, io->size - half }
  };
  int error;

  error = io->write
    ? rumpuser_iovwrite(node->host_write, iov, 2, io->offset, &io->done)
    : rumpuser_iovread(node->host_read, iov, 2, io->offset, &io->done);
  if (error == 0) {
    ASSERT(io->done <= io->size);
    io->offset += (int64_t)io->done;
    krw_enter(RUMPUSER_RW_WRITER, node->lock);
    node->size = io->offset > node->size ? io->offset : node->size;
    krw_exit(node->lock);
  }
  return error;
}

/* Called for every node that is opened, and closed. */
int etfs_open(struct node *node, int read, int write)
{
  int error = 0;

  if (node->host_path == NULL) {
    return 0;
  }
  krw_enter(RUMPUSER_RW_WRITER, node->lock);
  if (read && node->host_read == -1) {
    error = rumpuser_open(
      node->host_path, RUMPUSER_OPEN_RDONLY, &node->host_read);
  }
  if (error == 0 && write && node->host_write == -1) {
    error = rumpuser_open(
      node->host_path, RUMPUSER_OPEN_WRONLY, &node->host_write);
  }
  node->opens += error == 0;
  krw_exit(node->lock);
  return error;
}

void etfs_close(struct node *node)
{
  if (node->host_path == NULL) {
    return;
  }
  krw_enter(RUMPUSER_RW_WRITER, node->lock);
  if (--node->opens == 0) {
    if (node->host_read != -1) {
      rumpuser_close(node->host_read);
    }
    if (node->host_write != -1) {
      rumpuser_close(node->host_write);
    }
    node->host_read = -1;
    node->host_write = -1;
  }
  krw_exit(node->lock);
}

static int make_node(const char *host_path, int type, struct node **result)
{
  static const enum node_type types[] = {
    NODE_FILE, NODE_BLOCK, NODE_CHARACTER
  };
  struct node *node = node_new(&root_mount, types[type]);
  uint64_t size = 0;
  int error = 0, host_type;

  if (type == ETFS_REGULAR) {
    error = rumpuser_getfileinfo(host_path, &size, &host_type);
    node->transfer = host_transfer;
  } else {
    error = guest_disk_attach(host_path, &node->disk, &size);
    node->transfer = type == ETFS_BLOCK ? block_transfer : raw_transfer;
  }
  if (error != 0) {
    node_drop(node);
    return error;
  }
  if (type == ETFS_REGULAR) {
    node->host_path = kmem_strdup(host_path);
  }
  node->size = (int64_t)size;
  *result = node;
  return 0;
}

static void drop(struct node *node)
{
  if (node->disk != NULL) {
    guest_disk_detach(node->disk);
  }
  if (node->host_path != NULL) {
    kmem_free(node->host_path, strlen(node->host_path) + 1);
  }
  node_drop(node);
}

int etfs_register(const char *key, const char *host_path, int type)
{
  struct etfs *etfs, **p;
  struct node *node;
  int error;

  if (*key != '/' || type < ETFS_REGULAR) {
    return NB_EINVAL;
  }
  if (type > ETFS_CHARACTER) {
    return NB_EOPNOTSUPP;
  }
  error = make_node(host_path, type, &node);
  if (error != 0) {
    return error;
  }
  etfs = kmem_alloc(sizeof(*etfs));
  etfs->key = kmem_strdup(skip_slashes(key));
  etfs->node = node;
  etfs->next = NULL;
  krw_enter(RUMPUSER_RW_WRITER, guest_names);
  p = find(etfs->key);
  if (*p == NULL) {
    *p = etfs;
  } else {
    error = NB_EEXIST;
  }
  krw_exit(guest_names);
  if (error != 0) {
    drop(node);
    kmem_free(etfs->key, strlen(etfs->key) + 1);
    kmem_free(etfs, sizeof(*etfs));
  }
  return error;
}

/* NetBSD trusts its caller that the file is not open; here it is an error. */
int etfs_remove(const char *key)
{
  struct etfs *etfs, **p;

  if (*key != '/') {
    return NB_EINVAL;
  }
  krw_enter(RUMPUSER_RW_WRITER, guest_names);
  p = find(skip_slashes(key));
  etfs = *p;
  if (etfs != NULL && atomic_load(&etfs->node->references) > 1) {
    krw_exit(guest_names);
    return NB_EBUSY;
  }
  if (etfs != NULL) {
    *p = etfs->next;
  }
  krw_exit(guest_names);
  if (etfs == NULL) {
    return NB_ENOENT;
  }
  drop(etfs->node);
  kmem_free(etfs->key, strlen(etfs->key) + 1);
  kmem_free(etfs, sizeof(*etfs));
  return 0;
}

int rump_pub_etfs_register(const char *key, const char *path, int type);
int rump_pub_etfs_register(const char *key, const char *path, int type)
{
  int error;

  guest_schedule();
  error = etfs_register(key, path, type);
  guest_unschedule();
  return error;
}

int rump_pub_etfs_remove(const char *key);
int rump_pub_etfs_remove(const char *key)
{
  int error;

  guest_schedule();
  error = etfs_remove(key);
  guest_unschedule();
  return error;
}
