/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * LFS reserves the blocks that a call may change before it begins: all must fit
 * into a part of what the cache of buffers keeps at least.  In a rump kernel
 * that is a 160th of its memory; there LFS would wait for ever.
 */

#include "lfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/control.h"
#include "abi/net.h"

#define LEAST (1l << 20)
#define MOST (2l << 20)

/* A query tells of the variables below the name that is there. */
static struct netbsd_sysctlnode *
ask_for_variables(size_t *count)
{
  static const int name[] = { NETBSD_CTL_VM, NETBSD_CTL_QUERY };
  struct netbsd_sysctlnode how = { .flags = NETBSD_SYSCTL_VERSION };
  struct netbsd_sysctlnode *nodes = NULL;
  size_t size = 0;

  if (rump_sys___sysctl(name, 2, NULL, &size, &how, sizeof(how)) != 0) {
    return NULL;
  }
  nodes = malloc(size);
  if (nodes == NULL) {
    errno = ENOMEM;
  } else if (
    rump_sys___sysctl(name, 2, nodes, &size, &how, sizeof(how)) != 0
  ) {
    free(nodes);
    nodes = NULL;
  }
  *count = size / sizeof(*nodes);
  return nodes;
}

static int
raise_variable(int number, long least)
{
  const int name[] = { NETBSD_CTL_VM, number };
  long value;
  size_t size = sizeof(value);

  if (rump_sys___sysctl(name, 2, &value, &size, NULL, 0) != 0) {
    return -1;
  }
  return value >= least
    ? 0 : rump_sys___sysctl(name, 2, NULL, NULL, &least, sizeof(least));
}

static int
raise_named(
  const struct netbsd_sysctlnode *nodes,
  size_t                          count,
  const char                     *name,
  long                            least
)
{
  size_t i;

  for (i = 0; i < count; ++i) {
    if (strncmp(nodes[i].name, name, sizeof(nodes[i].name)) == 0) {
      return raise_variable(nodes[i].num, least);
    }
  }
  errno = ENOSYS;
  return -1;
}

int
lfs_prepare(struct fs_request *request, const char *source)
{
  size_t count;
  struct netbsd_sysctlnode *nodes = ask_for_variables(&count);
  int rv;

  (void)request;
  (void)source;
  if (nodes == NULL) {
    return -1;
  }
  rv = raise_named(nodes, count, "bufmem_hiwater", MOST);
  if (rv == 0) {
    rv = raise_named(nodes, count, "bufmem_lowater", LEAST);
  }
  free(nodes);
  return rv;
}
