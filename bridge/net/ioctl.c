/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * ioctl() of sockets.  Those of interfaces have another structure in RTEMS's
 * headers, whose addresses are of IPv4 only, and the same meaning.
 */

#include "socket.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/filio.h>
#include <sys/sockio.h>

#include "route.h"

/* What a command of interfaces takes and gives. */
enum content {
  ADDRESS,
  FLAGS,
  NUMBER
};

/* NetBSD's command is this with its size of the structure and its number. */
struct command {
  uint32_t rtems;
  uint8_t number;
  enum content content;
};

static const struct command commands[] = {
  { SIOCGIFADDR, 33, ADDRESS },
  { SIOCSIFADDR, 12, ADDRESS },
  { SIOCDIFADDR, 25, ADDRESS },
  { SIOCGIFDSTADDR, 34, ADDRESS },
  { SIOCSIFDSTADDR, 14, ADDRESS },
  { SIOCGIFBRDADDR, 35, ADDRESS },
  { SIOCSIFBRDADDR, 19, ADDRESS },
  { SIOCGIFNETMASK, 37, ADDRESS },
  { SIOCSIFNETMASK, 22, ADDRESS },
  { SIOCGIFFLAGS, 17, FLAGS },
  { SIOCSIFFLAGS, 16, FLAGS },
  { SIOCGIFMETRIC, 23, NUMBER },
  { SIOCSIFMETRIC, 24, NUMBER },
  { SIOCGIFMTU, 126, NUMBER },
  { SIOCSIFMTU, 127, NUMBER }
};

static const struct {
  uint32_t rtems;
  unsigned long netbsd;
} plain[] = {
  { FIONREAD, NETBSD_FIONREAD },
  { FIONWRITE, NETBSD_FIONWRITE },
  { FIONSPACE, NETBSD_FIONSPACE },
  { SIOCATMARK, NETBSD_SIOCATMARK }
};

static const struct command *
find(uint32_t number)
{
  size_t i;

  for (i = 0; i < sizeof(commands) / sizeof(commands[0]); ++i) {
    if (commands[i].rtems == number) {
      return &commands[i];
    }
  }
  return NULL;
}

static unsigned long
to_netbsd(const struct command *command)
{
  return _IOC(
    command->rtems & IOC_DIRMASK,
    'i',
    command->number,
    sizeof(struct netbsd_ifreq)
  );
}

static int
take(
  const struct command *command,
  const struct ifreq   *from,
  struct netbsd_ifreq  *to
)
{
  struct address address;

  memset(to, 0, sizeof(*to));
  memcpy(to->name, from->ifr_name, sizeof(to->name));
  switch (command->content) {
    case FLAGS:
      to->flags = from->ifr_flags;
      break;
    case NUMBER:
      to->number = from->ifr_metric;
      break;
    case ADDRESS:
      if ((command->rtems & IOC_OUT) != 0) {
        break;
      }
      if (address_to_netbsd(
            &from->ifr_addr,
            sizeof(from->ifr_addr),
            &address
          ) != 0) {
        return -1;
      }
      memcpy(to->address, address.bytes, address.size);
      break;
  }
  return 0;
}

static void
give(
  const struct command      *command,
  const struct netbsd_ifreq *from,
  struct ifreq              *to
)
{
  struct address address = { .size = sizeof(to->ifr_addr) };
  socklen_t size = sizeof(to->ifr_addr);

  switch (command->content) {
    case FLAGS:
      to->ifr_flags = from->flags;
      break;
    case NUMBER:
      to->ifr_metric = from->number;
      break;
    case ADDRESS:
      memcpy(address.bytes, from->address, address.size);
      address_to_rtems(&address, &to->ifr_addr, &size);
      break;
  }
}

static int
interface(
  const struct socket  *socket,
  const struct command *command,
  struct ifreq         *request
)
{
  struct netbsd_ifreq netbsd;

  if (take(command, request, &netbsd) != 0
      || SOCKET_CALL(socket, ioctl, to_netbsd(command), &netbsd) != 0) {
    return -1;
  }
  if ((command->rtems & IOC_OUT) != 0) {
    give(command, &netbsd, request);
  }
  return 0;
}

/* IPv4 addresses; those of other families do not fit RTEMS's structure. */
static void
give_list(
  const struct netbsd_ifreq *entries, unsigned count, struct ifconf *conf)
{
  static const struct command command = { SIOCGIFADDR, 0, ADDRESS };
  unsigned room = (unsigned)conf->ifc_len / sizeof(*conf->ifc_req);
  unsigned used = 0, i;

  for (i = 0; i < count && used < room; ++i) {
    struct ifreq *to = &conf->ifc_req[used];

    if (entries[i].address[1] == NETBSD_AF_INET) {
      memcpy(to->ifr_name, entries[i].name, sizeof(to->ifr_name));
      give(&command, &entries[i], to);
      ++used;
    }
  }
  conf->ifc_len = (int)(used * sizeof(*conf->ifc_req));
}

static int
list(const struct socket *socket, struct ifconf *conf)
{
  struct netbsd_ifreq *entries =
    calloc(INTERFACE_ADDRESSES, sizeof(*entries));
  struct netbsd_ifconf netbsd = {
    INTERFACE_ADDRESSES * sizeof(*entries), entries
  };
  int rv;

  if (entries == NULL || conf->ifc_len < 0) {
    free(entries);
    errno = entries == NULL ? ENOMEM : EINVAL;
    return -1;
  }
  rv = SOCKET_CALL(socket, ioctl, NETBSD_SIOCGIFCONF, &netbsd);
  if (rv == 0) {
    give_list(entries, (unsigned)netbsd.size / sizeof(*entries), conf);
  }
  free(entries);
  return rv;
}

/* Other commands of interfaces are NetBSD's own, with its structures. */
int
ioctl_in(rtems_libio_t *iop, ioctl_command_t number, void *arg)
{
  const struct socket *socket = socket_of(iop);
  const struct command *command = find((uint32_t)number);
  size_t i;

  if (command != NULL) {
    return interface(socket, command, arg);
  }
  if ((uint32_t)number == SIOCGIFCONF) {
    return list(socket, arg);
  }
  if ((uint32_t)number == FIONBIO) {
    return socket_set_nonblocking(iop, *(const int *)arg != 0);
  }
  for (i = 0; i < sizeof(plain) / sizeof(plain[0]); ++i) {
    if (plain[i].rtems == (uint32_t)number) {
      return SOCKET_CALL(socket, ioctl, plain[i].netbsd, arg);
    }
  }
  if (IOCGROUP((uint32_t)number) == 'i') {
    return SOCKET_CALL(socket, ioctl, (uint32_t)number, arg);
  }
  errno = ENOTTY;
  return -1;
}
