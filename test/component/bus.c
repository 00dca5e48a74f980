/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Functions that are no more than their registers.
 */

#include "bus.h"

#include <string.h>

#define STATUS 0xffff0000u

static struct function functions[80];
static unsigned count;

struct function *
add(unsigned bus, unsigned device, unsigned number)
{
  struct function *f = &functions[count++];

  *f = (struct function){
    .at = { (uint8_t)bus, (uint8_t)device, (uint8_t)number },
    .id = bus << 16 | device << 8 | number
  };
  return f;
}

struct function *
find(struct pci_function f)
{
  unsigned i;

  for (i = 0; i < count; ++i) {
    if (memcmp(&functions[i].at, &f, sizeof(f)) == 0) {
      return &functions[i];
    }
  }
  return NULL;
}

static uint32_t *
reg_of(struct function *f, unsigned reg)
{
  switch (reg) {
    case 0x00:
      return &f->id;
    case PCI_COMMAND:
      return &f->command;
    case 0x0c:
      return &f->header;
    case 0x18:
      return &f->buses;
    default:
      CHECK(reg < sizeof(f->other) && reg % 4 == 0);
      return &f->other[reg / 4];
  }
}

uint32_t
bus_read_config(struct pci_function f, unsigned reg)
{
  struct function *function = find(f);

  return function == NULL ? NOTHING : *reg_of(function, reg);
}

/* The status cannot be written, and what is 1 in it would be cleared. */
void
bus_write_config(struct pci_function f, unsigned reg, uint32_t value)
{
  struct function *function = find(f);
  uint32_t *p;

  CHECK(function != NULL);
  p = reg_of(function, reg);
  if (reg == PCI_COMMAND) {
    CHECK((value & STATUS) == 0);
    value |= *p & STATUS;
  }
  *p = value;
  if (function->written != NULL) {
    (*function->written)(function, reg, value);
  }
}

bool
bus_vector(struct pci_function f, unsigned line, uint32_t *vector)
{
  (void)f;
  *vector = line;
  return line > 0;
}

/* Once in a life of the kernel. */
static bool is_begun;

void
bus_begin_interrupts(void)
{
  CHECK(!is_begun);
  is_begun = true;
}

void
bus_end_interrupts(void)
{
  CHECK(is_begun);
  is_begun = false;
}

void *
bus_map(uintptr_t address, size_t size)
{
  return address == 0 || size == 0 ? NULL : (void *)address;
}

uintptr_t
bus_address_of(const void *p)
{
  return (uintptr_t)p;
}

bool
bus_has_io_space(void)
{
  return false;
}
