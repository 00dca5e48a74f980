/* SPDX-License-Identifier: BSD-2-Clause */

#include "interface.h"

#include <stdio.h>

#include <rtems.h>

#include "buffers.h"
#include "frame.h"

/* Frames after which the receiver is told even if more are likely to follow. */
#define BURST 64

/*
 * The thread is more urgent than callers of the kernel until it has delivered
 * so many batches in a row; then it is as they are, and takes turns with them,
 * until there is nothing left: a flood must not keep all others away.
 */
#define BATCHES_AT_ONCE 8
#define LEVEL 1
#define LEVEL_IN_FLOOD 2

/* How often a driver that does not tell is asked whether the link is up. */
#define WATCH_SECONDS 1

/* In any task or in an interrupt. */
static void
notify(void *arg)
{
  struct interface *interface = arg;
  struct waitq_context ctx;

  waitq_lock(&interface->queue, &ctx);
  interface->notified = true;
  waitq_wake_one(&interface->queue, &ctx);
}

/* The thread looks whether it has told the kernel the same. */
static void
changed(void *arg, bool is_up)
{
  struct interface *interface = arg;
  struct waitq_context ctx;

  waitq_lock(&interface->queue, &ctx);
  interface->is_up = is_up;
  waitq_wake_one(&interface->queue, &ctx);
}

static bool
is_dying(struct interface *interface)
{
  struct waitq_context ctx;
  bool dying;

  waitq_lock(&interface->queue, &ctx);
  dying = interface->is_dying;
  waitq_unlock(&interface->queue, &ctx);
  return dying;
}

/* The state that the kernel has been told. */
static void
tell_state(struct interface *interface)
{
  bool is_up = !interface->told_up;

  interface->told_up = is_up;
  hypercall_schedule(0, NULL);
  (*interface->tell)(interface, is_up);
  (void)hypercall_unschedule(NULL);
}

static const struct timespec *
next_watch(struct interface *interface, struct timespec *deadline)
{
  if (interface->link.driver->is_up == NULL) {
    return NULL;
  }
  rtems_clock_get_monotonic(deadline);
  deadline->tv_sec += WATCH_SECONDS;
  return deadline;
}

static void
watch(struct interface *interface)
{
  changed(interface, (*interface->link.driver->is_up)(interface->handle));
}

/* Returns whether the driver is to be asked whether the link is up. */
static bool
wait_until_notified(struct interface *interface)
{
  struct timespec time;
  const struct timespec *deadline = next_watch(interface, &time);
  struct waitq_context ctx;
  int error = 0;

  waitq_lock(&interface->queue, &ctx);
  while (!interface->notified && !interface->is_dying && error == 0
      && interface->is_up == interface->told_up) {
    error = occupant_wait(&interface->queue, &ctx, deadline, NULL, NULL);
    waitq_lock(&interface->queue, &ctx);
  }
  waitq_unlock(&interface->queue, &ctx);
  return error != 0;
}

/* Once the driver is armed, it has to be waited for. */
static void
wait_for_frames(struct interface *interface)
{
  struct waitq_context ctx;

  if ((*interface->link.driver->arm)(interface->handle)) {
    return;
  }
  for (;;) {
    bool is_over, has_changed;

    if (wait_until_notified(interface)) {
      watch(interface);
    }
    waitq_lock(&interface->queue, &ctx);
    is_over = interface->notified || interface->is_dying;
    has_changed = interface->is_up != interface->told_up;
    interface->notified &= !is_over;
    waitq_unlock(&interface->queue, &ctx);
    if (has_changed) {
      tell_state(interface);
    }
    if (is_over) {
      return;
    }
  }
}

/* NetBSD looks at the header of a frame however short that is. */
static atomic_ulong *
reason_against(struct link *link, const struct rtems_rump_link_frame *frame)
{
  if (PREDICT_FALSE(frame->size < RTEMS_RUMP_LINK_FRAME_MIN)) {
    return &link->truncated;
  }
  if (PREDICT_FALSE(frame->size > RTEMS_RUMP_LINK_FRAME_MAX)) {
    return &link->oversized;
  }
  if (PREDICT_FALSE(frame_is_deadly(frame->data, frame->size))) {
    return &link->refused;
  }
  return NULL;
}

static void
check(struct link *link, struct rtems_rump_link_frame *frames, unsigned n)
{
  unsigned long bytes = 0, taken = 0;
  unsigned i;

  for (i = 0; i < n; ++i) {
    atomic_ulong *reason = reason_against(link, &frames[i]);

    if (PREDICT_FALSE(reason != NULL)) {
      frames[i].data = NULL;
      link_count(reason, 1);
    } else {
      bytes += frames[i].size;
      ++taken;
    }
  }
  link_count(&link->received_frames, taken);
  link_count(&link->received_bytes, bytes);
  link_count(&link->received_batches, 1);
}

