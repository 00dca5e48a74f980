/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The client.  Of the tasks that wait for an answer one receives for all, and
 * serves what the kernel asks for; when it has its own answer, another one
 * goes on with that.
 */

#include <rtems-rump/remote.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "carry.h"
#include "frame.h"
#include "machine.h"
#include "neutral.h"
#include "proof.h"
#include "sync.h"

_Static_assert(
  sizeof(((struct rtems_rump_fork *)NULL)->cookie)
    == SP_COOKIE_WORDS * sizeof(uint32_t),
  "the cookie of the interface is that of the wire"
);

/* A request that waits for its answer; on the stack of its task. */
struct call {
  struct call *next;
  uint64_t number;
  enum sp_type type;
  struct sync_condition condition;

  /* Where the answer goes. */
  void *to;
  size_t size;
  bool is_done;
  int error;

  /* Of a described call: its memory is the kernel's no more when it is done. */
  struct neutral_call **window;
};

struct rtems_rump_client {
  struct rtems_rump_client_config config;
  struct transport *transport;
  struct sync_gate gate;

  /* Of who sends. */
  struct sync_mutex sending;

  /* Of who receives. */
  struct frame frame;
  struct call *answered;
  unsigned char words[2 * sizeof(uint64_t)];

  /* Of the kernel. */
  struct layout layout;
  bool takes_carried;
  char machine[RTEMS_RUMP_CLIENT_MACHINE_SIZE + 1];

  /* Of what follows. */
  struct sync_mutex lock;
  struct call *calls;
  bool is_received;
  uint64_t next_number;

  /* Tasks with a call, and the one that connects anew. */
  unsigned users;
  bool is_reconnecting;
  struct sync_condition changed;
  char *url;

  /* 0, or why the connection is over. */
  int error;

  atomic_uint round_trips;

  /* Whether system calls need no frames: nobody is asked before copies. */
  bool is_direct;

  /* Of the configuration's function, and what that is for described calls. */
  void *translate_arg;
  struct neutral neutral;
};

static int
send_all(struct rtems_rump_client *client, struct iovec *parts, int count)
{
  while (count > 0) {
    size_t sent;
    int error = transport_send(client->transport, parts, count, &sent);

    if (error == EAGAIN) {
      sync_gate_wait(&client->gate, client->transport, TRANSPORT_SEND);
    } else if (error != 0) {
      return ENOTCONN;
    } else {
      count = frame_advance(&parts, count, sent);
    }
  }
  return 0;
}

static void
count_round_trip(struct rtems_rump_client *client)
{
  atomic_fetch_add_explicit(&client->round_trips, 1, memory_order_relaxed);
}

/* Who receives finds that out, too. */
static int
send_frame(
  struct rtems_rump_client *client,
  struct sp_header         *header,
  const void               *data,
  size_t                    size
)
{
  struct iovec parts[2];
  int count = frame_parts(parts, header, data, size);
  int error;

  if (client->frame.is_swapped) {
    frame_swap(header);
  }
  sync_lock(&client->sending);
  error = send_all(client, parts, count);
  sync_unlock(&client->sending);
  if (error != 0) {
    transport_shutdown(client->transport);
  }
  return error;
}

static struct call *
find_call(struct rtems_rump_client *client, uint64_t number)
{
  struct call *call;

  sync_lock(&client->lock);
  for (call = client->calls; call != NULL && call->number != number;
      call = call->next) {
  }
  sync_unlock(&client->lock);
  return call;
}

static enum frame_step
expect_answer(struct rtems_rump_client *client, struct frame *frame)
{
  struct call *call = find_call(client, frame->header.number);
  size_t size = frame_payload(frame);

  if (call == NULL) {
    return FRAME_IS_BAD;
  }
  client->answered = call;
  if (frame->header.class == SP_ERROR) {
    return size == 0 ? FRAME_IS_COMPLETE : FRAME_IS_BAD;
  }
  if (frame->header.type != call->type || size != call->size) {
    return FRAME_IS_BAD;
  }
  frame_expect(frame, call->to, size);
  return FRAME_GOES_ON;
}

