/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Formats of structures, as <rtems-rump/remote-call.h> has them.
 */

#ifndef RTEMS_RUMP_REMOTE_FORMAT_H
#define RTEMS_RUMP_REMOTE_FORMAT_H

#include "words.h"

/** Most bytes of a structure. */
#define FORMAT_SIZE_MAX (1u << 24)

/** Structures of a machine become those of another one. */
struct conversion {
  const struct layout *from, *to;

  /**
   * Finds an address for a pointer of this machine to so many structures of
   * the format, or bytes if that is NULL.  Without this, pointers are left as
   * they are.
   */
  uint64_t (*address)(
    const void *memory, const char *format, uint64_t count, void *arg);
  void *arg;
};

/** All other functions take formats that are valid. */
bool format_is_valid(const char *format);

/**
 * The size of a structure on a machine.
 *
 * @param[out] end Where what fills up the structure begins, or NULL.
 */
size_t format_size(
  const struct layout *layout, const char *format, size_t *end);

/** Whether the structure has no pointers, and is bytes unless both machines
 * are alike. */
bool format_is_flat(const char *format, bool are_alike);

void format_convert(
  const struct conversion *conversion,
  const char              *format,
  const unsigned char     *from,
  unsigned char           *to,
  size_t                   count);

/** Writes a number of up to 64 bits as the machine has it. */
void format_store(
  const struct layout *layout,
  unsigned char       *to,
  size_t               size,
  uint64_t             number);

#endif /* RTEMS_RUMP_REMOTE_FORMAT_H */
