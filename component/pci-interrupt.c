/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Interrupts of the PCI bus.
 *
 * Each vector that the kernel uses has a thread with a context of its own in
 * the kernel.  The interrupt masks the vector and wakes the thread, which
 * calls the handlers of all functions that share it, and unmasks it: a device
 * that holds the line does not keep the processor.
 */

#include <stdio.h>

#include <rtems.h>
#include <rtems/irq-extension.h>

#include "device.h"
#include "hypercall.h"
#include "lock.h"
#include "pci.h"

/* Interrupts that a function may ask for in a row and not have handled. */
#define UNHANDLED_MAX 200

/* Of them, and of those of others, so many are served at once. */
#define AT_ONCE_MAX 10

struct handler {
  struct handler *_Atomic next;
  struct pci_function at;
  int (*call)(void *arg);
  void *arg;
  unsigned unhandled;
};

struct line {
  struct line *next;
  rtems_vector_number vector;
  struct handler *_Atomic handlers;

  /* Interrupts that nobody wanted, since the thread has waited for one. */
  unsigned unwanted;

  /* Guards what follows; the thread waits in it. */
  struct waitq queue;
  bool pending;

  /* The handler is removed; on another processor it may just have begun. */
  bool ended;
};

struct cookie {
  struct cookie *next;
  unsigned number;
  struct pci_function at;
  rtems_vector_number vector;
};

static struct lock lines_lock = LOCK_INITIALIZER("rump pci lines");
static struct line *lines;
static struct cookie *cookies;

static void
interrupt(void *arg)
{
  struct line *line = arg;
  struct waitq_context ctx;

  waitq_lock(&line->queue, &ctx);
  if (line->ended) {
    waitq_unlock(&line->queue, &ctx);
    return;
  }
  (void)rtems_interrupt_vector_disable(line->vector);
  line->pending = true;
  waitq_wake_one(&line->queue, &ctx);
}

static void
wait_for_interrupt(struct line *line)
{
  struct waitq_context ctx;

  waitq_lock(&line->queue, &ctx);
  while (!line->pending) {
    line->unwanted = 0;
    (void)occupant_wait(&line->queue, &ctx, NULL, NULL, NULL);
    waitq_lock(&line->queue, &ctx);
  }
  line->pending = false;
  waitq_unlock(&line->queue, &ctx);
}

static void
note_unhandled(struct handler *h)
{
  if (!device_interrupts(h->at)) {
    h->unhandled = 0;
  } else if (++h->unhandled == UNHANDLED_MAX) {
    device_disable_interrupt(h->at);
    rumpuser_dprintf(
      "rump: pci: the interrupt of function %u of device %u on bus %u never "
      "stops: it is masked\n",
      h->at.function,
      h->at.device,
      h->at.bus
    );
  }
}

/*
 * Whoever asks may be served by another kernel's thread, which is not to wait
 * for this one: it may be as urgent or less, and so may be who holds its
 * virtual CPU.  Or a driver will quieten it that has just been attached, in a
 * task that is less urgent.
 */
static void
let_others_serve(struct line *line)
{
  ++line->unwanted;
  (void)rtems_task_wake_after(
    line->unwanted < AT_ONCE_MAX ? RTEMS_YIELD_PROCESSOR : 1
  );
}

static SLOW_PATH void
note_all_unhandled(struct line *line)
{
  struct handler *h;

  for (h = atomic_load(&line->handlers); h != NULL; h = h->next) {
    note_unhandled(h);
  }
  let_others_serve(line);
}

/* The driver relies on the kernel's big lock. */
static void
call_handlers(struct line *line)
{
  struct handler *h;
  bool handled = false;

  hypercall_schedule(1, NULL);
  for (h = atomic_load(&line->handlers); h != NULL; h = h->next) {
    if ((*h->call)(h->arg) != 0) {
      handled = true;
      h->unhandled = 0;
    }
  }
  (void)hypercall_unschedule(NULL);
  if (PREDICT_FALSE(!handled)) {
    note_all_unhandled(line);
  }
}

static void *
serve(void *arg)
{
  struct line *line = arg;

  rumpuser_component_kthread();
  for (;;) {
    wait_for_interrupt(line);
    call_handlers(line);
    (void)rtems_interrupt_vector_enable(line->vector);
  }
  return NULL;
}

static void
unmask(
  void *arg, const char *info, rtems_option option,
  rtems_interrupt_handler handler, void *handler_arg)
{
  const struct line *line = arg;

  (void)info;
  (void)option;
  (void)handler;
  (void)handler_arg;
  (void)rtems_interrupt_vector_enable(line->vector);
}

/*
 * Ours are quiet.  An interrupt of others masks the vector once more, and
 * nobody unmasks it until our handler is gone: then for each that is left, in
 * a call that keeps it there.  If there is none, it stays masked.
 */
