/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What the files of the server share.
 *
 * A session is a connection of a client with its process in the kernel.  Who
 * may receive on it has its token.  There is one: the transport has it while
 * nothing comes, then a task that waits for an answer of this client, or else
 * a worker, which carries out the request that it finds and gives the token
 * back before.  So a call takes the client one wake-up and the answer another.
 *
 * Where client and kernel share memory (transport_call()), the client's task
 * hands its call to a worker itself, and the token is for all else.
 *
 * There is one worker more than may carry out calls at a time, which a client
 * can keep waiting: handshakes, exec and the ends of connections are never
 * waited for.  The main task accepts, ends sessions and makes workers.
 *
 * Locks, in this order: `kernel` and `sending` of a session, which are held
 * over waits; the server's own, which is that of a queue, for a few
 * instructions.
 */

#ifndef RTEMS_RUMP_REMOTE_SERVER_H
#define RTEMS_RUMP_REMOTE_SERVER_H

#include <stdalign.h>

#include "frame.h"
#include "hypercall.h"
#include "lock.h"

/* NetBSD's errno value that is the server's alone. */
enum {
  NETBSD_EFAULT = 14
};

/** Where one task waits to be woken, each wake-up counting. */
struct sleeper {
  struct waitq queue;
  unsigned posted;
};

void sleeper_init(struct sleeper *sleeper);

/** From anywhere, with no queue locked. */
void sleeper_wake(struct sleeper *sleeper);

/**
 * Takes a wake-up, and waits for one.
 *
 * @param deadline On the monotonic clock, or NULL.
 *
 * @return false if the deadline has passed.
 */
bool sleeper_wait(struct sleeper *sleeper, const struct timespec *deadline);

/** The moment at which a client has been waited for too long. */
void server_deadline(struct timespec *deadline);

/** Of the header, after the other threads of a client were told to end. */
#define EXEC_DRAINED UINT32_MAX

/** Something that a client asks for. */
struct request {
  struct request *next;
  struct session *session;
  struct sp_header header;
  size_t size;

  /** Zero after what the client has sent: it may be taken for a string. */
  unsigned char *payload;

  /** Where it is, or NULL: it has come by a frame. */
  struct transport_call *call;
};

_Static_assert(
  sizeof(struct request) <= TRANSPORT_CALL_ROOM,
  "a request has its place in a call"
);

/** Of what is copied to a client, so much is sent together. */
#define GATHERED_SIZE 960u

/** What a payload's arguments may take, and the zero after them. */
#define ARGUMENTS_ROOM \
  (sizeof(struct sp_copy) + SP_REQUEST_SIZE + alignof(max_align_t))

/** One that has come by a frame. */
struct framed_request {
  struct request request;

  /** Bytes of the payload, and where those begin that the call carries. */
  size_t filled;
  size_t carried;

  /** Zero up to ARGUMENTS_ROOM, and at least one byte, after what is filled. */
  alignas(max_align_t) unsigned char payload[ARGUMENTS_ROOM + GATHERED_SIZE];
};

_Static_assert(
  SP_CARRYING_SIZE < sizeof(((struct framed_request *)NULL)->payload),
  "there is a zero after the longest request"
);

/** A task that waits for a client's answer; on its stack. */
struct exchange {
  struct exchange *next;
  struct sleeper sleeper;
  uint64_t number;

  /** The type of the request. */
  enum sp_type type;

  /** Where the answer goes, and its size. */
  void *to;
  size_t size;

  /* What follows is locked. */

  /** Wake-ups that have been or will be given. */
  unsigned wakes;
  bool has_token;
  bool is_done;
  int error;
};

enum session_state {
  /** Nothing but a handshake is served. */
  SESSION_IS_NEW,
  SESSION_SHAKES_HANDS,
  SESSION_RUNS,
  SESSION_IS_OVER
};

/** An error instead of an answer. */
struct refusal {
  uint64_t number;
  enum sp_error error;
};

/** Of a client, while another task sends; more of them end the connection. */
#define REFUSALS_MAX 8u

