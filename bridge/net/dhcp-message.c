/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Messages of DHCP: a fixed part, and options, each with its size.
 */

#include "dhcp-message.h"

#include <string.h>

/* Places in the fixed part. */
#define OPERATION 0
#define HARDWARE 1
#define ID 4
#define FLAGS 10
#define CLIENT_ADDRESS 12
#define YOUR_ADDRESS 16
#define LINK_ADDRESS 28
#define COOKIE 236
#define OPTIONS 240

#define REQUEST_OPERATION 1
#define REPLY_OPERATION 2
#define ETHERNET 1

/* Options. */
#define PAD 0
#define MASK 1
#define ROUTER 3
#define NAME_SERVERS 6
#define REQUESTED_ADDRESS 50
#define LEASE_TIME 51
#define TYPE 53
#define SERVER 54
#define PARAMETERS 55
#define RENEWAL_TIME 58
#define REBINDING_TIME 59
#define END 255

static const uint8_t cookie[4] = { 99, 130, 83, 99 };

static void
put32(uint8_t *to, uint32_t value)
{
  to[0] = (uint8_t)(value >> 24);
  to[1] = (uint8_t)(value >> 16);
  to[2] = (uint8_t)(value >> 8);
  to[3] = (uint8_t)value;
}

static uint32_t
get32(const uint8_t *from)
{
  return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16
    | (uint32_t)from[2] << 8 | from[3];
}

static uint8_t *
put_option(uint8_t *to, uint8_t code, const void *data, uint8_t size)
{
  *to++ = code;
  *to++ = size;
  memcpy(to, data, size);
  return to + size;
}

/* Answers come by broadcast until the client has its address. */
void
dhcp_make(
  uint8_t                   message[DHCP_SENT],
  const struct dhcp_client *client,
  enum dhcp_type            type,
  const struct dhcp_lease  *lease,
  bool                      is_own
)
{
  static const uint8_t parameters[] = {
    MASK, ROUTER, NAME_SERVERS, LEASE_TIME, RENEWAL_TIME, REBINDING_TIME
  };
  uint8_t code = (uint8_t)type;
  uint8_t *end = message + OPTIONS;

  memset(message, 0, DHCP_SENT);
  message[OPERATION] = REQUEST_OPERATION;
  message[HARDWARE] = ETHERNET;
  message[HARDWARE + 1] = sizeof(client->link_address);
  put32(message + ID, client->id);
  message[FLAGS] = is_own ? 0 : 0x80;
  memcpy(
    message + LINK_ADDRESS,
    client->link_address,
    sizeof(client->link_address)
  );
  memcpy(message + COOKIE, cookie, sizeof(cookie));
  end = put_option(end, TYPE, &code, 1);
  if (is_own) {
    memcpy(message + CLIENT_ADDRESS, lease->address, 4);
  } else if (lease != NULL) {
    end = put_option(end, REQUESTED_ADDRESS, lease->address, 4);
  }
  if (lease != NULL && (!is_own || type == DHCP_RELEASE)) {
    end = put_option(end, SERVER, lease->server, 4);
  }
  end = put_option(end, PARAMETERS, parameters, sizeof(parameters));
  *end = END;
}

static void
take_name_servers(
  struct dhcp_lease *lease, const uint8_t *data, unsigned size)
{
  unsigned count = size / 4;

  count = count < DHCP_NAME_SERVERS ? count : DHCP_NAME_SERVERS;
  memcpy(lease->name_servers, data, count * 4);
  lease->name_server_count = count;
}

/* Of several routers the first is the best. */
static void
take_option(
  struct dhcp_lease *lease,
  enum dhcp_type    *type,
  unsigned           code,
  const uint8_t     *data,
  unsigned           size
)
{
  if (code == TYPE && size == 1) {
    *type = data[0];
  } else if (size < 4) {
    return;
  } else if (code == MASK) {
    memcpy(lease->mask, data, 4);
  } else if (code == ROUTER) {
    memcpy(lease->router, data, 4);
    lease->has_router = true;
  } else if (code == SERVER) {
    memcpy(lease->server, data, 4);
  } else if (code == NAME_SERVERS) {
    take_name_servers(lease, data, size);
  } else if (code == LEASE_TIME) {
    lease->seconds = get32(data);
  } else if (code == RENEWAL_TIME) {
    lease->renew = get32(data);
  } else if (code == REBINDING_TIME) {
    lease->rebind = get32(data);
  }
}

static bool
take_options(
  struct dhcp_lease *lease,
  enum dhcp_type    *type,
  const uint8_t     *data,
  size_t             size
)
{
  while (size > 0 && data[0] != END) {
    size_t step = 1;

    if (data[0] != PAD) {
      if (size < 2 || data[1] > size - 2) {
        return false;
      }
      take_option(lease, type, data[0], data + 2, data[1]);
      step = 2u + data[1];
    }
    data += step;
    size -= step;
  }
  return true;
}

/* Half of the time and seven eighths, where the server says nothing better. */
static void
complete_times(struct dhcp_lease *lease)
{
  if (lease->rebind == 0 || lease->rebind >= lease->seconds) {
    lease->rebind = lease->seconds - lease->seconds / 8;
  }
  if (lease->renew == 0 || lease->renew >= lease->rebind) {
    lease->renew = lease->rebind < lease->seconds / 2
      ? lease->rebind : lease->seconds / 2;
  }
}

static bool
is_host(const uint8_t address[4])
{
  return address[0] != 0 && address[0] != 127 && address[0] < 224;
}

/* One bits first, then zeros. */
static bool
is_mask(const uint8_t mask[4])
{
  uint32_t rest = ~get32(mask);

  return rest != UINT32_MAX && (rest & (rest + 1)) == 0;
}

static bool
is_usable(const struct dhcp_lease *lease)
{
  return is_host(lease->address) && is_host(lease->server)
    && is_mask(lease->mask) && lease->seconds > 0
    && (!lease->has_router || is_host(lease->router));
}

enum dhcp_type
dhcp_read(
  const uint8_t            *message,
  size_t                    size,
  const struct dhcp_client *client,
  struct dhcp_lease        *lease
)
{
  enum dhcp_type type = DHCP_FOREIGN;

  memset(lease, 0, sizeof(*lease));
  if (size < OPTIONS || message[OPERATION] != REPLY_OPERATION
      || get32(message + ID) != client->id
      || memcmp(message + COOKIE, cookie, sizeof(cookie)) != 0
      || memcmp(
        message + LINK_ADDRESS,
        client->link_address,
        sizeof(client->link_address)
      ) != 0) {
    return DHCP_FOREIGN;
  }
  memcpy(lease->address, message + YOUR_ADDRESS, 4);
  if (!take_options(lease, &type, message + OPTIONS, size - OPTIONS)) {
    return DHCP_FOREIGN;
  }
  if (type == DHCP_NAK) {
    return DHCP_NAK;
  }
  if ((type != DHCP_OFFER && type != DHCP_ACK) || !is_usable(lease)) {
    return DHCP_FOREIGN;
  }
  complete_times(lease);
  return type;
}
