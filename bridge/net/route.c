/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Interfaces and routes of the kernel.
 */

#include "route.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sockio.h>
#include <unistd.h>

#define IPV4_AT 4

void
address_set(uint8_t to[16], const uint8_t address[4])
{
  memset(to, 0, 16);
  to[0] = 16;
  to[1] = NETBSD_AF_INET;
  memcpy(to + IPV4_AT, address, 4);
}

int
interface_list(int fd, struct netbsd_ifreq *entries)
{
  struct netbsd_ifconf conf = {
    INTERFACE_ADDRESSES * sizeof(*entries), entries
  };

  return ioctl(fd, NETBSD_SIOCGIFCONF, &conf) == 0
    ? conf.size / (int)sizeof(*entries) : -1;
}

int
interface_add(
  int fd, const char *name, const uint8_t address[4], const uint8_t mask[4])
{
  struct netbsd_ifaliasreq request = { 0 };

  strncpy(request.name, name, sizeof(request.name) - 1);
  address_set(request.address, address);
  address_set(request.mask, mask);
  return ioctl(fd, NETBSD_SIOCAIFADDR, &request);
}

int
interface_is_ready(int fd, const char *name, const uint8_t address[4])
{
  struct netbsd_ifreq request;

  memset(&request, 0, sizeof(request));
  strncpy(request.name, name, sizeof(request.name) - 1);
  address_set(request.address, address);
  if (ioctl(fd, NETBSD_SIOCGIFAFLAG_IN, &request) != 0) {
    return -1;
  }
  if ((request.number & NETBSD_IN_IFF_DUPLICATED) != 0) {
    errno = EADDRINUSE;
    return -1;
  }
  return (request.number
    & (NETBSD_IN_IFF_TENTATIVE | NETBSD_IN_IFF_TRYTENTATIVE)) == 0;
}

static void
set_name(struct ifreq *request, const char *name)
{
  memset(request, 0, sizeof(*request));
  strncpy(request->ifr_name, name, sizeof(request->ifr_name) - 1);
}

int
interface_delete(int fd, const char *name, const uint8_t address[4])
{
  struct ifreq request;

  set_name(&request, name);
  address_set((uint8_t *)&request.ifr_addr, address);
  return ioctl(fd, SIOCDIFADDR, &request);
}

int
interface_set_up(int fd, const char *name, bool up)
{
  struct ifreq request;

  set_name(&request, name);
  if (ioctl(fd, SIOCGIFFLAGS, &request) != 0) {
    return -1;
  }
  request.ifr_flags =
    (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
  return ioctl(fd, SIOCSIFFLAGS, &request);
}

unsigned
if_nametoindex(const char *name)
{
  struct netbsd_ifreq request = { .number = 0 };
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  int result;

  strncpy(request.name, name, sizeof(request.name) - 1);
  result = fd < 0 ? -1 : ioctl(fd, NETBSD_SIOCGIFINDEX, &request);
  if (fd >= 0) {
    (void)close(fd);
  }
  return result == 0 ? (unsigned)request.number : 0;
}

int
route_change(
  int            type,
  const uint8_t  address[4],
  const uint8_t  mask[4],
  const uint8_t  gateway[4]
)
{
  static const uint8_t of_host[4] = { 255, 255, 255, 255 };
  struct {
    struct netbsd_rt_msghdr header;
    uint8_t addresses[3][16];
  } message = {
    .header = {
      .msglen = sizeof(message),
      .version = NETBSD_RTM_VERSION,
      .type = (uint8_t)type,
      .flags = NETBSD_RTF_UP | NETBSD_RTF_GATEWAY | NETBSD_RTF_STATIC
        | (memcmp(mask, of_host, 4) == 0 ? NETBSD_RTF_HOST : 0),
      .addrs = NETBSD_RTA_DST | NETBSD_RTA_GATEWAY | NETBSD_RTA_NETMASK,
      .seq = 1
    }
  };
  int fd = socket(AF_ROUTE, SOCK_RAW, 0);
  ssize_t n;

  if (fd < 0) {
    return -1;
  }
  address_set(message.addresses[0], address);
  address_set(message.addresses[1], gateway);
  address_set(message.addresses[2], mask);
  n = write(fd, &message, sizeof(message));
  (void)close(fd);
  return n == sizeof(message) ? 0 : -1;
}
