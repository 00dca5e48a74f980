/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief TCP through network cards: cards.c, by whatever calls and network
 * library a program has.
 */

#ifndef RTEMS_RUMP_BENCH_CARDS_H
#define RTEMS_RUMP_BENCH_CARDS_H

#include <stdint.h>

#include "calls.h"

/** The card on network 10.0.@a network.0, with a peer on the host. */
void cards_measure(
  const struct calls *by, const char *name, uint8_t network);

void cards_measure_lo0(const struct calls *by);

#endif /* RTEMS_RUMP_BENCH_CARDS_H */
