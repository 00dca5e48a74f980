/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A PCI bus of the test's own, below the hypercalls.
 */

#ifndef TEST_COMPONENT_BUS_H
#define TEST_COMPONENT_BUS_H

#include <stdio.h>
#include <stdlib.h>

#include "device.h"

#define CHECK(condition) \
  ((condition) ? (void)0 : fail(__FILE__, __LINE__, #condition))

/* What is read where nothing is. */
#define NOTHING 0xffffffffu

/** What can be read of a function that is there, and what it does of its own. */
struct function {
  struct pci_function at;
  uint32_t id, header, buses, command;

  /* Registers that are no more than memory. */
  uint32_t other[64];

  /* NULL, or has seen each write. */
  void (*written)(struct function *f, unsigned reg, uint32_t value);
};

static inline void
fail(const char *file, int line, const char *what)
{
  printf("not ok: %s:%d: %s\n", file, line, what);
  exit(1);
}

struct function *add(unsigned bus, unsigned device, unsigned number);

/** NULL if there is none. */
struct function *find(struct pci_function f);

#endif /* TEST_COMPONENT_BUS_H */
