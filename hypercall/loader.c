/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Components and modules.
 *
 * Here all components are linked in.  NetBSD runs through the link sets of
 * modules and components itself, in the order that its component types ask
 * for, once the pre-link has given those sets their bounds.  What this
 * hypercall is for, objects that the host's dynamic linker has brought, does
 * not exist.
 */

#include "hypercall.h"

#ifdef RTEMS_RUMP_DL_BOOTSTRAP_EVCNT
void
rumpuser_dl_bootstrap(
  rump_modinit_fn     modinit,
  rump_symload_fn     symload,
  rump_compload_fn    compload,
  rump_evcntattach_fn evcntattach
)
{
  (void)modinit;
  (void)symload;
  (void)compload;
  (void)evcntattach;
}
#else
void
rumpuser_dl_bootstrap(
  rump_modinit_fn  modinit,
  rump_symload_fn  symload,
  rump_compload_fn compload
)
{
  (void)modinit;
  (void)symload;
  (void)compload;
}
#endif