/** How far a client that has a key has come. */
enum authentication {
  AUTHENTICATION_NONE,
  AUTHENTICATION_CHALLENGED,
  AUTHENTICATION_DONE
};

/** A place in a list, which can be left from the middle. */
struct list_place {
  void *owner;
  struct list_place *next;

  /** What points to this place; NULL: it is in no list. */
  struct list_place **link;
};

struct list {
  struct list_place *first, **last;
};

struct session {
  /** Among those that have ended, for the main task. */
  struct session *next;

  /** Among those that a kernel which ends waits for, with a reference. */
  struct session *lingering;

  /** What the kernel knows the session by; never that of another. */
  uintptr_t id;
  struct transport *transport;

  /** Of who has the token. */
  struct frame frame;
  struct framed_request incoming;
  struct exchange *answered;

  /** Of who sends; the sleeper is told of room. */
  struct lock sending;
  struct sleeper room;

  /** Of who may receive, and of the task that shakes hands. */
  uint32_t rules;
  const struct rtems_rump_access *access;
  enum authentication authentication;
  struct sp_claim claim;
  unsigned char nonce[SP_NONCE_SIZE];

  /** Of who uses the main lwp. */
  struct lock kernel;
  struct lwp *main_lwp;
  pid_t pid;

  /* What follows is locked. */
  enum session_state state;
  struct timespec handshake_deadline;

  /** The connection, requests and kernel threads that have to do with it. */
  unsigned references;

  /** Among those whose token is free, and who have no process yet. */
  struct list_place ready, stranger;
  bool is_ending;
  bool is_in_exec;

  /** Workers with an lwp of the process, and those that have nothing to do. */
  unsigned bound;
  struct list idle;

  /** The rest of an exec, for which other requests have to end; or NULL. */
  struct request *exec;
  unsigned running;
  unsigned waiting;

  /** Of the client's forks: how many there are or will be, and those made. */
  unsigned preforks;
  struct prefork *forked;
  struct request *first, **last;
  struct exchange *exchanges;
  uint64_t next_number;

  /** Errors that are to be sent. */
  struct refusal refusals[REFUSALS_MAX];
  unsigned refused;
};

/** A process that a client has forked, until another connection takes it. */
struct prefork {
  /** Of its owner, or among those whose owner has gone. */
  struct prefork *next, **link;

  /** The last word tells its place. */
  uint32_t cookie[SP_COOKIE_WORDS];
  struct lwp *lwp;

  /** NULL if that has gone. */
  struct session *owner;

  /** A connection that takes it came in by the same rule. */
  const struct rtems_rump_access *access;
};

struct worker {
  struct sleeper sleeper;

  /** Among those that have nothing to do: all, and those of a session. */
  struct list_place idle, bound_idle;

  /** Whose process its lwp is of: a reference; NULL: it has no lwp. */
  struct session *bound;

  /** What it does at this moment, or NULL, and where that is kept. */
  struct request *request;
  struct framed_request own;

  /** Whether it is answered; whether its client has gone before it began. */
  bool is_answered;
  bool is_void;

  /**
   * Frames to its client that go with the next one, of this request's.  They
   * have the place of what it has carried.
   */
  size_t gathered;
};

static inline unsigned char *
worker_frames(struct worker *worker)
{
  return worker->own.payload + ARGUMENTS_ROOM;
}

/** The configuration with the defaults filled in. */
extern struct rtems_rump_server server_config;

/** The server's state, of which the lock has the rest. */
extern struct server {
  struct waitq lock;

  /** One element for each session that there may be; those that are free. */
  struct session **sessions;
  unsigned *free_sessions;
  unsigned free_session_count;
  uintptr_t ids;

  /** Those without a process, in the order of their deadlines. */
  struct list strangers;

  /** Workers that have nothing to do, all of them, and how many more. */
  struct list idle;
  unsigned workers;
  unsigned wanted;

  /** Of them, who carry out calls. */
  unsigned calling;

  /** Requests that may be carried out; sessions whose token is free. */
  struct request *first_urgent, **last_urgent;
  struct request *first_call, **last_call;
  struct list ready;

  /** For the main task. */
  struct session *ended;
  struct sleeper main;
  bool main_is_told;

  /** Places for twice as many forks as sessions, and those that are free. */
  struct prefork **preforks;
  unsigned *free_preforks;
  unsigned free_prefork_count;

  /** Whose owner has gone, the oldest first. */
  struct prefork *first_orphan, **last_orphan;
} server;

