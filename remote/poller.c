/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Who waits for sockets of the host.  Below the simulator that is a thread of
 * the host, the sockets' interrupt, which tells tasks; else each thread waits
 * by itself.
 */

#include "posix.h"

#ifndef REMOTE_SIMULATOR

#include <poll.h>

int
poller_know(struct posix *p)
{
  (void)p;
  return 0;
}

void
poller_forget(struct posix *p)
{
  (void)p;
}

void
poller_watch(struct transport *t, const struct transport_watcher *watcher)
{
  (void)t;
  (void)watcher;
}

/* Nobody would be told: who waits does so in poller_wait(). */
bool
poller_arm(struct transport *t, enum transport_event event)
{
  (void)t;
  (void)event;
  return true;
}

void
poller_wait(struct transport *t, enum transport_event event)
{
  struct pollfd fd = {
    .fd = ((struct posix *)t)->fd,
    .events = event == TRANSPORT_RECEIVE ? POLLIN : POLLOUT
  };

  (void)poll(&fd, 1, -1);
}

#else /* REMOTE_SIMULATOR */

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <sys/epoll.h>

#include <rtems.h>
#include <rtems/thread.h>

static struct {
  /* Of the beginning. */
  rtems_mutex begin_lock;
  bool has_begun;
  int epoll;

  /* Of the sockets. */
  rtems_interrupt_lock lock;
  struct posix *known;
} poller = {
  .begin_lock = RTEMS_MUTEX_INITIALIZER("rump poller"),
  .lock = RTEMS_INTERRUPT_LOCK_INITIALIZER("rump poller")
};

static uint32_t
epoll_events(unsigned armed)
{
  return ((armed & TRANSPORT_RECEIVE) != 0 ? EPOLLIN : 0)
    | ((armed & TRANSPORT_SEND) != 0 ? EPOLLOUT : 0)
    | EPOLLONESHOT;
}

/* With the lock. */
static void
control(int operation, struct posix *p)
{
  struct epoll_event event = {
    .events = epoll_events(p->armed),
    .data.ptr = p
  };

  (void)epoll_ctl(poller.epoll, operation, p->fd, &event);
}

static bool
is_known(const struct posix *p)
{
  const struct posix *k;

  for (k = poller.known; k != NULL && k != p; k = k->next) {
  }
  return k != NULL;
}

/*
 * An event may be one of a socket that is gone, or of another that has its
 * address now: then there is nothing armed, or one event too many.
 */
static unsigned
take_armed(struct posix *p, uint32_t events)
{
  unsigned fired = 0;

  if (!is_known(p)) {
    return 0;
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
    fired |= TRANSPORT_RECEIVE;
  }
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) {
    fired |= TRANSPORT_SEND;
  }
  fired &= p->armed;
  p->armed &= ~fired;
  if (p->armed != 0) {
    control(EPOLL_CTL_MOD, p);
  }
  p->is_told = fired != 0;
  return fired;
}

static void
tell(struct posix *p, uint32_t events)
{
  rtems_interrupt_lock_context context;
  struct transport_watcher watcher = { .notify = NULL };
  unsigned fired;

  rtems_interrupt_lock_acquire(&poller.lock, &context);
  fired = take_armed(p, events);
  if (fired != 0) {
    watcher = p->watcher;
  }
  rtems_interrupt_lock_release(&poller.lock, &context);
  if (fired == 0) {
    return;
  }
  if ((fired & TRANSPORT_RECEIVE) != 0) {
    (*watcher.notify)(TRANSPORT_RECEIVE, watcher.arg);
  }
  if ((fired & TRANSPORT_SEND) != 0) {
    (*watcher.notify)(TRANSPORT_SEND, watcher.arg);
  }
  rtems_interrupt_lock_acquire(&poller.lock, &context);
  p->is_told = false;
  rtems_interrupt_lock_release(&poller.lock, &context);
}

static void *
poll_for_ever(void *arg)
{
  struct epoll_event event;

  (void)arg;
  for (;;) {
    if (epoll_wait(poller.epoll, &event, 1, -1) == 1) {
      tell(event.data.ptr, event.events);
    }
  }
  return NULL;
}

static int
start_thread(void)
{
  sigset_t all, old;
  pthread_t thread;
  int error;

  (void)sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &old);
  error = pthread_create(&thread, NULL, poll_for_ever, NULL);
  (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
  if (error == 0) {
    (void)pthread_detach(thread);
  }
  return error;
}

static int
begin(void)
{
  int error = 0;

  rtems_mutex_lock(&poller.begin_lock);
  if (!poller.has_begun) {
    poller.epoll = epoll_create1(EPOLL_CLOEXEC);
    error = poller.epoll < 0 ? errno : start_thread();
    poller.has_begun = error == 0;
  }
  rtems_mutex_unlock(&poller.begin_lock);
  return error;
}

int
poller_know(struct posix *p)
{
  rtems_interrupt_lock_context context;
  int error = begin();

  if (error == 0) {
    rtems_interrupt_lock_acquire(&poller.lock, &context);
    p->next = poller.known;
    poller.known = p;
    control(EPOLL_CTL_ADD, p);
    rtems_interrupt_lock_release(&poller.lock, &context);
  }
  return error;
}

void
poller_forget(struct posix *p)
{
  rtems_interrupt_lock_context context;
  struct posix **k;

  rtems_interrupt_lock_acquire(&poller.lock, &context);
  for (k = &poller.known; *k != p; k = &(*k)->next) {
  }
  *k = p->next;
  control(EPOLL_CTL_DEL, p);
  while (p->is_told) {
    rtems_interrupt_lock_release(&poller.lock, &context);
    (void)sched_yield();
    rtems_interrupt_lock_acquire(&poller.lock, &context);
  }
  rtems_interrupt_lock_release(&poller.lock, &context);
}

void
poller_watch(struct transport *t, const struct transport_watcher *watcher)
{
  rtems_interrupt_lock_context context;

  rtems_interrupt_lock_acquire(&poller.lock, &context);
  ((struct posix *)t)->watcher = *watcher;
  rtems_interrupt_lock_release(&poller.lock, &context);
}

bool
poller_arm(struct transport *t, enum transport_event event)
{
  struct posix *p = (struct posix *)t;
  struct pollfd now = {
    .fd = p->fd,
    .events = event == TRANSPORT_RECEIVE ? POLLIN : POLLOUT
  };
  rtems_interrupt_lock_context context;

  if (poll(&now, 1, 0) == 1) {
    return true;
  }
  rtems_interrupt_lock_acquire(&poller.lock, &context);
  p->armed |= event;
  control(EPOLL_CTL_MOD, p);
  rtems_interrupt_lock_release(&poller.lock, &context);
  return false;
}

#endif /* REMOTE_SIMULATOR */
