/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The key that both ends of tls:// have in these tests.
 */

#ifndef TEST_REMOTE_TLS_KEY_H
#define TEST_REMOTE_TLS_KEY_H

#include <string.h>
#include <unistd.h>

#include "proof.h"
#include "transport.h"

static const char tls_key[] = "of all clients by tls://";

static int
tls_make_key(
  const char *user, size_t size, unsigned char made[TRANSPORT_KEY_SIZE],
  void *arg)
{
  (void)user;
  (void)size;
  (void)arg;
  proof_make_transport_key(made, tls_key, sizeof(tls_key));
  return 0;
}

/** A client's; to a server it does not matter who the user is. */
static const struct transport_secret tls_secret = {
  .user = "all", .user_size = 3, .key = tls_make_key, .random = getentropy
};

static inline bool
is_tls(const char *url)
{
  return strncmp(url, "tls", 3) == 0;
}

#endif /* TEST_REMOTE_TLS_KEY_H */