static inline void
server_lock(struct waitq_context *ctx)
{
  waitq_lock(&server.lock, ctx);
}

static inline void
server_unlock(struct waitq_context *ctx)
{
  waitq_unlock(&server.lock, ctx);
}

/* With the server locked. */

static inline void
list_append(struct list *list, struct list_place *place)
{
  place->next = NULL;
  place->link = list->last;
  *list->last = place;
  list->last = &place->next;
}

static inline void
list_prepend(struct list *list, struct list_place *place)
{
  place->next = list->first;
  place->link = &list->first;
  if (list->first != NULL) {
    list->first->link = &place->next;
  } else {
    list->last = &place->next;
  }
  list->first = place;
}

/** Leaves the list, if it is in that. */
static inline void
list_remove(struct list *list, struct list_place *place)
{
  if (place->link == NULL) {
    return;
  }
  *place->link = place->next;
  if (place->next != NULL) {
    place->next->link = place->link;
  } else {
    list->last = place->link;
  }
  place->link = NULL;
}

/** Wakes the main task. */
void server_tell_main(void);

/* Who may be a client: access.c */

/** Fills in the default rules, and checks others.  0 or NETBSD_EINVAL. */
int access_init(struct rtems_rump_server *config);

/** The rules for a place, as a set of bits. */
uint32_t access_at(const char *url);

/** Whether the listener understands the peers in all of these rules. */
bool access_is_valid(uint32_t rules, struct transport *listener);

/** Those of the rules that hold for the connection's peer. */
uint32_t access_from(uint32_t rules, struct transport *connection);

/** The rule for who has no key; NULL if there is none. */
const struct rtems_rump_access *access_of_guest(uint32_t rules);

/**
 * The rule for who proves to be that user, or NULL.  With NULL it takes as
 * long, so nobody can try for names.
 */
const struct rtems_rump_access *access_of_user(
  uint32_t               rules,
  const struct sp_claim *claim,
  const unsigned char   *nonce,
  const unsigned char   *proof
);

/** Whether there is a key in these rules. */
bool access_has_key(uint32_t rules);

/* Of struct transport_secret; arg is the rules, as a number. */
int access_random(void *to, size_t size);
int access_transport_key(
  const char   *user,
  size_t        size,
  unsigned char key[TRANSPORT_KEY_SIZE],
  void         *arg
);

/* Sessions: session.c */

/**
 * Makes a session of a connection, which it takes in any case.
 *
 * @param rules Of the place, those that hold for the peer.
 *
 * @return false if there are too many, or no memory.
 */
bool session_create(struct transport *transport, uint32_t rules);

/** Adds a reference; NULL if there is no such session, or it is over. */
struct session *session_find(uintptr_t id);

void session_release(struct session *session);

/** With the server locked: if it was the last one, the main task is told. */
bool session_drop(struct session *session);

/** With the server locked: its forks are nobody's when it is gone. */
void session_leave_forks(struct session *session);

/** With the last reference gone; the main task. */
void session_destroy(struct session *session);

/** Sends the banner; false if that fails. */
bool session_greet(struct session *session);

/**
 * Sends a frame: a header, which gets its size here, and parts.
 *
 * @return false if the connection is over.
 */
bool session_send(
  struct session   *session,
  struct sp_header *header,
  const void       *fixed,
  size_t            fixed_size,
  const void       *data,
  size_t            data_size
);

/**
 * Keeps a frame that nobody waits for until the calling worker sends the next
 * one to this client.
 *
 * @return false if it is too large, or nothing follows.
 */