static enum frame_step
expect_request(struct rtems_rump_client *client, struct frame *frame)
{
  size_t size = frame_payload(frame);
  size_t copy = 2 * client->layout.word_size;

  client->answered = NULL;
  switch (frame->header.type) {
    case SP_COPYIN:
    case SP_COPYINSTR:
      if (size != copy) {
        return FRAME_IS_BAD;
      }
      break;
    case SP_COPYOUT:
    case SP_COPYOUTSTR:
      if (size < copy) {
        return FRAME_IS_BAD;
      }
      size = copy;
      break;
    case SP_ANONMMAP:
      if (size != client->layout.word_size) {
        return FRAME_IS_BAD;
      }
      break;
    case SP_RAISE:
      return size == 0 ? FRAME_IS_COMPLETE : FRAME_IS_BAD;
    default:
      return FRAME_IS_BAD;
  }
  frame_expect(frame, client->words, size);
  return FRAME_GOES_ON;
}

/* The kernel's machine. */
static struct words
words_of(const struct rtems_rump_client *client)
{
  return (struct words){ client->layout.word_size, client->frame.is_swapped };
}

/* A word that the kernel has sent, or is sent to it. */
static uint64_t
get_word(const struct rtems_rump_client *client, const void *from)
{
  struct words words = words_of(client);

  return words_get(&words, from);
}

static void
put_word(const struct rtems_rump_client *client, void *to, uint64_t word)
{
  struct words words = words_of(client);

  words_put(&words, to, word);
}

/* What struct sp_copy has on the kernel's machine. */
static uint64_t
copy_size(const struct rtems_rump_client *client)
{
  return get_word(client, client->words);
}

static uint64_t
copy_address(const struct rtems_rump_client *client)
{
  return get_word(client, client->words + client->layout.word_size);
}

/* NULL if the kernel must not have it; of no size it is not used. */
static void *
locate(
  const struct rtems_rump_client *client,
  uint64_t                        address,
  uint64_t                        size,
  bool                            is_write
)
{
  static char nothing;
  const struct rtems_rump_client_config *config = &client->config;
  void *place = (void *)(uintptr_t)address;

  if (size > SIZE_MAX / 2 || address > UINT64_MAX - size) {
    return NULL;
  }
  if (config->translate != NULL) {
    return (*config->translate)(
      address, (size_t)size, is_write, client->translate_arg);
  }
  if (address > UINTPTR_MAX - size || (config->may_copy != NULL
      && !(*config->may_copy)(place, (size_t)size, is_write, config->arg))) {
    return NULL;
  }
  return place == NULL && size == 0 ? &nothing : place;
}

/* Nobody is told that there was no place for data. */
static enum frame_step
expect_data(struct rtems_rump_client *client, struct frame *frame)
{
  size_t size = frame_payload(frame) - 2 * client->layout.word_size;
  void *place = copy_size(client) != size ? NULL
    : locate(client, copy_address(client), size, true);

  if (place == NULL) {
    return FRAME_IS_BAD;
  }
  frame_expect(frame, place, size);
  return FRAME_GOES_ON;
}

static enum frame_step
next_piece(struct frame *frame, void *arg)
{
  struct rtems_rump_client *client = arg;
  bool is_copyout = frame->header.class == SP_REQUEST
    && (frame->header.type == SP_COPYOUT
      || frame->header.type == SP_COPYOUTSTR);

  if (frame->pieces == 1) {
    switch (frame->header.class) {
      case SP_REQUEST:
        return expect_request(client, frame);
      case SP_RESPONSE:
      case SP_ERROR:
        return expect_answer(client, frame);
      default:
        return FRAME_IS_BAD;
    }
  }
  return frame->pieces == 2 && is_copyout ? expect_data(client, frame)
    : FRAME_IS_COMPLETE;
}

static int
answer(
  struct rtems_rump_client *client,
  enum sp_type              type,
  const void               *data,
  size_t                    size
)
{
  struct sp_header header = {
    .number = client->frame.header.number,
    .class = SP_RESPONSE,
    .type = type
  };

  count_round_trip(client);
  return send_frame(client, &header, data, size);
}

static int
refuse(struct rtems_rump_client *client)
{
  struct sp_header header = {
    .number = client->frame.header.number,
    .class = SP_ERROR,
    .what = SP_ERROR_MALFORMED
  };

  count_round_trip(client);
  return send_frame(client, &header, NULL, 0);
}

