/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The address of a network card, for a driver that does not find it.
 */

#include <rtems-rump/netbsd-net.h>

#include "network.h"
#include "target.h"

#define AF_LINK 18

/* The address is used from now on. */
#define IFLR_ACTIVE 0x4000

struct if_laddrreq {
  char name[16];
  uint32_t flags, prefixlen;
  struct {
    uint8_t len, family, index[2], type, nlen, alen, slen;
    uint8_t address[120];
  } addr, dstaddr;
};

#define SIOCALIFADDR (0x8000691cu | sizeof(struct if_laddrreq) << 16)

int rump_sys_ioctl(int fd, unsigned long command, void *data)
  NETBSD_SYSTEM_CALL("ioctl");

void
network_set_link_address(const char *interface, const uint8_t address[6])
{
  struct if_laddrreq request = {
    .flags = IFLR_ACTIVE,
    .addr = { .len = sizeof(request.addr), .family = AF_LINK, .alen = 6 }
  };
  int fd = rump_sys_socket(AF_LINK, NETBSD_SOCK_DGRAM, 0);

  CHECK(fd >= 0);
  (void)strlcpy(request.name, interface, sizeof(request.name));
  memcpy(request.addr.address, address, 6);
  CHECK(rump_sys_ioctl(fd, SIOCALIFADDR, &request) == 0);
  CHECK(rump_sys_close(fd) == 0);
}
