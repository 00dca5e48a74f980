/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test guest: the name space and the RAM file system.
 *
 * One reader/writer lock guards the tree and one each node's contents.  A file
 * has one name.  A node lives as long as it has a name or is open.
 */

#include "guest.h"

#define OPEN_ACCESS 0x3
#define OPEN_CREATE 0x200
#define OPEN_TRUNCATE 0x400
#define OPEN_EXCLUSIVE 0x800
#define OPEN_DIRECTORY 0x200000
#define MOUNT_READ_ONLY 0x1
#define MOUNT_FORCE 0x80000
#define MAXIMUM_FILE ((int64_t)1 << 30)
#define SIGNAL_FILE_SIZE 25

struct tmpfs_arguments {
  int32_t version;
  uint64_t nodes_maximum;
  int64_t size_maximum;
  uint32_t uid, gid, mode;
};

struct rumpuser_rw *guest_names;
struct mount root_mount;
static transfer_fn file_transfer;

struct node *node_new(struct mount *mount, enum node_type type)
{
  struct node *node;

  if (atomic_fetch_add(&mount->nodes, 1) >= mount->nodes_maximum) {
    atomic_fetch_sub(&mount->nodes, 1);
    return NULL;
  }
  node = kmem_zalloc(sizeof(*node));
  node->type = type;
  node->mount = mount;
  node->lock = krw_new();
  node->transfer = type == NODE_FILE ? file_transfer : NULL;
  node->host_read = -1;
  node->host_write = -1;
  atomic_init(&node->references, 1);
  return node;
}

void node_hold(struct node *node)
{
  atomic_fetch_add(&node->references, 1);
}

/* The last node of a file system that is unmounted takes it along. */
static void mount_drop(struct mount *mount)
{
  if (atomic_fetch_sub(&mount->nodes, 1) == 1) {
    kmem_free(mount, sizeof(*mount));
  }
}

void node_drop(struct node *node)
{
  struct mount *mount = node->mount;

  if (atomic_fetch_sub(&node->references, 1) != 1) {
    return;
  }
  if (node->pages != NULL) {
    node_resize(node, 0);
    kmem_free(node->pages, node->page_slots * sizeof(node->pages[0]));
  }
  rumpuser_rw_destroy(node->lock);
  kmem_free(node, sizeof(*node));
  mount_drop(mount);
}

/* Contents. */

static int grow_slots(struct node *node, size_t index)
{
  size_t slots = node->page_slots == 0 ? 8 : node->page_slots;
  void **pages;

  while (slots <= index) {
    slots *= 2;
  }
  pages = hypermalloc(slots * sizeof(pages[0]), 0, MEMORY_TRY);
  if (pages == NULL) {
    return NB_ENOSPC;
  }
  memset(pages, 0, slots * sizeof(pages[0]));
  if (node->pages != NULL) {
    memcpy(pages, node->pages, node->page_slots * sizeof(pages[0]));
    kmem_free(node->pages, node->page_slots * sizeof(pages[0]));
  }
  node->pages = pages;
  node->page_slots = slots;
  return 0;
}

static int get_page(struct node *node, size_t index, char **page)
{
  struct mount *mount = node->mount;
  void *p;

  if (index >= node->page_slots) {
    int error = grow_slots(node, index);

    if (error != 0) {
      return error;
    }
  }
  if (node->pages[index] == NULL) {
    if (atomic_fetch_add(&mount->pages, 1) >= mount->pages_maximum ||
      (p = page_alloc()) == NULL) {
      atomic_fetch_sub(&mount->pages, 1);
      return NB_ENOSPC;
    }
    node->pages[index] = memset(p, 0, PAGE_BYTES);
  }
  *page = node->pages[index];
  return 0;
}

/* With the node's lock, or without any reference left. */
int node_resize(struct node *node, int64_t size)
{
  size_t i, keep = (size_t)((size + PAGE_BYTES - 1) / PAGE_BYTES);

  if (size > MAXIMUM_FILE) {
    return NB_EFBIG;
  }
  for (i = keep; i < node->page_slots && size < node->size; i++) {
    if (node->pages[i] != NULL) {
      page_free(node->pages[i]);
      node->pages[i] = NULL;
      atomic_fetch_sub(&node->mount->pages, 1);
    }
  }
  if (size < node->size && size % PAGE_BYTES != 0 && keep <= node->page_slots
    && node->pages[keep - 1] != NULL) {
    memset((char *)node->pages[keep - 1] + size % PAGE_BYTES, 0,
      PAGE_BYTES - (size_t)(size % PAGE_BYTES));
  }
  node->size = size;
  return 0;
}

static size_t piece(const struct io *io)
{
  size_t left = PAGE_BYTES - (size_t)(io->offset % PAGE_BYTES);

  return io->size - io->done < left ? io->size - io->done : left;
}

