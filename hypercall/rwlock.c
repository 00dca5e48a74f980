/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Reader/writer locks.
 *
 * One word tells all while nobody waits:
 *
 *   4 * n          held by n readers; free if n is 0
 *   task + WRITER  held by this writer
 *   CONTENDED      somebody waits, or is on its way to hold the lock
 *
 * While it is contended the lock has an owner, to whom all who wait lend their
 * priorities: the writer that holds it, or the one that is next and waits for
 * the last readers to leave, or a reader that has just been woken and makes
 * way for the next in the queue.  The queue is in order of priority and, among
 * equals, of arrival, for readers and writers alike, and readers do not pass
 * it: neither side can starve the other.
 */

#include <errno.h>

#include "lock.h"

#define READERS 0u
#define WRITER 1u
#define CONTENDED 2u
#define KIND(word) ((word) & 3u)
#define ONE_READER 4u

struct rumpuser_rw {
  atomic_uintptr_t word;

  /* The writer that holds the lock while the word is CONTENDED, or 0. */
  atomic_uintptr_t writer;

  /* All who wait but the next writer; its lock guards CONTENDED. */
  struct waitq queue;

  /*
   * The next writer waits here for the readers to leave.  Its lock guards
   * their number, which counts while the word is CONTENDED.  It is taken
   * inside the lock of the queue.
   */
  struct waitq drain;
  atomic_uint readers;
};

void
rumpuser_rw_init(struct rumpuser_rw **rwp)
{
  struct rumpuser_rw *rw = memory_allocate_or_die(sizeof(*rw));

  atomic_init(&rw->word, 0);
  atomic_init(&rw->readers, 0);
  atomic_init(&rw->writer, 0);
  waitq_init(&rw->queue, "rump rwlock");
  waitq_init(&rw->drain, "rump rwlock drain");
  *rwp = rw;
}

static inline uintptr_t
rw_word(struct rumpuser_rw *rw)
{
  return atomic_load_explicit(&rw->word, memory_order_relaxed);
}

void
rumpuser_rw_destroy(struct rumpuser_rw *rw)
{
  if (PREDICT_FALSE(
        atomic_load_explicit(&rw->word, memory_order_acquire) != 0
      )) {
    hypercall_die("a reader/writer lock is destroyed that is held");
  }
  waitq_settle(&rw->queue);
  waitq_settle(&rw->drain);
  memory_release(rw, sizeof(*rw));
}

/* If so, the caller sees also what was stored before: see rw_contend(). */
static inline bool
rw_is_contended(struct rumpuser_rw *rw)
{
  return atomic_load_explicit(&rw->word, memory_order_acquire) == CONTENDED;
}

/* What the word is while the caller writes and nobody waits. */
static inline uintptr_t
rw_self(void)
{
  return (uintptr_t)hypercall_task() + WRITER;
}

static SLOW_PATH bool
rw_held_for_writing(struct rumpuser_rw *rw)
{
  uintptr_t self = rw_self();
  uintptr_t word = rw_word(rw);

  return word == self
    || (rw_is_contended(rw)
      && atomic_load_explicit(&rw->writer, memory_order_relaxed) == self);
}

static inline void
rw_set_writer(struct rumpuser_rw *rw, uintptr_t writer)
{
  atomic_store_explicit(&rw->writer, writer, memory_order_relaxed);
}

static inline bool
rw_change(
  struct rumpuser_rw *rw,
  uintptr_t          *word,
  uintptr_t           next,
  memory_order        order
)
{
  return atomic_compare_exchange_weak_explicit(
    &rw->word,
    word,
    next,
    order,
    memory_order_relaxed
  );
}

/* For one value only, whatever happens. */
static inline bool
rw_change_from(
  struct rumpuser_rw *rw,
  uintptr_t           word,
  uintptr_t           next,
  memory_order        order
)
{
  return atomic_compare_exchange_strong_explicit(
    &rw->word,
    &word,
    next,
    order,
    memory_order_relaxed
  );
}

static inline bool
rw_try_read(struct rumpuser_rw *rw)
{
  uintptr_t word = rw_word(rw);

  while (PREDICT_TRUE(KIND(word) == READERS)) {
    if (PREDICT_TRUE(
          rw_change(rw, &word, word + ONE_READER, memory_order_acquire)
        )) {
      return true;
    }
  }
  return false;
}

