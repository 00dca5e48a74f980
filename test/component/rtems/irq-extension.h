/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief RTEMS's interrupt manager as far as it is used here; the simulator
 * has none, the test has one of its own.
 */

#ifndef RTEMS_IRQ_EXTENSION_H
#define RTEMS_IRQ_EXTENSION_H

#include <rtems.h>

typedef uint32_t rtems_vector_number;
typedef void (*rtems_interrupt_handler)(void *arg);
typedef void (*rtems_interrupt_per_handler_routine)(
  void *arg, const char *info, rtems_option option,
  rtems_interrupt_handler handler, void *handler_arg);

#define RTEMS_INTERRUPT_SHARED 0x0

rtems_status_code rtems_interrupt_handler_install(
  rtems_vector_number vector, const char *info, rtems_option options,
  rtems_interrupt_handler handler, void *arg);
rtems_status_code rtems_interrupt_handler_remove(
  rtems_vector_number vector, rtems_interrupt_handler handler, void *arg);
rtems_status_code rtems_interrupt_handler_iterate(
  rtems_vector_number vector, rtems_interrupt_per_handler_routine routine,
  void *arg);
rtems_status_code rtems_interrupt_vector_enable(rtems_vector_number vector);
rtems_status_code rtems_interrupt_vector_disable(rtems_vector_number vector);

#endif /* RTEMS_IRQ_EXTENSION_H */
