/* SPDX-License-Identifier: BSD-2-Clause */

#ifndef SIMULATOR_FAULT_H
#define SIMULATOR_FAULT_H

#include <simulator/simulator.h>

/* Counts a call; whether it has to fail, and with what. */
bool sim_fault_next(enum sim_fault fault, int *error);

#endif /* SIMULATOR_FAULT_H */
