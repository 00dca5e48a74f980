/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Reset of a function by the registers that PCI has for that.
 *
 * All functions are called from one task, in this order for each function, with
 * a pause of DEVICE_RESET_PAUSE before each; the function has no access to
 * memory.
 */

#ifndef RTEMS_RUMP_COMPONENT_DEVICE_RESET_H
#define RTEMS_RUMP_COMPONENT_DEVICE_RESET_H

#include "bus.h"

/** Milliseconds; PCI Express 3.0, 6.6.2. */
#define DEVICE_RESET_PAUSE 100

/** Of a function's header, what its driver does not set up: 0x0c to 0x3c. */
#define DEVICE_RESET_HEADER 13

struct device_reset {
  struct pci_function at;
  const struct device_reset_method *method;

  /* Where the method's registers are; what stands in the one that is set. */
  uint8_t capability;
  uint32_t control;

  /* The same of PCI Express, whatever the method; 0 if the function has none. */
  uint8_t express;
  uint32_t express_control;

  uint32_t command;
  uint32_t header[DEVICE_RESET_HEADER];
};

/**
 * Finds out how a function can be reset, and remembers what that takes from it.
 *
 * @return false if it cannot be.
 */
bool device_reset_prepare(struct device_reset *reset, struct pci_function f);

/** Resets the function, or takes its power. */
void device_reset_begin(const struct device_reset *reset);

/** Gives its power back. */
void device_reset_wake(const struct device_reset *reset);

/** Gives back what it has lost. */
void device_reset_restore(const struct device_reset *reset);

#endif /* RTEMS_RUMP_COMPONENT_DEVICE_RESET_H */
