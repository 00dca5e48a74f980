/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Ethernet in memory.
 *
 * A bus has a fixed number of ports, each with a ring.  Who sends writes into
 * the rings of those who receive, one after the other and with the lock of
 * each port in turn, so that nobody waits longer than for the copy of a frame;
 * who reads a ring needs no lock.
 *
 * A reader that is to be told leaves a mark, and who takes the mark away tells
 * it.  Either the reader looks at the ring after that and finds what there is,
 * or who writes finds the mark.
 */

#include "mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rtems.h>
#include <rtems/thread.h>

#include "frame-copy.h"
#include "ring.h"

#define NAME_SIZE 32

struct port {
  struct bus *bus;
  atomic_bool is_open;

  /* Of who writes to the ring, tells the user, opens or closes. */
  rtems_mutex lock;
  struct ring ring;
  struct rtems_rump_link_user user;

  /*
   * Read without the lock, too: to look is no promise.  The address is in two
   * parts.
   */
  atomic_uint flags, address_high, address_low;

  /* A bit for each port that is to be told of frames of this one. */
  atomic_uint untold;

  atomic_ulong dropped[RTEMS_RUMP_LINK_DROPS];
};

struct bus {
  struct bus *next;
  char name[NAME_SIZE];
  unsigned users;
  atomic_bool is_down;

  /* Those who receive what is for others, and maybe the time. */
  atomic_uint listeners;

  struct port ports[RTEMS_RUMP_LINK_MEM_MAX];
};

/* Of the list of buses, and of which ports are open. */
static rtems_mutex registry_lock = RTEMS_MUTEX_INITIALIZER("rump buses");
static struct bus *buses;

/* With the registry locked, as what follows. */
static struct bus *
bus_find(const char *name)
{
  struct bus *bus;

  for (bus = buses; bus != NULL && strcmp(bus->name, name) != 0;
      bus = bus->next) {
  }
  return bus;
}

static struct bus *
bus_create(const char *name)
{
  struct bus *bus = calloc(1, sizeof(*bus));
  unsigned i;

  if (bus == NULL) {
    return NULL;
  }
  (void)strcpy(bus->name, name);
  for (i = 0; i < RTEMS_RUMP_LINK_MEM_MAX; ++i) {
    bus->ports[i].bus = bus;
    rtems_mutex_init(&bus->ports[i].lock, "rump bus port");
  }
  bus->next = buses;
  buses = bus;
  return bus;
}

static void
bus_give_back(struct bus *bus)
{
  struct bus **p = &buses;
  unsigned i;

  if (bus->users > 0) {
    return;
  }
  while (*p != bus) {
    p = &(*p)->next;
  }
  *p = bus->next;
  for (i = 0; i < RTEMS_RUMP_LINK_MEM_MAX; ++i) {
    rtems_mutex_destroy(&bus->ports[i].lock);
  }
  free(bus);
}

static unsigned
address_high(const uint8_t *address)
{
  return (unsigned)address[0] << 8 | address[1];
}

static unsigned
address_low(const uint8_t *address)
{
  return (unsigned)address[2] << 24 | (unsigned)address[3] << 16
    | (unsigned)address[4] << 8 | address[5];
}

static bool
has_address(struct port *port, const uint8_t *address)
{
  return atomic_load_explicit(&port->address_low, memory_order_relaxed)
      == address_low(address)
    && atomic_load_explicit(&port->address_high, memory_order_relaxed)
      == address_high(address);
}

static bool
is_open(struct port *port)
{
  return atomic_load_explicit(&port->is_open, memory_order_acquire);
}

static bool
has_flag(struct port *port, unsigned flag)
{
  return (atomic_load_explicit(&port->flags, memory_order_relaxed) & flag)
    != 0;
}

/* The port that has an address, or NULL. */
static struct port *
port_of(struct bus *bus, const uint8_t *address)
{
  unsigned i;

  for (i = 0; i < RTEMS_RUMP_LINK_MEM_MAX; ++i) {
    struct port *port = &bus->ports[i];

    if (is_open(port) && has_address(port, address)
        && !has_flag(port, MEM_CAPTURES)) {
      return port;
    }
  }
  return NULL;
}