/* A string may be followed by what is not to be read. */
static bool
find_end(
  const struct rtems_rump_client *client, uint64_t address, uint64_t *size)
{
  uint64_t i;

  for (i = 0; i < *size; ++i) {
    const char *c = locate(client, address + i, 1, false);

    if (c == NULL) {
      return false;
    }
    if (*c == '\0') {
      *size = i + 1;
    }
  }
  return true;
}

static int
serve_copyin(struct rtems_rump_client *client)
{
  uint64_t address = copy_address(client);
  uint64_t size = copy_size(client);
  bool has_end = client->frame.header.type != SP_COPYINSTR
    || find_end(client, address, &size);
  const void *place = has_end ? locate(client, address, size, false) : NULL;

  return place == NULL ? refuse(client)
    : answer(client, SP_COPYIN, place, (size_t)size);
}

static int
serve_map(struct rtems_rump_client *client)
{
  const struct rtems_rump_client_config *config = &client->config;
  uint64_t size = get_word(client, client->words);
  void *address = config->map == NULL || size > SIZE_MAX ? NULL
    : (*config->map)((size_t)size, config->arg);
  unsigned char word[sizeof(uint64_t)];

  put_word(client, word, (uintptr_t)address);
  return answer(client, SP_ANONMMAP, word, client->layout.word_size);
}

static int
serve_signal(struct rtems_rump_client *client)
{
  if (client->config.on_signal != NULL) {
    (*client->config.on_signal)(
      (int)client->frame.header.what,
      client->config.arg
    );
  }
  return 0;
}

static int
serve(struct rtems_rump_client *client)
{
  switch (client->frame.header.type) {
    case SP_COPYIN:
    case SP_COPYINSTR:
      return serve_copyin(client);
    case SP_ANONMMAP:
      return serve_map(client);
    case SP_RAISE:
      return serve_signal(client);
    default:
      return 0;
  }
}

/* With the lock. */
static void
finish_call(struct rtems_rump_client *client, struct call *call, int error)
{
  struct call **p = &client->calls;

  while (*p != call) {
    p = &(*p)->next;
  }
  *p = call->next;
  if (call->window != NULL) {
    neutral_close(&client->neutral, call->window);
  }
  call->error = error;
  call->is_done = true;
  sync_condition_signal(&call->condition);
}

/* One frame, or the end, or EAGAIN. */
static int
receive_now(struct rtems_rump_client *client)
{
  struct frame *frame = &client->frame;
  int error = frame_receive(frame, client->transport, next_piece, client);

  if (error == EAGAIN) {
    return EAGAIN;
  }
  if (error != 0) {
    transport_shutdown(client->transport);
    return error == EPROTO ? EPROTO : ENOTCONN;
  }
  if (client->answered != NULL) {
    sync_lock(&client->lock);
    finish_call(
      client,
      client->answered,
      frame->header.class == SP_ERROR ? frame_errno(frame->header.what) : 0
    );
    sync_unlock(&client->lock);
  } else {
    error = serve(client);
  }
  frame_begin(frame);
  return error;
}

static int
receive(struct rtems_rump_client *client)
{
  int error;

  while ((error = receive_now(client)) == EAGAIN) {
    sync_gate_wait(&client->gate, client->transport, TRANSPORT_RECEIVE);
  }
  return error;
}

/* With the lock: another one that waits has to receive, or all are done. */
static void
pass_on(struct rtems_rump_client *client)
{
  client->is_received = false;
  while (client->error != 0 && client->calls != NULL) {
    finish_call(client, client->calls, client->error);
  }
  if (client->calls != NULL) {
    sync_condition_signal(&client->calls->condition);
  }
}

static void
receive_for_all(struct rtems_rump_client *client, const struct call *mine)
{
  int error = 0;

  client->is_received = true;
  while (!mine->is_done && client->error == 0) {
    sync_unlock(&client->lock);
    error = receive(client);
    sync_lock(&client->lock);
    client->error = error;
  }
  pass_on(client);
}

static int
wait_for_answer(struct rtems_rump_client *client, struct call *call)
{
  sync_lock(&client->lock);
  while (!call->is_done) {
    if (client->is_received) {
      sync_condition_wait(&call->condition, &client->lock);
    } else {
      receive_for_all(client, call);
    }
  }
  sync_unlock(&client->lock);
  return call->error;
}

