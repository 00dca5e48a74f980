/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The PC's PCI bus: configuration mechanism 1, memory seen by all at the same
 * addresses, lines as the BIOS has routed them to the i8259.
 */

#include "bus.h"

#include <rtems.h>
#include <rtems/irq-extension.h>
#include <rtems/score/apimutex.h>
#include <rtems/score/memory.h>

#define ADDRESS_PORT 0xcf8
#define DATA_PORT 0xcfc
#define ENABLE 0x80000000u

#define I8259_LINES 16
#define I8259_SPURIOUS 15

/* The firmware and the devices of old are below. */
#define MEMORY 0x100000u

static inline void
out(uint16_t port, uint32_t value)
{
  __asm__ volatile("outl %0, %1" : : "a"(value), "d"(port));
}

static inline uint32_t
in(uint16_t port)
{
  uint32_t value;

  __asm__ volatile("inl %1, %0" : "=a"(value) : "d"(port));
  return value;
}

static inline uint32_t
config_address(struct pci_function f, unsigned reg)
{
  return ENABLE | (uint32_t)f.bus << 16 | (uint32_t)f.device << 11
    | (uint32_t)f.function << 8 | (reg & 0xfcu);
}

/*
 * The two ports are one register for all kernels, which have no variable in
 * common; this lock is RTEMS's, and who holds it is not deleted meanwhile.
 */

uint32_t
bus_read_config(struct pci_function f, unsigned reg)
{
  uint32_t value;

  _RTEMS_Lock_allocator();
  out(ADDRESS_PORT, config_address(f, reg));
  value = in(DATA_PORT);
  _RTEMS_Unlock_allocator();
  return value;
}

void
bus_write_config(struct pci_function f, unsigned reg, uint32_t value)
{
  _RTEMS_Lock_allocator();
  out(ADDRESS_PORT, config_address(f, reg));
  out(DATA_PORT, value);
  _RTEMS_Unlock_allocator();
}

bool
bus_vector(
  struct pci_function f, unsigned line, uint32_t *vector)
{
  (void)f;
  *vector = line;
  return line > 0 && line < I8259_LINES;
}

/* What RTEMS gives away ends where memory does; below is the program. */
static bool
is_memory(uintptr_t begin, uintptr_t end)
{
  const Memory_Information *memory = _Memory_Get();
  size_t i;

  for (i = 0; i < _Memory_Get_count(memory); ++i) {
    const Memory_Area *area = _Memory_Get_area(memory, i);

    if (begin < (uintptr_t)_Memory_Get_end(area) && end > MEMORY) {
      return true;
    }
  }
  return false;
}

/*
 * The second i8259 reports an interrupt that has gone meanwhile, since its
 * line was masked, as its last one.  RTEMS's BSP acknowledges that to the first
 * i8259 only if there is a handler; else no other interrupt comes from the
 * second one any more.
 */
static void
ignore(void *arg)
{
  (void)arg;
}

void
bus_begin_interrupts(void)
{
  (void)rtems_interrupt_handler_install(
    I8259_SPURIOUS,
    "rump i8259",
    RTEMS_INTERRUPT_SHARED,
    ignore,
    NULL
  );
}

void
bus_end_interrupts(void)
{
  (void)rtems_interrupt_handler_remove(I8259_SPURIOUS, ignore, NULL);
}

void *
bus_map(uintptr_t address, size_t size)
{
  uintptr_t end = address + size;

  if (address == 0 || size == 0 || end - 1 < address
      || is_memory(address, end)) {
    return NULL;
  }
  return (void *)address;
}

uintptr_t
bus_address_of(const void *p)
{
  return (uintptr_t)p;
}

bool
bus_has_io_space(void)
{
  return true;
}
