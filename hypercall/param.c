/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Parameters: what the layer itself knows, then the configuration's list, then
 * the environment.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hypercall.h"

static int
copy(const char *value, char *buffer, size_t size)
{
  size_t length = strlen(value) + 1;

  if (length > size) {
    return NETBSD_E2BIG;
  }
  memcpy(buffer, value, length);
  return 0;
}

static int
copy_number(unsigned long number, char *buffer, size_t size)
{
  char digits[24];

  (void)snprintf(digits, sizeof(digits), "%lu", number);
  return copy(digits, buffer, size);
}

static const char *
find_in_list(const char *name)
{
  const char *const *entry = hypercall_config.parameters;
  size_t length = strlen(name);

  for (; entry != NULL && *entry != NULL; ++entry) {
    if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') {
      return *entry + length + 1;
    }
  }
  return NULL;
}

static const char *
find(const char *name)
{
  const char *value = find_in_list(name);

  if (value == NULL && strncmp(name, "RUMP_", 5) == 0) {
    value = getenv(name);
  }
  return value;
}

int
rumpuser_getparam(const char *name, void *buffer, size_t size)
{
  const char *value;

  if (strcmp(name, RUMPUSER_PARAM_NCPU) == 0) {
    return copy_number(hypercall_config.processors, buffer, size);
  }
  if (strcmp(name, RUMPUSER_PARAM_HOSTNAME) == 0) {
    return copy(hypercall_config.hostname, buffer, size);
  }
  if (name[0] == '_') {
    return NETBSD_EINVAL;
  }
  value = find(name);
  if (value != NULL) {
    return copy(value, buffer, size);
  }
  if (strcmp(name, "RUMP_MEMLIMIT") == 0) {
    return copy_number(memory_limit(), buffer, size);
  }
  return NETBSD_ENOENT;
}
