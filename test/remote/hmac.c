/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * SHA-256 by the examples of FIPS 180-2 and the empty message, HMAC by those
 * of RFC 4231 that use the whole digest.
 */

#include "../target/target.h"

#include <string.h>

#include "hmac.h"

static const struct {
  const char *message;
  const char *digest;
} messages[] = {
  { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
  { "abc",
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
  { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" }
};

/* A text that is NULL stands for so many bytes of the other kind. */
static const struct {
  const char *key;
  unsigned char key_byte;
  size_t key_size;
  const char *data;
  unsigned char data_byte;
  size_t data_size;
  const char *mac;
} macs[] = {
  { NULL, 0x0b, 20, "Hi There", 0, 8,
    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
  { "Jefe", 0, 4, "what do ya want for nothing?", 0, 28,
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
  { NULL, 0xaa, 20, NULL, 0xdd, 50,
    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
  { NULL, 0xaa, 131,
    "Test Using Larger Than Block-Size Key - Hash Key First", 0, 54,
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
  { NULL, 0xaa, 131,
    "This is a test using a larger than block-size key and a larger than "
    "block-size data. The key needs to be hashed before being used by the "
    "HMAC algorithm.", 0, 152,
    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" }
};

static void
check_text(const unsigned char digest[SHA256_SIZE], const char *wanted)
{
  char text[2 * SHA256_SIZE + 1];
  unsigned i;

  for (i = 0; i < SHA256_SIZE; ++i) {
    (void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
  }
  CHECK(strcmp(text, wanted) == 0);
}

static void
check_messages(void)
{
  unsigned char digest[SHA256_SIZE];
  struct sha256 sha;
  size_t i;

  for (i = 0; i < sizeof(messages) / sizeof(messages[0]); ++i) {
    sha256_begin(&sha);
    sha256_add(&sha, messages[i].message, strlen(messages[i].message));
    sha256_end(&sha, digest);
    check_text(digest, messages[i].digest);
  }
}

/* A million times the letter a, in pieces of many sizes. */
static void
check_long_message(void)
{
  static const char letters[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  unsigned char digest[SHA256_SIZE];
  struct sha256 sha;
  size_t left = 1000000;
  size_t part = 0;

  sha256_begin(&sha);
  while (left > 0) {
    part = (part + 1) % sizeof(letters);
    part = part < left ? part : left;
    sha256_add(&sha, letters, part);
    left -= part;
  }
  sha256_end(&sha, digest);
  check_text(
    digest,
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
  );
}

static const void *
bytes_of(
  unsigned char *buffer, const char *text, unsigned char byte, size_t size)
{
  if (text != NULL) {
    return text;
  }
  memset(buffer, byte, size);
  return buffer;
}

static void
check_macs(void)
{
  unsigned char key[131], data[64], mac[SHA256_SIZE], other[SHA256_SIZE];
  struct hmac hmac;
  size_t i;

  for (i = 0; i < sizeof(macs) / sizeof(macs[0]); ++i) {
    hmac_begin(
      &hmac,
      bytes_of(key, macs[i].key, macs[i].key_byte, macs[i].key_size),
      macs[i].key_size
    );
    hmac_add(
      &hmac,
      bytes_of(data, macs[i].data, macs[i].data_byte, macs[i].data_size),
      macs[i].data_size
    );
    hmac_end(&hmac, mac);
    check_text(mac, macs[i].mac);
  }
  for (i = 0; i < SHA256_SIZE; ++i) {
    memcpy(other, mac, sizeof(other));
    CHECK(hmac_is_equal(mac, other));
    other[i] ^= 0x80;
    CHECK(!hmac_is_equal(mac, other));
  }
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("REMOTE HMAC");
  check_messages();
  check_long_message();
  check_macs();
  TARGET_END("REMOTE HMAC");
}

#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "../target/config.h"
