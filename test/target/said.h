/* SPDX-License-Identifier: BSD-2-Clause */

/** @file @brief What the kernel has printed, for the tests that read it. */

#ifndef TARGET_SAID_H
#define TARGET_SAID_H

#include <stdatomic.h>
#include <string.h>

static char said[2048];
static atomic_uint said_length;

/* As rtems_rump_config::console. */
static void
listen(char c)
{
  unsigned i = atomic_fetch_add(&said_length, 1);

  if (i < sizeof(said) - 1) {
    said[i] = c;
  }
}

static inline void
forget(void)
{
  memset(said, 0, sizeof(said));
  atomic_store(&said_length, 0);
}

#endif /* TARGET_SAID_H */
