/* SPDX-License-Identifier: BSD-2-Clause */

#include "kernel.h"
#include "name.h"
#include "transport.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned char data[DATA_SIZE];

static struct rtems_rump_client *client;

/* Those of what this program does. */
const char *
message(int error)
{
  static const struct {
    int error;
    const char *message;
  } known[] = {
    { 1, "Operation not permitted" }, { 2, "No such file or directory" },
    { 5, "Input/output error" }, { 9, "Bad file descriptor" },
    { 12, "Cannot allocate memory" }, { 13, "Permission denied" },
    { 14, "Bad address" }, { 16, "Device busy" }, { 17, "File exists" },
    { 6, "Device not configured" }, { 15, "Block device required" },
    { 18, "Cross-device link" }, { 19, "Operation not supported by device" },
    { 20, "Not a directory" }, { 21, "Is a directory" },
    { 22, "Invalid argument" }, { 24, "Too many open files" },
    { 25, "Inappropriate ioctl for device" },
    { 27, "File too large" }, { 28, "No space left on device" },
    { 30, "Read-only file system" }, { 35, "Try again" },
    { 43, "Protocol not supported" }, { 45, "Operation not supported" },
    { 47, "Address family not supported by protocol family" },
    { 49, "Can't assign requested address" }, { 51, "Network is unreachable" },
    { 64, "Host is down" }, { 65, "No route to host" },
    { 62, "Too many levels of symbolic links" },
    { 63, "File name too long" }, { 66, "Directory not empty" },
    { 78, "Function not implemented" }
  };
  static char text[32];
  size_t i;

  for (i = 0; i < sizeof(known) / sizeof(known[0]); ++i) {
    if (known[i].error == error) {
      return known[i].message;
    }
  }
  (void)snprintf(text, sizeof(text), "error %d of NetBSD", error);
  return text;
}

int
complain(const char *what, const char *why)
{
  (void)fprintf(stderr, "rump-remote: %s: %s\n", what, why);
  return 1;
}

/* Without the kernel there is nothing more to do. */
int
call(
  int                               number,
  intptr_t                         *result,
  const struct rtems_rump_argument *arguments,
  size_t                            count
)
{
  static unsigned char buffer[65536];
  struct rtems_rump_call system_call = {
    .number = number,
    .arguments = arguments,
    .count = count,
    .buffer = buffer,
    .size = sizeof(buffer)
  };
  int failure;

  do {
    failure = rtems_rump_client_call(client, &system_call);
  } while (failure == EAGAIN);
  if (failure != 0) {
    exit(complain("the kernel", strerror(failure)));
  }
  if (result != NULL) {
    *result = (intptr_t)system_call.values[0];
  }
  return system_call.error;
}

int
report(const char *what, int error)
{
  return error == 0 ? 0 : complain(what, message(error));
}

static const char *
why_not(const char *url, int error)
{
  switch (error) {
    case EPERM:
      return "the server does not let this client in";
    case EACCES:
      return "the server does not have the key";
    case EPROTO:
      return "that is no rump kernel";
    default:
      return rtems_rump_transport_error(url, error);
  }
}

int
kernel_open(const char *url, const struct rtems_rump_client_config *how)
{
  struct rtems_rump_client_config config = *how;
  char numeric[NAME_URL_SIZE];
  const char *wrong = name_resolve(url, numeric);
  int error;

  if (wrong != NULL) {
    return complain(url, wrong);
  }
  config.name = "rump-remote";
  config.is_neutral = true;
  error = rtems_rump_client_open(numeric, &config, &client);
  return error == 0 ? 0 : complain(url, why_not(url, error));
}

void
kernel_close(void)
{
  rtems_rump_client_close(client);
}

static int
visit_entries(
  size_t size, void (*visit)(const char *name, void *arg), void *arg)
{
  const size_t begin = offsetof(struct netbsd_dirent, name);
  struct netbsd_dirent entry;
  size_t at;

  for (at = 0; rtems_rump_client_unpack(client, RTEMS_RUMP_FORMAT_DIRENT,
      data + at, size - at, &entry) == 0; at += entry.reclen) {
    const char *name = (const char *)data + at + begin;

    if (entry.reclen <= begin || entry.reclen > size - at
        || memchr(name, '\0', entry.reclen - begin) == NULL) {
      return NETBSD_EIO;
    }
    (*visit)(name, arg);
  }
  return 0;
}

int
kernel_list(
  const char *path, void (*visit)(const char *name, void *arg), void *arg)
{
  intptr_t fd, size = 0;
  int error = CALL(SYS_OPEN, &fd, STRING(path), NUMBER(0), NUMBER(0));

  if (error != 0) {
    return error;
  }
  do {
    error = CALL(SYS_GETDENTS, &size, NUMBER(fd),
      WRITES_BYTES(data, DATA_SIZE), NUMBER(DATA_SIZE));
    if (error == 0 && size > (intptr_t)DATA_SIZE) {
      error = NETBSD_EIO;
    }
    if (error == 0 && size > 0) {
      error = visit_entries((size_t)size, visit, arg);
    }
  } while (error == 0 && size > 0);
  (void)CALL(SYS_CLOSE, NULL, NUMBER(fd));
  return error;
}
