/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's interface virtN, which copies what it is given.
 */

#include "virtif.h"

#include <stdlib.h>
#include <string.h>

#include "buffers.h"
#include "interface.h"

struct virtif_user {
  struct interface interface;
};

static void
deliver(
  struct interface *interface, struct rtems_rump_link_frame *frames,
  unsigned count)
{
  unsigned i;

  for (i = 0; i < count; ++i) {
    struct iovec part = { frames[i].data, frames[i].size };

    if (frames[i].data != NULL) {
      rump_virtif_virt_deliverpkt(interface->sc, &part, 1);
    }
  }
}

/* It would not want to know. */
static void
tell(struct interface *interface, bool is_up)
{
  (void)interface;
  (void)is_up;
}

static int
start(struct interface *interface, unsigned number)
{
  int error;

  interface->buffer_count = interface_buffers(number);
  if (interface->buffer_count == 0) {
    return NETBSD_ENXIO;
  }
  interface->buffers = buffers_make(interface->buffer_count);
  if (interface->buffers == NULL) {
    return NETBSD_ENOMEM;
  }
  interface->link.memory = interface->buffers;
  error = interface_open(interface, number);
  if (error != 0) {
    free(interface->buffers);
    return error;
  }
  return interface_start(interface);
}

static int
create(const char *number, struct virtif_sc *sc, struct virtif_user **result)
{
  struct virtif_user *user = memory_allocate(sizeof(*user));
  int error;

  if (user == NULL) {
    return NETBSD_ENOMEM;
  }
  *user = (struct virtif_user){
    .interface = { .sc = sc, .deliver = deliver, .tell = tell }
  };
  error = start(&user->interface, (unsigned)strtoul(number, NULL, 10));
  if (error != 0) {
    memory_release(user, sizeof(*user));
    return error;
  }
  *result = user;
  return 0;
}

int
rumpcomp_virt_create(
  const char *number, struct virtif_sc *sc, uint8_t *address,
  struct virtif_user **result)
{
  int nlocks = hypercall_unschedule(NULL);
  int error = create(number, sc, result);

  hypercall_schedule(nlocks, NULL);
  if (error == 0) {
    memcpy(
      address, (*result)->interface.link.address, RTEMS_RUMP_LINK_ADDRESS);
  }
  return error;
}

int
rumpcomp_virt_dying(struct virtif_user *user)
{
  interface_stop(&user->interface);
  return 0;
}

void
rumpcomp_virt_destroy(struct virtif_user *user)
{
  interface_close(&user->interface);
  memory_release(user, sizeof(*user));
}

void
rumpcomp_virt_send(
  struct virtif_user *user, struct iovec *parts, size_t count)
{
  struct rtems_rump_link_send frame = {
    .parts = parts, .count = (unsigned)count
  };

  (void)interface_send(&user->interface, &frame);
}
