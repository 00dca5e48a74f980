/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Addresses that can be used at once.
 */

#ifndef TEST_TARGET_ADDRESSES_H
#define TEST_TARGET_ADDRESSES_H

#include <rtems-rump/netbsd.h>

#include "target.h"

int rump_sys___sysctl(const int *name, unsigned length, void *old,
  size_t *old_size, const void *new, size_t new_size)
  NETBSD_SYSTEM_CALL("__sysctl");

/**
 * Sets net.inet.ip.dad_count and net.inet6.ip6.dad_count to 0: else NetBSD
 * asks for some seconds whether another host has an address.
 */
static inline void
addresses_at_once(void)
{
  static const int v4[] = { 4, 2, 0, 25 }, v6[] = { 4, 24, 41, 16 };
  static const int none = 0;

  CHECK(rump_sys___sysctl(v4, 4, NULL, NULL, &none, sizeof(none)) == 0);
  CHECK(rump_sys___sysctl(v6, 4, NULL, NULL, &none, sizeof(none)) == 0
    || errno == ENOENT);
}

#endif /* TEST_TARGET_ADDRESSES_H */
