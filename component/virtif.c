/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's interface virtN on the links of the configuration.
 *
 * What the kernel sends goes to the driver at once, with the virtual CPU held:
 * a driver does not wait.  What the driver has received is delivered by a
 * thread, a batch each time that it has a virtual CPU.
 */

#include "virtif.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rtems.h>

#include "frame.h"
#include "link.h"

/* Frames for which a virtual CPU is taken once. */
#define BATCH 32

/* Frames after which the receiver is told even if more are likely to follow. */
#define BURST 16

/*
 * The thread is more urgent than callers of the kernel until it has delivered
 * so many batches in a row; then it is as they are, and takes turns with them,
 * until there is nothing left: a flood must not keep all others away.
 */
#define BATCHES_AT_ONCE 8
#define LEVEL 1
#define LEVEL_IN_FLOOD 2

struct virtif_user {
  struct link link;
  /* That of the link, which does not change any more. */
  void *handle;

  /* Of the sender: frames of which the receiver has not been told. */
  unsigned burst;

  /* Tasks that will tell. */
  atomic_uint tellers;

  struct virtif_sc *sc;
  void *thread;

  /* Guards what follows; the thread waits in it. */
  struct waitq queue;
  bool notified, is_dying;
};

/* In any task or in an interrupt. */
static void
notify(void *arg)
{
  struct virtif_user *user = arg;
  struct waitq_context ctx;

  waitq_lock(&user->queue, &ctx);
  user->notified = true;
  waitq_wake_one(&user->queue, &ctx);
}

static bool
is_dying(struct virtif_user *user)
{
  struct waitq_context ctx;
  bool dying;

  waitq_lock(&user->queue, &ctx);
  dying = user->is_dying;
  waitq_unlock(&user->queue, &ctx);
  return dying;
}

static void
wait_for_frames(struct virtif_user *user)
{
  struct waitq_context ctx;

  if ((*user->link.driver->arm)(user->handle)) {
    return;
  }
  waitq_lock(&user->queue, &ctx);
  while (!user->notified && !user->is_dying) {
    (void)occupant_wait(&user->queue, &ctx, NULL, NULL, NULL);
    waitq_lock(&user->queue, &ctx);
  }
  user->notified = false;
  waitq_unlock(&user->queue, &ctx);
}

/* NetBSD looks at the header of a frame however short that is. */
static bool
check(struct link *link, const struct rtems_rump_link_frame *frame)
{
  atomic_ulong *reason;

  if (PREDICT_FALSE(frame->size < RTEMS_RUMP_LINK_FRAME_MIN)) {
    reason = &link->truncated;
  } else if (PREDICT_FALSE(frame->size > RTEMS_RUMP_LINK_FRAME_MAX)) {
    reason = &link->oversized;
  } else if (PREDICT_FALSE(frame_is_deadly(frame->data, frame->size))) {
    reason = &link->refused;
  } else {
    return true;
  }
  link_count(reason, 1);
  return false;
}

static void
deliver(
  struct virtif_user *user, const struct rtems_rump_link_frame *frame)
{
  struct iovec part = { frame->data, frame->size };

  if (check(&user->link, frame)) {
    link_count(&user->link.received_frames, 1);
    link_count(&user->link.received_bytes, frame->size);
    rump_virtif_virt_deliverpkt(user->sc, &part, 1);
  }
}

static bool
deliver_batch(struct virtif_user *user)
{
  const struct rtems_rump_link_driver *driver = user->link.driver;
  void *handle = user->handle;
  struct rtems_rump_link_frame frames[BATCH];
  unsigned n = (*driver->receive)(handle, frames, BATCH);
  unsigned i;

  if (n > 0) {
    hypercall_schedule(0, NULL);
    for (i = 0; i < n; ++i) {
      deliver(user, &frames[i]);
    }
    (void)hypercall_unschedule(NULL);
    link_count(&user->link.received_batches, 1);
  }
  (*driver->release)(handle);
  return n > 0;
}

static void
set_level(unsigned level)
{
  rtems_task_priority previous;

  (void)rtems_task_set_priority(
    RTEMS_SELF,
    hypercall_config.ceiling + level,
    &previous
  );
}

static SLOW_PATH void
deliver_in_turns(struct virtif_user *user)
{
  set_level(LEVEL_IN_FLOOD);
  while (!is_dying(user) && deliver_batch(user)) {
    (void)rtems_task_wake_after(RTEMS_YIELD_PROCESSOR);
  }
  set_level(LEVEL);
}

