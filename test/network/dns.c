/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Answers of name servers, right ones and hostile ones.  Each is in memory of
 * just its size, so that a checker sees what is read beyond.
 */

#include "dns.h"

#include <string.h>

#include "parser.h"

#define ROUNDS 300000

struct packet {
  size_t size;
  uint8_t bytes[DNS_MESSAGE_MAX];
};

static struct packet query;
static struct dns_addresses addresses;

static void
make_query(const char *name, enum dns_type type)
{
  query.size = dns_query(query.bytes, 0x1234, name, type);
}

static enum dns_status
read_answer(const struct packet *packet)
{
  uint8_t *copy = malloc(packet->size == 0 ? 1 : packet->size);
  enum dns_status status;

  memcpy(copy, packet->bytes, packet->size);
  status = dns_answer(
    copy, packet->size, query.bytes, query.size, &addresses);
  free(copy);
  CHECK(addresses.count <= DNS_ADDRESSES);
  CHECK((status == DNS_FOUND) == (addresses.count > 0));
  return status;
}

static void
append(struct packet *packet, const void *bytes, size_t size)
{
  CHECK(packet->size + size <= sizeof(packet->bytes));
  memcpy(packet->bytes + packet->size, bytes, size);
  packet->size += size;
}

static struct packet
answer_without_records(void)
{
  struct packet packet = query;

  packet.bytes[2] = 0x81;
  packet.bytes[3] = 0x80;
  return packet;
}

/* The owner is a pointer to offset 12, the question's name, or elsewhere. */
static void
add_record(
  struct packet *packet,
  unsigned       owner,
  unsigned       type,
  const void    *data,
  unsigned       size
)
{
  const uint8_t head[] = {
    (uint8_t)(0xc0 | owner >> 8), (uint8_t)owner, 0, (uint8_t)type, 0, 1,
    0, 0, 0, 60, (uint8_t)(size >> 8), (uint8_t)size
  };

  ++packet->bytes[7];
  append(packet, head, sizeof(head));
  append(packet, data, size);
}

static void
test_query(void)
{
  char name[300];
  uint8_t packet[DNS_MESSAGE_MAX];

  make_query("www.Example.org", DNS_A);
  CHECK(query.size == 12 + 17 + 4);
  CHECK(memcmp(query.bytes + 12, "\3www\7example\3org", 17) == 0);
  CHECK(dns_query(packet, 1, "example.org.", DNS_A) == 12 + 13 + 4);
  CHECK(dns_query(packet, 1, "", DNS_A) == 0);
  CHECK(dns_query(packet, 1, ".", DNS_A) == 0);
  CHECK(dns_query(packet, 1, "a..b", DNS_A) == 0);
  CHECK(dns_query(packet, 1, ".a", DNS_A) == 0);
  memset(name, 'a', sizeof(name));
  name[64] = '\0';
  CHECK(dns_query(packet, 1, name, DNS_A) == 0);
  name[63] = '\0';
  CHECK(dns_query(packet, 1, name, DNS_A) == 12 + 65 + 4);

  /* 255 bytes with the lengths of labels are the most. */
  memset(name, 'a', sizeof(name));
  name[63] = name[127] = name[191] = '.';
  name[253] = '\0';
  CHECK(dns_query(packet, 1, name, DNS_A) == 12 + 255 + 4);
  name[253] = 'a';
  name[254] = '\0';
  CHECK(dns_query(packet, 1, name, DNS_A) == 0);
}

