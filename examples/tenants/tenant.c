/* SPDX-License-Identifier: BSD-2-Clause */

/* One of the kernels, that which RTEMS_RUMP_KERNEL names. */

#include "tenant.h"

#include <rtems-rump/netbsd.h>

/* With it, the end is a panic. */
#define RB_DUMP 0x100

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

static int
work(void *unused)
{
  int fd = rump_sys_open("/file", NETBSD_O_RDWR | NETBSD_O_CREAT, 0644);

  (void)unused;
  if (fd < 0) {
    return 0;
  }
  (void)rump_sys_write(fd, "work", 4);
  (void)rump_sys_close(fd);
  return rump_sys_unlink("/file") == 0;
}

static int
crash(void *unused)
{
  (void)unused;
  return rump_sys_reboot(NETBSD_RB_NOSYNC | RB_DUMP, NULL);
}

/* Nothing happens in one kernel on the processor of the other. */
static const struct rtems_rump_config config = {
  .memory = 4 << 20, .processors = 1, .affinity = AFFINITY, .restartable = true
};

/* At once, as often as it panics. */
static const struct rtems_rump_policy policy = { .restarts_max = 0 };

struct tenant JOIN(tenant_, RTEMS_RUMP_KERNEL) = {
  .declaration = {
    .kernel = &rtems_rump_kernel, .config = &config, .policy = &policy
  },
  .work = work,
  .crash = crash
};
