/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The functions that the kernel sees, and those it uses.
 *
 * The firmware has numbered the buses.  Those behind bridges are looked for
 * once, and each bus once, so that bridges in a circle end the search.
 */

#include "device.h"

#include <rtems.h>

#include "device-reset.h"
#include "hypercall.h"
#include "lock.h"

#define SLOTS 32
#define FUNCTIONS 8
#define BUSES 256

#define PCI_ID 0x00
#define PCI_HEADER 0x0c
#define PCI_BUSES 0x18
#define NO_FUNCTION 0xffffffffu

/* What is in the slots of bus 0 as the kernel sees it. */
static struct {
  struct lock lock;
  atomic_bool known;
  uint32_t visited[BUSES / 32];
  struct slot {
    bool used;
    uint8_t bus, device;
  } slot[SLOTS];
} tree = { .lock = LOCK_INITIALIZER("rump pci") };

/* What has been allowed to reach memory, or to interrupt. */
static struct used {
  struct used *next;
  struct pci_function at;
  bool resets;
  struct device_reset reset;
} *used;

static struct slot *
empty_slot(void)
{
  int i;

  for (i = SLOTS; i-- > 0;) {
    if (!tree.slot[i].used) {
      return &tree.slot[i];
    }
  }
  return NULL;
}

static void
show(struct slot *slot, unsigned bus, unsigned device)
{
  if (slot == NULL) {
    rumpuser_dprintf(
      "rump: pci: there is no room for device %u of bus %u: left out\n",
      device,
      bus
    );
    return;
  }
  slot->used = true;
  slot->bus = (uint8_t)bus;
  slot->device = (uint8_t)device;
}

/* The first bus behind a bridge that has not been looked at, or 0. */
static unsigned
bus_behind(unsigned bus, unsigned device)
{
  unsigned function;

  for (function = 0; function < FUNCTIONS; ++function) {
    struct pci_function f = { (uint8_t)bus, (uint8_t)device,
      (uint8_t)function };
    uint32_t header;
    unsigned behind;

    if (bus_read_config(f, PCI_ID) == NO_FUNCTION) {
      continue;
    }
    header = bus_read_config(f, PCI_HEADER) >> 16;
    behind = bus_read_config(f, PCI_BUSES) >> 8 & 0xff;
    if ((header & 0x7f) == 1
        && (tree.visited[behind / 32] & 1u << behind % 32) == 0) {
      return behind;
    }
    if (function == 0 && (header & 0x80) == 0) {
      break;
    }
  }
  return 0;
}

static bool
is_there(unsigned bus, unsigned device)
{
  struct pci_function f = { (uint8_t)bus, (uint8_t)device, 0 };

  return bus_read_config(f, PCI_ID) != NO_FUNCTION;
}

static void
look_at_bus(unsigned bus)
{
  unsigned device;

  tree.visited[bus / 32] |= 1u << bus % 32;
  for (device = 0; device < SLOTS; ++device) {
    if (is_there(bus, device)) {
      show(bus == 0 ? &tree.slot[device] : empty_slot(), bus, device);
    }
  }
}

/* The slots are in the order in which they were filled but for bus 0. */
static void
look_behind_bridges(void)
{
  bool found;

  do {
    unsigned bus;

    found = false;
    for (bus = 0; bus < BUSES; ++bus) {
      unsigned device;

      if ((tree.visited[bus / 32] & 1u << bus % 32) == 0) {
        continue;
      }
      for (device = 0; device < SLOTS; ++device) {
        unsigned behind;

        while ((behind = bus_behind(bus, device)) != 0) {
          look_at_bus(behind);
          found = true;
        }
      }
    }
  } while (found);
}

static SLOW_PATH void
look(void)
{
  lock_enter(&tree.lock);
  if (!atomic_load(&tree.known)) {
    look_at_bus(0);
    look_behind_bridges();
    atomic_store(&tree.known, true);
  }
  lock_exit(&tree.lock);
}

bool
device_find(
  unsigned bus, unsigned device, unsigned function, struct pci_function *f)
{
  const struct slot *slot;

  if (PREDICT_FALSE(!atomic_load(&tree.known))) {
    look();
  }
  if (bus != 0 || device >= SLOTS || function >= FUNCTIONS) {
    return false;
  }
  slot = &tree.slot[device];
  *f = (struct pci_function){ slot->bus, slot->device, (uint8_t)function };
  return slot->used
    && (hypercall_config.owns_pci == NULL
      || (*hypercall_config.owns_pci)(slot->bus, slot->device, function));
}

static uint32_t
command_of(struct pci_function f)
{
  return bus_read_config(f, PCI_COMMAND) & ~PCI_COMMAND_STATUS;
}

static void
keep_from_memory(struct pci_function f)
{
  bus_write_config(
    f,
    PCI_COMMAND,
    (command_of(f) & ~PCI_COMMAND_MASTER) | PCI_COMMAND_NO_INTERRUPT
  );
}

static void
step(void (*function)(const struct device_reset *reset))
{
  const struct used *u;

  (void)rtems_task_wake_after(
    DEVICE_RESET_PAUSE * rtems_clock_get_ticks_per_second() / 1000 + 1
  );
  for (u = used; u != NULL; u = u->next) {
    if (u->resets) {
      (*function)(&u->reset);
    }
  }
}

/*
 * Without DMA into memory that is no longer the kernel's.  A driver of the next
 * life allows it again before it resets its device: so that is reset now, if it
 * can be.
 */
static void
quiet(void)
{
  bool resets = false;
  struct used *u;

  for (u = used; u != NULL; u = u->next) {
    keep_from_memory(u->at);
    u->resets = device_reset_prepare(&u->reset, u->at);
    resets |= u->resets;
  }
  if (resets) {
    step(device_reset_begin);
    step(device_reset_wake);
    step(device_reset_restore);
  }
}

static struct component component = { .end = quiet };

static bool
is_used(struct pci_function f)
{
  const struct used *u;

  for (u = used; u != NULL; u = u->next) {
    if (u->at.bus == f.bus && u->at.device == f.device
        && u->at.function == f.function) {
      return true;
    }
  }
  return false;
}

static int
use(struct pci_function f)
{
  struct used *u;
  int error = 0;

  lock_enter(&tree.lock);
  if (!is_used(f)) {
    u = memory_allocate(sizeof(*u));
    if (u == NULL) {
      error = NETBSD_ENOMEM;
    } else {
      if (used == NULL) {
        component_add(&component);
      }
      u->at = f;
      u->next = used;
      used = u;
    }
  }
  lock_exit(&tree.lock);
  return error;
}

int
device_command(struct pci_function f, uint32_t command)
{
  int error = (command & PCI_COMMAND_MASTER) != 0 ? use(f) : 0;

  if (error == 0) {
    bus_write_config(f, PCI_COMMAND, command);
  }
  return error;
}

int
device_enable_interrupt(struct pci_function f)
{
  int error = use(f);

  if (error == 0) {
    bus_write_config(
      f,
      PCI_COMMAND,
      command_of(f) & ~PCI_COMMAND_NO_INTERRUPT
    );
  }
  return error;
}

void
device_disable_interrupt(struct pci_function f)
{
  bus_write_config(
    f,
    PCI_COMMAND,
    command_of(f) | PCI_COMMAND_NO_INTERRUPT
  );
}
