/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Disks for the tests: an FFS that was made on the host, linked into
 * the program.
 */

#ifndef TARGET_DISK_H
#define TARGET_DISK_H

#include <stdatomic.h>

#include "faulty.h"
#include "target.h"

#define DISK_BLOCK 512

/** RTEMS's RAM disk on the image, as /dev/rda. */
void disk_make_ramdisk(void);

/**
 * How the disk behaves that is made by disk_make_unreliable(); may be changed
 * at any time.
 */
extern struct disk_behaviour {
  /** Requests end with an error. */
  atomic_bool fails;
  /** Ticks after which a request ends; 0: at once, in the caller. */
  atomic_uint delay;
  /** Transfers that fail. */
  struct fault_plan plan;
  /** Requests beyond that block fail; 0: the disk's end. */
  atomic_uint shrunk_to;
  /**
   * Called by who asks for a flush.  If NULL when the disk is made, the disk
   * has no cache and nobody asks.
   */
  void (*volatile on_sync)(void);
  /** Requests that came, and those of them that failed. */
  atomic_uint requests, failures;
} disk_behaviour;

/** A disk of the test's own on the image, as /dev/rda. */
void disk_make_unreliable(void);

/** Gives the disk the content that it had at the first call. */
void disk_restore(void);

/** The content, which may be changed while nothing is mounted. */
char *disk_content(void);

/** Mounts /dev/rda in the kernel as the FFS /disk; the caller is inside. */
void disk_mount(void);

void disk_unmount(void);

#endif /* TARGET_DISK_H */
