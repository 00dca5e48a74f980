/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A link whose other end is the test.
 */

#ifndef TEST_NETWORK_INJECT_H
#define TEST_NETWORK_INJECT_H

#include <rtems-rump/link.h>

/** For rtems_rump_link::driver; one link at a time. */
extern const struct rtems_rump_link_driver inject_driver;

/**
 * Has the kernel receive a frame, of any size but 0.
 *
 * @return false if there was no room; counted as an overrun.
 */
bool inject(const void *frame, size_t size);

/** Whether the kernel has sent such a frame since the last call. */
bool inject_has_sent(bool (*is_it)(const uint8_t *frame, size_t size));

#endif /* TEST_NETWORK_INJECT_H */
