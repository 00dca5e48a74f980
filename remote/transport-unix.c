/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * unix://path, on POSIX hosts.
 */

#include "posix.h"
#include "stream.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static int
unix_address(const char *path, struct sockaddr_un *address)
{
  memset(address, 0, sizeof(*address));
  address->sun_family = AF_UNIX;
  if (strlen(path) >= sizeof(address->sun_path)) {
    return ENAMETOOLONG;
  }
  strcpy(address->sun_path, path);
  return 0;
}

/* What a server that has died has left; not a socket that is listened at. */
static void
remove_stale(const struct sockaddr_un *address)
{
  struct stat st;
  struct transport *connection;

  if (lstat(address->sun_path, &st) == 0 && S_ISSOCK(st.st_mode)) {
    if (stream_connect(
          (const struct sockaddr *)address,
          sizeof(*address),
          &connection
        ) == 0) {
      transport_close(connection);
    } else {
      (void)unlink(address->sun_path);
    }
  }
}

int
unix_listen(const char *path, struct transport **listener)
{
  struct sockaddr_un address;
  int error = unix_address(path, &address);

  if (error != 0) {
    return error;
  }
  remove_stale(&address);
  error = stream_listen(
    (struct sockaddr *)&address,
    sizeof(address),
    listener
  );
  if (error != 0) {
    return error;
  }
  error = posix_set_path(*listener, path);
  if (error != 0) {
    (void)unlink(path);
    transport_close(*listener);
  }
  return error;
}

int
unix_connect(const char *path, struct transport **connection)
{
  struct sockaddr_un address;
  int error = unix_address(path, &address);

  return error != 0 ? error : stream_connect(
    (struct sockaddr *)&address,
    sizeof(address),
    connection
  );
}
