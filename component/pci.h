/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief NetBSD's hypercalls for the PCI bus.
 *
 * All but rumpcomp_pci_virt_to_mach() and rumpcomp_pci_map() return NetBSD's
 * errno values.
 */

#ifndef RTEMS_RUMP_COMPONENT_PCI_H
#define RTEMS_RUMP_COMPONENT_PCI_H

#include <stddef.h>

#include "include/rumpcomp_userfeatures_pci.h"

struct rumpcomp_pci_dmaseg {
  unsigned long ds_pa;
  unsigned long ds_len;
  unsigned long ds_vacookie;
};

/** NULL if it cannot be mapped. */
void *rumpcomp_pci_map(unsigned long address, unsigned long size);

int rumpcomp_pci_confread(
  unsigned bus, unsigned device, unsigned function, int reg, unsigned *value);
int rumpcomp_pci_confwrite(
  unsigned bus, unsigned device, unsigned function, int reg, unsigned value);

/** From then on the cookie stands for the interrupt of this function. */
int rumpcomp_pci_irq_map(
  unsigned bus, unsigned device, unsigned function, int line,
  unsigned cookie);

/**
 * Has a handler called at each interrupt, by a thread with a virtual CPU and
 * the kernel's big lock.
 *
 * @return What the kernel takes for the established interrupt, or NULL.
 */
void *rumpcomp_pci_irq_establish(
  unsigned cookie, int (*handler)(void *arg), void *arg);

int rumpcomp_pci_dmalloc(
  size_t size, size_t align, unsigned long *pap, unsigned long *vap);
void rumpcomp_pci_dmafree(unsigned long va, size_t size);
int rumpcomp_pci_dmamem_map(
  struct rumpcomp_pci_dmaseg *segs, size_t count, size_t size, void **vap);
unsigned long rumpcomp_pci_virt_to_mach(void *p);
int rumpcomp_pci_iospace_init(void);

#endif /* RTEMS_RUMP_COMPONENT_PCI_H */
