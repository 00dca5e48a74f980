/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Mounting.  In the kernel, each file system has a directory and a device of
 * its own, which only this file knows.
 */

#include "fs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rtems-rump/filesystem.h>

#include "instance.h"
#include "options.h"

#define PREFIX_SIZE 16

static char prefix[PREFIX_SIZE] OUTLIVES_KERNEL;

/* Where the file system is for the kernel. */
struct fs_place {
  char directory[24];
  char device[24];
};

static void
place_of(const struct mount *mount, struct fs_place *place)
{
  snprintf(
    place->directory,
    sizeof(place->directory),
    "/rtems.%u",
    mount->number
  );
  snprintf(
    place->device,
    sizeof(place->device),
    "/rtems.disk%u",
    mount->number
  );
}

static int
register_device(struct mount *mount, const struct fs_place *place)
{
  int error = rump_pub_etfs_register(
    place->device,
    mount->mt_entry->dev,
    NETBSD_ETFS_BLK
  );

  if (error != 0) {
    errno = hypercall_errno_from_netbsd(error);
    return -1;
  }
  mount->has_device = true;
  return 0;
}

static void
forget_device(struct mount *mount, const struct fs_place *place)
{
  if (mount->has_device) {
    (void)rump_pub_etfs_remove(place->device);
    mount->has_device = false;
  }
}

/* What is still open here is so by calls that RTEMS does not know of. */
static void
unmount_always(const struct mount *mount, const struct fs_place *place)
{
  if (rump_sys_unmount(place->directory, 0) == 0) {
    return;
  }
  rumpuser_dprintf(
    "rump: %s is unmounted by force: %s\n",
    mount->mt_entry->target,
    strerror(errno)
  );
  (void)rump_sys_unmount(place->directory, NETBSD_MNT_FORCE);
}

static void
ask_limits(int fd, rtems_filesystem_limits_and_options_t *limits)
{
  *limits = (rtems_filesystem_limits_and_options_t){
    .link_max = (int)rump_sys_fpathconf(fd, NETBSD_PC_LINK_MAX),
    .name_max = (int)rump_sys_fpathconf(fd, NETBSD_PC_NAME_MAX),
    .path_max = (int)rump_sys_fpathconf(fd, NETBSD_PC_PATH_MAX),
    .pipe_buf = (int)rump_sys_fpathconf(fd, NETBSD_PC_PIPE_BUF),
    .posix_chown_restrictions = 1,
    .posix_no_trunc = 1,
    .posix_sync_io = 1
  };
}

static int
open_root(struct mount *mount, const struct fs_place *place)
{
  struct node *root = mount->root;

  root->fd =
    rump_sys_open(place->directory, NETBSD_O_RDONLY | NETBSD_O_DIRECTORY);
  if (root->fd < 0) {
    return -1;
  }
  ask_limits(root->fd, &mount->limits);
  return rump_sys_fstat(root->fd, &root->status);
}

static int
mount_and_open(
  struct mount          *mount,
  const struct fs_place *place,
  struct fs_request     *request
)
{
  int error;

  if (rump_sys_mount(
        request->type->name,
        place->directory,
        request->flags,
        &request->args,
        request->type->size
      ) != 0) {
    return -1;
  }
  if (open_root(mount, place) == 0) {
    return 0;
  }
  error = errno;
  unmount_always(mount, place);
  errno = error;
  return -1;
}

static int
make_place(
  struct mount          *mount,
  const struct fs_place *place,
  struct fs_request     *request
)
{
  int rv, error;

  if (request->type->has_device && register_device(mount, place) != 0) {
    return -1;
  }
  rv = rump_sys_mkdir(place->directory, 0755);
  if (rv == 0) {
    rv = mount_and_open(mount, place, request);
  }
  if (rv != 0) {
    error = errno;
    (void)rump_sys_rmdir(place->directory);
    forget_device(mount, place);
    errno = error;
  }
  return rv;
}

static int
remove_place(struct mount *mount)
{
  struct lwp *own = visit_as_root();
  struct fs_place place;

  place_of(mount, &place);
  nodes_reap(mount);
  (void)rump_sys_close(mount->root->fd);
  unmount_always(mount, &place);
  (void)rump_sys_rmdir(place.directory);
  forget_device(mount, &place);
  visit_as_self(own);
  return 0;
}

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

static struct mount *
mount_alloc(rtems_filesystem_mount_table_entry_t *mt_entry)
{
  static atomic_uint count OUTLIVES_KERNEL;
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
    mount->number = atomic_fetch_add(&count, 1);
    rtems_mutex_init(&mount->lock, "rump mount");
  }
  return mount;
}

/* A file system in memory may not take all that the kernel has. */
static void
limit_size(struct fs_request *request)
{
  if (!request->type->has_device && request->args.tmpfs.size_max == 0) {
    request->args.tmpfs.size_max = (int64_t)(hypercall_config.memory / 2);
  }
}

/* A device, or a file that is taken for one. */
static int
check_source(const char *source)
{
  struct stat status;

  if (source == NULL) {
    return EINVAL;
  }
  if (stat(source, &status) != 0) {
    return errno;
  }
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
  request->flags = mt_entry->writeable ? 0 : NETBSD_MNT_RDONLY;
  request->args = request->type->defaults;
  error = options_parse(request, options);
  limit_size(request);
  if (error == 0 && request->type->has_device) {
    error = check_source(mt_entry->dev);
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
do_mount(struct mount *mount, struct fs_request *request)
{
  struct fs_place place;
  const char *device = place.device;
  int rv;

  place_of(mount, &place);
  if (request->type->has_device) {
    memcpy(
      (char *)&request->args + request->type->device_offset,
      &device,
      sizeof(device)
    );
  }
  VISIT(mount->life, rv, make_place(mount, &place, request));
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

void
fs_unmount_me(rtems_filesystem_mount_table_entry_t *mt_entry)
{
  struct mount *mount = fs_mount(mt_entry);
  int rv;

  /* Without its kernel, the mount has nothing in it. */
  VISIT(mount->life, rv, remove_place(mount));
  (void)rv;
  mount_free(mount);
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