static void
line_end(struct line *line)
{
  struct waitq_context ctx;

  (void)rtems_interrupt_handler_remove(line->vector, interrupt, line);
  waitq_lock(&line->queue, &ctx);
  line->ended = true;
  waitq_unlock(&line->queue, &ctx);
  (void)rtems_interrupt_handler_iterate(line->vector, unmask, line);
}

static void
remove_lines(void)
{
  struct line *line;

  for (line = lines; line != NULL; line = line->next) {
    line_end(line);
  }
  bus_end_interrupts();
}

static struct component component = { .end = remove_lines };

/* The processor for one more thread, of the kernel's; -1: any. */
static int
next_processor(void)
{
  uint32_t processors = hypercall_config.interrupt_affinity;
  const struct line *line;

  for (line = lines; line != NULL; line = line->next) {
    processors &= processors - 1;
    if (processors == 0) {
      processors = hypercall_config.interrupt_affinity;
    }
  }
  return processors == 0 ? -1 : __builtin_ctz(processors);
}

static rtems_status_code
line_start(struct line *line)
{
  char name[sizeof("rumpirq") + 8];

  (void)snprintf(name, sizeof(name), "rumpirq%u", (unsigned)line->vector);
  if (thread_start(
        serve, line, name, 0, next_processor(), false, NULL) != 0) {
    return RTEMS_UNSATISFIED;
  }
  return rtems_interrupt_handler_install(
    line->vector,
    "rump pci",
    RTEMS_INTERRUPT_SHARED,
    interrupt,
    line
  );
}

static struct line *
line_of(rtems_vector_number vector)
{
  struct line *line;

  for (line = lines; line != NULL && line->vector != vector;
      line = line->next) {
  }
  return line;
}

static struct line *
line_new(rtems_vector_number vector)
{
  struct line *line = memory_allocate(sizeof(*line));
  rtems_status_code sc;

  if (line == NULL) {
    return NULL;
  }
  *line = (struct line){ .vector = vector };
  waitq_init(&line->queue, "rump pci line");
  sc = line_start(line);
  if (sc != RTEMS_SUCCESSFUL) {
    rumpuser_dprintf(
      "rump: pci: interrupt vector %u cannot be had (status %d)\n",
      (unsigned)vector,
      (int)sc
    );
    return NULL;
  }
  if (lines == NULL) {
    bus_begin_interrupts();
    component_add(&component);
  }
  line->next = lines;
  lines = line;
  return line;
}

static void
append(struct line *line, struct handler *handler)
{
  struct handler *_Atomic *last = &line->handlers;

  while (*last != NULL) {
    last = &(*last)->next;
  }
  atomic_store_explicit(last, handler, memory_order_release);
}

static const struct cookie *
cookie_of(unsigned number)
{
  const struct cookie *c;

  for (c = cookies; c != NULL && c->number != number; c = c->next) {
  }
  return c;
}

int
rumpcomp_pci_irq_map(
  unsigned bus, unsigned device, unsigned function, int line,
  unsigned number)
{
  struct cookie *cookie;
  struct pci_function f;
  rtems_vector_number vector;

  if (!device_find(bus, device, function, &f)
      || !bus_vector(f, (unsigned)line, &vector)) {
    rumpuser_dprintf(
      "rump: pci: function %u of device %u has no interrupt\n",
      function,
      device
    );
    return NETBSD_EINVAL;
  }
  cookie = memory_allocate(sizeof(*cookie));
  if (cookie == NULL) {
    return NETBSD_ENOMEM;
  }
  lock_enter(&lines_lock);
  *cookie = (struct cookie){ cookies, number, f, vector };
  cookies = cookie;
  lock_exit(&lines_lock);
  return 0;
}

static struct handler *
establish(
  const struct cookie *cookie, int (*call)(void *arg), void *arg)
{
  struct handler *handler = memory_allocate(sizeof(*handler));
  struct line *line;

  if (handler == NULL) {
    return NULL;
  }
  /* Before the line: so it is quiet before the line ends. */
  if (device_enable_interrupt(cookie->at) != 0) {
    line = NULL;
  } else if ((line = line_of(cookie->vector)) == NULL) {
    line = line_new(cookie->vector);
  }
  if (line == NULL) {
    memory_release(handler, sizeof(*handler));
    return NULL;
  }
  *handler = (struct handler){ .at = cookie->at, .call = call, .arg = arg };
  append(line, handler);
  return handler;
}

void *
rumpcomp_pci_irq_establish(
  unsigned number, int (*call)(void *arg), void *arg)
{
  const struct cookie *cookie;
  struct handler *handler = NULL;

  lock_enter(&lines_lock);
  cookie = cookie_of(number);
  if (cookie != NULL) {
    handler = establish(cookie, call, arg);
  }
  lock_exit(&lines_lock);
  return handler;
}
