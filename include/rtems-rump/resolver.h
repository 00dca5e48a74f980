/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Where getaddrinfo() and gethostbyname() ask for names.
 *
 * Without name servers only numbers and `localhost` have addresses.
 */

#ifndef RTEMS_RUMP_RESOLVER_H
#define RTEMS_RUMP_RESOLVER_H

#ifdef __cplusplus
extern "C" {
#endif

/** The most name servers. */
#define RTEMS_RUMP_NAME_SERVERS 3

/** Name servers and how they are asked; what is zero is the default. */
struct rtems_rump_resolver {
  /** Addresses as text, IPv4 or IPv6; the first NULL ends them. */
  const char *servers[RTEMS_RUMP_NAME_SERVERS];

  /** For an answer of one server, in milliseconds; default 3,000. */
  unsigned timeout;

  /** How often all servers are asked; default 2. */
  unsigned attempts;

  /** UDP port; default 53. */
  unsigned short port;
};

/**
 * @brief Sets the name servers, in place of those set before.
 *
 * From any task; calls that have begun go on with what was set before.
 *
 * @param resolver Is copied.
 *
 * @retval 0 They are set.
 * @retval EINVAL A text is no address, and nothing has changed.
 */
int rtems_rump_resolver_set(const struct rtems_rump_resolver *resolver);

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_RESOLVER_H */
