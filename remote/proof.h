/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What one side sends to the other to prove that it has the key, and
 * what else is made of that.
 *
 * The proofs of both sides are of the same exchange, and differ, so that none
 * can be sent back to who has made it, or in another exchange.
 */

#ifndef RTEMS_RUMP_REMOTE_PROOF_H
#define RTEMS_RUMP_REMOTE_PROOF_H

#include "hmac.h"
#include "protocol.h"

_Static_assert(SP_PROOF_SIZE == SHA256_SIZE, "a proof is a MAC");

/** What a proof is of; both have the same length. */
#define PROOF_OF_CLIENT "rump-sp hmac-sha256 client"
#define PROOF_OF_SERVER "rump-sp hmac-sha256 server"

static inline void
proof_make(
  unsigned char          proof[SP_PROOF_SIZE],
  const void            *key,
  size_t                 key_size,
  const char             of[sizeof(PROOF_OF_CLIENT)],
  const struct sp_claim *claim,
  const unsigned char    server_nonce[SP_NONCE_SIZE]
)
{
  struct hmac hmac;

  hmac_begin(&hmac, key, key_size);
  hmac_add(&hmac, of, sizeof(PROOF_OF_CLIENT));
  hmac_add(&hmac, claim->user, sizeof(claim->user));
  hmac_add(&hmac, claim->nonce, sizeof(claim->nonce));
  hmac_add(&hmac, server_nonce, SP_NONCE_SIZE);
  hmac_end(&hmac, proof);
}

/** The key of encrypted connections: of another use, so another one. */
static inline void
proof_make_transport_key(
  unsigned char made[SHA256_SIZE], const void *key, size_t key_size)
{
  static const char use[] = "rump-sp hmac-sha256 tls-psk";
  struct hmac hmac;

  hmac_begin(&hmac, key, key_size);
  hmac_add(&hmac, use, sizeof(use));
  hmac_end(&hmac, made);
}

#endif /* RTEMS_RUMP_REMOTE_PROOF_H */