static int
receive_what_is_there(struct rtems_rump_client *client)
{
  int error;

  do {
    error = receive_now(client);
  } while (error == 0 || (error == EAGAIN
    && transport_arm(client->transport, TRANSPORT_RECEIVE)));
  return error == EAGAIN ? 0 : error;
}

/*
 * While calls need no frames nobody waits to receive: one that has such a call
 * looks when there is something.
 */
static void
look(void *arg)
{
  struct rtems_rump_client *client = arg;
  int error;

  sync_lock(&client->lock);
  if (!client->is_received && client->error == 0) {
    client->is_received = true;
    sync_unlock(&client->lock);
    error = receive_what_is_there(client);
    sync_lock(&client->lock);
    client->error = error;
    pass_on(client);
  }
  sync_unlock(&client->lock);
}

static int
begin_call(struct rtems_rump_client *client, struct call *call)
{
  int error;

  sync_lock(&client->lock);
  error = client->error;
  if (error == 0) {
    call->number = client->next_number++;
    call->next = client->calls;
    client->calls = call;
  }
  sync_unlock(&client->lock);
  return error;
}

/* Sends a request on this connection and waits for its answer. */
static int
ask_once(
  struct rtems_rump_client *client,
  enum sp_type              type,
  uint32_t                  what,
  const void               *data,
  size_t                    size,
  void                     *to,
  size_t                    to_size,
  struct neutral_call     **window
)
{
  struct call call = {
    .type = type == SP_CARRYING ? SP_SYSCALL : type,
    .to = to,
    .size = to_size,
    .window = window
  };
  struct sp_header header = {
    .class = SP_REQUEST,
    .type = type,
    .what = what
  };
  int error;

  sync_condition_init(&call.condition, "rump client call");
  error = begin_call(client, &call);
  if (error == 0) {
    count_round_trip(client);
    header.number = call.number;
    (void)send_frame(client, &header, data, size);
    error = wait_for_answer(client, &call);
    if (client->is_direct && transport_calls(client->transport)) {
      look(client);
    }
  }
  sync_condition_destroy(&call.condition);
  return error;
}

/*
 * The first one stays the client's: others use it while one connects anew, and
 * what they have laid out is for that machine.
 */
static int
take_machine(struct rtems_rump_client *client, const char *text, size_t length)
{
  static const struct layout own = LAYOUT_NATIVE;
  struct machine machine;
  int error = machine_read(&machine, &client->config, text, length);
  bool is_swapped = machine.layout.is_big_endian != own.is_big_endian;

  if (error != 0) {
    return error;
  }
  client->takes_carried = machine.takes_carried;
  if (client->layout.word_size != 0) {
    return strcmp(machine.name, client->machine) == 0
      && layout_is_equal(&machine.layout, &client->layout) ? 0 : ENOTSUP;
  }
  if ((machine.layout.word_size != own.word_size || is_swapped)
      && client->config.translate == NULL) {
    return ENOTSUP;
  }
  memcpy(client->machine, machine.name, sizeof(client->machine));
  client->layout = machine.layout;
  client->frame.is_swapped = is_swapped;
  return 0;
}

/* With others it is the same the next time. */
static bool
is_passing(int error)
{
  switch (error) {
    case EPERM:
    case EACCES:
    case EPROTO:
    case ENOTSUP:
      return false;
    default:
      return true;
  }
}

/* Up to its end a line is of version 0 if it begins so. */
static int
read_banner(struct rtems_rump_client *client)
{
  static const char expected[] = "RUMPSP-0.";
  char text[SP_BANNER_SIZE];
  size_t length = 0;

  do {
    size_t received;
    int error;

    if (length == sizeof(text)) {
      return EPROTO;
    }
    error = transport_receive(
      client->transport,
      text + length,
      1,
      &received
    );
    if (error == EAGAIN) {
      sync_gate_wait(&client->gate, client->transport, TRANSPORT_RECEIVE);
    } else if (error != 0) {
      return is_passing(error) ? ENOTCONN : error;
    } else {
      ++length;
    }
  } while (length == 0 || text[length - 1] != '\n');
  return length >= sizeof(expected)
    && memcmp(text, expected, sizeof(expected) - 1) == 0
    ? take_machine(client, text, length - 1) : EPROTO;
}

