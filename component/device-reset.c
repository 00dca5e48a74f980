/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Reset of a function: by PCI Express, by the capability that conventional
 * PCI has for the same, or by its power, which it loses in the state D3hot
 * unless it says otherwise.
 */

#include "device-reset.h"

#include "device.h"

#define HEADER_FIRST 0x0c
#define HEADER_BUILT_IN_TEST 0xffff0000u

#define STATUS_CAPABILITIES (1u << 20)
#define CAPABILITIES 0x34
#define CAPABILITIES_MAX 48

#define POWER 0x01
#define POWER_CONTROL 4
#define POWER_STATE 3u
#define POWER_KEEPS (1u << 3)
#define POWER_EVENT (1u << 15)

#define EXPRESS 0x10
#define EXPRESS_CAN 4
#define EXPRESS_CAN_RESET (1u << 28)
#define EXPRESS_CONTROL 8
#define EXPRESS_RESET (1u << 15)
#define EXPRESS_STATUS 0xffff0000u

#define ADVANCED 0x13
#define ADVANCED_CAN 0
#define ADVANCED_CAN_RESET (1u << 25)
#define ADVANCED_CONTROL 4
#define ADVANCED_RESET 1u

/* The best first.  Status is cleared by ones. */
static const struct device_reset_method {
  uint8_t id;

  /* Served if these bits of a register of the capability are so. */
  uint8_t can;
  uint32_t can_mask, can_value;

  /* Of another one, which these bits begin, and what is not to be kept. */
  uint8_t control;
  uint32_t begin, forget;
} methods[] = {
  { EXPRESS, EXPRESS_CAN, EXPRESS_CAN_RESET, EXPRESS_CAN_RESET,
    EXPRESS_CONTROL, EXPRESS_RESET, EXPRESS_STATUS },
  { ADVANCED, ADVANCED_CAN, ADVANCED_CAN_RESET, ADVANCED_CAN_RESET,
    ADVANCED_CONTROL, ADVANCED_RESET, ~0u },
  { POWER, POWER_CONTROL, POWER_KEEPS, 0,
    POWER_CONTROL, POWER_STATE, POWER_STATE | POWER_EVENT }
};

#define METHODS (sizeof(methods) / sizeof(methods[0]))

/* 0 if there is none.  The list may lead in a circle, or all be ones. */
static uint8_t
find_capability(struct pci_function f, uint8_t id)
{
  unsigned at = 0, i;

  if ((bus_read_config(f, PCI_COMMAND) & STATUS_CAPABILITIES) != 0) {
    at = bus_read_config(f, CAPABILITIES) & 0xfc;
  }
  for (i = 0; i < CAPABILITIES_MAX && at != 0; ++i) {
    uint32_t head = bus_read_config(f, at);

    if ((head & 0xff) == id) {
      return (uint8_t)at;
    }
    at = head >> 8 & 0xfc;
  }
  return 0;
}

static bool
can_reset(
  struct pci_function f, const struct device_reset_method *method,
  uint8_t capability)
{
  return capability != 0
    && (bus_read_config(f, capability + method->can) & method->can_mask)
      == method->can_value;
}

static bool
find_method(struct device_reset *reset)
{
  unsigned i;

  for (i = 0; i < METHODS; ++i) {
    reset->method = &methods[i];
    reset->capability = find_capability(reset->at, methods[i].id);
    if (can_reset(reset->at, reset->method, reset->capability)) {
      return true;
    }
  }
  return false;
}

bool
device_reset_prepare(struct device_reset *reset, struct pci_function f)
{
  unsigned i;

  reset->at = f;
  if (!find_method(reset)) {
    return false;
  }
  reset->control =
    bus_read_config(f, reset->capability + reset->method->control)
    & ~reset->method->forget;
  reset->express = find_capability(f, EXPRESS);
  if (reset->express != 0) {
    reset->express_control =
      bus_read_config(f, reset->express + EXPRESS_CONTROL) & ~EXPRESS_STATUS;
  }
  for (i = 0; i < DEVICE_RESET_HEADER; ++i) {
    reset->header[i] = bus_read_config(f, HEADER_FIRST + 4 * i);
  }
  reset->header[0] &= ~HEADER_BUILT_IN_TEST;
  reset->command = bus_read_config(f, PCI_COMMAND) & ~PCI_COMMAND_STATUS;
  return true;
}

static void
set_control(const struct device_reset *reset, uint32_t bits)
{
  bus_write_config(
    reset->at,
    reset->capability + reset->method->control,
    reset->control | bits
  );
}

void
device_reset_begin(const struct device_reset *reset)
{
  set_control(reset, reset->method->begin);
}

void
device_reset_wake(const struct device_reset *reset)
{
  set_control(reset, 0);
}

void
device_reset_restore(const struct device_reset *reset)
{
  unsigned i;

  for (i = 0; i < DEVICE_RESET_HEADER; ++i) {
    bus_write_config(reset->at, HEADER_FIRST + 4 * i, reset->header[i]);
  }
  if (reset->express != 0) {
    bus_write_config(
      reset->at,
      reset->express + EXPRESS_CONTROL,
      reset->express_control
    );
  }
  bus_write_config(reset->at, PCI_COMMAND, reset->command);
}