static bool
deliver_batch(struct interface *interface)
{
  const struct rtems_rump_link_driver *driver = interface->link.driver;
  void *handle = interface->handle;
  struct rtems_rump_link_frame frames[INTERFACE_BATCH];
  unsigned n = (*driver->receive)(handle, frames, INTERFACE_BATCH);

  if (n == 0) {
    return false;
  }
  check(&interface->link, frames, n);
  hypercall_schedule(0, NULL);
  (*interface->deliver)(interface, frames, n);
  (void)hypercall_unschedule(NULL);
  (*driver->release)(handle, frames, n);
  return true;
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
deliver_in_turns(struct interface *interface)
{
  set_level(LEVEL_IN_FLOOD);
  while (!is_dying(interface) && deliver_batch(interface)) {
    (void)rtems_task_wake_after(RTEMS_YIELD_PROCESSOR);
  }
  set_level(LEVEL);
}

static void
deliver_all(struct interface *interface)
{
  unsigned n;

  for (n = 0; n < BATCHES_AT_ONCE; ++n) {
    if (is_dying(interface) || !deliver_batch(interface)) {
      return;
    }
  }
  deliver_in_turns(interface);
}

static void *
receive(void *arg)
{
  struct interface *interface = arg;

  rumpuser_component_kthread();
  while (!is_dying(interface)) {
    deliver_all(interface);
    wait_for_frames(interface);
  }
  rumpuser_component_kthread_release();
  return NULL;
}

unsigned
interface_buffers(unsigned number)
{
  if (number >= hypercall_config.link_count
      || hypercall_config.links[number].driver == NULL) {
    return 0;
  }
  return buffers_count(hypercall_config.links[number].receive_size);
}

int
interface_open(struct interface *interface, unsigned number)
{
  const struct rtems_rump_link_user user = {
    .notify = notify,
    .changed = changed,
    .arg = interface,
    .buffers = interface->buffers,
    .buffer_count = interface->buffer_count,
    .sums = interface->sums
  };
  struct rtems_rump_link_usage usage = { .is_up = false };
  int error;

  waitq_init(&interface->queue, "rump link");
  waitq_init(&interface->idle, "rump link idle");
  error = link_open(&interface->link, number, &user);
  if (error != 0) {
    return hypercall_errno_to_netbsd(error);
  }
  interface->handle = atomic_load(&interface->link.handle);
  (*interface->link.driver->get_usage)(interface->handle, &usage);
  interface->told_up = usage.is_up;
  changed(interface, usage.is_up);
  return 0;
}

int
interface_start(struct interface *interface)
{
  char name[sizeof("rumpvirt") + 2];
  int error;

  (void)snprintf(name, sizeof(name), "rumpvirt%u",
    interface->link.number % 100);
  error = thread_start(receive, interface, name, LEVEL, -1, true,
    &interface->thread);
  if (error != 0) {
    link_close(&interface->link);
  }
  return error;
}

void
interface_stop(struct interface *interface)
{
  struct waitq_context ctx;

  waitq_lock(&interface->queue, &ctx);
  interface->is_dying = true;
  waitq_wake_one(&interface->queue, &ctx);
}

static void
wait_for_tellers(struct interface *interface)
{
  struct waitq_context ctx;

  waitq_lock(&interface->idle, &ctx);
  while (interface->tellers > 0) {
    (void)occupant_wait(&interface->idle, &ctx, NULL, NULL, NULL);
    waitq_lock(&interface->idle, &ctx);
  }
  waitq_unlock(&interface->idle, &ctx);
}

void
interface_close(struct interface *interface)
{
  int nlocks;

  interface_stop(interface);
  (void)rumpuser_thread_join(interface->thread);
  nlocks = hypercall_unschedule(NULL);
  wait_for_tellers(interface);
  link_close(&interface->link);
  waitq_settle(&interface->queue);
  waitq_settle(&interface->idle);
  hypercall_schedule(nlocks, NULL);
}

static void
count_tellers(struct interface *interface, int more)
{
  struct waitq_context ctx;

  waitq_lock(&interface->idle, &ctx);
  interface->tellers += (unsigned)more;
  waitq_wake_one(&interface->idle, &ctx);
}

static void
tell_receivers(void *arg)
{
  struct interface *interface = arg;

  (*interface->link.driver->flush)(interface->handle);
  count_tellers(interface, -1);
}

/*
 * NetBSD sends frame by frame.  A receiver that were told of each would be the
 * more urgent one and take turns with the sender.
 */
static bool
will_tell(struct interface *interface)
{
  unsigned burst;

  if (interface->link.driver->flush == NULL) {
    return false;
  }
  burst = atomic_load_explicit(&interface->burst, memory_order_relaxed) + 1;
  atomic_store_explicit(&interface->burst, burst, memory_order_relaxed);
  if (burst % BURST == 0) {
    return false;
  }
  if (hypercall_self.deferred != NULL
      && hypercall_self.deferred_arg == interface) {
    return true;
  }
  count_tellers(interface, 1);
  if (hypercall_defer(tell_receivers, interface)) {
    return true;
  }
  count_tellers(interface, -1);
  return false;
}

bool
interface_send(
  struct interface *interface, struct rtems_rump_link_send *frame)
{
  struct link *link = &interface->link;
  size_t size = 0;
  unsigned i;

  frame->more = will_tell(interface);
  if ((*link->driver->send)(interface->handle, frame, 1) != 1) {
    return false;
  }
  for (i = 0; i < frame->count; ++i) {
    size += frame->parts[i].iov_len;
  }
  link_count_shared(&link->sent_frames, 1);
  link_count_shared(&link->sent_bytes, size);
  return true;
}
