/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief NetBSD's sockets for RTEMS code, and the set-up of its network
 * interfaces: see <rtems-rump/netbsd.h> for what holds for all calls.
 *
 * The kernel needs the component net_netinet; for rump_pub_netconfig_*() also
 * net_config, and for DHCP dev_bpf.
 */

#ifndef RTEMS_RUMP_NETBSD_NET_H
#define RTEMS_RUMP_NETBSD_NET_H

#include <rtems-rump/netbsd.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NETBSD_AF_INET 2
#define NETBSD_SOCK_STREAM 1
#define NETBSD_SOCK_DGRAM 2
#define NETBSD_SOCK_RAW 3
#define NETBSD_AF_INET6 24
#define NETBSD_IPPROTO_ICMP 1

/** For rump_sys_setsockopt(): the level of sockets, and its options. */
#define NETBSD_SOL_SOCKET 0xffff
#define NETBSD_SO_SNDBUF 0x1001
#define NETBSD_SO_RCVBUF 0x1002
/** A struct netbsd_timeval: until a call that waits fails with EAGAIN; 0 is
 * never. */
#define NETBSD_SO_SNDTIMEO 0x100b
#define NETBSD_SO_RCVTIMEO 0x100c

/** An address of IPv4; port and address in the order of the network. */
struct netbsd_sockaddr_in {
  uint8_t len, family, port[2], addr[4], zero[8];
};

/** Of recvmsg() and sendmsg(); iov are struct iovec. */
struct netbsd_msghdr {
  void *name;
  uint32_t namelen;
  void *iov;
  int32_t iovlen;
  void *control;
  uint32_t controllen;
  int32_t flags;
};

struct netbsd_pollfd {
  int32_t fd;
  int16_t events;
  int16_t revents;
};

/** The argument of commands of interfaces. */
struct netbsd_ifreq {
  char name[16];
  union {
    uint8_t address[128];
    int16_t flags;
    int32_t number;
    int64_t alignment;
  };
};

/** An address of IPv6; port and address in the order of the network. */
struct netbsd_sockaddr_in6 {
  uint8_t len, family, port[2];
  uint32_t flow;
  uint8_t addr[16];
  uint32_t scope;
};

int rump_sys_socket(int domain, int type, int protocol)
  NETBSD_SYSTEM_CALL("socket30");
int rump_sys_bind(int fd, const void *address, uint32_t size)
  NETBSD_SYSTEM_CALL("bind");
int rump_sys_listen(int fd, int backlog) NETBSD_SYSTEM_CALL("listen");
int rump_sys_accept(int fd, void *address, uint32_t *size)
  NETBSD_SYSTEM_CALL("accept");
int rump_sys_connect(int fd, const void *address, uint32_t size)
  NETBSD_SYSTEM_CALL("connect");
ssize_t rump_sys_sendto(
  int fd, const void *data, size_t length, int flags, const void *address,
  uint32_t size)
  NETBSD_SYSTEM_CALL("sendto");
ssize_t rump_sys_recvfrom(
  int fd, void *data, size_t length, int flags, void *address, uint32_t *size)
  NETBSD_SYSTEM_CALL("recvfrom");
int rump_sys_setsockopt(
  int fd, int level, int option, const void *value, uint32_t size)
  NETBSD_SYSTEM_CALL("setsockopt");

/** These return a NetBSD errno value, or 0; addresses are text. */
int rump_pub_netconfig_ifcreate(const char *interface)
  NETBSD_PUBLIC("netconfig_ifcreate");
int rump_pub_netconfig_ifdestroy(const char *interface)
  NETBSD_PUBLIC("netconfig_ifdestroy");
int rump_pub_netconfig_ifup(const char *interface)
  NETBSD_PUBLIC("netconfig_ifup");
int rump_pub_netconfig_ifdown(const char *interface)
  NETBSD_PUBLIC("netconfig_ifdown");
int rump_pub_netconfig_ipv4_ifaddr_cidr(
  const char *interface, const char *address, int prefix_length)
  NETBSD_PUBLIC("netconfig_ipv4_ifaddr_cidr");
int rump_pub_netconfig_ipv4_gw(const char *address)
  NETBSD_PUBLIC("netconfig_ipv4_gw");
int rump_pub_netconfig_ipv6_ifaddr(
  const char *interface, const char *address, int prefix_length)
  NETBSD_PUBLIC("netconfig_ipv6_ifaddr");
int rump_pub_netconfig_ipv6_gw(const char *address)
  NETBSD_PUBLIC("netconfig_ipv6_gw");
int rump_pub_netconfig_auto_ipv6(const char *interface)
  NETBSD_PUBLIC("netconfig_auto_ipv6");
int rump_pub_netconfig_dhcp_ipv4_oneshot(const char *interface)
  NETBSD_PUBLIC("netconfig_dhcp_ipv4_oneshot");

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_NETBSD_NET_H */
