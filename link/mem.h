/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What else buses in memory can do.
 */

#ifndef RTEMS_RUMP_LINK_MEM_H
#define RTEMS_RUMP_LINK_MEM_H

#include <rtems-rump/link.h>

/** How a link is on its bus. */
enum {
  /** It receives all frames, with the time, and has no address. */
  MEM_CAPTURES = 1,
  /** It receives what it sends, and is alone on its bus. */
  MEM_LOOPS = 2,
  /** It receives what is for others, too. */
  MEM_PROMISCUOUS = 4
};

/** rtems_rump_link_driver::open, with these flags. */
int mem_open(
  const struct rtems_rump_link      *link,
  const struct rtems_rump_link_user *user,
  uint8_t                            address[RTEMS_RUMP_LINK_ADDRESS],
  unsigned                           flags,
  void                             **handle);

#endif /* RTEMS_RUMP_LINK_MEM_H */
