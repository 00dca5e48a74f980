/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Copies to and from the memory of the rump kernel, while it carries out a
 * call without a frame or with memory that came along.
 *
 * NetBSD orders who uses its memory, by code of its own, of which the checker
 * of threads knows nothing: it is told so here.
 */

#ifndef REMOTE_KERNEL_COPY_H
#define REMOTE_KERNEL_COPY_H

#include "server.h"

#include <string.h>

#ifdef __SANITIZE_THREAD__

void __tsan_acquire(void *token);
void __tsan_release(void *token);

/* The same one for all copies. */
static inline void
kernel_copy(void *to, const void *from, size_t size)
{
  __tsan_acquire(&server);
  memcpy(to, from, size);
  __tsan_release(&server);
}

#else

static inline void
kernel_copy(void *to, const void *from, size_t size)
{
  memcpy(to, from, size);
}

#endif

#endif /* REMOTE_KERNEL_COPY_H */
