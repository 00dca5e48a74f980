/* SPDX-License-Identifier: BSD-2-Clause */

/** @file @brief A kernel and what works in it; tenant.c is made for each. */

#ifndef TENANT_H
#define TENANT_H

#include <rtems-rump/kernels.h>

struct tenant {
  struct rtems_rump_declaration declaration;

  /** To be called by rtems_rump_call(): makes a file and removes it. */
  int (*work)(void *unused);

  /** The kernel panics. */
  int (*crash)(void *unused);

  /** Counted by the task that works. */
  unsigned files, interruptions;
};

extern struct tenant tenant_one, tenant_two;

#endif /* TENANT_H */
