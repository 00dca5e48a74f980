/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What a system call of NetBSD reads of its caller's memory, so that it
 * goes along with the call.
 */

#ifndef RTEMS_RUMP_REMOTE_CARRY_H
#define RTEMS_RUMP_REMOTE_CARRY_H

#include "protocol.h"
#include "words.h"

/** A client's memory, laid out as the kernel's machine does. */
struct carry_memory {
  struct words words;

  /** Finds bytes to read, or returns NULL: then they stay where they are. */
  const void *(*locate)(uint64_t address, uint64_t size, void *arg);
  void *arg;
};

/** What a system call reads of its caller's memory, or NULL: nothing known. */
const struct carry_reading *carry_find(int number);

/**
 * Makes the parts of a CARRYING request.
 *
 * What has no room is left out, as is what the kernel may never ask for.
 *
 * @param size Of the arguments, at most SP_REQUEST_SIZE.
 *
 * @return The size of all, or 0 if there is nothing to carry.
 */
size_t carry_parts(
  const struct carry_memory  *memory,
  const struct carry_reading *reading,
  const void                 *arguments,
  size_t                      size,
  unsigned char               parts[SP_CARRYING_SIZE]
);

#endif /* RTEMS_RUMP_REMOTE_CARRY_H */
