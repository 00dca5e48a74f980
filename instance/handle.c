/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The kernel as a handle.
 */

#include "instance.h"

#include <rtems-rump/netbsd.h>

/* The test guest has neither. */
int rump_sys___sysctl(
  const int *name, unsigned depth, void *value, size_t *size,
  const void *new_value, size_t new_size)
  NETBSD_SYSTEM_CALL("__sysctl") __attribute__((__weak__));
int rump_sys_modctl(int command, void *arg)
  NETBSD_SYSTEM_CALL("modctl") __attribute__((__weak__));

/* Replaced by rump-link. */
extern const char rump_link_name[];
const char rump_link_name[] __attribute__((__weak__)) = "rump";

const struct rtems_rump_kernel rtems_rump_kernel = {
  .name = rump_link_name,
  .start = rtems_rump_start,
  .end = rtems_rump_end,
  .wait = rtems_rump_wait,
  .supervise = rtems_rump_supervise,
  .call = rtems_rump_call,
  .enter = rtems_rump_enter,
  .leave = rtems_rump_leave,
  .get_usage = rtems_rump_get_usage,
  .sysctl = rump_sys___sysctl,
  .modctl = rump_sys_modctl
};
