/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * By rtems-libbsd's driver of the GEM or the e1000, for comparison:
 * NETLIB_PREFIX.
 */

#include <stdlib.h>
#include <unistd.h>

#include <rtems.h>
#include <rtems/bsd/bsd.h>

#include "cards.h"
#include "netlib.h"
#include "region.h"

#ifdef BENCH_GEM
#include <bsp/irq.h>

RTEMS_BSD_DRIVER_XILINX_ZYNQ_SLCR;
RTEMS_BSD_DRIVER_XILINX_ZYNQ_CGEM0(ZYNQ_IRQ_ETHERNET_0);
RTEMS_BSD_DRIVER_E1000PHY;

#define INTERFACE "cgem0"
#define ADDRESS "10.0.1.15"
#define CARD "gem"
#define NETWORK 1
#else
#include <bsp/nexus-devices.h>

#define INTERFACE "em0"
#define ADDRESS "10.0.2.15"
#define CARD "wm"
#define NETWORK 2
#endif

/* Until the link is up. */
#define LINK_TICKS 1000

rtems_task
Init(rtems_task_argument arg)
{
  static struct calls calls;

  (void)arg;
  calls_rtems(&calls, "", calls_nothing, calls_nothing);
  bench_check("start", rtems_bsd_initialize() == RTEMS_SUCCESSFUL);
  netlib_add_interface(INTERFACE, ADDRESS);
  rtems_task_wake_after(LINK_TICKS);
  bench_phase();
  cards_measure(&calls, CARD, NETWORK);
  puts("BENCH END");
  exit(0);
}
