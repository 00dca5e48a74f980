/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Numbers of RTEMS's headers and NetBSD's.
 */

#include "socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/un.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct pair {
  int rtems;
  int netbsd;
};

static const struct pair families[] = {
  { AF_INET, NETBSD_AF_INET },
  { AF_INET6, NETBSD_AF_INET6 },
  { AF_UNIX, NETBSD_AF_LOCAL },
  { AF_LINK, NETBSD_AF_LINK },
  { AF_ROUTE, NETBSD_AF_ROUTE },
  { AF_UNSPEC, NETBSD_AF_UNSPEC }
};

static const struct pair message_flags[] = {
  { MSG_OOB, NETBSD_MSG_OOB },
  { MSG_PEEK, NETBSD_MSG_PEEK },
  { MSG_DONTROUTE, NETBSD_MSG_DONTROUTE },
  { MSG_EOR, NETBSD_MSG_EOR },
  { MSG_TRUNC, NETBSD_MSG_TRUNC },
  { MSG_CTRUNC, NETBSD_MSG_CTRUNC },
  { MSG_WAITALL, NETBSD_MSG_WAITALL },
  { MSG_DONTWAIT, NETBSD_MSG_DONTWAIT },
  { MSG_NOSIGNAL, NETBSD_MSG_NOSIGNAL }
};

int
family_to_netbsd(int family)
{
  size_t i;

  for (i = 0; i < COUNT(families); ++i) {
    if (families[i].rtems == family) {
      return families[i].netbsd;
    }
  }
  return -1;
}

int
family_to_rtems(int family)
{
  size_t i;

  for (i = 0; i < COUNT(families); ++i) {
    if (families[i].netbsd == family) {
      return families[i].rtems;
    }
  }
  return -1;
}

int
flags_to_netbsd(int flags)
{
  int result = 0;
  size_t i;

  for (i = 0; flags != 0 && i < COUNT(message_flags); ++i) {
    if ((flags & message_flags[i].rtems) != 0) {
      flags &= ~message_flags[i].rtems;
      result |= message_flags[i].netbsd;
    }
  }
  return flags == 0 ? result : -1;
}

/* RTEMS has no counterparts of some that tell of a received message. */
int
flags_to_rtems(int flags)
{
  int result = 0;
  size_t i;

  for (i = 0; i < COUNT(message_flags); ++i) {
    if ((flags & message_flags[i].netbsd) != 0) {
      result |= message_flags[i].rtems;
    }
  }
  return result;
}

int
address_to_netbsd_any(
  const struct sockaddr *from, socklen_t size, struct address *to)
{
  int family;

  if (from == NULL) {
    errno = EFAULT;
    return -1;
  }
  if (size < offsetof(struct sockaddr, sa_data)
      || size > NETBSD_SOCKADDR_MAX) {
    errno = EINVAL;
    return -1;
  }
  family = family_to_netbsd(from->sa_family);
  if (family < 0) {
    errno = EAFNOSUPPORT;
    return -1;
  }
  memcpy(to->bytes, from, size);
  to->size = size;
  to->bytes[0] = (uint8_t)size;
  to->bytes[1] = (uint8_t)family;
  return 0;
}

/* A socket without an address, as of a local peer, may have none at all. */
void
address_to_rtems(
  struct address *from, struct sockaddr *to, socklen_t *size)
{
  int family = from->size < 2 ? -1 : family_to_rtems(from->bytes[1]);

  if (family >= 0) {
    from->bytes[1] = (uint8_t)family;
  }
  if (to != NULL && size != NULL) {
    memcpy(to, from->bytes, *size < from->size ? *size : from->size);
    *size = from->size;
  }
}

#define SAME(level, option) { level, option, option }

