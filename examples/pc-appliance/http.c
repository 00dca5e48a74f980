/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * GET of HTTP/1.0 for the files of a folder.
 */

#include "http.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rtems-rump/netbsd.h>

#define METHOD "GET "
#define PATH_SIZE 256

static bool
send_all(int client, const char *data, size_t size)
{
  while (size > 0) {
    ssize_t n = rump_sys_write(client, data, size);

    if (n <= 0) {
      return false;
    }
    data += n;
    size -= (size_t)n;
  }
  return true;
}

static void
send_status(int client, const char *status)
{
  char text[128];
  int n = snprintf(
    text,
    sizeof(text),
    "HTTP/1.0 %s\r\nContent-Type: text/plain\r\n\r\n%s\n",
    status,
    status
  );

  (void)send_all(client, text, (size_t)n);
}

/* Up to the empty line that ends it. */
static bool
read_request(int client, char *request, size_t size)
{
  size_t done = 0;

  do {
    ssize_t n = rump_sys_read(client, request + done, size - 1 - done);

    if (n <= 0) {
      return false;
    }
    done += (size_t)n;
    request[done] = '\0';
  } while (strstr(request, "\r\n\r\n") == NULL && done < size - 1);
  return strstr(request, "\r\n\r\n") != NULL;
}

/* The file that a request wants; nothing that leads out of the root. */
static bool
find_path(const char *request, char *path, size_t size)
{
  const char *name = request + sizeof(METHOD) - 1;
  int length = (int)strcspn(name, " ?\r\n");
  const char *index = name[length - 1] == '/' ? "index.html" : "";
  int n = snprintf(path, size, HTTP_ROOT "%.*s%s", length, name, index);

  return name[0] == '/' && n < (int)size && strstr(path, "..") == NULL;
}

/* Those could be read, too. */
static bool
is_folder(const char *path)
{
  int fd = rump_sys_open(path, NETBSD_O_RDONLY | NETBSD_O_DIRECTORY);

  return fd >= 0 && rump_sys_close(fd) == 0;
}

static const char *
type_of(const char *path)
{
  const char *suffix = strrchr(path, '.');

  return suffix != NULL && strcmp(suffix, ".html") == 0
    ? "text/html" : "text/plain; charset=utf-8";
}

static void
send_file(int client, int file, const char *type)
{
  static char buffer[32 * 1024];
  ssize_t n;

  n = snprintf(
    buffer,
    sizeof(buffer),
    "HTTP/1.0 200 OK\r\nContent-Type: %s\r\nContent-Length: %lld\r\n\r\n",
    type,
    (long long)rump_sys_lseek(file, 0, SEEK_END)
  );
  (void)rump_sys_lseek(file, 0, SEEK_SET);
  while (n > 0 && send_all(client, buffer, (size_t)n)) {
    n = rump_sys_read(file, buffer, sizeof(buffer));
  }
}

void
http_serve(int client)
{
  char request[2048], path[PATH_SIZE];
  int file;

  if (!read_request(client, request, sizeof(request))) {
    send_status(client, "400 Bad Request");
  } else if (strncmp(request, METHOD, sizeof(METHOD) - 1) != 0) {
    send_status(client, "501 Not Implemented");
  } else if (!find_path(request, path, sizeof(path))
      || is_folder(path)
      || (file = rump_sys_open(path, NETBSD_O_RDONLY)) < 0) {
    send_status(client, "404 Not Found");
  } else {
    send_file(client, file, type_of(path));
    (void)rump_sys_close(file);
  }
}
