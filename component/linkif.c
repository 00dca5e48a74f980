/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The interfaces of this project's own component net_link, which lends its
 * memory to drivers.
 */

#include "interface.h"

#include <string.h>
#include <sys/uio.h>

#include "../netbsd/link/link_user.h"

struct rump_link_host {
  struct interface interface;
};

static void
exchange(
  struct rtems_rump_link_frame *frames, const struct rump_link_frame *given,
  unsigned count)
{
  unsigned i;

  for (i = 0; i < count; ++i) {
    frames[i].buffer = given[i].buffer;
  }
}

static void
deliver(
  struct interface *interface, struct rtems_rump_link_frame *frames,
  unsigned count)
{
  struct rump_link_frame given[INTERFACE_BATCH];
  unsigned i;

  for (i = 0; i < count; ++i) {
    given[i] = (struct rump_link_frame){
      frames[i].buffer, frames[i].data, (unsigned)frames[i].size,
      frames[i].is_summed
    };
  }
  rump_link_receive(interface->sc, given, count);
  exchange(frames, given, count);
}

static void
tell(struct interface *interface, bool is_up)
{
  rump_link_changed(interface->sc, is_up);
}

unsigned
rumpcomp_link_buffers(unsigned number)
{
  return interface_buffers(number);
}

static int
open_and_start(
  struct rump_link_host *host, unsigned number, struct rump_link_state *state)
{
  struct interface *interface = &host->interface;
  int error = interface_open(interface, number);

  if (error != 0) {
    return error;
  }
  memcpy(state->address, interface->link.address, sizeof(state->address));
  state->is_up = interface->told_up;
  state->sums = interface->link.driver->sums;
  return interface_start(interface);
}

static int
create(
  unsigned number, struct rump_link_softc *sc, void **buffers,
  struct rump_link_state *state, struct rump_link_host **result)
{
  struct rump_link_host *host = memory_allocate(sizeof(*host));
  int error;

  if (host == NULL) {
    return NETBSD_ENOMEM;
  }
  *host = (struct rump_link_host){
    .interface = {
      .sc = sc, .deliver = deliver, .tell = tell, .buffers = buffers,
      .buffer_count = interface_buffers(number), .sums = true
    }
  };
  error = open_and_start(host, number, state);
  if (error != 0) {
    memory_release(host, sizeof(*host));
    return error;
  }
  *result = host;
  return 0;
}

int
rumpcomp_link_open(
  unsigned number, struct rump_link_softc *sc, void **buffers,
  struct rump_link_state *state, struct rump_link_host **result)
{
  int nlocks = hypercall_unschedule(NULL);
  int error = create(number, sc, buffers, state, result);

  hypercall_schedule(nlocks, NULL);
  return error;
}

void
rumpcomp_link_close(struct rump_link_host *host)
{
  interface_close(&host->interface);
  memory_release(host, sizeof(*host));
}

int
rumpcomp_link_send(
  struct rump_link_host *host, const struct iovec *parts, unsigned count,
  unsigned sum_begin, unsigned sum_at)
{
  struct rtems_rump_link_send frame = {
    .parts = parts, .count = count, .sum_begin = (uint16_t)sum_begin,
    .sum_at = (uint16_t)sum_at
  };

  return interface_send(&host->interface, &frame);
}

void
rumpcomp_link_filter(
  struct rump_link_host *host, int is_promiscuous, int has_all_groups,
  const unsigned char (*groups)[6], unsigned group_count)
{
  const struct rtems_rump_link_filter filter = {
    is_promiscuous != 0, has_all_groups != 0, groups, group_count
  };
  struct interface *interface = &host->interface;

  if (interface->link.driver->set_filter != NULL) {
    (*interface->link.driver->set_filter)(interface->handle, &filter);
  }
}
