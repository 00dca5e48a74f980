/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * tls:// and tls6://: TLS 1.2 over tcp:// and tcp6://, by Mbed TLS (2.28 or
 * 3.x).  Both ends know a key, and make another one for each connection
 * (ECDHE-PSK), so there are no certificates, and who gets to know the key later
 * cannot read what went before.
 *
 * A connection is a layer over another one, whose ends are not told apart: the
 * handshake goes on whenever an end receives or sends.  Mbed TLS does not take
 * two tasks at a time, so there is a mutex, which nobody holds while waiting
 * for the other side.
 */

#include <rtems-rump/remote.h>

#include "media.h"
#include "sync.h"

#include <errno.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <mbedtls/ssl.h>
#include <mbedtls/version.h>

#if MBEDTLS_VERSION_NUMBER >= 0x04000000
#error "Mbed TLS 2.28 or 3.x is needed"
#endif

/* Of a record that is sent; before the handshake is over, all that is sent. */
#define PLAIN_SIZE 4096u

/* What is waited for, by what is waited for below. */
struct waits {
  atomic_uint receive, send;
};

struct tls {
  struct transport transport;
  struct transport *below;
  bool is_server;
  struct transport_watcher watcher;
  struct waits waits;

  /* Of what follows. */
  struct sync_mutex lock;
  struct transport_secret secret;
  mbedtls_ssl_config config;
  mbedtls_ssl_context ssl;

  /* 0, or why nothing goes through (any more). */
  int error;
  bool is_up;

  /* For what below a handshake waits. */
  enum transport_event wanted;

  /* Bytes of `plain` that are not sent. */
  size_t kept;
  unsigned char plain[PLAIN_SIZE];
};

struct tls_listener {
  struct transport transport;
  struct transport *below;
};

/* In software the fastest of what there is with this exchange of keys. */
static const int suites[] = {
  MBEDTLS_TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256, 0
};

static void
choose_curves(mbedtls_ssl_config *config)
{
#if MBEDTLS_VERSION_NUMBER >= 0x03010000
  static const uint16_t curves[] = {
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519, MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE
  };

  mbedtls_ssl_conf_groups(config, curves);
#else
  static const mbedtls_ecp_group_id curves[] = {
    MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_NONE
  };

  mbedtls_ssl_conf_curves(config, curves);
#endif
}

static int
result_below(int error, size_t done, int would_block)
{
  return error == 0 ? (int)done
    : error == EAGAIN ? would_block : MBEDTLS_ERR_SSL_CONN_EOF;
}

static int
send_below(void *arg, const unsigned char *bytes, size_t size)
{
  struct tls *tls = arg;
  struct iovec part = { (void *)(uintptr_t)bytes, size };
  size_t sent = 0;
  int error = transport_send(tls->below, &part, 1, &sent);

  return result_below(error, sent, MBEDTLS_ERR_SSL_WANT_WRITE);
}

static int
receive_below(void *arg, unsigned char *to, size_t size)
{
  struct tls *tls = arg;
  size_t received = 0;
  int error = transport_receive(tls->below, to, size, &received);

  return result_below(error, received, MBEDTLS_ERR_SSL_WANT_READ);
}

