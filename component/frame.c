/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What is known to end NetBSD 7.99.34.  Anybody on the network can send it.
 */

#include "frame.h"

#include <rtems-rump/link.h>

/* Types of Ethernet. */
enum {
  TYPE_IPV4 = 0x0800,
  TYPE_SLOW_PROTOCOLS = 0x8809,
  TYPE_PPPOE_DISCOVERY = 0x8863,
  TYPE_PPPOE = 0x8864
};

/* Options of IPv4. */
enum {
  OPTION_END = 0,
  OPTION_NOTHING = 1,
  OPTION_RECORD_ROUTE = 7,
  OPTION_TIME = 68,
  OPTION_LOOSE_ROUTE = 131,
  OPTION_STRICT_ROUTE = 137
};

#define IPV4_HEADER 20u

/* Of the kernel: without the component net_pppoe they are one. */
int rumpns_pppoe_input(void) __attribute__((__weak__));
int rumpnet_stub(void) __attribute__((__weak__));

/* Those with which something can be wrong but their length. */
static bool
is_complex(uint8_t option)
{
  return option == OPTION_RECORD_ROUTE || option == OPTION_TIME
    || option == OPTION_LOOSE_ROUTE || option == OPTION_STRICT_ROUTE;
}

/*
 * NetBSD frees a packet twice whose options are wrong.  None that is in use
 * today, as router alert, is among those that are refused altogether.
 */
static bool
has_bad_options(const uint8_t *p, size_t left)
{
  while (left > 0 && p[0] != OPTION_END) {
    size_t size = 1;

    if (p[0] != OPTION_NOTHING) {
      if (is_complex(p[0]) || left < 2 || p[1] < 2 || p[1] > left) {
        return true;
      }
      size = p[1];
    }
    p += size;
    left -= size;
  }
  return false;
}

static bool
ipv4_is_deadly(const uint8_t *packet, size_t size)
{
  size_t header = size > 0 ? (packet[0] & 15u) * 4 : 0;

  return header > IPV4_HEADER && header <= size
    && has_bad_options(packet + IPV4_HEADER, header - IPV4_HEADER);
}

bool
frame_is_deadly(const uint8_t *frame, size_t size)
{
  size_t header = RTEMS_RUMP_LINK_FRAME_MIN;

  switch (frame[12] << 8 | frame[13]) {
  case TYPE_IPV4:
    return ipv4_is_deadly(frame + header, size - header);
  case TYPE_PPPOE_DISCOVERY:
  case TYPE_PPPOE:
    return rumpns_pppoe_input == rumpnet_stub;
  case TYPE_SLOW_PROTOCOLS:
    /* With diagnostics. */
    return size == header;
  default:
    return false;
  }
}
