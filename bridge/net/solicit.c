/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What NetBSD's rump_pub_netconfig_auto_ipv6() is for.  That of 7.99.34
 * follows a null pointer.
 */

#include "solicit.h"

#include <errno.h>
#include <string.h>

#include <rtems-rump/netbsd-net.h>

#include "abi/file.h"
#include "abi/net.h"

#define ICMP6 58
#define ROUTER_SOLICITATION 133
#define HOP_LIMIT 255

/* NetBSD asks for about two seconds whether another host has the address. */
#define TRIES 50

static int
accept_announcements(void)
{
  static const int name[] = { NETBSD_CTL_NET, NETBSD_AF_INET6, 41, 12 };
  int on = 1;

  return rump_sys___sysctl(name, 4, NULL, NULL, &on, sizeof(on));
}

static int
choose_interface(int fd, const char *interface, uint32_t *index)
{
  struct netbsd_ifreq request = { 0 };
  int limit = HOP_LIMIT;

  strncpy(request.name, interface, sizeof(request.name) - 1);
  if (rump_sys_ioctl(fd, NETBSD_SIOCGIFINDEX, &request) != 0) {
    return -1;
  }
  *index = (uint32_t)request.number;
  return rump_sys_setsockopt(
      fd, NETBSD_IPPROTO_IPV6, NETBSD_IPV6_MULTICAST_IF, index,
      sizeof(*index)) == 0
    ? rump_sys_setsockopt(
        fd, NETBSD_IPPROTO_IPV6, NETBSD_IPV6_MULTICAST_HOPS, &limit,
        sizeof(limit))
    : -1;
}

static int
ask(int fd, uint32_t index)
{
  static const uint8_t message[8] = { ROUTER_SOLICITATION };
  static const struct netbsd_timespec rest = { .tv_nsec = 100000000 };
  const struct netbsd_sockaddr_in6 routers = {
    .len = sizeof(routers),
    .family = NETBSD_AF_INET6,
    .addr = { 0xff, 2, [15] = 2 },
    .scope = index
  };
  unsigned i;

  for (i = 0; i < TRIES; ++i) {
    if (rump_sys_sendto(
          fd, message, sizeof(message), 0, &routers, sizeof(routers)) > 0) {
      return 0;
    }
    if (errno != EADDRNOTAVAIL) {
      break;
    }
    (void)rump_sys_nanosleep(&rest, NULL);
  }
  return -1;
}

int
solicit_routers(const char *interface)
{
  int fd = rump_sys_socket(NETBSD_AF_INET6, NETBSD_SOCK_RAW, ICMP6);
  uint32_t index;
  int rv = -1, error;

  if (fd >= 0) {
    if (accept_announcements() == 0
        && choose_interface(fd, interface, &index) == 0) {
      rv = ask(fd, index);
    }
    error = errno;
    (void)rump_sys_close(fd);
    errno = error;
  }
  return rv;
}
