/* SPDX-License-Identifier: BSD-2-Clause */

#include "edu.h"

#include "bus.h"
#include "target.h"

/* Of configuration space. */
#define PCI_ID 0x00
#define PCI_WINDOW 0x10
#define PCI_LINE 0x3c
#define EDU_ID 0x11e81234u

/* Registers: what the device asks for, to make it ask, and to make it stop. */
#define EDU_STATUS (0x24 / 4)
#define EDU_RAISE (0x60 / 4)
#define EDU_ACKNOWLEDGE (0x64 / 4)

static volatile uint32_t *edu;

void
edu_find(unsigned slot)
{
  struct pci_function f = { .device = (uint8_t)slot };

  CHECK(bus_read_config(f, PCI_ID) == EDU_ID);
  edu = (volatile uint32_t *)(bus_read_config(f, PCI_WINDOW) & ~15u);
}

void
edu_ask(void)
{
  edu[EDU_RAISE] = 1;
}

bool
edu_acknowledge(void)
{
  uint32_t status = edu[EDU_STATUS];

  if (status != 0) {
    edu[EDU_ACKNOWLEDGE] = status;
  }
  return status != 0;
}

unsigned
line_of(unsigned slot)
{
  struct pci_function f = { .device = (uint8_t)slot };

  return bus_read_config(f, PCI_LINE) & 0xff;
}
