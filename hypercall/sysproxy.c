/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Remote clients.  Not served: a kernel that is asked for them says ENOSYS.
 * The library `remote`, where it is linked before this one, has functions that
 * serve them, and then these are left out.
 */

#include "hypercall.h"

int
rumpuser_sp_init(
  const char *url,
  const char *ostype,
  const char *osrelease,
  const char *machine
)
{
  (void)url;
  (void)ostype;
  (void)osrelease;
  (void)machine;
  return NETBSD_ENOSYS;
}

int
rumpuser_sp_copyin(void *client, const void *from, void *to, size_t size)
{
  (void)client;
  (void)from;
  (void)to;
  (void)size;
  return NETBSD_ENOSYS;
}

int
rumpuser_sp_copyinstr(void *client, const void *from, void *to, size_t *size)
{
  (void)client;
  (void)from;
  (void)to;
  (void)size;
  return NETBSD_ENOSYS;
}

int
rumpuser_sp_copyout(void *client, const void *from, void *to, size_t size)
{
  (void)client;
  (void)from;
  (void)to;
  (void)size;
  return NETBSD_ENOSYS;
}

int
rumpuser_sp_copyoutstr(void *client, const void *from, void *to, size_t *size)
{
  (void)client;
  (void)from;
  (void)to;
  (void)size;
  return NETBSD_ENOSYS;
}

int
rumpuser_sp_anonmmap(void *client, size_t size, void **addrp)
{
  (void)client;
  (void)size;
  (void)addrp;
  return NETBSD_ENOSYS;
}

int
rumpuser_sp_raise(void *client, int signal)
{
  (void)client;
  (void)signal;
  return NETBSD_ENOSYS;
}

void
rumpuser_sp_fini(void *client)
{
  (void)client;
}