/* May also fail for no reason, if the slow path follows. */
static inline bool
rw_try_write_once(struct rumpuser_rw *rw)
{
  waitq_task *task = hypercall_known_task();
  uintptr_t word = 0;

  return PREDICT_TRUE(task != NULL)
    && rw_change(rw, &word, (uintptr_t)task + WRITER, memory_order_acquire);
}

static inline bool
rw_try_write(struct rumpuser_rw *rw)
{
  return rw_change_from(rw, 0, rw_self(), memory_order_acquire);
}

/*
 * With the queue locked: makes a held lock contended, so that it has an owner.
 * Readers have none; then the caller, a writer, is next.
 *
 * Returns true if the caller has become owner.
 */
static bool
rw_contend(struct rumpuser_rw *rw, waitq_task *self)
{
  uintptr_t word = rw_word(rw);
  bool owner = false;

  while (word != CONTENDED) {
    owner = KIND(word) == READERS;
    /*
     * Who holds the lock must find its part right as soon as it can see that
     * the word no longer has it.
     */
    atomic_store_explicit(
      &rw->readers,
      owner ? word / ONE_READER : 0,
      memory_order_relaxed
    );
    rw_set_writer(rw, owner ? 0 : word);
    if (rw_change(rw, &word, CONTENDED, memory_order_acq_rel)) {
      waitq_set_owner(
        &rw->queue,
        owner ? self : (waitq_task *)(word - WRITER)
      );
      return owner;
    }
  }
  return false;
}

/* Waits until the caller is the lock's owner. */
static void
rw_own(struct rumpuser_rw *rw)
{
  struct waitq_context queue;
  waitq_task *self = hypercall_task();
  int error;

  do {
    waitq_lock(&rw->queue, &queue);
    if (rw_contend(rw, self)) {
      waitq_unlock(&rw->queue, &queue);
      return;
    }
    error = occupant_wait_owner(&rw->queue, &queue);
    if (error == EDEADLK) {
      hypercall_die("dead-lock: a reader/writer lock is taken twice");
    }
  } while (error != 0);
}

/*
 * The caller owns the contended lock and becomes one of its readers: the next
 * in the queue becomes owner, or the lock is no longer contended.
 */
static SLOW_PATH void
rw_make_reader(struct rumpuser_rw *rw)
{
  struct waitq_context queue, drain;
  unsigned readers;

  waitq_lock(&rw->queue, &queue);
  waitq_lock(&rw->drain, &drain);
  readers = atomic_load_explicit(&rw->readers, memory_order_relaxed) + 1;
  atomic_store_explicit(&rw->readers, readers, memory_order_relaxed);
  if (waitq_is_empty(&rw->queue)) {
    waitq_set_owner(&rw->queue, NULL);
    atomic_store_explicit(
      &rw->word,
      readers * ONE_READER,
      memory_order_release
    );
    waitq_unlock(&rw->drain, &drain);
    waitq_unlock(&rw->queue, &queue);
  } else {
    waitq_unlock(&rw->drain, &drain);
    waitq_surrender(&rw->queue, &queue);
  }
}

/* The caller owns the contended lock and waits for its readers to leave. */
static void
rw_wait_for_readers(struct rumpuser_rw *rw)
{
  struct waitq_context drain;

  occupants_urge();
  waitq_lock(&rw->drain, &drain);
  while (atomic_load_explicit(&rw->readers, memory_order_relaxed) != 0) {
    (void)occupant_wait(&rw->drain, &drain, NULL, NULL, NULL);
    waitq_lock(&rw->drain, &drain);
  }
  waitq_unlock(&rw->drain, &drain);
}

static SLOW_PATH void
rw_enter_contended(int kind, struct rumpuser_rw *rw)
{
  int nlocks;

  if (rumpuser_rw_tryenter(kind, rw) == 0) {
    return;
  }
  nlocks = hypercall_unschedule(NULL);
  rw_own(rw);
  if (kind == RUMPUSER_RW_WRITER) {
    rw_wait_for_readers(rw);
    rw_set_writer(rw, rw_self());
  } else {
    rw_make_reader(rw);
  }
  hypercall_schedule(nlocks, NULL);
}

FAST_PATH void
rumpuser_rw_enter(int kind, struct rumpuser_rw *rw)
{
  if (kind == RUMPUSER_RW_WRITER) {
    if (PREDICT_FALSE(!rw_try_write_once(rw))) {
      rw_enter_contended(RUMPUSER_RW_WRITER, rw);
    }
  } else if (PREDICT_FALSE(!rw_try_read(rw))) {
    rw_enter_contended(RUMPUSER_RW_READER, rw);
  }
}

