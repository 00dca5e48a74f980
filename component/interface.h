/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief An interface's link and the thread that receives from it, whichever
 * component of NetBSD the interface is of.
 *
 * What the kernel sends goes to the driver at once, with the virtual CPU held:
 * a driver does not wait.  What the driver has received is delivered by a
 * thread, a batch each time that it has a virtual CPU.
 */

#ifndef RTEMS_RUMP_COMPONENT_INTERFACE_H
#define RTEMS_RUMP_COMPONENT_INTERFACE_H

#include "hypercall.h"
#include "link.h"

/** Frames for which a virtual CPU is taken once. */
#define INTERFACE_BATCH 32

struct interface {
  struct link link;
  /* That of the link, which does not change any more. */
  void *handle;

  /** The kernel's side, for what follows. */
  void *sc;

  /**
   * Gives the kernel frames; with a virtual CPU.
   *
   * @param frames Those without data are dropped.  Other buffers may be
   *   stored; see rtems_rump_link_driver::release.
   */
  void (*deliver)(
    struct interface *interface, struct rtems_rump_link_frame *frames,
    unsigned count);

  /** Tells it that the link went down or up; with a virtual CPU. */
  void (*tell)(struct interface *interface, bool is_up);

  /** See rtems_rump_link_user. */
  void **buffers;
  unsigned buffer_count;
  bool sums;

  /*
   * Frames since the receiver was told; about so many, if several tasks send.
   */
  atomic_uint burst;

  void *thread;

  /* Guards what follows; the thread waits in it. */
  struct waitq queue;
  bool notified, is_dying, is_up;

  /* Of the thread: what the kernel has been told. */
  bool told_up;

  /* Tasks that will tell, and who waits for them to have done so. */
  struct waitq idle;
  unsigned tellers;
};

/** How many buffers the link with a number has; 0: there is no link. */
unsigned interface_buffers(unsigned number);

/**
 * Opens a link, without its thread.
 *
 * @param interface All zero but for the functions, buffers and sums.
 *
 * @return 0 or a NetBSD errno value.
 */
int interface_open(struct interface *interface, unsigned number);

/**
 * Starts its thread.
 *
 * @return 0 or a NetBSD errno value; then the link is closed.
 */
int interface_start(struct interface *interface);

/** Has the thread deliver nothing any more. */
void interface_stop(struct interface *interface);

/**
 * Ends the thread and closes the link; a virtual CPU is held, and given up
 * meanwhile.
 */
void interface_close(struct interface *interface);

/** Sends a frame; a virtual CPU is held.  @return Whether it was sent. */
bool interface_send(
  struct interface *interface, struct rtems_rump_link_send *frame);

#endif /* RTEMS_RUMP_COMPONENT_INTERFACE_H */
