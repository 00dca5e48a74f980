/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Snapshots of what is in use, to show that nothing leaks.
 */

#ifndef _RTEMS_RTEMS_LIBCSUPPORT_H
#define _RTEMS_RTEMS_LIBCSUPPORT_H

#include <rtems.h>

typedef struct {
  uint32_t active_tasks;
} rtems_resource_rtems_api;

typedef struct {
  uintptr_t number;
  uintptr_t total;
} Heap_Information;

typedef struct {
  Heap_Information Used;
} Heap_Information_block;

/**
 * What came through the simulator: the host's own use is not seen.  There is
 * no workspace beside the heap.
 */
typedef struct {
  Heap_Information_block workspace_info;
  Heap_Information_block heap_info;
  uint32_t active_posix_key_value_pairs;
  rtems_resource_rtems_api rtems_api;
  int open_files;
} rtems_resource_snapshot;

void rtems_resource_snapshot_take(rtems_resource_snapshot *snapshot);

bool rtems_resource_snapshot_equal(
  const rtems_resource_snapshot *a,
  const rtems_resource_snapshot *b
);

bool rtems_resource_snapshot_check(const rtems_resource_snapshot *snapshot);

/** Of a heap of 1 GiB. */
size_t malloc_free_space(void);

#endif /* _RTEMS_RTEMS_LIBCSUPPORT_H */
