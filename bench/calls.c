/* SPDX-License-Identifier: BSD-2-Clause */

#include "calls.h"

#include <sys/socket.h>
#include <unistd.h>

static int
rtems_bind(int fd, const void *address, uint32_t size)
{
  return bind(fd, address, size);
}

static int
rtems_connect(int fd, const void *address, uint32_t size)
{
  return connect(fd, address, size);
}

static int
rtems_accept(int fd, void *address, uint32_t *size)
{
  return accept(fd, address, size);
}

static ssize_t
rtems_sendto(
  int fd, const void *data, size_t size, int flags, const void *address,
  uint32_t address_size)
{
  return sendto(fd, data, size, flags, address, address_size);
}

static ssize_t
rtems_recvfrom(
  int fd, void *data, size_t size, int flags, void *address,
  uint32_t *address_size)
{
  return recvfrom(fd, data, size, flags, address, address_size);
}

static int
rtems_setsockopt(
  int fd, int level, int option, const void *value, uint32_t size)
{
  return setsockopt(fd, level, option, value, size);
}

void
calls_nothing(void)
{
}

void
calls_rtems(
  struct calls *calls, const char *name, void (*enter)(void),
  void (*leave)(void))
{
  *calls = (struct calls){
    name, enter, leave, socket, rtems_bind, listen, rtems_connect,
    rtems_accept, read, write, rtems_sendto, rtems_recvfrom, close,
    rtems_setsockopt
  };
}
