/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What a machine's PCI bus is to the hypercalls: the part that a new
 * BSP has to give, in a file pci-MACHINE.c.
 *
 * All functions are called from tasks.  Registers are those of configuration
 * space, 32 bits wide, in the byte order of the processor.
 */

#ifndef RTEMS_RUMP_COMPONENT_BUS_H
#define RTEMS_RUMP_COMPONENT_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pci_function {
  uint8_t bus, device, function;
};

/** All ones if there is no such function. */
uint32_t bus_read_config(struct pci_function f, unsigned reg);

void bus_write_config(struct pci_function f, unsigned reg, uint32_t value);

/**
 * The interrupt vector of a function's pin.
 *
 * @param line What the firmware has left in the function's register of that
 *   name.
 * @param[out] vector As RTEMS's interrupt manager takes it.
 *
 * @return False if the function has no interrupt.
 */
bool bus_vector(
  struct pci_function f, unsigned line, uint32_t *vector);

/** Before the first interrupt of the bus, and after the last; not counted. */
void bus_begin_interrupts(void);
void bus_end_interrupts(void);

/**
 * Where the processor finds a window of the bus's memory space; NULL if it
 * does not reach it, or has memory of its own there.
 */
void *bus_map(uintptr_t address, size_t size);

/** The address at which devices see the processor's memory. */
uintptr_t bus_address_of(const void *p);

/** Whether the processor reaches the bus's I/O space. */
bool bus_has_io_space(void);

#endif /* RTEMS_RUMP_COMPONENT_BUS_H */
