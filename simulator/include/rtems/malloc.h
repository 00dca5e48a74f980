/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief RTEMS's extensions of malloc().
 */

#ifndef _RTEMS_MALLOC_H
#define _RTEMS_MALLOC_H

#include <rtems.h>
#include <rtems/bspIo.h>
#include <rtems/libcsupport.h>

/**
 * @param alignment A power of two or 0.
 * @param boundary 0, or a power of two of at least @a size that the memory
 *   must not cross.
 */
void *rtems_heap_allocate_aligned_with_boundary(
  size_t    size,
  uintptr_t alignment,
  uintptr_t boundary
) RTEMS_MALLOCLIKE RTEMS_WARN_UNUSED_RESULT;

void *rtems_malloc(size_t size) RTEMS_MALLOCLIKE RTEMS_WARN_UNUSED_RESULT;

void *rtems_calloc(size_t nelem, size_t elsize)
  RTEMS_MALLOCLIKE RTEMS_WARN_UNUSED_RESULT;

int rtems_memalign(void **pointer, size_t alignment, size_t size);

#endif /* _RTEMS_MALLOC_H */
