/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The layer's own beginning and end.
 */

#include <errno.h>
#include <string.h>

#include <rtems.h>

#include "hypercall.h"

struct rumpuser_hyperup hypercall_up;
struct rtems_rump_config hypercall_config;
bool (*hypercall_place)(uint32_t task, unsigned priority, int processor);

int
rumpuser_init(int version, const struct rumpuser_hyperup *up)
{
  if (version != RUMPUSER_VERSION) {
    rumpuser_dprintf(
      "rump: the kernel wants version %d of the hypercall interface, "
      "this library has version %d: link one made for the other\n",
      version,
      RUMPUSER_VERSION
    );
    return NETBSD_EINVAL;
  }
  hypercall_up = *up;
  return 0;
}

static void
set_defaults(struct rtems_rump_config *config)
{
  if (config->hostname == NULL) {
    config->hostname = "rtems";
  }
  if (config->processors == 0) {
    config->processors = rtems_scheduler_get_processor_maximum();
  }
  if (config->memory == 0) {
    config->memory = RTEMS_RUMP_DEFAULT_MEMORY;
  }
  if (config->ceiling == 0) {
    config->ceiling = RTEMS_RUMP_DEFAULT_CEILING;
  }
  if (config->stack_size == 0) {
    config->stack_size = RTEMS_RUMP_DEFAULT_STACK_SIZE;
  }
  if (config->block_requests == 0) {
    config->block_requests = 32;
  }
  if (config->block_tasks == 0) {
    config->block_tasks = 2;
  }
}

static int
complain(const char *field, const char *range, unsigned long value)
{
  rumpuser_dprintf(
    "rump: rtems_rump_config::%s must be %s, not %lu\n",
    field,
    range,
    value
  );
  return EINVAL;
}

/*
 * What NetBSD needs until its page daemon runs: whoever lacks memory before
 * waits for ever.
 */
static size_t
least_memory(unsigned processors)
{
  return RTEMS_RUMP_MINIMUM_MEMORY
    + (processors - 1) * RTEMS_RUMP_MEMORY_PER_PROCESSOR;
}

static int
check(const struct rtems_rump_config *config)
{
  if (config->processors > RTEMS_RUMP_MAXIMUM_PROCESSORS) {
    return complain("processors", "1 to 32", config->processors);
  }
  if (config->memory < least_memory(config->processors)) {
    return complain(
      "memory",
      "at least 2 MiB, and 64 KiB for each virtual CPU but the first",
      config->memory
    );
  }
  if (config->ceiling > 250) {
    return complain("ceiling", "1 to 250", config->ceiling);
  }
  if (config->watchdog > 0 && config->ceiling < 2) {
    return complain(
      "ceiling",
      "at least 2, for the watchdog",
      config->ceiling
    );
  }
  if (config->stack_size < RTEMS_MINIMUM_STACK_SIZE) {
    return complain(
      "stack_size",
      "at least RTEMS_MINIMUM_STACK_SIZE",
      config->stack_size
    );
  }
  if (config->block_requests > 1024) {
    return complain("block_requests", "1 to 1024", config->block_requests);
  }
  if (config->block_tasks > 32) {
    return complain("block_tasks", "1 to 32", config->block_tasks);
  }
  if (config->link_count > 32
      || (config->link_count > 0 && config->links == NULL)) {
    return complain(
      "link_count",
      "0 to 32, and 0 without links",
      config->link_count
    );
  }
  if (strlen(config->hostname) > 255) {
    return complain(
      "hostname",
      "at most 255 characters long",
      strlen(config->hostname)
    );
  }
  return 0;
}

int
hypercall_configure(const struct rtems_rump_config *config)
{
  int error;

  memset(&hypercall_config, 0, sizeof(hypercall_config));
  if (config != NULL) {
    hypercall_config = *config;
  }
  set_defaults(&hypercall_config);
  error = check(&hypercall_config);
  if (error == 0) {
    error = memory_init(hypercall_config.memory);
    if (error != 0) {
      rumpuser_dprintf(
        "rump: the RTEMS heap has no %zu bytes for the kernel: lower "
        "rtems_rump_config::memory or enlarge the work area\n",
        hypercall_config.memory
      );
    }
  }
  if (error == 0) {
    random_init();
    occupants_admit();
  }
  return error;
}

bool
hypercall_end(void)
{
  if (occupants_expel(NULL) > 0) {
    return false;
  }
  component_fini();
  occupants_hold(thread_fini);
  if (!block_fini()) {
    return false;
  }
  file_fini();
  memory_fini();
  return true;
}
