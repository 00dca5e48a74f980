/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Connections that carry bytes, whatever the medium.
 *
 * Nothing here blocks.  Who has got EAGAIN asks by transport_arm() for one
 * call of its watcher, and does with that what it likes.  At most one task at
 * a time sends on a connection, and at most one receives.
 *
 * Transports are linked once into an image, however many kernels there are:
 * two ends of mem:// meet there.
 *
 * Errors are the host's errno values.
 */

#ifndef RTEMS_RUMP_REMOTE_TRANSPORT_H
#define RTEMS_RUMP_REMOTE_TRANSPORT_H

#include <errno.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/uio.h>

/** A listener or an end of a connection. */
struct transport {
  const struct transport_ops *ops;
};

enum transport_event {
  /** There is something to receive or to accept, or the connection is over. */
  TRANSPORT_RECEIVE = 1,
  /** There is room to send, or the connection is over. */
  TRANSPORT_SEND = 2
};

/** Most bytes of arguments, and of what serves a call for its own use. */
#define TRANSPORT_CALL_SIZE 256
#define TRANSPORT_CALL_ROOM (sizeof(uint64_t) * 4 + sizeof(void *) * 5)

/** A system call between ends that share memory, as its server sees it. */
struct transport_call {
  uint32_t number;
  size_t size;
  alignas(max_align_t) unsigned char arguments[TRANSPORT_CALL_SIZE];

  /** The answer: NetBSD's error and values, or an error of the host. */
  int failure;
  int error;
  intptr_t values[2];
  alignas(max_align_t) unsigned char room[TRANSPORT_CALL_ROOM];
};

/** The same as its client sees it. */
struct transport_question {
  uint32_t number;
  const void *arguments;
  size_t size;

  /** Called during the call, when there is something to receive. */
  void (*look)(void *arg);
  void *arg;

  int failure;
  int error;
  intptr_t values[2];
};

struct transport_watcher {
  /** Called once for each transport_arm(), in any task or in an interrupt. */
  void (*notify)(enum transport_event event, void *arg);
  void *arg;

  /**
   * Takes a call, which is answered by transport_answer(), or refuses it by an
   * error; it does not block.  NULL: calls come by frames.
   */
  int (*call)(struct transport_call *call, void *arg);
};

#define TRANSPORT_KEY_SIZE 32u

/** What both ends of a connection know that is encrypted. */
struct transport_secret {
  /** Of an end that connects: who it says that it is; not of no size. */
  const char *user;
  size_t user_size;

  /**
   * Stores the key of who says so, or if nobody is called so one that nobody
   * has.  Returns 0 or an errno value.
   */
  int (*key)(
    const char *user, size_t size, unsigned char key[TRANSPORT_KEY_SIZE],
    void *arg);
  void *arg;

  /** Stores random bytes.  Returns 0 or an errno value. */
  int (*random)(void *to, size_t size);
};

struct transport_ops {
  int (*accept)(struct transport *listener, struct transport **connection);
  int (*send)(
    struct transport *t, const struct iovec *parts, int count, size_t *sent);
  int (*receive)(
    struct transport *t, void *buffer, size_t size, size_t *received);
  void (*watch)(
    struct transport *t, const struct transport_watcher *watcher);
  bool (*arm)(struct transport *t, enum transport_event event);
  void (*shutdown)(struct transport *t);
  void (*close)(struct transport *t);

  /** NULL if peers have no addresses. */
  int (*peer)(struct transport *t, const char *prefix);

  /** NULL if what is sent is not encrypted. */
  int (*secure)(struct transport *t, const struct transport_secret *secret);

  /** Both NULL if what was sent goes its way without the kernel. */
  void (*finish)(struct transport *t);
  bool (*linger)(struct transport *t);

  /** NULL if the caller waits by a watcher. */
  void (*wait)(struct transport *t, enum transport_event event);

  /* All NULL if the ends do not share memory. */
  bool (*call)(struct transport *t, struct transport_question *question);
  bool (*hold)(struct transport_call *call);
  void (*let_go)(struct transport_call *call);
  void (*answer)(struct transport_call *call);
};

/**
 * Makes a listener.
 *
 * @retval 0 It listens.
 * @retval EINVAL The URL is not understood.
 * @retval EPROTONOSUPPORT There is no such transport here.
 * @retval EADDRINUSE Somebody listens there.
 * @retval other As the transport says.
 */
int rtems_rump_transport_listen(const char *url, struct transport **listener);

/**
 * Connects to a listener.
 *
 * @retval 0 There is a connection.
 * @retval EINVAL The URL is not understood.
 * @retval EPROTONOSUPPORT There is no such transport here.
 * @retval ECONNREFUSED Nobody listens there.
 * @retval EADDRINUSE This image has the serial line already.
 * @retval other As the transport says.
 */
