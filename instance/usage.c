/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a kernel is and uses.
 */

#include "instance.h"

#include <string.h>

static void
read_counters(struct rtems_rump_usage *usage)
{
  memory_usage(usage);
  block_usage(usage);
  thread_usage(usage);
}

/*
 * Who looks at a kernel must not keep it from ending, nor be kept by it.  If
 * it has ended itself, or somebody does not come out, it admits nobody.
 */
static void
read_as_occupant(struct rtems_rump_usage *usage)
{
  struct occupant occupant;
  jmp_buf way_out;

  occupant.way_out = &way_out;
  if (setjmp(way_out) == 0) {
    if (!occupant_enter(&occupant, OCCUPANT_CALLER)) {
      usage->state = RTEMS_RUMP_ENDING;
      return;
    }
    read_counters(usage);
  }
  occupant_leave(&occupant);
}

void
rtems_rump_get_usage(struct rtems_rump_usage *usage)
{
  memset(usage, 0, sizeof(*usage));
  usage->processors = placement_processors();
  instance_usage(usage);
  if (hypercall_self.occupant != NULL) {
    read_counters(usage);
  } else if (usage->state == RTEMS_RUMP_RUNNING) {
    read_as_occupant(usage);
  }
}