static void
test_answers(void)
{
  static const uint8_t a[4] = { 192, 0, 2, 1 };
  static const uint8_t aaaa[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
  struct packet packet;
  unsigned alias;

  make_query("www.example.org", DNS_A);
  packet = answer_without_records();
  CHECK(read_answer(&packet) == DNS_NO_DATA);
  add_record(&packet, 12, DNS_A, a, 4);
  add_record(&packet, 12, DNS_AAAA, aaaa, 16);
  CHECK(read_answer(&packet) == DNS_FOUND && addresses.count == 1);
  CHECK(memcmp(addresses.bytes[0], a, 4) == 0);

  /* www.example.org is an alias of example.org, whose name is inside. */
  packet = answer_without_records();
  add_record(&packet, 12, 5, "\xc0\x10", 2);
  add_record(&packet, 16, DNS_A, a, 4);
  add_record(&packet, 12, DNS_A, aaaa, 4);
  CHECK(read_answer(&packet) == DNS_FOUND && addresses.count == 1);
  CHECK(memcmp(addresses.bytes[0], a, 4) == 0);

  /* Of another name, of another class, of another size. */
  packet = answer_without_records();
  add_record(&packet, 16, DNS_A, a, 4);
  CHECK(read_answer(&packet) == DNS_NO_DATA);
  packet = answer_without_records();
  add_record(&packet, 12, DNS_A, a, 4);
  packet.bytes[query.size + 5] = 3;
  CHECK(read_answer(&packet) == DNS_NO_DATA);
  packet = answer_without_records();
  add_record(&packet, 12, DNS_A, aaaa, 16);
  CHECK(read_answer(&packet) == DNS_NO_DATA);

  /* No more than there is room for. */
  packet = answer_without_records();
  for (alias = 0; alias < DNS_ADDRESSES + 3; ++alias) {
    add_record(&packet, 12, DNS_A, a, 4);
  }
  CHECK(read_answer(&packet) == DNS_FOUND);
  CHECK(addresses.count == DNS_ADDRESSES);
}

static void
test_results(void)
{
  struct packet packet;

  make_query("www.example.org", DNS_A);
  packet = answer_without_records();
  packet.bytes[3] |= 3;
  CHECK(read_answer(&packet) == DNS_NO_NAME);
  packet.bytes[3] = 2;
  CHECK(read_answer(&packet) == DNS_FAILED);

  /* Answers to something else. */
  packet = answer_without_records();
  packet.bytes[1] ^= 1;
  CHECK(read_answer(&packet) == DNS_FOREIGN);
  packet = answer_without_records();
  packet.bytes[14] ^= 1;
  CHECK(read_answer(&packet) == DNS_FOREIGN);
  packet.bytes[14] ^= 1;
  packet.bytes[query.size - 3] = DNS_AAAA;
  CHECK(read_answer(&packet) == DNS_FOREIGN);
  packet = query;
  CHECK(read_answer(&packet) == DNS_FOREIGN);
  packet.size = 0;
  CHECK(read_answer(&packet) == DNS_FOREIGN);
  packet = answer_without_records();
  packet.bytes[5] = 0;
  CHECK(read_answer(&packet) == DNS_FOREIGN);

  /* Capitals may come back as they were sent, or not. */
  packet = answer_without_records();
  packet.bytes[13] = 'W';
  CHECK(read_answer(&packet) == DNS_NO_DATA);
}

/* Pointers to themselves, forwards, in circles; aliases without end. */
static void
test_hostile(void)
{
  struct packet packet;
  unsigned at, i;

  make_query("www.example.org", DNS_A);
  at = (unsigned)query.size;
  for (i = 0; i < 3; ++i) {
    packet = answer_without_records();
    add_record(&packet, at + i, DNS_A, "\1\2\3\4", 4);
    CHECK(read_answer(&packet) == DNS_FAILED);
  }
  packet = answer_without_records();
  add_record(&packet, 12, 5, "\xc0\x0c", 2);
  packet.bytes[7] = 255;
  CHECK(read_answer(&packet) == DNS_FAILED);
  packet = answer_without_records();
  for (i = 0; i < 12; ++i) {
    add_record(&packet, 12, 5, "\xc0\x0c", 2);
  }
  CHECK(read_answer(&packet) == DNS_FAILED);

  /* A label that is said to be longer than the message, and bad kinds. */
  packet = answer_without_records();
  append(&packet, "\x3f", 1);
  packet.bytes[7] = 1;
  CHECK(read_answer(&packet) == DNS_FAILED);
  packet.bytes[packet.size - 1] = 0x80;
  CHECK(read_answer(&packet) == DNS_FAILED);
  packet = answer_without_records();
  add_record(&packet, 12, DNS_A, "\1\2\3\4", 4);
  while (--packet.size > query.size) {
    CHECK(read_answer(&packet) == DNS_FAILED);
  }
}

/* Good answers with some bytes changed, and bytes that never were good. */
static void
test_by_chance(void)
{
  static const uint8_t data[16] = { 0xc0, 12, 1, 'a', 0xc0, 20 };
  unsigned i, k;

  make_query("www.example.org", DNS_A);
  for (i = 0; i < ROUNDS; ++i) {
    struct packet packet = answer_without_records();

    for (k = by_chance() % 6; k > 0; --k) {
      add_record(
        &packet,
        by_chance() % 80,
        by_chance() % 2 == 0 ? DNS_A : 5,
        data,
        by_chance() % 8
      );
    }
    for (k = by_chance() % 6; k > 0; --k) {
      packet.bytes[query.size - 4
        + by_chance() % (packet.size - query.size + 4)] =
          (uint8_t)by_chance();
    }
    for (k = by_chance() % 3; k > 0; --k) {
      packet.bytes[by_chance() % packet.size] ^= (uint8_t)by_chance();
    }
    packet.size -= by_chance() % 4 == 0 ? by_chance() % packet.size : 0;
    (void)read_answer(&packet);
  }
}

int
main(void)
{
  test_query();
  test_answers();
  test_results();
  test_hostile();
  test_by_chance();
  puts("ok: dns");
  return 0;
}
