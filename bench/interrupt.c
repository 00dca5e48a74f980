/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * From an interrupt of the device "edu" of QEMU to the first instruction of
 * its handler: that of a kernel's driver, and one of RTEMS in an interrupt
 * server.  bench/plugin-processors.c counts.
 */

#include <rtems.h>
#include <rtems/irq-extension.h>
#include <rtems/thread.h>

#include "kernel.h"
#include "region.h"

#define REPETITIONS 32

/* On the command line of QEMU. */
#define SLOT 12

/* Of configuration space. */
#define PCI_WINDOW 0x10
#define PCI_LINE 0x3c

/* Registers: what the device asks for, to make it ask, and to make it stop. */
#define EDU_STATUS (0x24 / 4)
#define EDU_RAISE (0x60 / 4)
#define EDU_ACKNOWLEDGE (0x64 / 4)

#define SERVER_PRIORITY 2

void rump_schedule(void);
void rump_unschedule(void);

int rumpcomp_pci_confread(
  unsigned bus, unsigned device, unsigned function, int reg, unsigned *value);
int rumpcomp_pci_irq_map(
  unsigned bus, unsigned device, unsigned function, int line,
  unsigned cookie);
void *rumpcomp_pci_irq_establish(
  unsigned cookie, int (*handler)(void *arg), void *arg);

static volatile unsigned *edu;
static rtems_binary_semaphore handled =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("handled");

static int
serve_kernel(void *arg)
{
  unsigned status;

  (void)arg;
  bench_end();
  status = edu[EDU_STATUS];
  if (status == 0) {
    return 0;
  }
  edu[EDU_ACKNOWLEDGE] = status;
  rtems_binary_semaphore_post(&handled);
  return 1;
}

static void
serve_rtems(void *arg)
{
  (void)serve_kernel(arg);
}

static void
measure(const char *name)
{
  int i;

  printf("BENCH PHASE %s 1\n", name);
  for (i = 0; i < REPETITIONS; ++i) {
    rtems_task_wake_after(2);
    bench_begin();
    edu[EDU_RAISE] = 1;
    rtems_binary_semaphore_wait(&handled);
  }
  bench_phase();
}

static void
measure_rtems(rtems_vector_number line)
{
  bench_check("server", rtems_interrupt_server_initialize(
    SERVER_PRIORITY,
    RTEMS_MINIMUM_STACK_SIZE,
    RTEMS_DEFAULT_MODES,
    RTEMS_DEFAULT_ATTRIBUTES,
    NULL
  ) == RTEMS_SUCCESSFUL);
  bench_check("install", rtems_interrupt_server_handler_install(
    RTEMS_INTERRUPT_SERVER_DEFAULT,
    line,
    "edu",
    RTEMS_INTERRUPT_SHARED,
    serve_rtems,
    NULL
  ) == RTEMS_SUCCESSFUL);
  measure("interrupt:server");
  bench_check("remove", rtems_interrupt_server_handler_remove(
    RTEMS_INTERRUPT_SERVER_DEFAULT,
    line,
    serve_rtems,
    NULL
  ) == RTEMS_SUCCESSFUL);
}

static void
measure_kernel(unsigned line)
{
  void *established;

  rump_schedule();
  established = rumpcomp_pci_irq_map(0, SLOT, 0, (int)line, 0) == 0
    ? rumpcomp_pci_irq_establish(0, serve_kernel, NULL)
    : NULL;
  rump_unschedule();
  bench_check("establish", established != NULL);
  measure("interrupt");
}

static unsigned
configuration(int reg)
{
  unsigned value;

  (void)rumpcomp_pci_confread(0, SLOT, 0, reg, &value);
  return value;
}

static rtems_task
Init(rtems_task_argument arg)
{
  unsigned line;

  (void)arg;
  bench_check("start", bench_start(NULL) == 0);
  edu = (volatile unsigned *)(configuration(PCI_WINDOW) & ~15u);
  line = configuration(PCI_LINE) & 0xff;
  bench_phase();
  measure_rtems(line);
  measure_kernel(line);
  puts("BENCH END");
  exit(0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_INIT_TASK_PRIORITY 200
#define CONFIGURE_MAXIMUM_TASKS 40
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
