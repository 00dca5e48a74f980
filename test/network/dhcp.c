/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Answers of DHCP servers, right ones and hostile ones, each in memory of just
 * its size.
 */

#include "dhcp-message.h"

#include <string.h>

#include "parser.h"

#define ROUNDS 300000
#define OPTIONS 240

static const struct dhcp_client client = {
  0x12345678, { 2, 0, 0, 0, 0, 1 }
};
static uint8_t answer[DHCP_SENT];
static struct dhcp_lease lease;

static enum dhcp_type
read_some(size_t size)
{
  uint8_t *copy = malloc(size == 0 ? 1 : size);
  enum dhcp_type type;

  memcpy(copy, answer, size);
  type = dhcp_read(copy, size, &client, &lease);
  free(copy);
  CHECK(lease.name_server_count <= DHCP_NAME_SERVERS);
  if (type == DHCP_OFFER || type == DHCP_ACK) {
    CHECK(lease.renew <= lease.rebind && lease.rebind <= lease.seconds);
    CHECK(lease.seconds > 0);
  }
  return type;
}

static void
set_options(const char *options, size_t size)
{
  dhcp_make(answer, &client, DHCP_DISCOVER, NULL, false);
  answer[0] = 2;
  memcpy(answer + 16, "\12\0\2\17", 4);
  memset(answer + OPTIONS, 0, DHCP_SENT - OPTIONS);
  memcpy(answer + OPTIONS, options, size);
}

#define SET(options) set_options(options, sizeof(options) - 1)

#define GOOD "\65\1\5" "\1\4\377\377\377\0" "\66\4\12\0\2\2"
#define ROUTER_AND_NAMES "\3\4\12\0\2\2" "\6\10\12\0\2\3\12\0\2\4"

static void
test_made(void)
{
  static const struct dhcp_lease wanted = {
    .address = { 10, 0, 2, 15 }, .server = { 10, 0, 2, 2 }
  };

  dhcp_make(answer, &client, DHCP_REQUEST, &wanted, false);
  CHECK(answer[0] == 1 && answer[1] == 1 && answer[2] == 6);
  CHECK(memcmp(answer + 4, "\x12\x34\x56\x78", 4) == 0);
  CHECK(answer[10] == 0x80);
  CHECK(memcmp(answer + OPTIONS, "\65\1\3\62\4\12\0\2\17\66\4\12\0\2\2", 15)
    == 0);
  dhcp_make(answer, &client, DHCP_REQUEST, &wanted, true);
  CHECK(answer[10] == 0 && memcmp(answer + 12, "\12\0\2\17", 4) == 0);
  CHECK(memcmp(answer + OPTIONS, "\65\1\3\67", 4) == 0);
  CHECK(read_some(DHCP_SENT) == DHCP_FOREIGN);
}

static void
test_good(void)
{
  SET(GOOD ROUTER_AND_NAMES "\63\4\0\0\16\20" "\377");
  CHECK(read_some(DHCP_SENT) == DHCP_ACK);
  CHECK(memcmp(lease.address, "\12\0\2\17", 4) == 0);
  CHECK(lease.has_router && lease.router[3] == 2 && lease.mask[3] == 0);
  CHECK(lease.name_server_count == 2 && lease.name_servers[1][3] == 4);
  CHECK(lease.seconds == 3600 && lease.renew == 1800);
  CHECK(lease.rebind == 3150);
  SET(GOOD "\63\4\0\0\16\20" "\72\4\0\0\0\12" "\73\4\0\0\0\24");
  CHECK(read_some(DHCP_SENT) == DHCP_ACK && !lease.has_router);
  CHECK(lease.renew == 10 && lease.rebind == 20);
  SET("\65\1\6");
  CHECK(read_some(DHCP_SENT) == DHCP_NAK);
}

static void
test_bad(void)
{
  unsigned i;

  SET(GOOD);
  CHECK(read_some(DHCP_SENT) == DHCP_FOREIGN);
  SET("\65\1\5" "\66\4\12\0\2\2" "\63\4\0\0\16\20");
  CHECK(read_some(DHCP_SENT) == DHCP_FOREIGN);
  SET("\65\1\5" "\1\4\377\0\377\0" "\66\4\12\0\2\2" "\63\4\0\0\16\20");
  CHECK(read_some(DHCP_SENT) == DHCP_FOREIGN);
  SET(GOOD "\3\4\377\0\2\2" "\63\4\0\0\16\20");
  CHECK(read_some(DHCP_SENT) == DHCP_FOREIGN);
  SET(GOOD "\63\4\0\0\16\20" "\7\377");
  CHECK(read_some(DHCP_SENT) == DHCP_FOREIGN);
  SET(GOOD "\63\4\0\0\16\20");
  answer[4] ^= 1;
  CHECK(read_some(DHCP_SENT) == DHCP_FOREIGN);
  answer[4] ^= 1;
  answer[28] ^= 1;
  CHECK(read_some(DHCP_SENT) == DHCP_FOREIGN);
  answer[28] ^= 1;
  CHECK(read_some(DHCP_SENT) == DHCP_ACK);
  for (i = 0; i < OPTIONS; ++i) {
    CHECK(read_some(i) == DHCP_FOREIGN);
  }
  memset(answer + 16, 0, 4);
  CHECK(read_some(DHCP_SENT) == DHCP_FOREIGN);
}

static void
test_by_chance(void)
{
  unsigned i, k;

  for (i = 0; i < ROUNDS; ++i) {
    SET(GOOD ROUTER_AND_NAMES "\63\4\0\0\16\20" "\377");
    for (k = by_chance() % 8; k > 0; --k) {
      answer[OPTIONS + by_chance() % (DHCP_SENT - OPTIONS)] =
        (uint8_t)by_chance();
    }
    (void)read_some(
      by_chance() % 4 == 0 ? by_chance() % DHCP_SENT : DHCP_SENT);
  }
}

int
main(void)
{
  test_made();
  test_good();
  test_bad();
  test_by_chance();
  puts("ok: dhcp");
  return 0;
}
