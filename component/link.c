/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The open links of a kernel.
 */

#include "link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lock.h"

static struct lock lock = LOCK_INITIALIZER("rump links");
static struct link *links;

/* FNV-1a. */
static uint32_t
hash(uint32_t h, const char *s)
{
  for (; *s != 0; ++s) {
    h = (h ^ (unsigned char)*s) * 16777619u;
  }
  return h;
}

/* Two kernels of an image have two names, two images hopefully two hosts. */
static void
make_address(uint8_t *address, unsigned number)
{
  const char *name = rump_link_name != NULL ? rump_link_name : "rump";
  uint32_t h = hash(hash(2166136261u, name), hypercall_config.hostname);

  /* Locally administered, not multicast. */
  address[0] = 0xb2;
  address[1] = (uint8_t)(h >> 24);
  address[2] = (uint8_t)(h >> 16);
  address[3] = (uint8_t)(h >> 8);
  address[4] = (uint8_t)h;
  address[5] = (uint8_t)number;
}

static void
end(struct link *link)
{
  void *handle = atomic_load(&link->handle);

  if (handle != NULL) {
    (*link->driver->close)(handle);
  }
  free(link->memory);
}

/* Nobody is inside, and nobody else looks. */
static void
close_all(void)
{
  struct link *link;

  for (link = links; link != NULL; link = link->next) {
    end(link);
  }
  links = NULL;
}

static void
insert(struct link *link)
{
  static struct component component = { .end = close_all };
  static bool added;

  lock_enter(&lock);
  if (!added) {
    component_add(&component);
    added = true;
  }
  link->next = links;
  links = link;
  lock_exit(&lock);
}

/* With the lock. */
static void
remove_locked(struct link *link)
{
  struct link **p = &links;

  while (*p != link) {
    p = &(*p)->next;
  }
  *p = link->next;
}

/*
 * In the list before it is open: else who has to leave the kernel in between
 * would leave it open.
 */
int
link_open(
  struct link *link, unsigned number, const struct rtems_rump_link_user *user)
{
  static const uint8_t none[RTEMS_RUMP_LINK_ADDRESS];
  const struct rtems_rump_link *config;
  void *handle;
  bool is_given;
  int error;

  if (number >= hypercall_config.link_count
      || hypercall_config.links[number].driver == NULL) {
    return ENXIO;
  }
  config = &hypercall_config.links[number];
  is_given = memcmp(config->address, none, sizeof(none)) != 0;
  if (is_given) {
    memcpy(link->address, config->address, sizeof(none));
  } else {
    make_address(link->address, number);
  }
  link->number = number;
  link->driver = config->driver;
  insert(link);
  error = (*link->driver->open)(
    config,
    user,
    link->address,
    is_given,
    &handle
  );
  if (error == 0) {
    atomic_store(&link->handle, handle);
    return 0;
  }
  lock_enter(&lock);
  remove_locked(link);
  lock_exit(&lock);
  return error;
}

/* With the lock, so that nobody looks at the link meanwhile. */
void
link_close(struct link *link)
{
  lock_enter(&lock);
  remove_locked(link);
  end(link);
  lock_exit(&lock);
}

static void
read_usage(struct link *link, struct rtems_rump_link_usage *usage)
{
  memset(usage, 0, sizeof(*usage));
  memcpy(usage->address, link->address, sizeof(usage->address));
  usage->received_frames = atomic_load(&link->received_frames);
  usage->received_bytes = atomic_load(&link->received_bytes);
  usage->received_batches = atomic_load(&link->received_batches);
  usage->sent_frames = atomic_load(&link->sent_frames);
  usage->sent_bytes = atomic_load(&link->sent_bytes);
  usage->dropped[RTEMS_RUMP_LINK_TRUNCATED] = atomic_load(&link->truncated);
  usage->dropped[RTEMS_RUMP_LINK_OVERSIZED] = atomic_load(&link->oversized);
  usage->dropped[RTEMS_RUMP_LINK_REFUSED] = atomic_load(&link->refused);
  (*link->driver->get_usage)(link->handle, usage);
}

int
rtems_rump_get_link_usage(
  unsigned number, struct rtems_rump_link_usage *usage)
{
  struct link *link;
  int error = ENXIO;

  lock_enter(&lock);
  for (link = links; link != NULL; link = link->next) {
    if (link->number == number && link->handle != NULL) {
      read_usage(link, usage);
      error = 0;
    }
  }
  lock_exit(&lock);
  return error;
}
