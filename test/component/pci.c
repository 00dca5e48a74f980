/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The PCI hypercalls on a bus of the test's own: bridges in circles, more
 * devices than slots, functions that are not there, windows and DMA memory
 * that cannot be had, and what is left when the kernel ends.
 */

#include <string.h>

#include <rtems.h>

#include "bus.h"
#include "hypercall.h"
#include "pci.h"

#define BRIDGE (1u << 16)

static unsigned messages;

static void
count_lines(char c)
{
  messages += c == '\n';
}

static void
add_bridge(unsigned bus, unsigned device, unsigned behind)
{
  struct function *f = add(bus, device, 0);

  f->header = BRIDGE;
  f->buses = behind << 8;
}

static unsigned
id_in_slot(unsigned slot)
{
  unsigned id;

  CHECK(rumpcomp_pci_confread(0, slot, 0, 0, &id) == 0);
  return id;
}

/* Bus 1 is behind bus 0, and has a way back to both; bus 2 is too full. */
static void
make_tree(void)
{
  unsigned device;

  add(0, 0, 0);
  add_bridge(0, 4, 1);
  add(1, 3, 0);
  add_bridge(1, 5, 1);
  add_bridge(1, 6, 0);
  add_bridge(1, 7, 2);
  for (device = 0; device < 32; ++device) {
    add(2, device, 0);
  }
}

static void
test_bridges(void)
{
  unsigned value;

  make_tree();
  CHECK(id_in_slot(0) == 0);
  CHECK(id_in_slot(4) == 0x400);
  CHECK(id_in_slot(31) == 0x10300);
  CHECK(id_in_slot(30) == 0x10500);
  CHECK(id_in_slot(27) == 0x20000);
  /* 32 slots less 2 of bus 0 and 4 of bus 1 are left for 32 of bus 2. */
  CHECK(messages == 6);
  CHECK(rumpcomp_pci_confread(1, 3, 0, 0, &value) == 0 && value == NOTHING);
  CHECK(rumpcomp_pci_confread(0, 32, 0, 0, &value) == 0 && value == NOTHING);
  CHECK(rumpcomp_pci_confread(0, 31, 8, 0, &value) == 0 && value == NOTHING);
  CHECK(rumpcomp_pci_confwrite(1, 3, 0, 0, 0) == 0);
}

/* Of slot 31, which is device 3 on bus 1. */
static bool
owns_others(unsigned bus, unsigned device, unsigned function)
{
  return bus != 1 || device != 3 || function != 0;
}

static void
test_owner(void)
{
  const struct function *f = find((struct pci_function){ 1, 3, 0 });

  hypercall_config.owns_pci = owns_others;
  CHECK(id_in_slot(31) == NOTHING);
  CHECK(id_in_slot(30) == 0x10500);
  CHECK(rumpcomp_pci_confwrite(0, 31, 0, PCI_COMMAND, 7) == 0);
  CHECK(f->command == 0);
  hypercall_config.owns_pci = NULL;
}

static void
test_command(void)
{
  const uint32_t on = PCI_COMMAND_MASTER | 3;
  struct function *f = find((struct pci_function){ 1, 3, 0 });

  CHECK(rumpcomp_pci_confwrite(0, 31, 0, PCI_COMMAND, on) == 0);
  CHECK(f->command == on);
  device_disable_interrupt(f->at);
  CHECK(f->command == (on | PCI_COMMAND_NO_INTERRUPT));
  CHECK(device_enable_interrupt(f->at) == 0);
  CHECK(f->command == on);
  f->command |= PCI_STATUS_INTERRUPT;
  CHECK(device_interrupts(f->at));
  f->command = on;
}

static void
test_windows(void)
{
  unsigned before = messages;

  CHECK(rumpcomp_pci_map(0x1000, 16) == (void *)0x1000);
  CHECK(messages == before);
  CHECK(rumpcomp_pci_map(0, 16) == NULL);
  CHECK(messages == before + 1);
  CHECK(rumpcomp_pci_iospace_init() == NETBSD_ENOSYS);
}

static void
test_dma(void)
{
  unsigned long pa, va, first = 0, n = 0;
  struct rumpcomp_pci_dmaseg segs[2];
  unsigned before = messages;
  void *p;

  CHECK(rumpcomp_pci_dmalloc(8192, 3, &pa, &va) == NETBSD_EINVAL);
  CHECK(rumpcomp_pci_dmalloc(0x6000, 0, &pa, &va) == 0);
  CHECK(pa == va && va % 0x8000 == 0);
  segs[0] = (struct rumpcomp_pci_dmaseg){ pa, 0x2000, va };
  segs[1] = (struct rumpcomp_pci_dmaseg){ pa + 0x2000, 0x4000, va + 0x2000 };
  CHECK(rumpcomp_pci_dmamem_map(segs, 2, 0x6000, &p) == 0 && p == (void *)va);
  CHECK(rumpcomp_pci_dmamem_map(segs, 2, 0x6001, &p) == NETBSD_EINVAL);
  segs[1].ds_vacookie += 0x1000;
  CHECK(rumpcomp_pci_dmamem_map(segs, 2, 0x6000, &p) == NETBSD_EINVAL);
  memset((void *)va, 1, 0x6000);
  rumpcomp_pci_dmafree(va, 0x6000);

  /* All there is, and all of it again. */
  while (rumpcomp_pci_dmalloc(65536, 4096, &pa, &va) == 0) {
    CHECK(va % 65536 == 0);
    *(unsigned long *)va = first;
    first = va;
    ++n;
  }
  CHECK(n > 0);
  CHECK(rumpcomp_pci_dmalloc(65536, 4096, &pa, &va) == NETBSD_ENOMEM);
  CHECK(messages == before + 1);
  while (first != 0) {
    unsigned long next = *(unsigned long *)first;

    rumpcomp_pci_dmafree(first, 65536);
    first = next;
  }
  CHECK(rumpcomp_pci_dmalloc(65536, 4096, &pa, &va) == 0);
  rumpcomp_pci_dmafree(va, 65536);
}

static void
test_end(void)
{
  const struct function *f = find((struct pci_function){ 1, 3, 0 });

  CHECK(hypercall_end());
  CHECK(f->command == (3 | PCI_COMMAND_NO_INTERRUPT));
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = {
    .memory = 4 << 20, .console = count_lines
  };

  (void)arg;
  puts("*** BEGIN OF TEST PCI ***");
  CHECK(hypercall_configure(&config) == 0);
  messages = 0;
  test_bridges();
  test_owner();
  test_command();
  test_windows();
  test_dma();
  test_end();
  puts("*** END OF TEST PCI ***");
  exit(0);
}

#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