static int file_read(struct node *node, struct io *io)
{
  krw_enter(RUMPUSER_RW_READER, node->lock);
  while (io->done < io->size && io->offset < node->size) {
    size_t n = piece(io), index = (size_t)(io->offset / PAGE_BYTES);

    if ((int64_t)n > node->size - io->offset) {
      n = (size_t)(node->size - io->offset);
    }
    if (index < node->page_slots && node->pages[index] != NULL) {
      memcpy(io->data + io->done,
        (char *)node->pages[index] + io->offset % PAGE_BYTES, n);
    } else {
      memset(io->data + io->done, 0, n);
    }
    io->done += n;
    io->offset += (int64_t)n;
  }
  krw_exit(node->lock);
  return 0;
}

static int file_write(struct node *node, struct io *io)
{
  int64_t old_size;
  int error = 0;

  krw_enter(RUMPUSER_RW_WRITER, node->lock);
  old_size = node->size;
  if (io->append) {
    io->offset = old_size;
  }
  if (io->size > (size_t)MAXIMUM_FILE ||
    io->offset > MAXIMUM_FILE - (int64_t)io->size) {
    rumpuser_kill(rumpuser_curlwp()->process->pid, SIGNAL_FILE_SIZE);
    error = NB_EFBIG;
  }
  while (error == 0 && io->done < io->size) {
    size_t n = piece(io);
    char *page;

    error = get_page(node, (size_t)(io->offset / PAGE_BYTES), &page);
    if (error == 0) {
      memcpy(page + io->offset % PAGE_BYTES, io->data + io->done, n);
      io->done += n;
      io->offset += (int64_t)n;
      node->size = io->offset > node->size ? io->offset : node->size;
    }
  }
  if (error != 0) { /* all or nothing */
    node_resize(node, old_size);
  }
  krw_exit(node->lock);
  return error;
}

static int file_transfer(struct node *node, struct io *io)
{
  return io->write ? file_write(node, io) : file_read(node, io);
}

/* Names. */

struct path {
  struct node *parent, *node; /* the node is NULL if only it is missing */
  char last[NAME_BYTES];
  int dots; /* the last name is "." or ".." or none */
};

static struct node *enter_mount(struct node *node)
{
  while (node != NULL && node->mounted != NULL) {
    node = node->mounted->root;
  }
  return node;
}

static struct node *find_child(struct node *directory, const char *name)
{
  struct node *node = directory->children;

  while (node != NULL && strcmp(node->name, name) != 0) {
    node = node->sibling;
  }
  return node;
}

static struct node *go_up(struct node *node)
{
  while (node->parent == NULL && node->mount->covered != NULL) {
    node = node->mount->covered;
  }
  return node->parent != NULL ? node->parent : node;
}

static int step(struct path *path)
{
  if (path->node == NULL) {
    return NB_ENOENT;
  }
  if (path->node->type != NODE_DIRECTORY) {
    return NB_ENOTDIR;
  }
  path->parent = path->node;
  path->dots = 1;
  if (strcmp(path->last, "..") == 0) {
    path->node = go_up(path->parent);
  } else if (strcmp(path->last, ".") != 0) {
    path->node = enter_mount(find_child(path->parent, path->last));
    path->dots = 0;
  }
  return 0;
}

/* With the lock of the names, in either way. */
static int walk(const char *text, struct path *path)
{
  memset(path, 0, sizeof(*path));
  if (*text == '\0') {
    return NB_ENOENT;
  }
  path->node = etfs_find(text);
  if (path->node != NULL) {
    path->dots = 1; /* its name is not in the tree */
    return 0;
  }
  path->node = enter_mount(root_mount.root);
  path->dots = 1;
  for (;;) {
    size_t n = 0;
    int error;

    while (*text == '/') {
      text++;
    }
    while (text[n] != '\0' && text[n] != '/') {
      n++;
    }
    if (n == 0) {
      return 0;
    }
    if (n >= NAME_BYTES) {
      return NB_ENAMETOOLONG;
    }
    memcpy(path->last, text, n);
    path->last[n] = '\0';
    error = step(path);
    if (error != 0) {
      return error;
    }
    text += n;
  }
}

static void link_node(struct node *parent, struct node *node, const char *name)
{
  ASSERT(krw_write_held(guest_names));
  memcpy(node->name, name, strlen(name) + 1);
  node->parent = parent;
  node->sibling = parent->children;
  parent->children = node;
}

static void unlink_node(struct node *node)
{
  struct node **p = &node->parent->children;

  ASSERT(krw_write_held(guest_names));
  while (*p != node) {
    p = &(*p)->sibling;
  }
  *p = node->sibling;
  node->parent = NULL;
  node->sibling = NULL;
}

