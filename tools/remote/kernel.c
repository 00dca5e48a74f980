/* SPDX-License-Identifier: BSD-2-Clause */

#include "kernel.h"
#include "name.h"
#include "transport.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned char arena[ARENA_SIZE];
unsigned word;
unsigned alignment64;

static struct rtems_rump_client *client;
static bool is_big_endian;

static void *
translate(uint64_t address, size_t size, bool is_write, void *arg)
{
  (void)is_write;
  (void)arg;
  return address >= HOLE && address <= ARENA_SIZE
    && size <= ARENA_SIZE - address ? arena + address : NULL;
}

/* In the byte order of the kernel. */
static void
store(unsigned char *to, uint64_t value, unsigned size)
{
  unsigned i;

  for (i = 0; i < size; ++i) {
    to[is_big_endian ? size - 1 - i : i] = (unsigned char)(value >> 8 * i);
  }
}

void
put(uint32_t at, uint64_t value, unsigned size)
{
  store(arena + at, value, size);
}

uint64_t
get(uint32_t at, unsigned size)
{
  uint64_t value = 0;
  unsigned i;

  for (i = 0; i < size; ++i) {
    value |= (uint64_t)arena[at + (is_big_endian ? size - 1 - i : i)] << 8 * i;
  }
  return value;
}

uint32_t
path_at(uint32_t at, const char *path)
{
  (void)snprintf((char *)arena + at, PATH_MAX_SIZE, "%s", path);
  return at;
}

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
call(int number, intptr_t *result, unsigned count, ...)
{
  unsigned char arguments[8 * sizeof(uint64_t)];
  intptr_t values[2];
  va_list list;
  unsigned i;
  int error, failure;

  va_start(list, count);
  for (i = 0; i < 8; ++i) {
    store(arguments + i * word, i < count ? va_arg(list, uint64_t) : 0, word);
  }
  va_end(list);
  do {
    failure = rtems_rump_client_syscall(
      client, number, arguments, 8 * word, &error, values);
  } while (failure == EAGAIN);
  if (failure != 0) {
    exit(complain("the kernel", strerror(failure)));
  }
  if (result != NULL) {
    *result = values[0];
  }
  return error;
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
  config.translate = translate;
  error = rtems_rump_client_open(numeric, &config, &client);
  if (error != 0) {
    return complain(url, why_not(url, error));
  }
  word = rtems_rump_client_word_size(client);
  is_big_endian = rtems_rump_client_is_big_endian(client);
  alignment64 =
    strcmp(rtems_rump_client_machine(client), "i386") == 0 ? 4 : 8;
  return 0;
}

void
kernel_close(void)
{
  rtems_rump_client_close(client);
}

/*
 * Of struct dirent: the number of the file in 8 bytes, the length of the entry
 * and that of the name in 2 each, the type in one, then the name.
 */
static int
visit_entries(
  uint32_t size, void (*visit)(const char *name, void *arg), void *arg)
{
  uint32_t at = 0;

  while (at + 13 <= size) {
    const char *name = (const char *)arena + DATA + at + 13;
    uint32_t length = (uint32_t)get(DATA + at + 8, 2);

    if (length < 14 || length > size - at
        || memchr(name, '\0', length - 13) == NULL) {
      return NETBSD_EIO;
    }
    (*visit)(name, arg);
    at += length;
  }
  return 0;
}

int
kernel_list(
  const char *path, void (*visit)(const char *name, void *arg), void *arg)
{
  intptr_t fd, size = 0;
  int error = CALL3(SYS_OPEN, &fd, path_at(PATH1, path), 0, 0);

  if (error != 0) {
    return error;
  }
  do {
    error = CALL3(SYS_GETDENTS, &size, fd, DATA, DATA_SIZE);
    if (error == 0 && size > (intptr_t)DATA_SIZE) {
      error = NETBSD_EIO;
    }
    if (error == 0 && size > 0) {
      error = visit_entries((uint32_t)size, visit, arg);
    }
  } while (error == 0 && size > 0);
  (void)CALL1(SYS_CLOSE, NULL, fd);
  return error;
}