static int
shake_hands(
  struct rtems_rump_client *client,
  enum sp_handshake         how,
  const void               *data,
  size_t                    size
)
{
  int result = 0;
  int error = ask_once(
    client,
    SP_HANDSHAKE,
    how,
    data,
    size,
    &result,
    sizeof(result),
    NULL
  );

  return error != 0 ? error : result != 0 ? EPROTO : 0;
}

static bool
is_key_valid(const struct rtems_rump_client_config *config)
{
  return config->key == NULL
    || (config->key_size >= RTEMS_RUMP_CLIENT_KEY_MINIMUM
      && (config->user == NULL || strlen(config->user) < SP_USER_SIZE));
}

static bool
is_name_valid(const char *name)
{
  return strlen(name) <= RTEMS_RUMP_CLIENT_NAME_SIZE;
}

static bool
is_config_valid(const struct rtems_rump_client_config *config)
{
  return config == NULL
    || (is_key_valid(config)
      && (config->name == NULL || is_name_valid(config->name))
      && (config->word_size == 0 || config->word_size == 4
        || config->word_size == 8)
      && config->byte_order <= RTEMS_RUMP_CLIENT_BIG_ENDIAN
      && (config->alignment64 == 0 || config->alignment64 == 4
        || config->alignment64 == 8)
      && (!config->is_neutral || (config->translate == NULL
        && config->may_copy == NULL && config->map == NULL))
      && config->reconnect >= RTEMS_RUMP_CLIENT_RECONNECT_ONCE);
}

static const char *
user_of(const struct rtems_rump_client *client)
{
  return client->config.user != NULL ? client->config.user : "";
}

static int
make_transport_key(
  const char *user, size_t size, unsigned char key[TRANSPORT_KEY_SIZE],
  void *arg)
{
  const struct rtems_rump_client *client = arg;

  (void)user;
  (void)size;
  proof_make_transport_key(key, client->config.key, client->config.key_size);
  return 0;
}

/* The user's name with its end, so there is something. */
static int
secure(struct rtems_rump_client *client)
{
  const struct transport_secret secret = {
    .user = user_of(client),
    .user_size = strlen(user_of(client)) + 1,
    .key = make_transport_key,
    .arg = client,
    .random = getentropy
  };

  return transport_is_secret(client->transport) && client->config.key == NULL
    ? EPERM : transport_secure(client->transport, &secret);
}

static int
make_claim(const char *user, struct sp_claim *claim)
{
  memset(claim, 0, sizeof(*claim));
  memcpy(claim->user, user, strlen(user));
  return getentropy(claim->nonce, sizeof(claim->nonce)) == 0 ? 0 : EIO;
}

/* The server proves that it has the key when it knows that the client does. */
static int
exchange_proofs(
  struct rtems_rump_client *client, const struct sp_claim *claim)
{
  const struct rtems_rump_client_config *config = &client->config;
  unsigned char nonce[SP_NONCE_SIZE];
  unsigned char proof[SP_PROOF_SIZE], wanted[SP_PROOF_SIZE];
  int error = ask_once(
    client,
    SP_HANDSHAKE,
    SP_AUTHENTICATE,
    claim,
    sizeof(*claim),
    nonce,
    sizeof(nonce),
    NULL
  );

  if (error != 0) {
    return error;
  }
  proof_make(
    proof, config->key, config->key_size, PROOF_OF_CLIENT, claim, nonce);
  proof_make(
    wanted, config->key, config->key_size, PROOF_OF_SERVER, claim, nonce);
  error = ask_once(
    client,
    SP_HANDSHAKE,
    SP_AUTHENTICATE,
    proof,
    sizeof(proof),
    proof,
    sizeof(proof),
    NULL
  );
  if (error == 0 && !hmac_is_equal(proof, wanted)) {
    error = EACCES;
  }
  explicit_bzero(wanted, sizeof(wanted));
  return error;
}

static int
authenticate(struct rtems_rump_client *client)
{
  struct sp_claim claim;
  int error = 0;

  if (client->config.key != NULL) {
    error = make_claim(user_of(client), &claim);
    if (error == 0) {
      error = exchange_proofs(client, &claim);
    }
  }
  return error;
}

