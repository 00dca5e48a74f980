/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Mutexes and conditions of a client, and waits for its transport: of
 * RTEMS, and of POSIX threads where there is no RTEMS.
 */

#ifndef RTEMS_RUMP_REMOTE_SYNC_H
#define RTEMS_RUMP_REMOTE_SYNC_H

#include <stdint.h>

#include "transport.h"

#if defined(__rtems__) || defined(REMOTE_SIMULATOR)

#include <rtems.h>
#include <rtems/thread.h>

struct sync_mutex {
  rtems_mutex mutex;
};

#define SYNC_MUTEX_INITIALIZER(name) { RTEMS_MUTEX_INITIALIZER(name) }

struct sync_condition {
  rtems_condition_variable condition;
};

/** One task waits to receive and one to send. */
struct sync_gate {
  rtems_binary_semaphore receive, send;
};

static inline void
sync_mutex_init(struct sync_mutex *m, const char *name)
{
  rtems_mutex_init(&m->mutex, name);
}

static inline void
sync_mutex_destroy(struct sync_mutex *m)
{
  rtems_mutex_destroy(&m->mutex);
}

static inline void
sync_lock(struct sync_mutex *m)
{
  rtems_mutex_lock(&m->mutex);
}

static inline void
sync_unlock(struct sync_mutex *m)
{
  rtems_mutex_unlock(&m->mutex);
}

static inline void
sync_condition_init(struct sync_condition *c, const char *name)
{
  rtems_condition_variable_init(&c->condition, name);
}

static inline void
sync_condition_destroy(struct sync_condition *c)
{
  rtems_condition_variable_destroy(&c->condition);
}

static inline void
sync_condition_wait(struct sync_condition *c, struct sync_mutex *m)
{
  rtems_condition_variable_wait(&c->condition, &m->mutex);
}

static inline void
sync_condition_signal(struct sync_condition *c)
{
  rtems_condition_variable_signal(&c->condition);
}

static inline void
sync_condition_broadcast(struct sync_condition *c)
{
  rtems_condition_variable_broadcast(&c->condition);
}

/* At least so many milliseconds. */
static inline void
sync_sleep(unsigned ms)
{
  (void)rtems_task_wake_after(
    ms * rtems_clock_get_ticks_per_second() / 1000 + 1);
}

static inline uint64_t
sync_now(void)
{
  return rtems_clock_get_uptime_nanoseconds() / 1000000;
}

static inline void
sync_gate_notify(enum transport_event event, void *arg)
{
  struct sync_gate *gate = arg;

  rtems_binary_semaphore_post(
    event == TRANSPORT_RECEIVE ? &gate->receive : &gate->send);
}

static inline void
sync_gate_init(struct sync_gate *gate, struct transport *transport)
{
  struct transport_watcher watcher = {
    .notify = sync_gate_notify,
    .arg = gate
  };

  rtems_binary_semaphore_init(&gate->receive, "rump client");
  rtems_binary_semaphore_init(&gate->send, "rump client");
  transport_watch(transport, &watcher);
}

static inline void
sync_gate_destroy(struct sync_gate *gate)
{
  rtems_binary_semaphore_destroy(&gate->receive);
  rtems_binary_semaphore_destroy(&gate->send);
}

/** May return early. */
static inline void
sync_gate_wait(
  struct sync_gate *gate, struct transport *t, enum transport_event event)
{
  if (!transport_arm(t, event)) {
    rtems_binary_semaphore_wait(
      event == TRANSPORT_RECEIVE ? &gate->receive : &gate->send);
  }
}

#else

#include <pthread.h>
#include <time.h>

struct sync_mutex {
  pthread_mutex_t mutex;
};

#define SYNC_MUTEX_INITIALIZER(name) { PTHREAD_MUTEX_INITIALIZER }

struct sync_condition {
  pthread_cond_t condition;
};

struct sync_gate {
  char none;
};

static inline void
sync_mutex_init(struct sync_mutex *m, const char *name)
{
  (void)name;
  (void)pthread_mutex_init(&m->mutex, NULL);
}

static inline void
sync_mutex_destroy(struct sync_mutex *m)
{
  (void)pthread_mutex_destroy(&m->mutex);
}

static inline void
sync_lock(struct sync_mutex *m)
{
  (void)pthread_mutex_lock(&m->mutex);
}

static inline void
sync_unlock(struct sync_mutex *m)
{
  (void)pthread_mutex_unlock(&m->mutex);
}

static inline void
sync_condition_init(struct sync_condition *c, const char *name)
{
  (void)name;
  (void)pthread_cond_init(&c->condition, NULL);
}

static inline void
sync_condition_destroy(struct sync_condition *c)
{
  (void)pthread_cond_destroy(&c->condition);
}

static inline void
sync_condition_wait(struct sync_condition *c, struct sync_mutex *m)
{
  (void)pthread_cond_wait(&c->condition, &m->mutex);
}

static inline void
sync_condition_signal(struct sync_condition *c)
{
  (void)pthread_cond_signal(&c->condition);
}

static inline void
sync_condition_broadcast(struct sync_condition *c)
{
  (void)pthread_cond_broadcast(&c->condition);
}

static inline void
sync_sleep(unsigned ms)
{
  struct timespec time = { ms / 1000, (long)(ms % 1000) * 1000000 };

  (void)nanosleep(&time, NULL);
}

static inline uint64_t
sync_now(void)
{
  struct timespec now;

  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static inline void
sync_gate_init(struct sync_gate *gate, struct transport *transport)
{
  (void)gate;
  (void)transport;
}

static inline void
sync_gate_destroy(struct sync_gate *gate)
{
  (void)gate;
}

static inline void
sync_gate_wait(
  struct sync_gate *gate, struct transport *t, enum transport_event event)
{
  (void)gate;
  (*t->ops->wait)(t, event);
}

#endif

#endif /* RTEMS_RUMP_REMOTE_SYNC_H */
