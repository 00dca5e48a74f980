/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The device "edu" of QEMU, which asks for interrupts when it is told.
 */

#ifndef TEST_DRIVERS_EDU_H
#define TEST_DRIVERS_EDU_H

#include <stdbool.h>

/** Finds its registers; the device is on bus 0. */
void edu_find(unsigned slot);

/** Makes it ask for an interrupt, until that is acknowledged. */
void edu_ask(void);

/** Acknowledges; returns whether it has asked.  In an interrupt, too. */
bool edu_acknowledge(void);

/** The line of a device on bus 0. */
unsigned line_of(unsigned slot);

#endif /* TEST_DRIVERS_EDU_H */
