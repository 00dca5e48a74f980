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
#include "sync.h"

static const struct medium media[] = {
#ifdef REMOTE_MEMORY
  { "mem", memory_listen, memory_connect },
#endif
#ifdef REMOTE_POSIX
  { "unix", unix_listen, unix_connect },
  { "tcp", tcp_listen, tcp_connect },
  { "tcp6", tcp6_listen, tcp6_connect },
#ifdef REMOTE_TLS
  { "tls", tls_listen, tls_connect },
  { "tls6", tls6_listen, tls6_connect },
#endif
#endif
  { "serial", serial_listen, serial_connect },
};

static const struct medium *
find_among(
  const struct medium *among, size_t count, const char *name, size_t length)
{
  size_t i;

  for (i = 0; i < count; ++i) {
    if (strlen(among[i].name) == length
        && memcmp(name, among[i].name, length) == 0) {
      return &among[i];
    }
  }
  return NULL;
}

#ifdef __rtems__
static struct sync_mutex register_lock = SYNC_MUTEX_INITIALIZER("rump media");
static struct media *_Atomic registered;

static const struct medium *
find_registered(const char *name, size_t length)
{
  const struct media *media = atomic_load(&registered);
  const struct medium *found = NULL;

  while (media != NULL && found == NULL) {
    found = find_among(media->pair, 2, name, length);
    media = media->next;
  }
  return found;
}

void
media_register(struct media *media)
{
  const char *name = media->pair[0].name;

  sync_lock(&register_lock);
  if (find_registered(name, strlen(name)) == NULL) {
    media->next = atomic_load(&registered);
    atomic_store(&registered, media);
  }
  sync_unlock(&register_lock);
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

const char *
rtems_rump_transport_error(const char *url, int error)
{
  if (error == EPROTONOSUPPORT && strncmp(url, "tls", 3) == 0) {
#ifdef __rtems__
    return "rtems_rump_tls_register() has not been called";
#else
    return "built without Mbed TLS (Debian has it as libmbedtls-dev)";
#endif
  }
  return strerror(error);
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
