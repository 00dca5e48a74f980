/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The open links of a kernel.
 */

#ifndef RTEMS_RUMP_COMPONENT_LINK_H
#define RTEMS_RUMP_COMPONENT_LINK_H

#include <rtems-rump/link.h>

#include "hypercall.h"

/** In the kernel's memory while the link is open. */
struct link {
  struct link *next;
  unsigned number;
  const struct rtems_rump_link_driver *driver;

  /** NULL before it is open. */
  void *_Atomic handle;

  uint8_t address[RTEMS_RUMP_LINK_ADDRESS];

  /** Of the C library, given back when the link is closed; or NULL. */
  void *memory;

  /** By who receives, and by who sends. */
  atomic_ulong received_frames, received_bytes, received_batches;
  atomic_ulong sent_frames, sent_bytes;

  /** What the driver does not count. */
  atomic_ulong truncated, oversized, refused;
};

/** Adds to a number that one task at a time changes. */
static inline void
link_count(atomic_ulong *number, unsigned long n)
{
  atomic_store_explicit(
    number,
    atomic_load_explicit(number, memory_order_relaxed) + n,
    memory_order_relaxed
  );
}

/** The same, if several do. */
static inline void
link_count_shared(atomic_ulong *number, unsigned long n)
{
  (void)atomic_fetch_add_explicit(number, n, memory_order_relaxed);
}

/**
 * Opens a link of the configuration.  The end of the kernel closes it, too.
 *
 * @param link All zero but for its memory.
 *
 * @return 0 or an RTEMS errno value; then the link is as before.
 */
int link_open(
  struct link *link, unsigned number,
  const struct rtems_rump_link_user *user);

/** Its memory is the caller's then. */
void link_close(struct link *link);

#endif /* RTEMS_RUMP_COMPONENT_LINK_H */