int rtems_rump_transport_connect(
  const char *url, struct transport **connection);

/** What is wrong, and what helps, for people. */
const char *rtems_rump_transport_error(const char *url, int error);

/** EAGAIN: nobody is there. */
static inline int
transport_accept(struct transport *listener, struct transport **connection)
{
  return (*listener->ops->accept)(listener, connection);
}

/** Whether connections are encrypted; also of a listener. */
static inline bool
transport_is_secret(const struct transport *t)
{
  return t->ops->secure != NULL;
}

/**
 * Tells a connection that is encrypted what it needs, before it is used.
 *
 * @param secret Copied, without the user's name.
 *
 * @retval 0 It can be used; of others, nothing is needed.
 * @retval ENOMEM There is no memory.
 */
static inline int
transport_secure(
  struct transport *t, const struct transport_secret *secret)
{
  return transport_is_secret(t) ? (*t->ops->secure)(t, secret) : 0;
}

/**
 * Sends some of the parts, one after the other.
 *
 * @retval 0 At least one byte is sent.
 * @retval EAGAIN There is no room.  What is sent next begins with the same
 *   bytes.
 * @retval other The connection is over.
 */
static inline int
transport_send(
  struct transport *t, const struct iovec *parts, int count, size_t *sent)
{
  return (*t->ops->send)(t, parts, count, sent);
}

/**
 * Receives at least one byte.
 *
 * @retval 0 There was some.
 * @retval EAGAIN There is none.
 * @retval other The connection is over.
 */
static inline int
transport_receive(
  struct transport *t, void *buffer, size_t size, size_t *received)
{
  return (*t->ops->receive)(t, buffer, size, received);
}

/** Sets who is called; before the first transport_arm(). */
static inline void
transport_watch(struct transport *t, const struct transport_watcher *watcher)
{
  (*t->ops->watch)(t, watcher);
}

/**
 * Asks for one call of the watcher when there is something to do.
 *
 * @return true if there is already; then the watcher is not called.
 */
static inline bool
transport_arm(struct transport *t, enum transport_event event)
{
  return (*t->ops->arm)(t, event);
}

/**
 * Looks whether the peer's address begins so.
 *
 * @param prefix As 10.0.0.0/8 or 2001:db8::/32, or a whole address.
 *
 * @retval 0 It does.
 * @retval ENOENT It does not, or peers have no addresses; or of a listener,
 *   which has no peer, the prefix is understood.
 * @retval EINVAL The prefix is not understood.
 */
static inline int
transport_peer(struct transport *t, const char *prefix)
{
  return t->ops->peer != NULL ? (*t->ops->peer)(t, prefix) : ENOENT;
}

/** Whether there may be calls without frames. */
static inline bool
transport_calls(const struct transport *t)
{
  return t->ops->call != NULL;
}

/**
 * Makes a system call without frames, and waits for the answer.
 *
 * @return false if it has to be made by frames.
 */
static inline bool
transport_call(struct transport *t, struct transport_question *question)
{
  return transport_calls(t) && (*t->ops->call)(t, question);
}

/**
 * Keeps the client in its call, so that its memory is there.
 *
 * @return false if it has left; else transport_let_go() follows.
 */
static inline bool
transport_hold(struct transport *t, struct transport_call *call)
{
  return (*t->ops->hold)(call);
}

static inline void
transport_let_go(struct transport *t, struct transport_call *call)
{
  (*t->ops->let_go)(call);
}

/** Ends a call, once; it is not the server's any more. */
static inline void
transport_answer(struct transport *t, struct transport_call *call)
{
  (*t->ops->answer)(call);
}

/** Ends the connection, for both ends; what was sent can be received. */
static inline void
transport_shutdown(struct transport *t)
{
  (*t->ops->shutdown)(t);
}

/** Whether a kernel that has to carry what is sent has to wait for that. */
static inline bool
transport_lingers(const struct transport *t)
{
  return t->ops->linger != NULL;
}

/**
 * As transport_shutdown(), after the last that a peer gets: transport_linger()
 * waits until it has closed its end, too, so it has got all.
 */
static inline void
transport_finish(struct transport *t)
{
  if (transport_lingers(t)) {
    (*t->ops->finish)(t);
  }
}

/** After one of both: waits, not for ever; returns whether all is sent. */
static inline bool
transport_linger(struct transport *t)
{
  return (*t->ops->linger)(t);
}

/** Gives all back; when it has returned, the watcher is not called. */
static inline void
transport_close(struct transport *t)
{
  (*t->ops->close)(t);
}

#endif /* RTEMS_RUMP_REMOTE_TRANSPORT_H */
