/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Buffers for who uses a link and has none of its own.
 */

#ifndef RTEMS_RUMP_LINK_BUFFERS_H
#define RTEMS_RUMP_LINK_BUFFERS_H

#include <stdint.h>
#include <stdlib.h>

#include <rtems-rump/link.h>

/** What rtems_rump_link::receive_size counts for a buffer. */
#define BUFFERS_UNIT 2048u

#define BUFFERS_DEFAULT 128u
#define BUFFERS_MAX 1024u

/** How many buffers rtems_rump_link::receive_size is; at least two. */
static inline unsigned
buffers_count(size_t receive_size)
{
  unsigned n = 2;

  if (receive_size == 0) {
    return BUFFERS_DEFAULT;
  }
  while (n * 2 <= receive_size / BUFFERS_UNIT && n < BUFFERS_MAX) {
    n *= 2;
  }
  return n;
}

/** Size of the memory for so many buffers with their array. */
static inline size_t
buffers_size(unsigned count)
{
  return count * (sizeof(void *) + RTEMS_RUMP_LINK_BUFFER)
    + RTEMS_RUMP_LINK_BUFFER_ALIGNMENT;
}

/** Divides such memory; @return the array. */
static inline void **
buffers_divide(void *memory, unsigned count)
{
  void **buffers = memory;
  uintptr_t first = (uintptr_t)(buffers + count);
  unsigned i;

  first = (first + RTEMS_RUMP_LINK_BUFFER_ALIGNMENT - 1)
    & ~(uintptr_t)(RTEMS_RUMP_LINK_BUFFER_ALIGNMENT - 1);
  for (i = 0; i < count; ++i) {
    buffers[i] = (void *)(first + i * RTEMS_RUMP_LINK_BUFFER);
  }
  return buffers;
}

/** Buffers and their array, which free() gives back; or NULL. */
static inline void **
buffers_make(unsigned count)
{
  void *memory = malloc(buffers_size(count));

  return memory == NULL ? NULL : buffers_divide(memory, count);
}

#endif /* RTEMS_RUMP_LINK_BUFFERS_H */
