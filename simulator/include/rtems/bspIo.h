/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Kernel output: the simulator's goes to the standard output.
 */

#ifndef _RTEMS_BSPIO_H
#define _RTEMS_BSPIO_H

#include <stdarg.h>

#include <rtems/score/basedefs.h>

void rtems_putc(char c);

int putk(const char *s);

RTEMS_PRINTFLIKE(1, 2) int printk(const char *fmt, ...);

int vprintk(const char *fmt, va_list ap);

#endif /* _RTEMS_BSPIO_H */
