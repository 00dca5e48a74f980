/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Addresses as text, beside what the host's C library makes of them.
 */

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "parser.h"

#define ROUNDS 300000

int our_inet_pton(int family, const char *text, void *address);
char *our_inet_ntoa(struct in_addr address);
const char *our_inet_ntop(
  int family, const void *from, char *to, socklen_t size);

static void
compare_text(int family, const char *text)
{
  uint8_t ours[16] = { 0 }, theirs[16] = { 0 };
  int result = our_inet_pton(family, text, ours);

  if (result != inet_pton(family, text, theirs)
      || memcmp(ours, theirs, result == 1 ? sizeof(ours) : 0) != 0) {
    printf("not ok: %s is taken for another one\n", text);
    exit(1);
  }
}

static void
compare_address(int family, const uint8_t *address)
{
  char ours[INET6_ADDRSTRLEN];
  uint8_t back[16] = { 0 };

  CHECK(our_inet_ntop(family, address, ours, sizeof(ours)) == ours);
  CHECK(inet_pton(family, ours, back) == 1);
  CHECK(memcmp(address, back, family == AF_INET ? 4 : 16) == 0);
  CHECK(our_inet_ntop(family, address, ours, (socklen_t)strlen(ours))
    == NULL);
}

static void
test_ntoa(void)
{
  struct in_addr address = { htonl(0x0a00020f) };

  CHECK(strcmp(our_inet_ntoa(address), "10.0.2.15") == 0);
}

static void
test_texts(void)
{
  static const char *const texts[] = {
    "", "1", "1.2.3.4", "01.2.3.4", "1.2.3.256", "1.2.3.4.5", "1.2.3.", "::",
    ":", ":::", "::1", "1::", "1::2", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",
    "::1.2.3.4", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4",
    "1:2:3:4:5:6:7:1.2.3.4", "12345::", "::g", "fe80::1%lo", "1:", ":1",
    "1:2:3:4::5:6:7:8", "::1.2.3", "0.0.0.0", "255.255.255.255", "1.2.3.4 "
  };
  size_t i;

  for (i = 0; i < sizeof(texts) / sizeof(texts[0]); ++i) {
    compare_text(AF_INET, texts[i]);
    compare_text(AF_INET6, texts[i]);
  }
  CHECK(our_inet_pton(99, "1.2.3.4", NULL) == -1);
}

static void
test_by_chance(void)
{
  static const char letters[] = "0123456789abcdefF:::::..";
  unsigned i, k;

  for (i = 0; i < ROUNDS; ++i) {
    char text[48];
    unsigned size = by_chance() % 24;
    uint8_t address[16];

    for (k = 0; k < size; ++k) {
      text[k] = letters[by_chance() % (sizeof(letters) - 1)];
    }
    text[size] = '\0';
    compare_text(AF_INET, text);
    compare_text(AF_INET6, text);
    for (k = 0; k < sizeof(address); ++k) {
      address[k] = by_chance() % 3 != 0 ? 0 : (uint8_t)by_chance();
    }
    compare_address(AF_INET, address);
    compare_address(AF_INET6, address);
  }
}

int
main(void)
{
  test_ntoa();
  test_texts();
  test_by_chance();
  puts("ok: inet");
  return 0;
}
