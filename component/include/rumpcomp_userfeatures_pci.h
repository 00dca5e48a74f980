/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What this host's PCI hypercalls can do, for those who build NetBSD's
 * PCI components: name this folder in RUMPCOMP_MAKEFILEINC_rumpdev_pci's
 * CPPFLAGS.
 */

/* DMA memory can be freed. */
#define RUMPCOMP_USERFEATURE_PCI_DMAFREE

/* There is an I/O space, on processors that have one. */
#if defined(__i386__) || defined(__x86_64__)
#define RUMPCOMP_USERFEATURE_PCI_IOSPACE
#endif
