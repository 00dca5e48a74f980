/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief NetBSD's user ABI: sockets, as far as it differs from RTEMS's.
 *
 * What is not here is the same in both: the types of sockets, struct iovec,
 * struct msghdr, struct pollfd with its events, struct linger, the ways of
 * shutdown(), and all addresses but for the numbers of their families.
 */

#ifndef RTEMS_RUMP_ABI_NET_H
#define RTEMS_RUMP_ABI_NET_H

#include <rtems-rump/netbsd-net.h>

/** Address families. */
#define NETBSD_AF_UNSPEC 0
#define NETBSD_AF_LOCAL 1
#define NETBSD_AF_LINK 18
#define NETBSD_AF_INET6 24
#define NETBSD_AF_ROUTE 34

/** Flags of interfaces that RTEMS has no names for. */
#define NETBSD_IFF_RUNNING 0x40
#define NETBSD_IFF_MULTICAST 0x8000

/** The longest address, in bytes. */
#define NETBSD_SOCKADDR_MAX 255

/** Flags in the type of a socket. */
#define NETBSD_SOCK_NONBLOCK 0x20000000
#define NETBSD_SOCK_NOSIGPIPE 0x40000000

/** Options of the level NETBSD_SOL_SOCKET. */
#define NETBSD_SO_TIMESTAMP 0x2000

/** Flags of messages. */
#define NETBSD_MSG_OOB 0x1
#define NETBSD_MSG_PEEK 0x2
#define NETBSD_MSG_DONTROUTE 0x4
#define NETBSD_MSG_EOR 0x8
#define NETBSD_MSG_TRUNC 0x10
#define NETBSD_MSG_CTRUNC 0x20
#define NETBSD_MSG_WAITALL 0x40
/* With MSG_NBIO, without which send() waits for room. */
#define NETBSD_MSG_DONTWAIT 0x1080
#define NETBSD_MSG_NOSIGNAL 0x400

/** Types of control messages of the level NETBSD_SOL_SOCKET. */
#define NETBSD_SCM_RIGHTS 0x1
#define NETBSD_SCM_TIMESTAMP 0x8

/** Options of IPv4, of IPv6 and of TCP. */
#define NETBSD_IPPROTO_IPV6 41
#define NETBSD_IPV6_MULTICAST_IF 9
#define NETBSD_IPV6_MULTICAST_HOPS 10
#define NETBSD_IP_RECVTTL 23
#define NETBSD_IP_MINTTL 24
#define NETBSD_TCP_KEEPIDLE 3
#define NETBSD_TCP_KEEPINTVL 5
#define NETBSD_TCP_KEEPCNT 6
#define NETBSD_TCP_KEEPINIT 7

/** Commands of rump_sys_ioctl(). */
#define NETBSD_FIONBIO 0x8004667eul
#define NETBSD_FIONREAD 0x4004667ful
#define NETBSD_FIONWRITE 0x40046679ul
#define NETBSD_FIONSPACE 0x40046678ul
#define NETBSD_SIOCATMARK 0x40047307ul

/** Commands of interfaces with other arguments than netbsd_ifreq. */
#define NETBSD_SIOCGIFCONF 0xc0086926ul
#define NETBSD_SIOCAIFADDR 0x8040691aul
#define NETBSD_SIOCGIFALIAS 0xc040691bul

/** Tells the flags of an address as the number in netbsd_ifreq. */
#define NETBSD_SIOCGIFAFLAG_IN 0xc0906927ul
#define NETBSD_SIOCGIFINDEX 0xc090698cul
#define NETBSD_IN_IFF_TENTATIVE 0x1
#define NETBSD_IN_IFF_DUPLICATED 0x2
#define NETBSD_IN_IFF_TRYTENTATIVE 0x8

struct netbsd_ifconf {
  int32_t size;
  struct netbsd_ifreq *interfaces;
};

/** Addresses are as long as those of IPv4. */
struct netbsd_ifaliasreq {
  char name[16];
  uint8_t address[16];
  uint8_t broadcast[16];
  uint8_t mask[16];
};

_Static_assert(sizeof(struct netbsd_ifreq) == 144, "struct ifreq");

/** An address of the link layer; the name and the address are in the data. */
struct netbsd_sockaddr_dl {
  uint8_t len;
  uint8_t family;
  uint16_t index;
  uint8_t type;
  uint8_t name_size;
  uint8_t address_size;
  uint8_t selector_size;
  uint8_t data[24];
};

/** Messages about routes; addresses follow, each rounded up to 8 bytes. */
struct netbsd_rt_msghdr {
  uint16_t msglen;
  uint8_t version;
  uint8_t type;
  uint16_t index;
  int32_t flags;
  int32_t addrs;
  int32_t pid;
  int32_t seq;
  int32_t error;
  int32_t use;
  int32_t inits;
  uint32_t pad;
  uint64_t metrics[10];
};

_Static_assert(sizeof(struct netbsd_rt_msghdr) == 120, "struct rt_msghdr");

#define NETBSD_RTM_VERSION 4
#define NETBSD_RTM_ADD 0x1
#define NETBSD_RTM_DELETE 0x2
#define NETBSD_RTF_UP 0x1
#define NETBSD_RTF_GATEWAY 0x2
#define NETBSD_RTF_HOST 0x4
#define NETBSD_RTF_LLDATA 0x400
#define NETBSD_RTF_STATIC 0x800
#define NETBSD_RTA_DST 0x1
#define NETBSD_RTA_GATEWAY 0x2
#define NETBSD_RTA_NETMASK 0x4