static int create(struct path *path, enum node_type type)
{
  struct node *node;

  if (path->parent->mount->read_only) {
    return NB_EROFS;
  }
  node = node_new(path->parent->mount, type);
  if (node == NULL) {
    return NB_ENOSPC;
  }
  link_node(path->parent, node, path->last);
  path->node = node;
  return 0;
}

static int check_open(struct node *node, int flags)
{
  int write = (flags & OPEN_ACCESS) != 0;

  if ((flags & (OPEN_CREATE | OPEN_EXCLUSIVE)) ==
    (OPEN_CREATE | OPEN_EXCLUSIVE)) {
    return NB_EEXIST;
  }
  if (node->type == NODE_DIRECTORY) {
    return write ? NB_EISDIR : 0;
  }
  if ((flags & OPEN_DIRECTORY) != 0) {
    return NB_ENOTDIR;
  }
  return write && node->type == NODE_FILE && node->mount->read_only
    ? NB_EROFS : 0;
}

/* Readers look up in parallel; only who must create becomes the writer. */
static int open_name(const char *name, int flags, struct path *path)
{
  int error;

  krw_enter(RUMPUSER_RW_READER, guest_names);
  error = walk(name, path);
  if (error == 0 && path->node == NULL && (flags & OPEN_CREATE) != 0) {
    if (rumpuser_rw_tryupgrade(guest_names) != 0) {
      krw_exit(guest_names);
      krw_enter(RUMPUSER_RW_WRITER, guest_names);
      error = walk(name, path);
    }
    if (error == 0 && path->node == NULL) {
      error = create(path, NODE_FILE);
      flags &= ~OPEN_EXCLUSIVE;
    }
    rumpuser_rw_downgrade(guest_names);
    ASSERT(!krw_write_held(guest_names));
  }
  if (error == 0) {
    error = path->node == NULL ? NB_ENOENT : check_open(path->node, flags);
  }
  if (error == 0) {
    node_hold(path->node);
    atomic_fetch_add(&path->node->mount->open_files, 1);
  }
  krw_exit(guest_names);
  return error;
}

/* The caller counts as an open file of the node's mount from here on. */
int ramfs_open(const char *name, int flags, struct node **node)
{
  struct path path;
  int error = open_name(name, flags, &path);

  if (error != 0) {
    return error;
  }
  *node = path.node;
  if ((flags & OPEN_TRUNCATE) != 0 && path.node->transfer == file_transfer) {
    krw_enter(RUMPUSER_RW_WRITER, path.node->lock);
    node_resize(path.node, 0);
    krw_exit(path.node->lock);
  }
  return 0;
}

int ramfs_mkdir(const char *name)
{
  struct path path;
  int error;

  krw_enter(RUMPUSER_RW_WRITER, guest_names);
  error = walk(name, &path);
  if (error == 0) {
    error = path.node != NULL ? NB_EEXIST : create(&path, NODE_DIRECTORY);
  }
  krw_exit(guest_names);
  return error;
}

int ramfs_add_device(const char *name, transfer_fn *transfer)
{
  struct path path;
  int error;

  krw_enter(RUMPUSER_RW_WRITER, guest_names);
  error = walk(name, &path);
  if (error == 0) {
    error = path.node != NULL ? NB_EEXIST : create(&path, NODE_CHARACTER);
  }
  if (error == 0) {
    path.node->transfer = transfer;
  }
  krw_exit(guest_names);
  return error;
}

static int check_remove(const struct path *path, int directory)
{
  const struct node *node = path->node;

  if (node == NULL) {
    return NB_ENOENT;
  }
  if (path->dots) {
    return directory ? NB_EINVAL : NB_EBUSY;
  }
  if (node->parent == NULL) { /* the root of a mounted file system */
    return NB_EBUSY;
  }
  if (node->mount->read_only) {
    return NB_EROFS;
  }
  if (!directory) {
    return node->type == NODE_DIRECTORY ? NB_EPERM : 0;
  }
  if (node->type != NODE_DIRECTORY) {
    return NB_ENOTDIR;
  }
  return node->children != NULL ? NB_ENOTEMPTY : 0;
}

int ramfs_remove(const char *name, int directory)
{
  struct path path;
  int error;

  krw_enter(RUMPUSER_RW_WRITER, guest_names);
  error = walk(name, &path);
  if (error == 0) {
    error = check_remove(&path, directory);
  }
  if (error == 0) {
    unlink_node(path.node);
  }
  krw_exit(guest_names);
  if (error == 0) {
    node_drop(path.node);
  }
  return error;
}

static int is_inside(struct node *node, const struct node *directory)
{
  while (node != directory && node->parent != NULL) {
    node = node->parent;
  }
  return node == directory;
}

