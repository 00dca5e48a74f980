/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief NetBSD's hypercalls of the component net_virtif, revision 20140313,
 * with its interfaces called virtN.
 *
 * They are called with a virtual CPU held.
 */

#ifndef RTEMS_RUMP_COMPONENT_VIRTIF_H
#define RTEMS_RUMP_COMPONENT_VIRTIF_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/** The kernel's side of an interface, and the host's. */
struct virtif_sc;
struct virtif_user;

/**
 * @param number Of the interface, in decimal.
 * @param[in, out] address In: what the kernel proposes.  Out: the link's.
 *
 * @return 0 or a NetBSD errno value.
 */
int rumpcomp_virt_create(
  const char *number, struct virtif_sc *sc, uint8_t *address,
  struct virtif_user **user);

/** From then on nothing is delivered. */
int rumpcomp_virt_dying(struct virtif_user *user);

void rumpcomp_virt_destroy(struct virtif_user *user);

/** Sends one frame, which the kernel frees then. */
void rumpcomp_virt_send(
  struct virtif_user *user, struct iovec *parts, size_t count);

/**
 * Of the kernel: gives it a frame, which it copies, by a thread with a virtual
 * CPU and without the kernel's big lock.  Of several parts it takes only the
 * first for good, so there must be one.
 */
void rump_virtif_virt_deliverpkt(
  struct virtif_sc *sc, struct iovec *parts, size_t count);

#endif /* RTEMS_RUMP_COMPONENT_VIRTIF_H */
