/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Mounting, and the types of file systems that RTEMS knows.
 */

#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rtems-rump/filesystem.h>

#include "instance.h"

#define PREFIX_SIZE 16

static char prefix[PREFIX_SIZE] OUTLIVES_KERNEL;

static void
mount_free(struct mount *mount)
{
  struct node *node = atomic_load(&mount->dead);

  while (node != NULL) {
    struct node *next = node->directory;

    free(node);
    node = next;
  }
  free(mount->root);
  free(mount);
}

static void
forget_kept(struct mount *mount)
{
  size_t i;

  for (i = 0; i < KEPT_DIRECTORIES; ++i) {
    mount->kept[i].fd = -1;
  }
}

static struct mount *
mount_alloc(rtems_filesystem_mount_table_entry_t *mt_entry)
{
  struct mount *mount = calloc(1, sizeof(*mount));

  if (mount != NULL) {
    mount->root = node_make(mount, NULL, ".", 1);
    if (mount->root == NULL) {
      free(mount);
      mount = NULL;
    }
  }
  if (mount != NULL) {
    mount->mt_entry = mt_entry;
    mount->life = instance_life();
    rtems_mutex_init(&mount->lock, "rump mount");
    forget_kept(mount);
  }
  return mount;
}

/* A device, or a file that is taken for one. */
static int
find_source(struct fs_source *source, const char *path)
{
  struct stat status;

  if (path == NULL) {
    return EINVAL;
  }
  if (stat(path, &status) != 0) {
    return errno;
  }
  source->exists = true;
  source->dev = status.st_dev;
  source->ino = status.st_ino;
  return S_ISBLK(status.st_mode) || S_ISREG(status.st_mode) ? 0 : ENXIO;
}

static int
make_request(
  struct fs_request                          *request,
  const rtems_filesystem_mount_table_entry_t *mt_entry,
  const char                                 *options
)
{
  const char *name = mt_entry->type + strlen(prefix) + 1;
  int error;
  size_t i;

  for (i = 0; strcmp(fs_types[i].name, name) != 0; ++i) {
  }
  request->type = &fs_types[i];
  request->source.exists = false;
  request->flags = mt_entry->writeable ? 0 : NETBSD_MNT_RDONLY;
  request->args = request->type->defaults;
  error = options_parse(request, options);
  if (error == 0 && request->type->has_device) {
    error = find_source(&request->source, mt_entry->dev);
  }
  return error == 0 && geteuid() != 0 ? EPERM : error;
}

/* Not all who link a kernel know of what components it is made. */
static void
explain(const struct fs_request *request)
{
  if (errno == ENODEV || errno == ENOSYS) {
    rumpuser_dprintf(
      "rump: the kernel has no file system %s: link it with the component "
      "fs_%s\n",
      request->type->name,
      request->type->name
    );
  }
}

static int
prepare_and_make(struct mount *mount, struct fs_request *request)
{
  const struct fs_type *type = request->type;

  if (type->prepare != NULL
      && (*type->prepare)(request, mount->mt_entry->dev) != 0) {
    return -1;
  }
  return place_make(mount, request);
}

static int
do_mount(struct mount *mount, struct fs_request *request)
{
  int rv;

  mount->type = request->type;
  mount->keeps_directories = !request->type->is_remote;
  VISIT(mount->life, rv, prepare_and_make(mount, request));
  return rv;
}

static int
fs_mount_me(rtems_filesystem_mount_table_entry_t *mt_entry, const void *data)
{
  struct fs_request request;
  struct mount *mount;
  int error = make_request(&request, mt_entry, data);

  if (error != 0) {
    errno = error;
    return -1;
  }
  mount = mount_alloc(mt_entry);
  if (mount == NULL) {
    errno = ENOMEM;
    return -1;
  }
  if (do_mount(mount, &request) != 0) {
    explain(&request);
    error = errno;
    mount_free(mount);
    errno = error;
    return -1;
  }
  mt_entry->fs_info = mount;
  mt_entry->ops = &fs_operations;
  mt_entry->pathconf_limits_and_options = &mount->limits;
  mt_entry->writeable = (request.flags & NETBSD_MNT_RDONLY) == 0;
  mt_entry->mt_fs_root->location.node_access = mount->root;
  mt_entry->mt_fs_root->location.handlers = &fs_directory_handlers;
  return 0;
}

static int
remove_as_root(struct mount *mount)
{
  struct lwp *own = visit_as_root();

  place_remove(mount);
  visit_as_self(own);
  return 0;
}

void
fs_unmount_me(rtems_filesystem_mount_table_entry_t *mt_entry)
{
  struct mount *mount = fs_mount(mt_entry);
  int saved_errno = errno;
  int rv;

  /* Without its kernel, the mount has nothing in it. */
  VISIT(mount->life, rv, remove_as_root(mount));
  (void)rv;
  mount_free(mount);
  /* A mount that was good may end here, as it cannot be where it shall. */
  errno = saved_errno;
}

static int
register_type(const char *name)
{
  char type[PREFIX_SIZE + 8];

  snprintf(type, sizeof(type), "%s-%s", prefix, name);
  return rtems_filesystem_register(type, fs_mount_me) == 0 ? 0 : errno;
}

static void
unregister_type(const char *name)
{
  char type[PREFIX_SIZE + 8];

  snprintf(type, sizeof(type), "%s-%s", prefix, name);
  (void)rtems_filesystem_unregister(type);
}

static int
register_types(void)
{
  int error = 0;
  size_t i;

  for (i = 0; i < FS_TYPES; ++i) {
    error = register_type(fs_types[i].name);
    if (error != 0) {
      break;
    }
  }
  while (error != 0 && i > 0) {
    unregister_type(fs_types[--i].name);
  }
  return error;
}

int
rtems_rump_filesystem_register(const char *name)
{
  int error;

  name = name == NULL ? "rump" : name;
  if (name[0] == '\0' || strlen(name) >= PREFIX_SIZE) {
    return EINVAL;
  }
  if (prefix[0] != '\0') {
    return EBUSY;
  }
  error = visit_init();
  if (error != 0) {
    return error;
  }
  strcpy(prefix, name);
  error = register_types();
  if (error != 0) {
    prefix[0] = '\0';
  }
  return error;
}