/* A connection with the banner read, in place of none. */
static int
make_connection(struct rtems_rump_client *client)
{
  int error = rtems_rump_transport_connect(client->url, &client->transport);

  if (error != 0) {
    client->transport = NULL;
    return error;
  }
  sync_gate_init(&client->gate, client->transport);
  frame_begin(&client->frame);
  error = secure(client);
  if (error == 0) {
    error = read_banner(client);
  }
  return error != 0 ? error : authenticate(client);
}

static void
drop_connection(struct rtems_rump_client *client)
{
  if (client->transport != NULL) {
    transport_close(client->transport);
    sync_gate_destroy(&client->gate);
    client->transport = NULL;
  }
}

static const char *
name_of(const struct rtems_rump_client *client)
{
  return client->config.name != NULL ? client->config.name : "client";
}

static int
shake_hands_as_guest(struct rtems_rump_client *client)
{
  const char *name = name_of(client);

  return shake_hands(client, SP_GUEST, name, strlen(name) + 1);
}

static int
connect_anew(struct rtems_rump_client *client)
{
  int error;

  drop_connection(client);
  sync_lock(&client->lock);
  client->error = 0;
  sync_unlock(&client->lock);
  error = make_connection(client);
  return error != 0 ? error : shake_hands_as_guest(client);
}

/* As NetBSD's library: at first ten times a second, later less often. */
static int
reconnect(struct rtems_rump_client *client)
{
  int policy = client->config.reconnect;
  uint64_t limit = policy > 0 ? (uint64_t)policy * 1000 : UINT64_MAX;
  uint64_t begin = sync_now();
  unsigned pause = 0;
  int error;

  for (;;) {
    error = connect_anew(client);
    if (error == 0 || !is_passing(error)
        || policy == RTEMS_RUMP_CLIENT_RECONNECT_ONCE
        || sync_now() - begin >= limit) {
      return error;
    }
    pause = pause < 1000 ? pause + 100 : pause < 10000 ? pause + 1000 : pause;
    sync_sleep(pause);
  }
}

/* With the lock, which is released meanwhile; nobody else has a call. */
static int
reconnect_for_all(struct rtems_rump_client *client)
{
  int error;

  client->is_reconnecting = true;
  while (client->users > 0) {
    sync_condition_wait(&client->changed, &client->lock);
  }
  sync_unlock(&client->lock);
  error = reconnect(client);
  sync_lock(&client->lock);
  client->is_reconnecting = false;
  client->error = error == 0 || !is_passing(error) ? error : ENOTCONN;
  sync_condition_broadcast(&client->changed);
  return client->error;
}

/*
 * Begins to use the connection, of which there is one, or an error.  One that
 * is never made anew is always there.
 */
static int
enter(struct rtems_rump_client *client)
{
  int error = 0;

  if (client->config.reconnect == 0) {
    return 0;
  }
  sync_lock(&client->lock);
  while (client->is_reconnecting) {
    sync_condition_wait(&client->changed, &client->lock);
  }
  if (client->error == ENOTCONN && client->config.reconnect != 0) {
    error = reconnect_for_all(client);
  }
  client->users += error == 0;
  sync_unlock(&client->lock);
  return error;
}

static void
leave(struct rtems_rump_client *client)
{
  if (client->config.reconnect == 0) {
    return;
  }
  sync_lock(&client->lock);
  if (--client->users == 0 && client->is_reconnecting) {
    sync_condition_broadcast(&client->changed);
  }
  sync_unlock(&client->lock);
}

static int
ask(
  struct rtems_rump_client *client,
  enum sp_type              type,
  uint32_t                  what,
  const void               *data,
  size_t                    size,
  void                     *to,
  size_t                    to_size
)
{
  int error = enter(client);

  if (error == 0) {
    error = ask_once(client, type, what, data, size, to, to_size, NULL);
    leave(client);
  }
  return error;
}

static int
create(
  const char                             *url,
  const struct rtems_rump_client_config  *config,
  struct rtems_rump_client              **made
)
{
  struct rtems_rump_client *client;

  if (url == NULL || !is_config_valid(config)) {
    return EINVAL;
  }
  client = calloc(1, sizeof(*client));
  if (client == NULL) {
    return ENOMEM;
  }
  client->url = strdup(url);
  if (client->url == NULL) {
    free(client);
    return ENOMEM;
  }
  if (config != NULL) {
    client->config = *config;
  }
  client->translate_arg = client->config.arg;
  if (client->config.is_neutral) {
    client->config.translate = neutral_translate;
    client->translate_arg = &client->neutral;
  }
  client->is_direct = client->config.may_copy == NULL
    && client->config.translate == NULL;
  sync_mutex_init(&client->sending, "rump client send");
  sync_mutex_init(&client->lock, "rump client");
  neutral_init(&client->neutral);
  sync_condition_init(&client->changed, "rump client");
  *made = client;
  return 0;
}

