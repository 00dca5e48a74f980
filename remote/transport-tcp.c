/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * tcp:// and tcp6://, over the sockets of a POSIX host, which are the host's
 * also below the simulator, or those that RTEMS has.
 *
 * An address of tcp:// is a number and a port as in 127.0.0.1:7000; a listener
 * may have * or 0 for all of the host's addresses.  One of tcp6:// is in
 * brackets, as in [::1]:7000, with the number of an interface or on POSIX its
 * name if it needs one: [fe80::1%eth0]:7000; a listener may have * or [::] for
 * all, which are those of IPv6 alone.
 */

#include <rtems-rump/remote.h>

#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

static int
port_of(const char *text, in_port_t *port)
{
  char *end;
  unsigned long number = strtoul(text, &end, 10);

  if (*text < '0' || *text > '9' || number == 0 || number > 65535
      || (*end != '\0' && strcmp(end, "/") != 0)) {
    return EINVAL;
  }
  *port = htons((in_port_t)number);
  return 0;
}

static int
tcp_address(const char *text, bool any, struct sockaddr_in *address)
{
  const char *colon = strchr(text, ':');
  char host[INET_ADDRSTRLEN];
  size_t length = colon != NULL ? (size_t)(colon - text) : 0;

  memset(address, 0, sizeof(*address));
  address->sin_family = AF_INET;
  if (length == 0 || length >= sizeof(host)) {
    return EINVAL;
  }
  memcpy(host, text, length);
  host[length] = '\0';
  if (any && (strcmp(host, "*") == 0 || strcmp(host, "0") == 0)) {
    address->sin_addr.s_addr = htonl(INADDR_ANY);
  } else if (inet_pton(AF_INET, host, &address->sin_addr) != 1) {
    return EINVAL;
  }
  return port_of(colon + 1, &address->sin_port);
}

int
tcp_listen(const char *text, struct transport **listener)
{
  struct sockaddr_in address;
  int error = tcp_address(text, true, &address);

  return error != 0 ? error : stream_listen(
    (struct sockaddr *)&address,
    sizeof(address),
    listener
  );
}

int
tcp_connect(const char *text, struct transport **connection)
{
  struct sockaddr_in address;
  int error = tcp_address(text, false, &address);

  return error != 0 ? error : stream_connect(
    (struct sockaddr *)&address,
    sizeof(address),
    connection
  );
}

static unsigned
index_of(const char *interface)
{
#ifdef __rtems__
  (void)interface;
  return 0;
#else
  return if_nametoindex(interface);
#endif
}

/* The text is changed. */
static int
parse_ipv6(char *text, struct sockaddr_in6 *address)
{
  char *zone = strchr(text, '%');

  if (zone != NULL) {
    *zone++ = '\0';
    address->sin6_scope_id = *zone >= '0' && *zone <= '9'
      ? (uint32_t)strtoul(zone, NULL, 10) : index_of(zone);
    if (address->sin6_scope_id == 0) {
      return EINVAL;
    }
  }
  return inet_pton(AF_INET6, text, &address->sin6_addr) == 1 ? 0 : EINVAL;
}

/* What is in brackets, and after them a colon. */
static int
tcp6_host(
  const char *text, const char *end, struct sockaddr_in6 *address)
{
  char host[INET6_ADDRSTRLEN + IF_NAMESIZE];
  size_t length = end != NULL ? (size_t)(end - text) - 1 : 0;

  if (end == NULL || end[1] != ':' || length >= sizeof(host)) {
    return EINVAL;
  }
  memcpy(host, text + 1, length);
  host[length] = '\0';
  return parse_ipv6(host, address);
}

static int
tcp6_address(const char *text, bool any, struct sockaddr_in6 *address)
{
  const char *port = text + 2;
  int error = 0;

  memset(address, 0, sizeof(*address));
  address->sin6_family = AF_INET6;
  if (!any || strncmp(text, "*:", 2) != 0) {
    const char *end = *text == '[' ? strchr(text, ']') : NULL;

    error = tcp6_host(text, end, address);
    port = end != NULL ? end + 2 : text;
  }
  return error != 0 ? error : port_of(port, &address->sin6_port);
}

int
tcp6_listen(const char *text, struct transport **listener)
{
  struct sockaddr_in6 address;
  int error = tcp6_address(text, true, &address);

  return error != 0 ? error : stream_listen(
    (struct sockaddr *)&address,
    sizeof(address),
    listener
  );
}

int
tcp6_connect(const char *text, struct transport **connection)
{
  struct sockaddr_in6 address;
  int error = tcp6_address(text, false, &address);

  return error != 0 ? error : stream_connect(
    (struct sockaddr *)&address,
    sizeof(address),
    connection
  );
}

void
rtems_rump_tcp_register(void)
{
#ifdef __rtems__
  static struct media media = {
    { { "tcp", tcp_listen, tcp_connect },
      { "tcp6", tcp6_listen, tcp6_connect } }, NULL
  };

  media_register(&media);
#endif
}