/* IPv4, TCP and IPv6 have their structures alike, too. */
static const struct option options[] = {
  SAME(SOL_SOCKET, SO_DEBUG),
  SAME(SOL_SOCKET, SO_ACCEPTCONN),
  SAME(SOL_SOCKET, SO_REUSEADDR),
  SAME(SOL_SOCKET, SO_KEEPALIVE),
  SAME(SOL_SOCKET, SO_DONTROUTE),
  SAME(SOL_SOCKET, SO_BROADCAST),
  SAME(SOL_SOCKET, SO_USELOOPBACK),
  SAME(SOL_SOCKET, SO_LINGER),
  SAME(SOL_SOCKET, SO_OOBINLINE),
  SAME(SOL_SOCKET, SO_REUSEPORT),
  { SOL_SOCKET, SO_TIMESTAMP, NETBSD_SO_TIMESTAMP },
  SAME(SOL_SOCKET, SO_SNDBUF),
  SAME(SOL_SOCKET, SO_RCVBUF),
  SAME(SOL_SOCKET, SO_SNDLOWAT),
  SAME(SOL_SOCKET, SO_RCVLOWAT),
  { SOL_SOCKET, SO_SNDTIMEO, NETBSD_SO_SNDTIMEO },
  { SOL_SOCKET, SO_RCVTIMEO, NETBSD_SO_RCVTIMEO },
  SAME(SOL_SOCKET, SO_ERROR),
  SAME(SOL_SOCKET, SO_TYPE),
  SAME(IPPROTO_TCP, TCP_NODELAY),
  SAME(IPPROTO_TCP, TCP_MAXSEG),
  { IPPROTO_TCP, TCP_KEEPINIT, NETBSD_TCP_KEEPINIT },
  { IPPROTO_TCP, TCP_KEEPIDLE, NETBSD_TCP_KEEPIDLE },
  { IPPROTO_TCP, TCP_KEEPINTVL, NETBSD_TCP_KEEPINTVL },
  { IPPROTO_TCP, TCP_KEEPCNT, NETBSD_TCP_KEEPCNT },
  SAME(IPPROTO_IP, IP_OPTIONS),
  SAME(IPPROTO_IP, IP_HDRINCL),
  SAME(IPPROTO_IP, IP_TOS),
  SAME(IPPROTO_IP, IP_TTL),
  SAME(IPPROTO_IP, IP_RECVOPTS),
  SAME(IPPROTO_IP, IP_RECVRETOPTS),
  SAME(IPPROTO_IP, IP_RECVDSTADDR),
  SAME(IPPROTO_IP, IP_MULTICAST_IF),
  SAME(IPPROTO_IP, IP_MULTICAST_TTL),
  SAME(IPPROTO_IP, IP_MULTICAST_LOOP),
  SAME(IPPROTO_IP, IP_ADD_MEMBERSHIP),
  SAME(IPPROTO_IP, IP_DROP_MEMBERSHIP),
  SAME(IPPROTO_IP, IP_PORTRANGE),
  SAME(IPPROTO_IP, IP_RECVIF),
  { IPPROTO_IP, IP_RECVTTL, NETBSD_IP_RECVTTL },
  { IPPROTO_IP, IP_MINTTL, NETBSD_IP_MINTTL },
  SAME(IPPROTO_IPV6, IPV6_UNICAST_HOPS),
  SAME(IPPROTO_IPV6, IPV6_MULTICAST_IF),
  SAME(IPPROTO_IPV6, IPV6_MULTICAST_HOPS),
  SAME(IPPROTO_IPV6, IPV6_MULTICAST_LOOP),
  SAME(IPPROTO_IPV6, IPV6_JOIN_GROUP),
  SAME(IPPROTO_IPV6, IPV6_LEAVE_GROUP),
  SAME(IPPROTO_IPV6, IPV6_PORTRANGE),
  SAME(IPPROTO_IPV6, IPV6_CHECKSUM),
  SAME(IPPROTO_IPV6, IPV6_V6ONLY),
  SAME(IPPROTO_IPV6, IPV6_RECVPKTINFO),
  SAME(IPPROTO_IPV6, IPV6_RECVHOPLIMIT),
  SAME(IPPROTO_IPV6, IPV6_USE_MIN_MTU),
  SAME(IPPROTO_IPV6, IPV6_PKTINFO),
  SAME(IPPROTO_IPV6, IPV6_HOPLIMIT),
  SAME(IPPROTO_IPV6, IPV6_RECVTCLASS),
  SAME(IPPROTO_IPV6, IPV6_TCLASS),
  SAME(IPPROTO_IPV6, IPV6_DONTFRAG)
};

const struct option *
option_find(int level, int option)
{
  size_t i;

  for (i = 0; i < COUNT(options); ++i) {
    if (options[i].level == level && options[i].rtems == option) {
      return &options[i];
    }
  }
  return NULL;
}

const struct option *
option_find_netbsd(int level, int option)
{
  size_t i;

  for (i = 0; i < COUNT(options); ++i) {
    if (options[i].level == level && options[i].netbsd == option) {
      return &options[i];
    }
  }
  return NULL;
}
