/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Configuration space, windows and DMA memory of the PCI bus.
 *
 * Memory is not mapped, so what is virtual and what is physical to the kernel
 * differ by no more than what the bus adds.
 */

#include "pci.h"

#include "device.h"
#include "hypercall.h"

/* The largest boundary that DMA memory of that size or less does not cross. */
#define DMA_BOUNDARY 0x10000u

void *
rumpcomp_pci_map(unsigned long address, unsigned long size)
{
  void *p = bus_map(address, size);

  if (p == NULL) {
    rumpuser_dprintf(
      "rump: pci: a window of 0x%lx bytes at 0x%lx is no device's\n",
      size,
      address
    );
  }
  return p;
}

int
rumpcomp_pci_confread(
  unsigned bus, unsigned device, unsigned function, int reg, unsigned *value)
{
  struct pci_function f;

  *value = device_find(bus, device, function, &f)
    ? bus_read_config(f, (unsigned)reg)
    : 0xffffffffu;
  return 0;
}

int
rumpcomp_pci_confwrite(
  unsigned bus, unsigned device, unsigned function, int reg, unsigned value)
{
  struct pci_function f;

  if (!device_find(bus, device, function, &f)) {
    return 0;
  }
  return reg == PCI_COMMAND
    ? device_command(f, value)
    : (bus_write_config(f, (unsigned)reg, value), 0);
}

/* Not given a boundary: what is aligned to its size crosses none. */
static size_t
dma_alignment(size_t size, size_t align)
{
  while (align < size && align < DMA_BOUNDARY) {
    align <<= 1;
  }
  return align;
}

/* Once: a driver may ask again and again. */
static SLOW_PATH void
tell_exhausted(size_t size)
{
  static atomic_bool told;

  if (!atomic_exchange(&told, true)) {
    rumpuser_dprintf(
      "rump: pci: there is no DMA memory of %zu bytes: raise "
      "rtems_rump_config::memory\n",
      size
    );
  }
}

int
rumpcomp_pci_dmalloc(
  size_t size, size_t align, unsigned long *pap, unsigned long *vap)
{
  void *p;
  int error;

  if (align == 0) {
    align = 1;
  }
  error = (align & (align - 1)) != 0 || align > INT32_MAX
    ? NETBSD_EINVAL
    : rumpuser_malloc(size, (int)dma_alignment(size, align), &p);
  if (error == 0) {
    *pap = bus_address_of(p);
    *vap = (uintptr_t)p;
  } else if (error == NETBSD_ENOMEM) {
    tell_exhausted(size);
  }
  return error;
}

void
rumpcomp_pci_dmafree(unsigned long va, size_t size)
{
  rumpuser_free((void *)va, size);
}

/* The segments are of one allocation, and so one after the other. */
int
rumpcomp_pci_dmamem_map(
  struct rumpcomp_pci_dmaseg *segs, size_t count, size_t size, void **vap)
{
  unsigned long end = segs[0].ds_vacookie;
  size_t i;

  for (i = 0; i < count; ++i) {
    if (segs[i].ds_vacookie != end) {
      return NETBSD_EINVAL;
    }
    end += segs[i].ds_len;
  }
  if (size > end - segs[0].ds_vacookie) {
    return NETBSD_EINVAL;
  }
  *vap = (void *)segs[0].ds_vacookie;
  return 0;
}

unsigned long
rumpcomp_pci_virt_to_mach(void *p)
{
  return bus_address_of(p);
}

int
rumpcomp_pci_iospace_init(void)
{
  return bus_has_io_space() ? 0 : NETBSD_ENOSYS;
}
