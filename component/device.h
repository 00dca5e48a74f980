/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The functions of the PCI bus that the kernel sees, and those it uses.
 */

#ifndef RTEMS_RUMP_COMPONENT_DEVICE_H
#define RTEMS_RUMP_COMPONENT_DEVICE_H

#include "bus.h"

#define PCI_COMMAND 4
#define PCI_COMMAND_MASTER (1u << 2)
#define PCI_COMMAND_NO_INTERRUPT (1u << 10)
#define PCI_COMMAND_STATUS 0xffff0000u
#define PCI_STATUS_INTERRUPT (1u << 19)

/**
 * Where a function is that the kernel names.  The kernel looks at bus 0 alone,
 * so what is behind bridges appears there, in slots that are empty.
 *
 * @return False if there is none, or it is not this kernel's.
 */
bool device_find(
  unsigned bus, unsigned device, unsigned function, struct pci_function *f);

/**
 * Writes the command register; the function is quieted when the kernel ends.
 *
 * @return 0 or ENOMEM of NetBSD.
 */
int device_command(struct pci_function f, uint32_t command);

/** Lets a function interrupt or not. */
int device_enable_interrupt(struct pci_function f);
void device_disable_interrupt(struct pci_function f);

/** Whether a function asks for an interrupt at this moment. */
static inline bool
device_interrupts(struct pci_function f)
{
  return (bus_read_config(f, PCI_COMMAND) & PCI_STATUS_INTERRUPT) != 0;
}

#endif /* RTEMS_RUMP_COMPONENT_DEVICE_H */
