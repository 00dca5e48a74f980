/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * In the kernel, each file system has a directory and a device of its own,
 * which only this file knows.
 */

#include "place.h"

#include <stdio.h>
#include <string.h>

#include "instance.h"
#include "lock.h"

struct fs_place {
  struct fs_place *next;
  char directory[24];
  char device[24];

  /* The device or file of RTEMS, if there is one. */
  struct fs_source source;

  /*
   * It could not be unmounted, as its root cannot be read any more.  Until it
   * is, its device cannot be mounted again: NetBSD would not survive.
   */
  bool is_left;
};

/*
 * All there are; they end with the kernel.  A device is mounted once: NetBSD
 * would take it from the first when the second goes.
 */
static struct fs_place *places;
static struct lock places_lock = LOCK_INITIALIZER("rump places");

static struct fs_place *
place_alloc(unsigned number, const struct fs_source *source)
{
  struct fs_place *place = memory_allocate(sizeof(*place));

  if (place == NULL) {
    errno = ENOMEM;
    return NULL;
  }
  snprintf(place->directory, sizeof(place->directory), "/rtems.%u", number);
  snprintf(place->device, sizeof(place->device), "/rtems.disk%u", number);
  place->source = *source;
  place->is_left = false;
  return place;
}

static void
forget(struct fs_place *place)
{
  (void)rump_sys_rmdir(place->directory);
  if (place->source.exists) {
    (void)rump_pub_etfs_remove(place->device);
  }
  memory_release(place, sizeof(*place));
}

static void
unlist_and_forget(struct fs_place *place)
{
  struct fs_place **p = &places;

  lock_enter(&places_lock);
  while (*p != place) {
    p = &(*p)->next;
  }
  *p = place->next;
  lock_exit(&places_lock);
  forget(place);
}

static bool
is_same(const struct fs_source *a, const struct fs_source *b)
{
  return a->exists && b->exists && a->dev == b->dev && a->ino == b->ino;
}

/* Tries what is left; 0, or why the device cannot be mounted. */
static int
find_in_use(const struct fs_source *source)
{
  struct fs_place **p = &places;
  int error = 0;

  while (*p != NULL) {
    struct fs_place *place = *p;

    if (place->is_left
        && rump_sys_unmount(place->directory, NETBSD_MNT_FORCE) == 0) {
      *p = place->next;
      forget(place);
      continue;
    }
    if (is_same(&place->source, source)) {
      error = place->is_left ? EIO : EBUSY;
    }
    p = &place->next;
  }
  return error;
}

static int
list(struct fs_place *place)
{
  int error;

  lock_enter(&places_lock);
  error = find_in_use(&place->source);
  if (error == 0) {
    place->next = places;
    places = place;
  }
  lock_exit(&places_lock);
  errno = error;
  return error == 0 ? 0 : -1;
}

/* What is still open here is so by calls that RTEMS does not know of. */
static void
unmount_always(const struct mount *mount, struct fs_place *place)
{
  if (rump_sys_unmount(place->directory, 0) != 0) {
    rumpuser_dprintf(
      "rump: %s is unmounted by force: %s\n",
      mount->mt_entry->target,
      strerror(errno)
    );
    if (rump_sys_unmount(place->directory, NETBSD_MNT_FORCE) != 0) {
      place->is_left = true;
      return;
    }
  }
  unlist_and_forget(place);
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
open_root(struct mount *mount)
{
  struct node *root = mount->root;

  root->fd = rump_sys_open(
    mount->place->directory,
    NETBSD_O_RDONLY | NETBSD_O_DIRECTORY
  );
  if (root->fd < 0) {
    return -1;
  }
  ask_limits(root->fd, &mount->limits);
  return rump_sys_fstat(root->fd, &root->status);
}

static int
register_device(const struct fs_place *place, const char *source)
{
  int error = rump_pub_etfs_register(place->device, source, NETBSD_ETFS_BLK);

  if (error != 0) {
    errno = hypercall_errno_from_netbsd(error);
  }
  return error == 0 ? 0 : -1;
}

static int
mount_at(
  const struct fs_place *place, struct fs_request *request, const char *source)
{
  const char *device = place->device;

  if (request->type->has_device) {
    if (register_device(place, source) != 0) {
      return -1;
    }
    memcpy(
      (char *)&request->args + request->type->device_offset,
      &device,
      sizeof(device)
    );
  }
  if (rump_sys_mkdir(place->directory, 0755) != 0) {
    return -1;
  }
  return rump_sys_mount(
    request->type->name,
    place->directory,
    request->flags,
    &request->args,
    request->type->size
  );
}

static int
make(struct mount *mount, struct fs_request *request)
{
  int error;

  if (mount_at(mount->place, request, mount->mt_entry->dev) != 0) {
    error = errno;
    unlist_and_forget(mount->place);
    errno = error;
    return -1;
  }
  if (open_root(mount) != 0) {
    error = errno;
    unmount_always(mount, mount->place);
    errno = error;
    return -1;
  }
  return 0;
}

int
place_make(struct mount *mount, struct fs_request *request)
{
  static atomic_uint count OUTLIVES_KERNEL;
  struct fs_place *place =
    place_alloc(atomic_fetch_add(&count, 1), &request->source);
  int error;

  if (place == NULL) {
    return -1;
  }
  if (list(place) != 0) {
    error = errno;
    memory_release(place, sizeof(*place));
    errno = error;
    return -1;
  }
  mount->place = place;
  return make(mount, request);
}

void
place_remove(struct mount *mount)
{
  nodes_reap_all(mount);
  (void)rump_sys_close(mount->root->fd);
  unmount_always(mount, mount->place);
}

int
place_sync(const struct mount *mount)
{
  const struct fs_place *place = mount->place;
  int error = mount->type->sync == NULL
    ? 0 : (*mount->type->sync)(place->directory, place->device);

  if (error != 0) {
    errno = hypercall_errno_from_netbsd(error);
  }
  return error == 0 ? 0 : -1;
}
