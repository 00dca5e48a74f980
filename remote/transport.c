/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Which transport a URL names.
 */

#include "transport.h"

#include <errno.h>
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

/* Stores what comes after "://". */
static int
find(const char *url, const struct medium **medium, const char **address)
{
  const char *end = url != NULL ? strstr(url, "://") : NULL;
  size_t i;

  if (end == NULL || end == url) {
    return EINVAL;
  }
  for (i = 0; i < sizeof(media) / sizeof(media[0]); ++i) {
    size_t length = strlen(media[i].name);

    if (length == (size_t)(end - url)
        && memcmp(url, media[i].name, length) == 0) {
      *medium = &media[i];
      *address = end + 3;
      return **address != '\0' ? 0 : EINVAL;
    }
  }
  return EPROTONOSUPPORT;
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
