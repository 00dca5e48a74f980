/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * getprotobyname() and getprotobynumber(), for protocols above IP.
 */

#include <netdb.h>

#include <netinet/in.h>
#include <string.h>
#include <strings.h>

static char *no_aliases[1];

static struct protoent protocols[] = {
  { "ip", no_aliases, IPPROTO_IP },
  { "icmp", no_aliases, IPPROTO_ICMP },
  { "igmp", no_aliases, IPPROTO_IGMP },
  { "tcp", no_aliases, IPPROTO_TCP },
  { "udp", no_aliases, IPPROTO_UDP },
  { "ipv6", no_aliases, IPPROTO_IPV6 },
  { "ipv6-icmp", no_aliases, IPPROTO_ICMPV6 },
  { NULL, no_aliases, -1 }
};

struct protoent *
getprotobyname(const char *name)
{
  struct protoent *protocol = protocols;

  while (protocol->p_name != NULL
      && strcasecmp(protocol->p_name, name) != 0) {
    ++protocol;
  }
  return protocol->p_name == NULL ? NULL : protocol;
}

struct protoent *
getprotobynumber(int number)
{
  struct protoent *protocol = protocols;

  while (protocol->p_name != NULL && protocol->p_proto != number) {
    ++protocol;
  }
  return protocol->p_name == NULL ? NULL : protocol;
}
