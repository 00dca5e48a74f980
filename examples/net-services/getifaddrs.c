/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The addresses of all interfaces, by the commands of sockets.
 */

#include "include/ifaddrs.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sockio.h>
#include <unistd.h>

#define ADDRESSES 16

/* All that an entry points to; it is the first, and so frees all. */
struct entry {
  struct ifaddrs own;
  char name[IFNAMSIZ];
  struct sockaddr address, mask, other;
};

/* What is not to be had stays empty. */
static struct sockaddr *
ask(int fd, struct ifreq request, unsigned long command, struct sockaddr *to)
{
  if (ioctl(fd, command, &request) != 0) {
    return NULL;
  }
  *to = request.ifr_addr;
  return to;
}

static struct entry *
make_entry(int fd, const struct ifreq *from)
{
  struct entry *entry = calloc(1, sizeof(*entry));
  struct ifreq request = *from;

  if (entry == NULL) {
    return NULL;
  }
  (void)memcpy(entry->name, from->ifr_name, sizeof(entry->name) - 1);
  entry->address = from->ifr_addr;
  entry->own.ifa_name = entry->name;
  entry->own.ifa_addr = &entry->address;
  if (ioctl(fd, SIOCGIFFLAGS, &request) == 0) {
    entry->own.ifa_flags = (unsigned short)request.ifr_flags;
  }
  entry->own.ifa_netmask = ask(fd, *from, SIOCGIFNETMASK, &entry->mask);
  if ((entry->own.ifa_flags & IFF_BROADCAST) != 0) {
    entry->own.ifa_dstaddr = ask(fd, *from, SIOCGIFBRDADDR, &entry->other);
  }
  return entry;
}

static int
make_list(int fd, struct ifaddrs **list)
{
  static const size_t size = ADDRESSES * sizeof(struct ifreq);
  struct ifreq *requests = calloc(1, size);
  struct ifconf conf = { .ifc_len = (int)size, .ifc_req = requests };
  int i, result = -1;

  if (requests != NULL && ioctl(fd, SIOCGIFCONF, &conf) == 0) {
    result = 0;
    for (i = conf.ifc_len / (int)sizeof(*requests); i-- > 0;) {
      struct entry *entry = make_entry(fd, &requests[i]);

      if (entry == NULL) {
        result = -1;
        break;
      }
      entry->own.ifa_next = *list;
      *list = &entry->own;
    }
  }
  free(requests);
  return result;
}

int
getifaddrs(struct ifaddrs **list)
{
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  int result = -1;

  *list = NULL;
  if (fd >= 0) {
    result = make_list(fd, list);
    (void)close(fd);
  }
  if (result != 0) {
    freeifaddrs(*list);
    *list = NULL;
  }
  return result;
}

void
freeifaddrs(struct ifaddrs *list)
{
  while (list != NULL) {
    struct ifaddrs *next = list->ifa_next;

    free(list);
    list = next;
  }
}