FAST_PATH int
rumpuser_rw_tryenter(int kind, struct rumpuser_rw *rw)
{
  bool held =
    kind == RUMPUSER_RW_WRITER ? rw_try_write(rw) : rw_try_read(rw);

  return held ? 0 : NETBSD_EBUSY;
}

/* The caller is the only reader and nobody waits, or it has to back off. */
int
rumpuser_rw_tryupgrade(struct rumpuser_rw *rw)
{
  return rw_change_from(rw, ONE_READER, rw_self(), memory_order_acquire)
    ? 0
    : NETBSD_EBUSY;
}

void
rumpuser_rw_downgrade(struct rumpuser_rw *rw)
{
  if (!rw_change_from(rw, rw_self(), ONE_READER, memory_order_release)) {
    rw_set_writer(rw, 0);
    rw_make_reader(rw);
  }
}

static SLOW_PATH void
rw_die_of_stranger(void)
{
  hypercall_die("a reader/writer lock is given back by a stranger");
}

/*
 * A reader leaves a contended lock.  What it does last is done under the lock
 * that the next writer takes before it goes on, and perhaps frees the memory.
 *
 * Returns false if the lock is no longer contended.
 */
static SLOW_PATH bool
rw_exit_reader_contended(struct rumpuser_rw *rw)
{
  struct waitq_context drain;

  waitq_lock(&rw->drain, &drain);
  if (!rw_is_contended(rw)) {
    waitq_unlock(&rw->drain, &drain);
    return false;
  }
  if (PREDICT_FALSE(
        atomic_load_explicit(&rw->readers, memory_order_relaxed) == 0
      )) {
    waitq_unlock(&rw->drain, &drain);
    rw_die_of_stranger();
  }
  if (atomic_fetch_sub_explicit(&rw->readers, 1, memory_order_relaxed) == 1) {
    waitq_wake_one(&rw->drain, &drain);
  } else {
    waitq_unlock(&rw->drain, &drain);
  }
  return true;
}

static SLOW_PATH void
rw_exit_writer_contended(struct rumpuser_rw *rw)
{
  struct waitq_context queue;

  waitq_lock(&rw->queue, &queue);
  rw_set_writer(rw, 0);
  if (waitq_is_empty(&rw->queue)) {
    waitq_set_owner(&rw->queue, NULL);
    atomic_store_explicit(&rw->word, 0, memory_order_release);
    waitq_unlock(&rw->queue, &queue);
  } else {
    waitq_surrender(&rw->queue, &queue);
  }
}

/* The word may change all the while, as long as the lock is not ours alone. */
static SLOW_PATH void
rw_exit_slow(struct rumpuser_rw *rw)
{
  uintptr_t word = rw_word(rw);

  if (rw_held_for_writing(rw)) {
    rw_exit_writer_contended(rw);
  } else if (KIND(word) == READERS && word != 0) {
    rumpuser_rw_exit(rw);
  } else if (word != CONTENDED) {
    rw_die_of_stranger();
  } else if (!rw_exit_reader_contended(rw)) {
    rumpuser_rw_exit(rw);
  }
}

FAST_PATH void
rumpuser_rw_exit(struct rumpuser_rw *rw)
{
  uintptr_t word = rw_word(rw);

  while (PREDICT_TRUE(KIND(word) == READERS && word != 0)) {
    if (PREDICT_TRUE(
          rw_change(rw, &word, word - ONE_READER, memory_order_release)
        )) {
      return;
    }
  }
  if (PREDICT_FALSE(
        word != (uintptr_t)hypercall_known_task() + WRITER
        || !rw_change(rw, &word, 0, memory_order_release)
      )) {
    rw_exit_slow(rw);
  }
}

FAST_PATH void
rumpuser_rw_held(int kind, struct rumpuser_rw *rw, int *held)
{
  uintptr_t word = rw_word(rw);

  if (kind == RUMPUSER_RW_WRITER) {
    *held = PREDICT_TRUE(word == (uintptr_t)hypercall_known_task() + WRITER)
      || rw_held_for_writing(rw);
  } else if (rw_is_contended(rw)) {
    *held = atomic_load_explicit(&rw->readers, memory_order_relaxed) != 0;
  } else {
    *held = KIND(word) == READERS && word != 0;
  }
}
