/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Addresses and routes, by NetBSD's component net_config.  It takes any text
 * for an address, so these are checked here.
 */

#include <rtems-rump/netconfig.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <rtems-rump/netbsd-net.h>

#include "instance.h"
#include "solicit.h"
#include "visit.h"

/* Of an interface in NetBSD, with its end. */
#define NAME_SIZE 16

struct prefix {
  char address[INET6_ADDRSTRLEN];
  int length;
};

static bool
is_address(int family, const char *text)
{
  struct in6_addr address;

  return inet_pton(family, text, &address) == 1;
}

static bool
parse_prefix(int family, const char *text, struct prefix *prefix)
{
  const char *slash = strchr(text, '/');
  size_t size = slash == NULL ? 0 : (size_t)(slash - text);
  char *end;

  if (size == 0 || size >= sizeof(prefix->address) || slash[1] < '0'
      || slash[1] > '9') {
    return false;
  }
  memcpy(prefix->address, text, size);
  prefix->address[size] = '\0';
  prefix->length = (int)strtol(slash + 1, &end, 10);
  return *end == '\0' && prefix->length <= (family == AF_INET ? 32 : 128)
    && is_address(family, prefix->address);
}

/* Left out, or right. */
static bool
check_prefix(int family, const char *text)
{
  struct prefix prefix;

  return text == NULL || parse_prefix(family, text, &prefix);
}

static bool
check_address(int family, const char *text)
{
  return text == NULL || is_address(family, text);
}

static bool
check_name(const char *name)
{
  return name != NULL && name[0] != '\0' && strlen(name) < NAME_SIZE;
}

static int
set_address(const struct rtems_rump_interface *interface)
{
  struct prefix prefix;

  if (interface->address == NULL) {
    return 0;
  }
  (void)parse_prefix(AF_INET, interface->address, &prefix);
  return rump_pub_netconfig_ipv4_ifaddr_cidr(
    interface->name,
    prefix.address,
    prefix.length
  );
}

static int
set_address6(const struct rtems_rump_interface *interface)
{
  struct prefix prefix;

  if (interface->address6 == NULL) {
    return 0;
  }
  (void)parse_prefix(AF_INET6, interface->address6, &prefix);
  return rump_pub_netconfig_ipv6_ifaddr(
    interface->name,
    prefix.address,
    prefix.length
  );
}

static int
set_gateway(const struct rtems_rump_interface *interface)
{
  return interface->gateway == NULL
    ? 0 : rump_pub_netconfig_ipv4_gw(interface->gateway);
}

static int
set_gateway6(const struct rtems_rump_interface *interface)
{
  return interface->gateway6 == NULL
    ? 0 : rump_pub_netconfig_ipv6_gw(interface->gateway6);
}

static int
bring_up(const struct rtems_rump_interface *interface)
{
  return rump_pub_netconfig_ifup(interface->name);
}

static int
ask_dhcp(const struct rtems_rump_interface *interface)
{
  return interface->dhcp
    ? rump_pub_netconfig_dhcp_ipv4_oneshot(interface->name) : 0;
}

static int
ask_routers(const struct rtems_rump_interface *interface)
{
  return interface->autoconf6
    ? solicit_routers(interface->name) : 0;
}

/*
 * Each step returns NetBSD's number, as all calls of the component do, or -1
 * and errno.
 */
static int
configure(const struct rtems_rump_interface *interface)
{
  static int (*const steps[])(const struct rtems_rump_interface *) = {
    bring_up, set_address, set_gateway, set_address6, set_gateway6, ask_dhcp,
    ask_routers
  };
  int error = 0;
  size_t i;

  for (i = 0; error == 0 && i < sizeof(steps) / sizeof(steps[0]); ++i) {
    error = (*steps[i])(interface);
  }
  return error;
}

/* Of a call in the kernel: -1 and errno if there was none. */
static int
result_of(int netbsd_error)
{
  return netbsd_error < 0 ? errno : hypercall_errno_from_netbsd(netbsd_error);
}

int
rtems_rump_interface_configure(const struct rtems_rump_interface *interface)
{
  int error;

  if (!check_name(interface->name)
      || !check_prefix(AF_INET, interface->address)
      || !check_prefix(AF_INET6, interface->address6)
      || !check_address(AF_INET, interface->gateway)
      || !check_address(AF_INET6, interface->gateway6)) {
    return EINVAL;
  }
  error = visit_init();
  if (error != 0) {
    return error;
  }
  VISIT_URGENT(instance_life(), error, configure(interface));
  return result_of(error);
}

static int
call_by_name(int (*function)(const char *name), const char *name)
{
  int error;

  if (!check_name(name)) {
    return EINVAL;
  }
  error = visit_init();
  if (error != 0) {
    return error;
  }
  VISIT_URGENT(instance_life(), error, (*function)(name));
  return result_of(error);
}

int
rtems_rump_interface_down(const char *name)
{
  return call_by_name(rump_pub_netconfig_ifdown, name);
}

int
rtems_rump_interface_create(const char *name)
{
  return call_by_name(rump_pub_netconfig_ifcreate, name);
}

int
rtems_rump_interface_destroy(const char *name)
{
  return call_by_name(rump_pub_netconfig_ifdestroy, name);
}