static void
count(struct port *port, enum rtems_rump_link_drop reason)
{
  (void)atomic_fetch_add_explicit(
    &port->dropped[reason],
    1,
    memory_order_relaxed
  );
}

/* The port is locked. */
static void
tell(struct port *port)
{
  if (ring_disarm(&port->ring)) {
    (*port->user.notify)(port->user.arg);
  }
}

static void
tell_later(struct port *from, const struct port *to)
{
  (void)atomic_fetch_or(&from->untold, 1u << (to - to->bus->ports));
}

/* The port may have been closed in between. */
static void
deliver(
  struct port                       *from,
  struct port                       *to,
  const struct rtems_rump_link_send *frame,
  size_t                             size,
  uint64_t                           time)
{
  rtems_mutex_lock(&to->lock);
  if (is_open(to)) {
    if (!ring_write(&to->ring, frame, size, time)) {
      count(to, RTEMS_RUMP_LINK_OVERRUN);
    } else if (frame->more && !ring_is_half_full(&to->ring)) {
      tell_later(from, to);
    } else {
      tell(to);
    }
  }
  rtems_mutex_unlock(&to->lock);
}

static uint64_t
now(void)
{
  struct timespec t;

  rtems_clock_get_realtime(&t);
  return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static bool
receives(struct port *port, const struct port *from, const struct port *to)
{
  return port == to || has_flag(port, MEM_CAPTURES)
    || (port != from && (to == NULL || has_flag(port, MEM_PROMISCUOUS)));
}

/* To one port, or to all but the sender if that is NULL; and who listens. */
static void
distribute(
  struct port                       *from,
  struct port                       *to,
  const struct rtems_rump_link_send *frame,
  size_t                             size)
{
  struct bus *bus = from->bus;
  bool is_heard =
    atomic_load_explicit(&bus->listeners, memory_order_relaxed) > 0;
  uint64_t time = is_heard ? now() : 0;
  unsigned i;

  if (to != NULL && !is_heard) {
    deliver(from, to, frame, size, 0);
    return;
  }
  for (i = 0; i < RTEMS_RUMP_LINK_MEM_MAX; ++i) {
    struct port *port = &bus->ports[i];

    if (is_open(port) && receives(port, from, to)) {
      deliver(from, port, frame, size, time);
    }
  }
}

static void
get_destination(const struct rtems_rump_link_send *frame, uint8_t *address)
{
  unsigned i;

  if (frame->parts[0].iov_len >= RTEMS_RUMP_LINK_ADDRESS) {
    memcpy(address, frame->parts[0].iov_base, RTEMS_RUMP_LINK_ADDRESS);
    return;
  }
  for (i = 0; i < RTEMS_RUMP_LINK_ADDRESS; ++i) {
    address[i] = frame_byte(frame, i);
  }
}

static bool
send_one(struct port *from, const struct rtems_rump_link_send *frame)
{
  size_t size = frame_size(frame);
  uint8_t address[RTEMS_RUMP_LINK_ADDRESS];
  struct port *to;

  if (atomic_load_explicit(&from->bus->is_down, memory_order_relaxed)) {
    count(from, RTEMS_RUMP_LINK_DOWN);
    return false;
  }
  if (size < RTEMS_RUMP_LINK_FRAME_MIN || size > RTEMS_RUMP_LINK_FRAME_MAX) {
    count(from, size < RTEMS_RUMP_LINK_FRAME_MIN
      ? RTEMS_RUMP_LINK_TRUNCATED : RTEMS_RUMP_LINK_OVERSIZED);
    return false;
  }
  get_destination(frame, address);
  to = (address[0] & 1) != 0 ? NULL : port_of(from->bus, address);
  if (has_flag(from, MEM_LOOPS)) {
    distribute(from, from, frame, size);
  } else if (to != from) {
    distribute(from, to, frame, size);
  }
  return true;
}

static void
tell_if_open(struct port *port)
{
  rtems_mutex_lock(&port->lock);
  if (is_open(port)) {
    tell(port);
  }
  rtems_mutex_unlock(&port->lock);
}

static void
mem_flush(void *handle)
{
  struct port *from = handle;
  unsigned untold = atomic_exchange(&from->untold, 0);
  unsigned i;

  for (i = 0; untold != 0; ++i, untold >>= 1) {
    if ((untold & 1) != 0) {
      tell_if_open(&from->bus->ports[i]);
    }
  }
}

static unsigned
mem_send(
  void                              *handle,
  const struct rtems_rump_link_send *frames,
  unsigned                           n)
{
  struct port *from = handle;
  unsigned i, sent = 0;

  for (i = 0; i < n; ++i) {
    sent += send_one(from, &frames[i]);
    if (!frames[i].more
        && atomic_load_explicit(&from->untold, memory_order_relaxed) != 0) {
      mem_flush(from);
    }
  }
  return sent;
}

static unsigned
mem_receive(void *handle, struct rtems_rump_link_frame *frames, unsigned max)
{
  struct port *port = handle;

  return ring_read(&port->ring, frames, max);
}

static void
mem_release(
  void *handle, const struct rtems_rump_link_frame *frames, unsigned n)
{
  struct port *port = handle;

  ring_release(&port->ring, frames, n);
}

static bool
mem_arm(void *handle)
{
  struct port *port = handle;

  return ring_arm(&port->ring);
}

/* All is for all groups. */
static void
mem_set_filter(void *handle, const struct rtems_rump_link_filter *filter)
{
  struct port *port = handle;

  if (filter->is_promiscuous != has_flag(port, MEM_PROMISCUOUS)) {
    (void)atomic_fetch_xor(&port->flags, MEM_PROMISCUOUS);
    (void)atomic_fetch_add(
      &port->bus->listeners, filter->is_promiscuous ? 1u : -1u);
  }
}

static void
mem_get_usage(void *handle, struct rtems_rump_link_usage *usage)
{
  struct port *port = handle;
  unsigned i;

  usage->is_up = !atomic_load(&port->bus->is_down);
  for (i = 0; i < RTEMS_RUMP_LINK_DROPS; ++i) {
    usage->dropped[i] += atomic_load(&port->dropped[i]);
  }
}

static void
mem_close(void *handle)
{
  struct port *port = handle;
  struct bus *bus = port->bus;

  rtems_mutex_lock(&registry_lock);
  rtems_mutex_lock(&port->lock);
  atomic_store(&port->is_open, false);
  rtems_mutex_unlock(&port->lock);
  if (has_flag(port, MEM_CAPTURES | MEM_PROMISCUOUS)) {
    (void)atomic_fetch_sub(&bus->listeners, 1);
  }
  ring_destroy(&port->ring);
  --bus->users;
  bus_give_back(bus);
  rtems_mutex_unlock(&registry_lock);
}

/* What is read without the lock is there before the port is open. */
static void
port_set(
  struct port                       *port,
  const struct rtems_rump_link_user *user,
  const uint8_t                     *address,
  unsigned                           flags)
{
  unsigned i;

  rtems_mutex_lock(&port->lock);
  port->user = *user;
  atomic_store(&port->flags, flags);
  atomic_store(&port->address_high, address_high(address));
  atomic_store(&port->address_low, address_low(address));
  atomic_store(&port->untold, 0);
  for (i = 0; i < RTEMS_RUMP_LINK_DROPS; ++i) {
    atomic_store(&port->dropped[i], 0);
  }
  atomic_store_explicit(&port->is_open, true, memory_order_release);
  rtems_mutex_unlock(&port->lock);
  if ((flags & MEM_CAPTURES) != 0) {
    (void)atomic_fetch_add(&port->bus->listeners, 1);
  }
  ++port->bus->users;
}

static struct port *
port_free(struct bus *bus)
{
  unsigned i;

  for (i = 0; i < RTEMS_RUMP_LINK_MEM_MAX; ++i) {
    if (!is_open(&bus->ports[i])) {
      return &bus->ports[i];
    }
  }
  return NULL;
}

static int
port_open(
  struct bus                        *bus,
  const struct rtems_rump_link_user *user,
  const uint8_t                     *address,
  unsigned                           flags,
  void                             **handle)
{
  struct port *port = port_free(bus);
  int error;

  if (port == NULL) {
    return EBUSY;
  }
  if ((flags & MEM_CAPTURES) == 0 && port_of(bus, address) != NULL) {
    return EADDRINUSE;
  }
  error = ring_init(&port->ring, user);
  if (error == 0) {
    port_set(port, user, address, flags);
    *handle = port;
  }
  return error;
}

int
mem_open(
  const struct rtems_rump_link      *link,
  const struct rtems_rump_link_user *user,
  uint8_t                            address[RTEMS_RUMP_LINK_ADDRESS],
  unsigned                           flags,
  void                             **handle)
{
  struct bus *bus = NULL;
  const char *name = link->device;
  int error = ENOMEM;

  if ((flags & MEM_LOOPS) != 0) {
    name = "";
  } else if (name == NULL || name[0] == 0 || strlen(name) >= NAME_SIZE) {
    return ENXIO;
  }
  rtems_mutex_lock(&registry_lock);
  if (name[0] != 0) {
    bus = bus_find(name);
  }
  if (bus == NULL) {
    bus = bus_create(name);
  }
  if (bus != NULL) {
    error = port_open(bus, user, address, flags, handle);
    bus_give_back(bus);
  }
  rtems_mutex_unlock(&registry_lock);
  return error;
}

static void
bus_set_up(struct bus *bus, bool is_up)
{
  unsigned i;

  if (atomic_exchange(&bus->is_down, !is_up) != is_up) {
    return;
  }
  for (i = 0; i < RTEMS_RUMP_LINK_MEM_MAX; ++i) {
    struct port *port = &bus->ports[i];

    rtems_mutex_lock(&port->lock);
    if (is_open(port)) {
      (*port->user.changed)(port->user.arg, is_up);
    }
    rtems_mutex_unlock(&port->lock);
  }
}

int
rtems_rump_link_mem_set_up(const char *device, bool is_up)
{
  struct bus *bus;

  rtems_mutex_lock(&registry_lock);
  bus = bus_find(device);
  if (bus != NULL) {
    bus_set_up(bus, is_up);
  }
  rtems_mutex_unlock(&registry_lock);
  return bus == NULL ? ENXIO : 0;
}

static int
bus_open(
  const struct rtems_rump_link      *link,
  const struct rtems_rump_link_user *user,
  uint8_t                            address[RTEMS_RUMP_LINK_ADDRESS],
  bool                               is_given,
  void                             **handle)
{
  (void)is_given;
  return mem_open(link, user, address, 0, handle);
}

static int
loop_open(
  const struct rtems_rump_link      *link,
  const struct rtems_rump_link_user *user,
  uint8_t                            address[RTEMS_RUMP_LINK_ADDRESS],
  bool                               is_given,
  void                             **handle)
{
  (void)is_given;
  return mem_open(link, user, address, MEM_LOOPS, handle);
}

#define MEM_DRIVER(how_to_open) { \
  .open = (how_to_open), \
  .send = mem_send, \
  .flush = mem_flush, \
  .receive = mem_receive, \
  .release = mem_release, \
  .arm = mem_arm, \
  .get_usage = mem_get_usage, \
  .set_filter = mem_set_filter, \
  .close = mem_close, \
  .sums = true \
}

const struct rtems_rump_link_driver rtems_rump_link_mem =
  MEM_DRIVER(bus_open);

const struct rtems_rump_link_driver rtems_rump_link_loop =
  MEM_DRIVER(loop_open);
