/* SPDX-License-Identifier: BSD-2-Clause */

#include "region.h"

#include <stdio.h>

#include <rtems.h>

void
bench_region(const char *name, unsigned times)
{
  printf("BENCH REGION %s %u\n", name, times);
  fflush(stdout);
  rtems_task_wake_after(2);
}

/* In a file of their own, so that calls to them stay calls. */

void
bench_begin(void)
{
  __asm__ volatile("" ::: "memory");
}

void
bench_end(void)
{
  __asm__ volatile("" ::: "memory");
}

void
bench_phase(void)
{
  __asm__ volatile("" ::: "memory");
}