static int
random_bytes(void *arg, unsigned char *to, size_t size)
{
  const struct tls *tls = arg;

  return (*tls->secret.random)(to, size) == 0 ? 0
    : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

/* Whoever it is: the handshake tells whether the key is right. */
static int
use_key_of(
  void *arg, mbedtls_ssl_context *ssl, const unsigned char *user, size_t size)
{
  struct tls *tls = arg;
  unsigned char key[TRANSPORT_KEY_SIZE];
  int error = (*tls->secret.key)((const char *)user, size, key,
    tls->secret.arg) != 0 ? MBEDTLS_ERR_SSL_INTERNAL_ERROR
    : mbedtls_ssl_set_hs_psk(ssl, key, sizeof(key));

  explicit_bzero(key, sizeof(key));
  return error;
}

static int
use_own_key(struct tls *tls)
{
  const struct transport_secret *secret = &tls->secret;
  unsigned char key[TRANSPORT_KEY_SIZE];
  int error = (*secret->key)(secret->user, secret->user_size, key,
    secret->arg) != 0 ? MBEDTLS_ERR_SSL_INTERNAL_ERROR
    : mbedtls_ssl_conf_psk(&tls->config, key, sizeof(key),
      (const unsigned char *)secret->user, secret->user_size);

  explicit_bzero(key, sizeof(key));
  return error;
}

/* With the lock. */
static int
begin(struct tls *tls)
{
  mbedtls_ssl_config *config = &tls->config;
  int error = mbedtls_ssl_config_defaults(
    config,
    tls->is_server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
    MBEDTLS_SSL_TRANSPORT_STREAM,
    MBEDTLS_SSL_PRESET_DEFAULT
  );

  mbedtls_ssl_conf_rng(config, random_bytes, tls);
  mbedtls_ssl_conf_ciphersuites(config, suites);
  mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3,
    MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_max_version(config, MBEDTLS_SSL_MAJOR_VERSION_3,
    MBEDTLS_SSL_MINOR_VERSION_3);
  choose_curves(config);
  if (error == 0 && tls->is_server) {
    mbedtls_ssl_conf_psk_cb(config, use_key_of, tls);
  } else if (error == 0) {
    error = use_own_key(tls);
  }
  if (error == 0) {
    error = mbedtls_ssl_setup(&tls->ssl, config);
  }
  mbedtls_ssl_set_bio(&tls->ssl, tls, send_below, receive_below, NULL);
  return error;
}

static int
tls_secure(struct transport *t, const struct transport_secret *secret)
{
  struct tls *tls = (struct tls *)t;

  sync_lock(&tls->lock);
  tls->secret = *secret;
  tls->error = begin(tls) == 0 ? 0 : ENOMEM;
  sync_unlock(&tls->lock);
  return tls->error;
}

/* Who does not have the key is told so, or sends what cannot be decrypted. */
static int
failure(const struct tls *tls, int code)
{
  switch (code) {
    case 0:
    case MBEDTLS_ERR_SSL_CONN_EOF:
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
      return ENOTCONN;
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
      return tls->is_up ? ENOTCONN : EPERM;
    case MBEDTLS_ERR_SSL_INVALID_MAC:
      return tls->is_up ? EPROTO : EACCES;
    default:
      return EPROTO;
  }
}

/* With the lock: EAGAIN, or why the connection is over. */
static int
note(struct tls *tls, int code)
{
  switch (code) {
    case MBEDTLS_ERR_SSL_WANT_READ:
      tls->wanted = TRANSPORT_RECEIVE;
      return EAGAIN;
    case MBEDTLS_ERR_SSL_WANT_WRITE:
      tls->wanted = TRANSPORT_SEND;
      return EAGAIN;
    default:
      tls->error = failure(tls, code);
      return tls->error;
  }
}

/* With the lock: sends what is kept, or the rest of its record. */
static int
flush(struct tls *tls)
{
  int code = mbedtls_ssl_write(&tls->ssl, tls->plain, tls->kept);

  if (code <= 0) {
    return note(tls, code);
  }
  tls->kept = 0;
  return 0;
}

/* What has no room in a connection that has just begun has none at all. */
static int
flush_early(struct tls *tls)
{
  int error = tls->kept > 0 ? flush(tls) : 0;

  if (error == EAGAIN) {
    error = tls->error = ENOTCONN;
  }
  return error;
}

/* With the lock: goes on with the handshake, if that is not over. */
static int
shake_hands(struct tls *tls)
{
  int code;

  if (tls->error != 0 || tls->is_up) {
    return tls->error;
  }
  code = mbedtls_ssl_handshake(&tls->ssl);
  if (code != 0) {
    return note(tls, code);
  }
  tls->is_up = true;
  return flush_early(tls);
}

/* Of the parts, after those that are kept. */
static size_t
keep(struct tls *tls, const struct iovec *parts, int count)
{
  size_t before = tls->kept;
  int i;

  for (i = 0; i < count; ++i) {
    size_t room = PLAIN_SIZE - tls->kept;
    size_t size = parts[i].iov_len < room ? parts[i].iov_len : room;

    if (size > 0) {
      memcpy(tls->plain + tls->kept, parts[i].iov_base, size);
    }
    tls->kept += size;
  }
  return tls->kept - before;
}

/* Bytes are sent when their record is: until then the sender tries again. */
static int
send_record(
  struct tls *tls, const struct iovec *parts, int count, size_t *sent)
{
  int error;

  if (tls->kept == 0 && keep(tls, parts, count) == 0) {
    return 0;
  }
  *sent = tls->kept;
  error = flush(tls);
  if (error != 0) {
    *sent = 0;
  }
  return error;
}

static int
tls_send(
  struct transport *t, const struct iovec *parts, int count, size_t *sent)
{
  struct tls *tls = (struct tls *)t;
  int error;

  *sent = 0;
  sync_lock(&tls->lock);
  error = shake_hands(tls);
  if (error == EAGAIN) {
    *sent = keep(tls, parts, count);
    error = *sent > 0 ? 0 : EAGAIN;
  } else if (error == 0) {
    error = send_record(tls, parts, count, sent);
  }
  sync_unlock(&tls->lock);
  return error;
}

static int
tls_receive(struct transport *t, void *to, size_t size, size_t *received)
{
  struct tls *tls = (struct tls *)t;
  int error;

  sync_lock(&tls->lock);
  error = shake_hands(tls);
  if (error == 0) {
    int code = mbedtls_ssl_read(&tls->ssl, to, size);

    *received = code > 0 ? (size_t)code : 0;
    error = code > 0 ? 0 : note(tls, code);
  }
  sync_unlock(&tls->lock);
  return error;
}

/* Below's; nothing may be locked here. */
static void
notify(enum transport_event event, void *arg)
{
  struct tls *tls = arg;
  unsigned waiting = atomic_exchange(
    event == TRANSPORT_RECEIVE ? &tls->waits.receive : &tls->waits.send, 0);

  if ((waiting & TRANSPORT_RECEIVE) != 0) {
    (*tls->watcher.notify)(TRANSPORT_RECEIVE, tls->watcher.arg);
  }
  if ((waiting & TRANSPORT_SEND) != 0) {
    (*tls->watcher.notify)(TRANSPORT_SEND, tls->watcher.arg);
  }
}

static void
tls_watch(struct transport *t, const struct transport_watcher *watcher)
{
  struct tls *tls = (struct tls *)t;
  const struct transport_watcher own = { .notify = notify, .arg = tls };

  tls->watcher = *watcher;
  transport_watch(tls->below, &own);
}

/* With the lock. */
static bool
is_ready(struct tls *tls, enum transport_event event)
{
  if (tls->error != 0) {
    return true;
  }
  if (event == TRANSPORT_SEND) {
    return !tls->is_up && tls->kept < PLAIN_SIZE;
  }
  return tls->is_up && mbedtls_ssl_check_pending(&tls->ssl) != 0;
}

static enum transport_event
event_below(const struct tls *tls, enum transport_event event)
{
  return tls->is_up ? event : tls->wanted;
}

/*
 * With the lock, so that nobody takes meanwhile what is waited for.  If there
 * is something below already, but the other direction's wait for that is over
 * at this moment, too, the watcher is called.
 */
static bool
arm_below(struct tls *tls, enum transport_event event)
{
  enum transport_event wanted = event_below(tls, event);
  atomic_uint *waits =
    wanted == TRANSPORT_RECEIVE ? &tls->waits.receive : &tls->waits.send;

  (void)atomic_fetch_or(waits, event);
  return transport_arm(tls->below, wanted)
    && (atomic_fetch_and(waits, ~(unsigned)event) & event) != 0;
}

static bool
tls_arm(struct transport *t, enum transport_event event)
{
  struct tls *tls = (struct tls *)t;
  bool ready;

  sync_lock(&tls->lock);
  ready = is_ready(tls, event) || arm_below(tls, event);
  sync_unlock(&tls->lock);
  return ready;
}

#if defined(__rtems__) || defined(REMOTE_SIMULATOR)
#define tls_wait NULL
#else
static void
tls_wait(struct transport *t, enum transport_event event)
{
  struct tls *tls = (struct tls *)t;
  bool ready;

  sync_lock(&tls->lock);
  ready = is_ready(tls, event);
  event = event_below(tls, event);
  sync_unlock(&tls->lock);
  if (!ready) {
    (*tls->below->ops->wait)(tls->below, event);
  }
}
#endif

/* That it has ended an end can tell by what it has not got. */
static void
tls_shutdown(struct transport *t)
{
  transport_shutdown(((struct tls *)t)->below);
}

static void
tls_close(struct transport *t)
{
  struct tls *tls = (struct tls *)t;

  transport_close(tls->below);
  mbedtls_ssl_free(&tls->ssl);
  mbedtls_ssl_config_free(&tls->config);
  sync_mutex_destroy(&tls->lock);
  explicit_bzero(tls, sizeof(*tls));
  free(tls);
}

static int
tls_peer(struct transport *t, const char *prefix)
{
  return transport_peer(((struct tls *)t)->below, prefix);
}

/* As below. */
#ifdef __rtems__
static void
tls_finish(struct transport *t)
{
  transport_finish(((struct tls *)t)->below);
}

static bool
tls_linger(struct transport *t)
{
  return transport_linger(((struct tls *)t)->below);
}
#else
#define tls_finish NULL
#define tls_linger NULL
#endif

static const struct transport_ops connection_ops = {
  .send = tls_send,
  .receive = tls_receive,
  .watch = tls_watch,
  .arm = tls_arm,
  .shutdown = tls_shutdown,
  .close = tls_close,
  .peer = tls_peer,
  .finish = tls_finish,
  .linger = tls_linger,
  .wait = tls_wait,
  .secure = tls_secure
};

/* Takes the connection below. */
static int
make_connection(
  struct transport *below, bool is_server, struct transport **made)
{
  struct tls *tls = calloc(1, sizeof(*tls));

  if (tls == NULL) {
    transport_close(below);
    return ENOMEM;
  }
  tls->transport.ops = &connection_ops;
  tls->below = below;
  tls->is_server = is_server;
  tls->error = EPERM;
  tls->wanted = TRANSPORT_RECEIVE;
  sync_mutex_init(&tls->lock, "rump tls");
  mbedtls_ssl_config_init(&tls->config);
  mbedtls_ssl_init(&tls->ssl);
  *made = &tls->transport;
  return 0;
}

static int
listener_accept(struct transport *t, struct transport **connection)
{
  struct transport *below;
  int error = transport_accept(((struct tls_listener *)t)->below, &below);

  return error != 0 ? error : make_connection(below, true, connection);
}

static void
listener_watch(struct transport *t, const struct transport_watcher *watcher)
{
  transport_watch(((struct tls_listener *)t)->below, watcher);
}

static bool
listener_arm(struct transport *t, enum transport_event event)
{
  return transport_arm(((struct tls_listener *)t)->below, event);
}

static void
listener_shutdown(struct transport *t)
{
  transport_shutdown(((struct tls_listener *)t)->below);
}

static void
listener_close(struct transport *t)
{
  transport_close(((struct tls_listener *)t)->below);
  free(t);
}

static int
listener_peer(struct transport *t, const char *prefix)
{
  return transport_peer(((struct tls_listener *)t)->below, prefix);
}

/* Its connections have secrets. */
static int
listener_secure(struct transport *t, const struct transport_secret *secret)
{
  (void)t;
  (void)secret;
  return 0;
}

static const struct transport_ops listener_ops = {
  .accept = listener_accept,
  .watch = listener_watch,
  .arm = listener_arm,
  .shutdown = listener_shutdown,
  .close = listener_close,
  .peer = listener_peer,
  .secure = listener_secure
};

/* Takes the listener below. */
static int
make_listener(struct transport *below, struct transport **made)
{
  struct tls_listener *listener = calloc(1, sizeof(*listener));

  if (listener == NULL) {
    transport_close(below);
    return ENOMEM;
  }
  listener->transport.ops = &listener_ops;
  listener->below = below;
  *made = &listener->transport;
  return 0;
}

static int
listen_over(
  int (*listen_below)(const char *address, struct transport **listener),
  const char *address, struct transport **listener)
{
  struct transport *below;
  int error = (*listen_below)(address, &below);

  return error != 0 ? error : make_listener(below, listener);
}

static int
connect_over(
  int (*connect_below)(const char *address, struct transport **connection),
  const char *address, struct transport **connection)
{
  struct transport *below;
  int error = (*connect_below)(address, &below);

  return error != 0 ? error : make_connection(below, false, connection);
}

int
tls_listen(const char *address, struct transport **listener)
{
  return listen_over(tcp_listen, address, listener);
}

int
tls_connect(const char *address, struct transport **connection)
{
  return connect_over(tcp_connect, address, connection);
}

int
tls6_listen(const char *address, struct transport **listener)
{
  return listen_over(tcp6_listen, address, listener);
}

int
tls6_connect(const char *address, struct transport **connection)
{
  return connect_over(tcp6_connect, address, connection);
}

void
rtems_rump_tls_register(void)
{
#ifdef __rtems__
  static struct media media = {
    { { "tls", tls_listen, tls_connect },
      { "tls6", tls6_listen, tls6_connect } }, NULL
  };

  media_register(&media);
#endif
}
