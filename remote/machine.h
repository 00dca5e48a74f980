/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The kernel's machine, as a client finds out what it is.
 */

#ifndef RTEMS_RUMP_REMOTE_MACHINE_H
#define RTEMS_RUMP_REMOTE_MACHINE_H

#include <rtems-rump/remote.h>

#include "words.h"

struct machine {
  struct layout layout;

  /** The server takes CARRYING requests. */
  bool takes_carried;

  char name[RTEMS_RUMP_CLIENT_MACHINE_SIZE + 1];
};

/**
 * Reads the first line of a server, without its end.  The name is what comes
 * after the last slash, and may be cut off.
 *
 * @retval 0 The machine is there.
 * @retval EPROTO The line says what cannot be.
 * @retval ENOTSUP It is not the machine of the configuration.
 */
int machine_read(
  struct machine                        *machine,
  const struct rtems_rump_client_config *config,
  const char                            *text,
  size_t                                 length);

#endif /* RTEMS_RUMP_REMOTE_MACHINE_H */