bool session_gather(
  struct session   *session,
  struct sp_header *header,
  const void       *fixed,
  size_t            fixed_size,
  const void       *data,
  size_t            data_size
);

/** Sends a small frame for which there is room, or ends the connection. */
void session_send_now(
  struct session   *session,
  struct sp_header *header,
  const void       *data,
  size_t            size
);

/**
 * Sends an error for which there is room, or ends the connection.  Waits for
 * nobody: who is sending does that, too.
 */
void session_refuse(
  struct session *session, uint64_t number, enum sp_error error);

/* Receiving: receive.c */

/**
 * Receives with the token, which is given back.
 *
 * @param mine The answer that the caller waits for, or NULL.
 * @param[out] request Filled with a request to carry out, unless NULL.
 *
 * @return true if there is a request.
 */
bool session_receive(
  struct session        *session,
  struct exchange       *mine,
  struct framed_request *request
);

/** Takes a call without a frame.  0, ENOTCONN or EAGAIN. */
int session_call(struct transport_call *call, void *arg);

/** What is done with each piece of a frame; arg is the session. */
enum frame_step session_next_piece(struct frame *frame, void *arg);

/** Gives the token to who wants it. */
void token_pass(struct session *session);

/** Gives the token to the transport. */
void token_return(struct session *session);

/* Workers: pool.c */

/**
 * With the server locked: a session's token is free.
 *
 * @return Whom to wake, or NULL.
 */
struct sleeper *pool_add_session(struct session *session);

/** A framed request's copy, whose payload is its own. */
void request_copy(
  struct framed_request *to, const struct framed_request *from);

/** What a framed request takes that does not change any more. */
size_t request_size(const struct framed_request *request);

/** With the server locked: the same for a request. */
struct sleeper *pool_add_request(struct request *request);

/**
 * With the server locked: who has an lwp of a process that ends, or becomes
 * another program, has to leave it.
 */
static inline bool
session_is_to_be_left(const struct session *session)
{
  return session->state == SESSION_IS_OVER || session->is_in_exec;
}

/** Wakes the session's workers that have nothing to do, which leave it. */
void pool_recall(struct session *session);

/** Makes the first workers.  0 or a NetBSD errno value. */
int pool_begin(void);

/** Makes workers that are wanted; the main task. */
void pool_grow(void);

/** Whether a client cannot make it last. */
bool request_is_urgent(const struct request *request);

/** With the server locked: a worker may begin another call. */
static inline bool
pool_has_room(void)
{
  return server.calling < server_config.tasks;
}

/** The calling worker, or NULL. */
struct worker *pool_self(void);

/* What calls carry: carried.c */

/**
 * Makes a system call of a CARRYING request that has come.
 *
 * @return false if it is malformed.
 */
bool carried_open(struct framed_request *request);

/**
 * Copies memory of the client that a call has carried.
 *
 * @return false if it has not.
 */
bool carried_copy(
  const struct framed_request *request,
  const void                  *from,
  void                        *to,
  size_t                       size
);

/** The same for a string, or as much of it as fits; size is set to that. */
bool carried_copy_string(
  const struct framed_request *request,
  const char                  *from,
  char                        *to,
  size_t                      *size
);

/** With a copy to the client what a call has carried may not be true. */
static inline void
carried_forget(struct framed_request *request)
{
  request->carried = request->filled;
}

/* Requests: request.c */

/** Carries out a worker's request. */
void request_serve(struct worker *worker);

/**
 * With the server locked, after that.
 *
 * @param[out] is_last Whether the session's last reference is gone.
 *
 * @return Whom to wake, or NULL.
 */
struct sleeper *request_finish(struct worker *worker, bool *is_last);

/** With the server locked: the call that is still to be answered, or NULL. */
struct transport_call *request_unanswered(const struct worker *worker);

/** Gives up the worker's lwp, if it has one. */
void request_leave_process(struct worker *worker);

#endif /* RTEMS_RUMP_REMOTE_SERVER_H */
