/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief SHA-256 (FIPS 180-4) and HMAC with it (RFC 2104).
 */

#ifndef RTEMS_RUMP_REMOTE_HMAC_H
#define RTEMS_RUMP_REMOTE_HMAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32u
#define SHA256_BLOCK 64u

struct sha256 {
  uint32_t state[SHA256_SIZE / sizeof(uint32_t)];
  uint64_t size;
  unsigned char block[SHA256_BLOCK];
};

#define sha256_begin rtems_rump_sha256_begin
#define sha256_add rtems_rump_sha256_add
#define sha256_end rtems_rump_sha256_end
#define hmac_begin rtems_rump_hmac_begin
#define hmac_add rtems_rump_hmac_add
#define hmac_end rtems_rump_hmac_end
#define hmac_is_equal rtems_rump_hmac_is_equal

void sha256_begin(struct sha256 *sha);
void sha256_add(struct sha256 *sha, const void *bytes, size_t size);

/** The digest; what was computed is wiped. */
void sha256_end(struct sha256 *sha, unsigned char digest[SHA256_SIZE]);

struct hmac {
  struct sha256 inner, outer;
};

void hmac_begin(struct hmac *hmac, const void *key, size_t size);
void hmac_add(struct hmac *hmac, const void *bytes, size_t size);
void hmac_end(struct hmac *hmac, unsigned char mac[SHA256_SIZE]);

/** Takes as long whatever the difference. */
bool hmac_is_equal(
  const unsigned char a[SHA256_SIZE], const unsigned char b[SHA256_SIZE]);

#endif /* RTEMS_RUMP_REMOTE_HMAC_H */
