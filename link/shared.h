/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Memory that kernels of one image share, and who is told of changes.
 */

#ifndef RTEMS_RUMP_LINK_SHARED_H
#define RTEMS_RUMP_LINK_SHARED_H

#include <sys/stat.h>

#include <stddef.h>

struct shared;

/** The caller's; from shared_join() to shared_leave(). */
struct shared_user {
  /** Called in the task that tells, with a lock: it must not wait. */
  void (*notify)(void *arg);
  void *arg;

  struct shared_user *next;
  struct shared *shared;
};

/**
 * Joins who shares the memory that a file is the name of.  Only in a task.
 *
 * @param size In bytes; the first one's counts, and others have the same.
 * @param[out] memory All zero for the first.  It is there until the last leaves.
 *
 * @return 0, ENOMEM, or EINVAL for another size.
 */
int shared_join(
  struct shared_user *user, const struct stat *file, size_t size,
  void **memory);

/** After it has returned nobody is told any more. */
void shared_leave(struct shared_user *user);

/** Tells all who share the memory, the caller too. */
void shared_tell(struct shared_user *user);

#endif /* RTEMS_RUMP_LINK_SHARED_H */