/* As the child of a fork, or as a guest if that is NULL. */
static int
open_as(
  const char                             *url,
  const struct rtems_rump_client_config  *config,
  const struct sp_fork                   *claim,
  struct rtems_rump_client              **made
)
{
  struct rtems_rump_client *client;
  int error = create(url, config, &client);

  if (error != 0) {
    return error;
  }
  error = make_connection(client);
  if (error == 0) {
    error = claim == NULL ? shake_hands_as_guest(client)
      : shake_hands(client, SP_FORK, claim, sizeof(*claim));
  }
  if (error == 0) {
    *made = client;
  } else {
    rtems_rump_client_close(client);
  }
  return error;
}

int
rtems_rump_client_open(
  const char                             *url,
  const struct rtems_rump_client_config  *config,
  struct rtems_rump_client              **client
)
{
  return open_as(url, config, NULL, client);
}

int
rtems_rump_client_open_fork(
  const char                             *url,
  const struct rtems_rump_client_config  *config,
  const struct rtems_rump_fork           *fork,
  struct rtems_rump_client              **client
)
{
  struct sp_fork claim;

  memset(&claim, 0, sizeof(claim));
  memcpy(claim.cookie, fork->cookie, sizeof(claim.cookie));
  return open_as(url, config, &claim, client);
}

void
rtems_rump_client_set_reconnect(
  struct rtems_rump_client *client, int reconnect)
{
  client->config.reconnect = reconnect;
}

int
rtems_rump_client_prefork(
  struct rtems_rump_client *client, struct rtems_rump_fork *fork)
{
  return ask(
    client,
    SP_PREFORK,
    0,
    NULL,
    0,
    fork->cookie,
    sizeof(fork->cookie)
  );
}

int
rtems_rump_client_exec(struct rtems_rump_client *client, const char *name)
{
  int error;

  if (!is_name_valid(name)) {
    return EINVAL;
  }
  error = enter(client);
  if (error == 0) {
    error = shake_hands(client, SP_EXEC, name, strlen(name) + 1);
    leave(client);
  }
  return error;
}

const char *
rtems_rump_client_machine(const struct rtems_rump_client *client)
{
  return client->machine;
}

bool
rtems_rump_client_is_big_endian(const struct rtems_rump_client *client)
{
  return client->layout.is_big_endian;
}

unsigned
rtems_rump_client_word_size(const struct rtems_rump_client *client)
{
  return client->layout.word_size;
}

unsigned
rtems_rump_client_round_trips(const struct rtems_rump_client *client)
{
  return atomic_load_explicit(&client->round_trips, memory_order_relaxed);
}

static int
get_error(const struct rtems_rump_client *client, const void *from)
{
  struct words words = words_of(client);

  return (int)words_get32(&words, from);
}

/* A word of struct sp_result with its sign. */
static int64_t
get_value(const struct rtems_rump_client *client, const void *from)
{
  uint64_t word = get_word(client, from);

  return client->layout.word_size == sizeof(uint32_t)
    ? (int32_t)word : (int64_t)word;
}

static const void *
locate_to_read(uint64_t address, uint64_t size, void *arg)
{
  return locate(arg, address, size, false);
}

/* By a frame of its own, whose room is needed for such a call alone. */
static __attribute__((__noinline__)) int
ask_carrying(
  struct rtems_rump_client   *client,
  int                         number,
  const struct carry_reading *reading,
  const void                 *arguments,
  size_t                      size,
  void                       *result,
  size_t                      result_size,
  struct neutral_call       **window
)
{
  struct carry_memory memory = { words_of(client), locate_to_read, client };
  unsigned char parts[SP_CARRYING_SIZE];
  size_t carried = carry_parts(&memory, reading, arguments, size, parts);

  return ask_once(
    client,
    carried > 0 ? SP_CARRYING : SP_SYSCALL,
    (uint32_t)number,
    carried > 0 ? parts : arguments,
    carried > 0 ? carried : size,
    result,
    result_size,
    window
  );
}

