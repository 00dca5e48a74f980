/* SPDX-License-Identifier: BSD-2-Clause */

#include "hmac.h"

#include <string.h>
#include <strings.h>

static const uint32_t round_constants[SHA256_BLOCK] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
  0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
  0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
  0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
  0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
  0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
  0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
  0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

static uint32_t
rotate(uint32_t x, unsigned n)
{
  return x >> n | x << (32 - n);
}

static uint32_t
load(const unsigned char *p)
{
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8
    | p[3];
}

static void
store(unsigned char *p, uint32_t value)
{
  p[0] = (unsigned char)(value >> 24);
  p[1] = (unsigned char)(value >> 16);
  p[2] = (unsigned char)(value >> 8);
  p[3] = (unsigned char)value;
}

/* The message schedule, of which the last sixteen words are kept. */
static uint32_t
next_word(uint32_t w[16], unsigned t)
{
  uint32_t a = w[(t + 1) % 16];
  uint32_t b = w[(t + 14) % 16];

  w[t % 16] += (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[(t + 9) % 16]
    + (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
  return w[t % 16];
}

static void
one_round(uint32_t v[8], uint32_t word)
{
  uint32_t t1 = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25))
    + ((v[4] & v[5]) ^ (~v[4] & v[6])) + word;
  uint32_t t2 = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22))
    + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

  memmove(v + 1, v, 7 * sizeof(v[0]));
  v[4] += t1;
  v[0] = t1 + t2;
}

static void
compress(struct sha256 *sha)
{
  uint32_t w[16];
  uint32_t v[8];
  unsigned t;

  for (t = 0; t < 16; ++t) {
    w[t] = load(sha->block + 4 * t);
  }
  memcpy(v, sha->state, sizeof(v));
  for (t = 0; t < SHA256_BLOCK; ++t) {
    one_round(v, round_constants[t] + (t < 16 ? w[t] : next_word(w, t)));
  }
  for (t = 0; t < 8; ++t) {
    sha->state[t] += v[t];
  }
  explicit_bzero(w, sizeof(w));
  explicit_bzero(v, sizeof(v));
}

void
sha256_begin(struct sha256 *sha)
{
  static const uint32_t initial[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
  };

  memcpy(sha->state, initial, sizeof(initial));
  sha->size = 0;
}

void
sha256_add(struct sha256 *sha, const void *bytes, size_t size)
{
  const unsigned char *from = bytes;

  while (size > 0) {
    size_t at = sha->size % SHA256_BLOCK;
    size_t part = SHA256_BLOCK - at < size ? SHA256_BLOCK - at : size;

    memcpy(sha->block + at, from, part);
    sha->size += part;
    from += part;
    size -= part;
    if (sha->size % SHA256_BLOCK == 0) {
      compress(sha);
    }
  }
}

void
sha256_end(struct sha256 *sha, unsigned char digest[SHA256_SIZE])
{
  static const unsigned char padding[SHA256_BLOCK] = { 0x80 };
  uint64_t bits = sha->size * 8;
  size_t at = sha->size % SHA256_BLOCK;
  unsigned char length[8];
  unsigned i;

  store(length, (uint32_t)(bits >> 32));
  store(length + 4, (uint32_t)bits);
  sha256_add(
    sha,
    padding,
    (at < SHA256_BLOCK - 8 ? SHA256_BLOCK : 2 * SHA256_BLOCK) - 8 - at
  );
  sha256_add(sha, length, sizeof(length));
  for (i = 0; i < 8; ++i) {
    store(digest + 4 * i, sha->state[i]);
  }
  explicit_bzero(sha, sizeof(*sha));
}

static void
begin_with_pad(
  struct sha256 *sha, const unsigned char key[SHA256_BLOCK], unsigned char pad)
{
  unsigned char block[SHA256_BLOCK];
  unsigned i;

  for (i = 0; i < SHA256_BLOCK; ++i) {
    block[i] = key[i] ^ pad;
  }
  sha256_begin(sha);
  sha256_add(sha, block, sizeof(block));
  explicit_bzero(block, sizeof(block));
}

void
hmac_begin(struct hmac *hmac, const void *key, size_t size)
{
  unsigned char block[SHA256_BLOCK] = { 0 };

  if (size <= sizeof(block)) {
    memcpy(block, key, size);
  } else {
    sha256_begin(&hmac->inner);
    sha256_add(&hmac->inner, key, size);
    sha256_end(&hmac->inner, block);
  }
  begin_with_pad(&hmac->inner, block, 0x36);
  begin_with_pad(&hmac->outer, block, 0x5c);
  explicit_bzero(block, sizeof(block));
}

void
hmac_add(struct hmac *hmac, const void *bytes, size_t size)
{
  sha256_add(&hmac->inner, bytes, size);
}

void
hmac_end(struct hmac *hmac, unsigned char mac[SHA256_SIZE])
{
  sha256_end(&hmac->inner, mac);
  sha256_add(&hmac->outer, mac, SHA256_SIZE);
  sha256_end(&hmac->outer, mac);
}

bool
hmac_is_equal(
  const unsigned char a[SHA256_SIZE], const unsigned char b[SHA256_SIZE])
{
  volatile unsigned char difference = 0;
  unsigned i;

  for (i = 0; i < SHA256_SIZE; ++i) {
    difference |= a[i] ^ b[i];
  }
  return difference == 0;
}