static int check_rename(struct path *from, struct path *to)
{
  struct node *old = to->node;

  if (from->node == NULL) {
    return NB_ENOENT;
  }
  if (from->dots || to->dots) {
    return NB_EINVAL;
  }
  if (from->node->parent == NULL) {
    return NB_EBUSY;
  }
  if (from->node->mount != to->parent->mount) {
    return NB_EXDEV;
  }
  if (from->node->mount->read_only) {
    return NB_EROFS;
  }
  if (from->node->type == NODE_DIRECTORY &&
    is_inside(to->parent, from->node)) {
    return NB_EINVAL;
  }
  if (old != NULL && old->type == NODE_DIRECTORY &&
    from->node->type != NODE_DIRECTORY) {
    return NB_EISDIR;
  }
  return old != NULL
    ? check_remove(to, from->node->type == NODE_DIRECTORY) : 0;
}

int ramfs_rename(const char *from_name, const char *to_name)
{
  struct path from, to;
  struct node *old = NULL;
  int error;

  krw_enter(RUMPUSER_RW_WRITER, guest_names);
  error = walk(from_name, &from);
  if (error == 0) {
    error = walk(to_name, &to);
  }
  if (error == 0) {
    error = check_rename(&from, &to);
  }
  if (error == 0 && from.node != to.node) {
    old = to.node;
    if (old != NULL) {
      unlink_node(old);
    }
    unlink_node(from.node);
    link_node(to.parent, from.node, to.last);
  }
  krw_exit(guest_names);
  if (old != NULL) {
    node_drop(old);
  }
  return error;
}

/* Mounts. */

static int mount_tmpfs(struct node *covered, int flags,
  const struct tmpfs_arguments *arguments)
{
  struct mount *mount = kmem_zalloc(sizeof(*mount));

  mount->nodes_maximum =
    arguments->nodes_maximum > 3 && arguments->nodes_maximum < INT32_MAX
    ? (int)arguments->nodes_maximum : INT32_MAX;
  mount->pages_maximum = arguments->size_maximum >= (int64_t)PAGE_BYTES &&
    arguments->size_maximum / PAGE_BYTES < INT32_MAX
    ? (long)(arguments->size_maximum / PAGE_BYTES) : INT32_MAX;
  mount->read_only = (flags & MOUNT_READ_ONLY) != 0;
  mount->root = node_new(mount, NODE_DIRECTORY);
  mount->covered = covered;
  node_hold(covered);
  covered->mounted = mount;
  covered->mount->mounts++;
  return 0;
}

int ramfs_mount(const char *type, const char *name, int flags,
  const void *arguments, size_t size)
{
  struct tmpfs_arguments copy;
  struct path path;
  int error;

  krw_enter(RUMPUSER_RW_WRITER, guest_names);
  error = walk(name, &path);
  if (error == 0 && path.node == NULL) {
    error = NB_ENOENT;
  } else if (error == 0 && strcmp(type, "tmpfs") != 0) {
    error = NB_ENODEV;
  } else if (error == 0 && (arguments == NULL || size < sizeof(copy))) {
    error = NB_EINVAL;
  } else if (error == 0 && path.node->type != NODE_DIRECTORY) {
    error = NB_ENOTDIR;
  }
  if (error == 0) {
    memcpy(&copy, arguments, sizeof(copy));
    error = copy.version == 1
      ? mount_tmpfs(path.node, flags, &copy) : NB_EINVAL;
  }
  krw_exit(guest_names);
  return error;
}

/* Files that are open keep their contents. */
static void drop_tree(struct node *node)
{
  struct node *child;

  while ((child = node->children) != NULL) {
    unlink_node(child);
    drop_tree(child);
  }
  node_drop(node);
}

int ramfs_unmount(const char *name, int flags)
{
  struct node *covered;
  struct mount *mount;
  struct path path;
  int error;

  krw_enter(RUMPUSER_RW_WRITER, guest_names);
  error = walk(name, &path);
  if (error == 0 && path.node == NULL) {
    error = NB_ENOENT;
  }
  if (error == 0) {
    mount = path.node->mount;
    covered = mount->covered;
    if (path.node != mount->root || covered == NULL) {
      error = NB_EINVAL;
    } else if (mount->mounts > 0 ||
      (atomic_load(&mount->open_files) > 0 && (flags & MOUNT_FORCE) == 0)) {
      error = NB_EBUSY;
    } else {
      covered->mounted = NULL;
      covered->mount->mounts--;
      mount->covered = NULL;
      drop_tree(mount->root);
      node_drop(covered);
    }
  }
  krw_exit(guest_names);
  return error;
}

void ramfs_init(void)
{
  guest_names = krw_new();
  root_mount.nodes_maximum = INT32_MAX;
  root_mount.pages_maximum = INT32_MAX;
  root_mount.root = node_new(&root_mount, NODE_DIRECTORY);
  ASSERT(ramfs_mkdir("/dev") == 0 && ramfs_mkdir("/tmp") == 0);
}
