/* SPDX-License-Identifier: BSD-2-Clause */

#ifndef NET_SERVICES_IFADDRS_H
#define NET_SERVICES_IFADDRS_H

#include <sys/socket.h>

struct ifaddrs {
  struct ifaddrs *ifa_next;
  char *ifa_name;
  unsigned ifa_flags;
  struct sockaddr *ifa_addr;
  struct sockaddr *ifa_netmask;
  struct sockaddr *ifa_dstaddr;
};

#define ifa_broadaddr ifa_dstaddr

/* Those of IPv4; 0, or -1 and errno. */
int getifaddrs(struct ifaddrs **list);

void freeifaddrs(struct ifaddrs *list);

#endif /* NET_SERVICES_IFADDRS_H */
