/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Which transport a URL names.
 */

#include "transport.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "media.h"

static const struct medium media[] = {
#ifdef REMOTE_MEMORY
  { "mem", memory_listen, memory_connect },
#endif
#ifdef REMOTE_POSIX
  { "unix", unix_listen, unix_connect },
  { "tcp", tcp_listen, tcp_connect },
  { "tcp6", tcp6_listen, tcp6_connect },
#endif
  { "serial", serial_listen, serial_connect },
};

static const struct medium *
find_among(
  const struct medium *among, size_t count, const char *name, size_t length)
{
  size_t i;

  for (i = 0; among != NULL && i < count; ++i) {
    if (strlen(among[i].name) == length
        && memcmp(name, among[i].name, length) == 0) {
      return &among[i];
    }
  }
  return NULL;
}

#ifdef __rtems__
static const struct medium *_Atomic registered;

void
media_register(const struct medium pair[2])
{
  atomic_store(&registered, pair);
}

static const struct medium *
find_registered(const char *name, size_t length)
{
  return find_among(atomic_load(&registered), 2, name, length);
}
#else
static const struct medium *
find_registered(const char *name, size_t length)
{
  (void)name;
  (void)length;
  return NULL;
}
#endif

/* Stores what comes after "://". */
static int
find(const char *url, const struct medium **medium, const char **address)
{
  const char *end = url != NULL ? strstr(url, "://") : NULL;
  size_t length;

  if (end == NULL || end == url) {
    return EINVAL;
  }
  length = (size_t)(end - url);
  *address = end + 3;
  *medium = find_among(media, sizeof(media) / sizeof(media[0]), url, length);
  if (*medium == NULL) {
    *medium = find_registered(url, length);
  }
  return *medium == NULL ? EPROTONOSUPPORT : **address != '\0' ? 0 : EINVAL;
}

int
rtems_rump_transport_listen(const char *url, struct transport **listener)
{
  const struct medium *medium;
  const char *address;
  int error = find(url, &medium, &address);

  return error != 0 ? error : (*medium->listen)(address, listener);
}

int
rtems_rump_transport_connect(const char *url, struct transport **connection)
{
  const struct medium *medium;
  const char *address;
  int error = find(url, &medium, &address);

  return error != 0 ? error : (*medium->connect)(address, connection);
}