static inline __attribute__((__always_inline__)) int
ask_system_call(
  struct rtems_rump_client *client,
  int                       number,
  const void               *arguments,
  size_t                    size,
  void                     *result,
  size_t                    result_size,
  struct neutral_call     **window
)
{
  const struct carry_reading *reading =
    client->takes_carried ? carry_find(number) : NULL;

  return reading == NULL
    ? ask_once(client, SP_SYSCALL, (uint32_t)number, arguments, size, result,
      result_size, window)
    : ask_carrying(client, number, reading, arguments, size, result,
      result_size, window);
}

/* With results of any machine. */
static inline __attribute__((__always_inline__)) int
ask_for_results(
  struct rtems_rump_client *client,
  int                       number,
  const void               *arguments,
  size_t                    size,
  int                      *error,
  int64_t                   values[2],
  struct neutral_call     **window
)
{
  unsigned char result[3 * sizeof(uint64_t)];
  unsigned word = client->layout.word_size;
  int failure = ask_system_call(
    client, number, arguments, size, result, 3 * word, window);

  if (failure == 0) {
    *error = get_error(client, result);
    values[0] = get_value(client, result + word);
    values[1] = get_value(client, result + 2 * word);
  }
  return failure;
}

static int
call_by_frame(
  struct rtems_rump_client *client,
  int                       number,
  const void               *arguments,
  size_t                    size,
  int                      *error,
  intptr_t                  values[2]
)
{
  int64_t wide[2];
  int failure = ask_for_results(
    client, number, arguments, size, error, wide, NULL);

  if (failure == 0) {
    values[0] = (intptr_t)wide[0];
    values[1] = (intptr_t)wide[1];
  }
  return failure;
}

/* Nobody may have received that; why, or what for, is known before. */
static int
note_end(struct rtems_rump_client *client)
{
  int error;

  sync_lock(&client->lock);
  if (client->error == 0) {
    client->error = ENOTCONN;
  }
  error = client->error;
  sync_unlock(&client->lock);
  return error;
}

/* With a connection. */
static int
call(
  struct rtems_rump_client *client,
  int                       number,
  const void               *arguments,
  size_t                    size,
  int                      *error,
  intptr_t                  values[2]
)
{
  struct transport_question question = {
    .number = (uint32_t)number,
    .arguments = arguments,
    .size = size,
    .look = look,
    .arg = client
  };

  if (!client->is_direct || !transport_call(client->transport, &question)) {
    return call_by_frame(client, number, arguments, size, error, values);
  }
  *error = question.error;
  values[0] = question.values[0];
  values[1] = question.values[1];
  return question.failure == ENOTCONN ? note_end(client) : question.failure;
}

int
rtems_rump_client_syscall(
  struct rtems_rump_client *client,
  int                       number,
  const void               *arguments,
  size_t                    size,
  int                      *error,
  intptr_t                  values[2]
)
{
  int failure;

  if (size > SP_REQUEST_SIZE) {
    return EINVAL;
  }
  failure = enter(client);
  if (failure == 0) {
    failure = call(client, number, arguments, size, error, values);
    leave(client);
  }
  return failure;
}

struct layout
client_layout(const struct rtems_rump_client *client)
{
  return client->layout;
}

struct neutral *
client_neutral(struct rtems_rump_client *client)
{
  return client->config.is_neutral ? &client->neutral : NULL;
}

bool
client_translates(const struct rtems_rump_client *client)
{
  return client->config.translate != NULL;
}

int
client_syscall(
  struct rtems_rump_client *client,
  int                       number,
  const void               *arguments,
  size_t                    size,
  int                      *error,
  int64_t                   values[2],
  struct neutral_call     **window
)
{
  int failure = enter(client);

  if (failure == 0) {
    failure = ask_for_results(
      client, number, arguments, size, error, values, window);
    leave(client);
  }
  return failure;
}

void
rtems_rump_client_close(struct rtems_rump_client *client)
{
  drop_connection(client);
  sync_mutex_destroy(&client->sending);
  sync_mutex_destroy(&client->lock);
  sync_mutex_destroy(&client->neutral.lock);
  sync_condition_destroy(&client->changed);
  free(client->url);
  free(client);
}
