/* SPDX-License-Identifier: BSD-2-Clause */

/* By rtems-libbsd's driver of the e1000, for comparison: NETLIB_PREFIX. */

#include <stdlib.h>
#include <unistd.h>

#include <rtems.h>
#include <rtems/bsd/bsd.h>

#include "cards.h"
#include "netlib.h"
#include "region.h"

#include <bsp/nexus-devices.h>

/* Until the link is up. */
#define LINK_TICKS 1000

rtems_task
Init(rtems_task_argument arg)
{
  static struct calls calls;

  (void)arg;
  calls_rtems(&calls, "", calls_nothing, calls_nothing);
  bench_check("start", rtems_bsd_initialize() == RTEMS_SUCCESSFUL);
  netlib_add_interface("em0", "10.0.2.15");
  rtems_task_wake_after(LINK_TICKS);
  bench_phase();
  cards_measure(&calls, "wm", 2);
  puts("BENCH END");
  exit(0);
}