/** The name of all routes for sysctl(3). */
#define NETBSD_CTL_NET 4
#define NETBSD_NET_RT_DUMP 1
#define NETBSD_NET_RT_FLAGS 2

#define NETBSD_NET_RT_IFLIST 5
#define NETBSD_RTM_IFINFO 0x14

/** What NET_RT_IFLIST tells; an address of the link layer follows. */
struct netbsd_if_msghdr {
  uint16_t msglen;
  uint8_t version;
  uint8_t type;
  int32_t addrs;
  int32_t flags;
  uint16_t index;
  uint16_t pad;
  uint8_t link_type;
  uint8_t address_size;
  uint8_t header_size;
  uint8_t pad2;
  int32_t link_state;
  uint64_t mtu;
  uint64_t metric;
  uint64_t baudrate;
  uint64_t ipackets;
  uint64_t ierrors;
  uint64_t opackets;
  uint64_t oerrors;
  uint64_t collisions;
  uint64_t ibytes;
  uint64_t obytes;
  uint64_t imcasts;
  uint64_t omcasts;
  uint64_t iqdrops;
  uint64_t noproto;
  uint64_t lastchange[2];
};

_Static_assert(sizeof(struct netbsd_if_msghdr) == 152, "struct if_msghdr");

/** What the variables pcblist tell of each socket. */
struct netbsd_kinfo_pcb {
  uint64_t addresses[3];
  uint32_t family;
  uint32_t type;
  uint32_t protocol;
  uint32_t flags;
  uint32_t socket_state;
  uint32_t state;
  int32_t tcp_state;
  uint32_t tcp_flags;
  uint64_t to_read;
  uint64_t to_send;
  uint8_t own[264];
  uint8_t peer[264];
  uint64_t local[5];
};

_Static_assert(sizeof(struct netbsd_kinfo_pcb) == 640, "struct kinfo_pcb");

/** What kern.mbuf.stats tells. */
struct netbsd_mbstat {
  unsigned long spare[4];
  unsigned long drops;
  unsigned long waits;
  unsigned long drains;
  uint16_t used[256];
};

/** The names of TCP's buffer sizes for sysctl(3), and what NetBSD begins with. */
#define NETBSD_IPPROTO_TCP 6
#define NETBSD_TCPCTL_SENDSPACE 2
#define NETBSD_TCPCTL_RECVSPACE 3
#define NETBSD_TCP_BUFFER 32768

struct msghdr;
struct pollfd;

/* On ARM a timeval is 16 bytes long, on i386 12, as in NetBSD's libraries. */
#ifdef __i386__
_Static_assert(sizeof(struct netbsd_timeval) == 12, "struct timeval");
#else
_Static_assert(sizeof(struct netbsd_timeval) == 16, "struct timeval");
#endif

int rump_sys_connect(int fd, const void *address, uint32_t size)
  NETBSD_SYSTEM_CALL("connect");
int rump_sys_paccept(
  int fd, void *address, uint32_t *size, const void *signals, int flags)
  NETBSD_SYSTEM_CALL("paccept");
int rump_sys_socketpair(int domain, int type, int protocol, int fds[2])
  NETBSD_SYSTEM_CALL("socketpair");
int rump_sys_shutdown(int fd, int how) NETBSD_SYSTEM_CALL("shutdown");
int rump_sys_getsockname(int fd, void *address, uint32_t *size)
  NETBSD_SYSTEM_CALL("getsockname");
int rump_sys_getpeername(int fd, void *address, uint32_t *size)
  NETBSD_SYSTEM_CALL("getpeername");
int rump_sys_getsockopt(
  int fd, int level, int option, void *value, uint32_t *size)
  NETBSD_SYSTEM_CALL("getsockopt");
ssize_t rump_sys_sendto(
  int fd, const void *data, size_t size, int flags, const void *address,
  uint32_t address_size)
  NETBSD_SYSTEM_CALL("sendto");
ssize_t rump_sys_recvfrom(
  int fd, void *data, size_t size, int flags, void *address,
  uint32_t *address_size)
  NETBSD_SYSTEM_CALL("recvfrom");
ssize_t rump_sys_sendmsg(int fd, const struct msghdr *message, int flags)
  NETBSD_SYSTEM_CALL("sendmsg");
ssize_t rump_sys_recvmsg(int fd, struct msghdr *message, int flags)
  NETBSD_SYSTEM_CALL("recvmsg");
int rump_sys_ioctl(int fd, unsigned long command, void *arg)
  NETBSD_SYSTEM_CALL("ioctl");
int rump_sys___sysctl(
  const int *name, unsigned depth, void *value, size_t *size,
  const void *new_value, size_t new_size)
  NETBSD_SYSTEM_CALL("__sysctl");
int rump_sys_nanosleep(
  const struct netbsd_timespec *time, struct netbsd_timespec *left)
  NETBSD_SYSTEM_CALL("nanosleep50");
int rump_sys_pollts(
  struct pollfd *fds, unsigned count, const struct netbsd_timespec *timeout,
  const void *signals)
  NETBSD_SYSTEM_CALL("pollts50");

#endif /* RTEMS_RUMP_ABI_NET_H */
