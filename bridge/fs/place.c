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
  char directory[24];
  char device[24];
};

/*
 * What could not be unmounted, as its root cannot be read any more.  Until it
 * is unmounted its device cannot be mounted again: NetBSD would not survive.
 */
struct leftover {
  struct leftover *next;
  struct fs_place place;
  char source[];
};

/* They end with the kernel. */
static struct leftover *leftovers;
static struct lock leftovers_lock = LOCK_INITIALIZER("rump leftovers");

static struct fs_place
place_of(const struct mount *mount)
{
  struct fs_place place;
  unsigned number = mount->number;

  snprintf(place.directory, sizeof(place.directory), "/rtems.%u", number);
  snprintf(place.device, sizeof(place.device), "/rtems.disk%u", number);
  return place;
}

/* There is no device if the file system is in memory. */
static void
forget(const struct fs_place *place)
{
  (void)rump_sys_rmdir(place->directory);
  (void)rump_pub_etfs_remove(place->device);
}

static size_t
leftover_size(const char *source)
{
  return sizeof(struct leftover) + strlen(source) + 1;
}

static void
leave(const struct mount *mount, const struct fs_place *place)
{
  const char *dev = mount->mt_entry->dev;
  const char *source = dev == NULL ? "" : dev;
  struct leftover *leftover = memory_allocate(leftover_size(source));

  if (leftover != NULL) {
    leftover->place = *place;
    strcpy(leftover->source, source);
    lock_enter(&leftovers_lock);
    leftover->next = leftovers;
    leftovers = leftover;
    lock_exit(&leftovers_lock);
  }
}

static bool
remove_leftover(struct leftover *leftover)
{
  if (rump_sys_unmount(leftover->place.directory, NETBSD_MNT_FORCE) != 0) {
    return false;
  }
  forget(&leftover->place);
  memory_release(leftover, leftover_size(leftover->source));
  return true;
}

/* False: there is still one of this device. */
static bool
remove_leftovers(const char *source)
{
  struct leftover **p = &leftovers;
  bool is_free = true;

  lock_enter(&leftovers_lock);
  while (*p != NULL) {
    struct leftover *leftover = *p;
    struct leftover *next = leftover->next;

    if (remove_leftover(leftover)) {
      *p = next;
    } else {
      is_free &= source == NULL || strcmp(leftover->source, source) != 0;
      p = &leftover->next;
    }
  }
  lock_exit(&leftovers_lock);
  return is_free;
}

/* What is still open here is so by calls that RTEMS does not know of. */
static void
unmount_always(const struct mount *mount, const struct fs_place *place)
{
  if (rump_sys_unmount(place->directory, 0) != 0) {
    rumpuser_dprintf(
      "rump: %s is unmounted by force: %s\n",
      mount->mt_entry->target,
      strerror(errno)
    );
    if (rump_sys_unmount(place->directory, NETBSD_MNT_FORCE) != 0) {
      leave(mount, place);
      return;
    }
  }
  forget(place);
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
make_directory_and_mount(
  const struct fs_place *place, struct fs_request *request)
{
  const char *device = place->device;

  if (request->type->has_device) {
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
register_device(const struct fs_place *place, const char *source)
{
  int error = rump_pub_etfs_register(place->device, source, NETBSD_ETFS_BLK);

  if (error != 0) {
    errno = hypercall_errno_from_netbsd(error);
  }
  return error == 0 ? 0 : -1;
}

int
place_make(struct mount *mount, struct fs_request *request)
{
  struct fs_place place = place_of(mount);
  const char *source = mount->mt_entry->dev;
  int error;

  if (!remove_leftovers(source)) {
    errno = EIO;
    return -1;
  }
  if (request->type->has_device && register_device(&place, source) != 0) {
    return -1;
  }
  if (make_directory_and_mount(&place, request) != 0) {
    error = errno;
    forget(&place);
    errno = error;
    return -1;
  }
  if (open_root(mount, &place) != 0) {
    error = errno;
    unmount_always(mount, &place);
    errno = error;
    return -1;
  }
  return 0;
}

void
place_remove(struct mount *mount)
{
  struct fs_place place = place_of(mount);

  nodes_reap_all(mount);
  (void)rump_sys_close(mount->root->fd);
  unmount_always(mount, &place);
}
