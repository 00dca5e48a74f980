/* SPDX-License-Identifier: BSD-2-Clause */

/** @file @brief The two kernels of the test tenants.c. */

#ifndef TARGET_TENANTS_H
#define TARGET_TENANTS_H

/** One life of the first kernel: start, use, an end of its own, end. */
void victim_live(unsigned number);

/** One with much to do, and sometimes no processor, which is no failure. */
void victim_be_busy(void);

/** One in which a thread loops for ever, with nobody who watches it. */
void victim_loop(void);

#endif /* TARGET_TENANTS_H */