static void
deliver_all(struct virtif_user *user)
{
  unsigned n;

  for (n = 0; n < BATCHES_AT_ONCE; ++n) {
    if (is_dying(user) || !deliver_batch(user)) {
      return;
    }
  }
  deliver_in_turns(user);
}

static void *
receive(void *arg)
{
  struct virtif_user *user = arg;

  rumpuser_component_kthread();
  while (!is_dying(user)) {
    deliver_all(user);
    wait_for_frames(user);
  }
  rumpuser_component_kthread_release();
  return NULL;
}

static int
start(struct virtif_user *user, unsigned number)
{
  const struct rtems_rump_link_user notified = { notify, user };
  char name[sizeof("rumpvirt") + 2];
  int error = link_open(&user->link, number, &notified);

  if (error != 0) {
    return hypercall_errno_to_netbsd(error);
  }
  user->handle = atomic_load(&user->link.handle);
  (void)snprintf(name, sizeof(name), "rumpvirt%u", number % 100);
  error = thread_start(receive, user, name, LEVEL, -1, true, &user->thread);
  if (error != 0) {
    link_close(&user->link);
  }
  return error;
}

static int
create(const char *number, struct virtif_sc *sc, struct virtif_user **result)
{
  struct virtif_user *user = memory_allocate(sizeof(*user));
  int error;

  if (user == NULL) {
    return NETBSD_ENOMEM;
  }
  *user = (struct virtif_user){ .sc = sc };
  waitq_init(&user->queue, "rump virtif");
  error = start(user, (unsigned)strtoul(number, NULL, 10));
  if (error != 0) {
    memory_release(user, sizeof(*user));
    return error;
  }
  *result = user;
  return 0;
}

int
rumpcomp_virt_create(
  const char *number, struct virtif_sc *sc, uint8_t *address,
  struct virtif_user **result)
{
  int nlocks = hypercall_unschedule(NULL);
  int error = create(number, sc, result);

  hypercall_schedule(nlocks, NULL);
  if (error == 0) {
    memcpy(address, (*result)->link.address, RTEMS_RUMP_LINK_ADDRESS);
  }
  return error;
}

int
rumpcomp_virt_dying(struct virtif_user *user)
{
  struct waitq_context ctx;

  waitq_lock(&user->queue, &ctx);
  user->is_dying = true;
  waitq_wake_one(&user->queue, &ctx);
  return 0;
}

void
rumpcomp_virt_destroy(struct virtif_user *user)
{
  int nlocks;

  (void)rumpuser_thread_join(user->thread);
  nlocks = hypercall_unschedule(NULL);
  while (atomic_load(&user->tellers) > 0) {
    (void)rtems_task_wake_after(1);
  }
  link_close(&user->link);
  memory_release(user, sizeof(*user));
  hypercall_schedule(nlocks, NULL);
}

static void
tell_receivers(void *arg)
{
  struct virtif_user *user = arg;

  (*user->link.driver->flush)(user->handle);
  (void)atomic_fetch_sub(&user->tellers, 1);
}

/*
 * NetBSD sends frame by frame.  A receiver that were told of each would be the
 * more urgent one and take turns with the sender.
 */
static bool
will_tell(struct virtif_user *user)
{
  if (user->link.driver->flush == NULL || ++user->burst % BURST == 0) {
    return false;
  }
  if (hypercall_self.deferred != NULL
      && hypercall_self.deferred_arg == user) {
    return true;
  }
  (void)atomic_fetch_add(&user->tellers, 1);
  if (hypercall_defer(tell_receivers, user)) {
    return true;
  }
  (void)atomic_fetch_sub(&user->tellers, 1);
  return false;
}

void
rumpcomp_virt_send(
  struct virtif_user *user, struct iovec *parts, size_t count)
{
  const struct rtems_rump_link_send frame = {
    parts, (unsigned)count, will_tell(user)
  };
  struct link *link = &user->link;
  size_t size = 0;
  size_t i;

  if ((*link->driver->send)(user->handle, &frame, 1) == 1) {
    for (i = 0; i < count; ++i) {
      size += parts[i].iov_len;
    }
    link_count(&link->sent_frames, 1);
    link_count(&link->sent_bytes, size);
  }
}
