/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Who may be a client: the rules of the configuration.  Those for a place, and
 * of them those for a peer, are a set of bits; the first one of a set holds.
 */

#include "proof.h"
#include "server.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

_Static_assert(
  RTEMS_RUMP_USER_SIZE + 1 == SP_USER_SIZE, "a user's name ends with zero");

/* What comes from elsewhere is nobody. */
static const struct rtems_rump_access default_rules[] = {
  { .place = "mem://" },
  { .place = "unix://" },
  { .uid = RTEMS_RUMP_NOBODY, .gid = RTEMS_RUMP_NOGROUP }
};

/* Nobody has this key, whose use takes as long as that of another one. */
static const unsigned char no_key[RTEMS_RUMP_KEY_MINIMUM];

static bool
is_rule_valid(const struct rtems_rump_access *rule)
{
  if (rule->key == NULL) {
    return rule->user == NULL;
  }
  return rule->key_size >= RTEMS_RUMP_KEY_MINIMUM
    && (rule->user == NULL || strlen(rule->user) <= RTEMS_RUMP_USER_SIZE);
}

int
access_init(struct rtems_rump_server *config)
{
  unsigned i;

  if (config->access == NULL) {
    config->access = default_rules;
    config->rules = sizeof(default_rules) / sizeof(default_rules[0]);
  }
  if (config->rules == 0 || config->rules > RTEMS_RUMP_RULES_MAXIMUM) {
    rumpuser_dprintf(
      "rump: rtems_rump_server::rules must be 1 to %u, not %u\n",
      RTEMS_RUMP_RULES_MAXIMUM,
      config->rules
    );
    return NETBSD_EINVAL;
  }
  for (i = 0; i < config->rules; ++i) {
    if (!is_rule_valid(&config->access[i])) {
      rumpuser_dprintf(
        "rump: rtems_rump_server::access[%u] has a key that is too short, or "
        "a user without a key or with a long name\n",
        i
      );
      return NETBSD_EINVAL;
    }
  }
  return 0;
}

static bool
is_place(const char *place, const char *url)
{
  const char *end = place != NULL ? strstr(place, "://") : NULL;

  return place == NULL || strcmp(place, url) == 0
    || (end != NULL && end[3] == '\0'
      && strncmp(place, url, strlen(place)) == 0);
}

uint32_t
access_at(const char *url)
{
  uint32_t rules = 0;
  unsigned i;

  for (i = 0; i < server_config.rules; ++i) {
    if (is_place(server_config.access[i].place, url)) {
      rules |= UINT32_C(1) << i;
    }
  }
  return rules;
}

/* The rest of a set without its first rule, which is stored; it is there. */
static uint32_t
take_first(uint32_t rules, const struct rtems_rump_access **rule)
{
  *rule = &server_config.access[__builtin_ctz(rules)];
  return rules & (rules - 1);
}

bool
access_is_valid(uint32_t rules, struct transport *listener)
{
  const struct rtems_rump_access *rule;
  size_t i;

  while (rules != 0) {
    rules = take_first(rules, &rule);
    for (i = 0; rule->peers != NULL && rule->peers[i] != NULL; ++i) {
      if (transport_peer(listener, rule->peers[i]) == EINVAL) {
        rumpuser_dprintf(
          "rump: rtems_rump_access::peers: what is %s?\n",
          rule->peers[i]
        );
        return false;
      }
    }
  }
  return true;
}

static bool
is_peer(const struct rtems_rump_access *rule, struct transport *connection)
{
  size_t i;

  if (rule->peers == NULL) {
    return true;
  }
  for (i = 0; rule->peers[i] != NULL; ++i) {
    if (transport_peer(connection, rule->peers[i]) == 0) {
      return true;
    }
  }
  return false;
}

uint32_t
access_from(uint32_t rules, struct transport *connection)
{
  const struct rtems_rump_access *rule;
  uint32_t left = rules;

  while (left != 0) {
    uint32_t rest = take_first(left, &rule);

    if (!is_peer(rule, connection)) {
      rules &= ~(left ^ rest);
    }
    left = rest;
  }
  return rules;
}

const struct rtems_rump_access *
access_of_guest(uint32_t rules)
{
  const struct rtems_rump_access *rule;

  while (rules != 0) {
    rules = take_first(rules, &rule);
    if (rule->key == NULL) {
      return rule;
    }
  }
  return NULL;
}

static bool
is_user(
  const struct rtems_rump_access *rule, const unsigned char user[SP_USER_SIZE])
{
  char padded[SP_USER_SIZE] = "";

  if (rule->user != NULL) {
    memcpy(padded, rule->user, strlen(rule->user));
  }
  return rule->key != NULL && memcmp(padded, user, sizeof(padded)) == 0;
}

static const struct rtems_rump_access *
find_user(uint32_t rules, const unsigned char user[SP_USER_SIZE])
{
  const struct rtems_rump_access *rule;

  while (rules != 0) {
    rules = take_first(rules, &rule);
    if (is_user(rule, user)) {
      return rule;
    }
  }
  return NULL;
}

const struct rtems_rump_access *
access_of_user(
  uint32_t               rules,
  const struct sp_claim *claim,
  const unsigned char   *nonce,
  const unsigned char   *proof
)
{
  const struct rtems_rump_access *rule = find_user(rules, claim->user);
  unsigned char wanted[SP_PROOF_SIZE];
  bool is_proved;

  proof_make(
    wanted,
    rule != NULL ? rule->key : no_key,
    rule != NULL ? rule->key_size : sizeof(no_key),
    PROOF_OF_CLIENT,
    claim,
    nonce
  );
  is_proved = hmac_is_equal(wanted, proof);
  explicit_bzero(wanted, sizeof(wanted));
  return is_proved ? rule : NULL;
}

bool
access_has_key(uint32_t rules)
{
  const struct rtems_rump_access *rule = NULL;

  while (rules != 0 && (rule == NULL || rule->key == NULL)) {
    rules = take_first(rules, &rule);
  }
  return rule != NULL && rule->key != NULL;
}

int
access_random(void *to, size_t size)
{
  size_t done;

  return rumpuser_getrandom(to, size, 0, &done) == 0 && done == size
    ? 0 : EIO;
}

int
access_transport_key(
  const char   *user,
  size_t        size,
  unsigned char key[TRANSPORT_KEY_SIZE],
  void         *arg
)
{
  unsigned char padded[SP_USER_SIZE] = "";
  unsigned char unknown[TRANSPORT_KEY_SIZE];
  const struct rtems_rump_access *rule = NULL;
  int error = access_random(unknown, sizeof(unknown));

  if (size <= sizeof(padded)) {
    memcpy(padded, user, size);
    rule = find_user((uint32_t)(uintptr_t)arg, padded);
  }
  proof_make_transport_key(
    key,
    rule != NULL ? rule->key : no_key,
    rule != NULL ? rule->key_size : sizeof(no_key)
  );
  if (rule == NULL) {
    memcpy(key, unknown, sizeof(unknown));
  }
  return error;
}
