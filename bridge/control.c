/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * System calls that look into a kernel.  It may end meanwhile: then the call
 * is left, and what the caller has allocated is the caller's.
 */

#include "control.h"

#include <sys/uio.h>

#include <errno.h>
#include <stdlib.h>

struct value_call {
  const struct rtems_rump_kernel *kernel;
  const struct control_name *name;
  void *value;
  size_t *size;
  const void *new_value;
  size_t new_size;
};

static int
call_sysctl(void *arg)
{
  const struct value_call *call = arg;

  return (*call->kernel->sysctl)(
    call->name->numbers,
    call->name->depth,
    call->value,
    call->size,
    call->new_value,
    call->new_size
  ) == 0 ? 0 : errno;
}

static int
call_kernel(
  const struct rtems_rump_kernel *kernel, int (*function)(void *), void *arg)
{
  int result = 0;
  int error = (*kernel->call)(function, arg, &result);

  return error != 0 ? error : result;
}

int
control_value(
  const struct rtems_rump_kernel *kernel,
  const struct control_name      *name,
  void                           *value,
  size_t                         *size,
  const void                     *new_value,
  size_t                          new_size
)
{
  struct value_call call = {
    kernel, name, value, size, new_value, new_size
  };

  return kernel->sysctl == NULL
    ? ENOSYS : call_kernel(kernel, call_sysctl, &call);
}

/* Asked twice: for the size, and with room for some that come meanwhile. */
int
control_nodes(
  const struct rtems_rump_kernel *kernel,
  const struct control_name      *name,
  struct netbsd_sysctlnode      **nodes,
  size_t                         *count
)
{
  struct netbsd_sysctlnode how = { .flags = NETBSD_SYSCTL_VERSION };
  struct control_name query = *name;
  size_t size = 0;
  int error;

  *nodes = NULL;
  if (query.depth == NETBSD_CTL_MAXNAME) {
    return EINVAL;
  }
  query.numbers[query.depth++] = NETBSD_CTL_QUERY;
  error = control_value(kernel, &query, NULL, &size, &how, sizeof(how));
  if (error != 0) {
    return error;
  }
  size += 4 * sizeof(**nodes);
  *nodes = malloc(size);
  if (*nodes == NULL) {
    return ENOMEM;
  }
  error = control_value(kernel, &query, *nodes, &size, &how, sizeof(how));
  *count = size / sizeof(**nodes);
  return error;
}

struct modules_call {
  const struct rtems_rump_kernel *kernel;
  struct iovec iov;
};

static int
call_modctl(void *arg)
{
  struct modules_call *call = arg;

  return (*call->kernel->modctl)(NETBSD_MODCTL_STAT, &call->iov) == 0
    ? 0 : errno;
}

int
control_modules(
  const struct rtems_rump_kernel *kernel,
  struct netbsd_modstat         **modules,
  size_t                         *count
)
{
  struct modules_call call = { .kernel = kernel };
  size_t size;
  int error;

  *modules = NULL;
  if (kernel->modctl == NULL) {
    return ENOSYS;
  }
  error = call_kernel(kernel, call_modctl, &call);
  if (error != 0) {
    return error;
  }
  size = call.iov.iov_len;
  *modules = malloc(size);
  if (*modules == NULL) {
    return ENOMEM;
  }
  call.iov.iov_base = *modules;
  error = call_kernel(kernel, call_modctl, &call);
  *count = (size < call.iov.iov_len ? size : call.iov.iov_len)
    / sizeof(**modules);
  return error;
}
