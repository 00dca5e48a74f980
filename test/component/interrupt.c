/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Interrupts, on a bus and with an interrupt manager of the test's own: one
 * vector of four functions, two of them the kernel's, one of a driver of RTEMS
 * and one of a task that is less urgent, which ask when they must not be heard,
 * and one of which never stops.
 */

#include <limits.h>
#include <stdatomic.h>
#include <string.h>

#include <rtems.h>
#include <rtems/irq-extension.h>

#include "bus.h"
#include "hypercall.h"
#include "pci.h"

#define VECTOR 11
#define HANDLERS 4
#define FIRST_SLOT 4
#define NEVER_STOPS_AFTER 200

/* The vector: a level, as PCI has it. */

static struct installed {
  rtems_interrupt_handler handler;
  void *arg;
} installed[HANDLERS], removed;

static int masked;

/* A function asks until its handler has served it. */
static struct driver {
  struct function *function;
  atomic_uint asked, served;

  /* How often its handler will not see that it asks. */
  unsigned unseen;
} drivers[4];

static bool
is_asked(void)
{
  bool asked = false;
  unsigned i;

  for (i = 0; i < RTEMS_ARRAY_SIZE(drivers); ++i) {
    struct function *f = drivers[i].function;

    f->command &= ~PCI_STATUS_INTERRUPT;
    if (drivers[i].asked != drivers[i].served) {
      f->command |= PCI_STATUS_INTERRUPT;
      asked |= (f->command & PCI_COMMAND_NO_INTERRUPT) == 0;
    }
  }
  return asked;
}

/* Until nobody asks any more, or a handler has masked the vector. */
static void
deliver(void)
{
  while (!masked && is_asked()) {
    unsigned i;

    for (i = 0; i < HANDLERS; ++i) {
      if (installed[i].handler != NULL) {
        (*installed[i].handler)(installed[i].arg);
      }
    }
  }
}

rtems_status_code
rtems_interrupt_handler_install(
  rtems_vector_number vector, const char *info, rtems_option options,
  rtems_interrupt_handler handler, void *arg)
{
  unsigned i;

  CHECK(vector == VECTOR && info != NULL);
  CHECK(options == RTEMS_INTERRUPT_SHARED);
  for (i = 0; installed[i].handler != NULL; ++i) {
    CHECK(i < HANDLERS - 1);
  }
  installed[i] = (struct installed){ handler, arg };
  return RTEMS_SUCCESSFUL;
}

rtems_status_code
rtems_interrupt_handler_remove(
  rtems_vector_number vector, rtems_interrupt_handler handler, void *arg)
{
  unsigned i;

  CHECK(vector == VECTOR);
  for (i = 0; i < HANDLERS; ++i) {
    if (installed[i].handler == handler && installed[i].arg == arg) {
      removed = installed[i];
      installed[i].handler = NULL;
      return RTEMS_SUCCESSFUL;
    }
  }
  return RTEMS_UNSATISFIED;
}

rtems_status_code
rtems_interrupt_handler_iterate(
  rtems_vector_number vector, rtems_interrupt_per_handler_routine routine,
  void *arg)
{
  unsigned i;

  CHECK(vector == VECTOR);
  for (i = 0; i < HANDLERS; ++i) {
    if (installed[i].handler != NULL) {
      (*routine)(
        arg, "test", RTEMS_INTERRUPT_SHARED, installed[i].handler,
        installed[i].arg
      );
    }
  }
  /* As if it had begun on another processor before it was removed. */
  (*removed.handler)(removed.arg);
  return RTEMS_SUCCESSFUL;
}

rtems_status_code
rtems_interrupt_vector_disable(rtems_vector_number vector)
{
  CHECK(vector == VECTOR);
  masked = true;
  return RTEMS_SUCCESSFUL;
}

rtems_status_code
rtems_interrupt_vector_enable(rtems_vector_number vector)
{
  CHECK(vector == VECTOR);
  masked = false;
  deliver();
  return RTEMS_SUCCESSFUL;
}

static void
ask(struct driver *driver)
{
  ++driver->asked;
  deliver();
}

/* The kernel: each of its threads has all of it while it is scheduled. */

static __thread int locks = -1;

static void
schedule(void)
{
}

static void
unschedule(void)
{
}

static int
newlwp(pid_t pid)
{
  (void)pid;
  return 0;
}

static void
backend_schedule(int nlocks, void *interlock)
{
  CHECK(locks < 0 && interlock == NULL);
  locks = nlocks;
}

static void
backend_unschedule(int nlocks, int *count, void *interlock)
{
  CHECK(locks >= 0 && nlocks == 0 && interlock == NULL);
  *count = locks;
  locks = -1;
}

static const struct rumpuser_hyperup upcalls = {
  .hyp_schedule = schedule,
  .hyp_unschedule = unschedule,
  .hyp_backend_schedule = backend_schedule,
  .hyp_backend_unschedule = backend_unschedule,
  .hyp_lwproc_newlwp = newlwp
};

static int
serve_one(void *arg)
{
  struct driver *driver = arg;

  CHECK(locks == 1);
  CHECK(masked);
  if (driver->unseen > 0) {
    --driver->unseen;
    return 0;
  }
  if (driver->asked == driver->served) {
    return 0;
  }
  ++driver->served;
  return 1;
}

/* Of RTEMS: without a kernel, whether that has masked the vector or not. */
static void
serve_rtems(void *arg)
{
  struct driver *driver = arg;

  driver->served = driver->asked;
}

static unsigned messages;
static char message[128];
static unsigned length;

static void
remember(char c)
{
  if (c == '\n') {
    ++messages;
    length = 0;
  } else if (length < sizeof(message) - 1) {
    message[length++] = c;
    message[length] = '\0';
  }
}

static void
make_devices(void)
{
  unsigned i;

  for (i = 0; i < RTEMS_ARRAY_SIZE(drivers); ++i) {
    drivers[i].function = add(0, FIRST_SLOT + i, 0);
  }
}

static void
establish(unsigned i)
{
  CHECK(rumpcomp_pci_irq_map(0, FIRST_SLOT + i, 0, VECTOR, i) == 0);
  CHECK(rumpcomp_pci_irq_establish(i, serve_one, &drivers[i]) != NULL);
}

/* The thread is more urgent than the test, and has run when this goes on. */
static void
test_shared(void)
{
  struct driver *a = &drivers[0], *b = &drivers[1], *own = &drivers[2];

  ask(a);
  CHECK(a->served == 1 && b->served == 0);
  ask(b);
  CHECK(a->served == 1 && b->served == 1);
  ask(own);
  CHECK(own->served == 1);

  /* All at once, and one of them several times. */
  a->asked += 3;
  ++b->asked;
  ask(own);
  CHECK(a->served == 4 && b->served == 2 && own->served == 2);
  CHECK(!masked && messages == 0);
}

static void
wait_until_open(void)
{
  do {
    CHECK(rtems_task_wake_after(1) == RTEMS_SUCCESSFUL);
  } while (masked);
}

/* As by a task that attaches a driver, whose handler wants nothing yet. */
static void
test_late(void)
{
  struct driver *b = &drivers[1];

  b->unseen = UINT_MAX;
  ask(b);
  CHECK(masked);
  b->unseen = 0;
  b->served = b->asked;
  wait_until_open();
  CHECK(messages == 0);
}

static void
test_never_stops(void)
{
  struct driver *a = &drivers[0], *b = &drivers[1], *own = &drivers[2];

  b->unseen = UINT_MAX;
  ask(b);
  CHECK(masked && messages == 0);
  do {
    wait_until_open();
  } while (is_asked());
  CHECK(messages == 1);
  CHECK(strstr(message, "function 0 of device 5 on bus 0") != NULL);
  CHECK((b->function->command & PCI_COMMAND_NO_INTERRUPT) != 0);

  ask(a);
  ask(own);
  CHECK(a->served == 5 && own->served == 3);
  CHECK(messages == 1);
}

/* As of another kernel, whose thread could not run if the vector was open. */
static void
test_less_urgent(void)
{
  struct driver *a = &drivers[0], *other = &drivers[3];
  unsigned before = a->served;

  ask(other);
  CHECK(masked);
  ++a->asked;
  ++other->served;
  CHECK(rtems_task_wake_after(2) == RTEMS_SUCCESSFUL);
  CHECK(a->served == before + 1);
  CHECK(!masked && messages == 1);
}

/* Many interrupts are no fault, nor are some that nobody wants. */
static void
test_busy(void)
{
  struct driver *a = &drivers[0];
  int i;

  a->asked += 2 * NEVER_STOPS_AFTER;
  deliver();
  CHECK(a->asked == a->served);
  for (i = 0; i < 3; ++i) {
    a->unseen = NEVER_STOPS_AFTER - 1;
    ask(a);
    while (a->asked != a->served) {
      wait_until_open();
    }
  }
  CHECK(messages == 1);
}

static void
test_end(void)
{
  struct driver *a = &drivers[0], *own = &drivers[2];
  unsigned served = a->served;

  CHECK(hypercall_end());
  CHECK((a->function->command & PCI_COMMAND_NO_INTERRUPT) != 0);
  ++a->asked;
  ask(own);
  CHECK(a->served == served && own->served == own->asked);
  CHECK(installed[0].handler == serve_rtems);
  CHECK(installed[1].handler == NULL && !masked);
}

/* The second and the fourth processor of the kernel are for interrupts. */
#define PROCESSORS 0xa

static int served_on = -1;

static bool
place(uint32_t task, unsigned priority, int processor)
{
  (void)task;
  (void)priority;
  served_on = processor;
  return true;
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = {
    .memory = 4 << 20, .console = remember, .interrupt_affinity = PROCESSORS
  };

  (void)arg;
  puts("*** BEGIN OF TEST INTERRUPT ***");
  CHECK(hypercall_configure(&config) == 0);
  CHECK(rumpuser_init(RUMPUSER_VERSION, &upcalls) == 0);
  messages = 0;
  hypercall_place = place;
  make_devices();
  CHECK(rtems_interrupt_handler_install(VECTOR, "own",
    RTEMS_INTERRUPT_SHARED, serve_rtems, &drivers[2]) == RTEMS_SUCCESSFUL);
  establish(0);
  establish(1);
  CHECK(rumpcomp_pci_irq_establish(2, serve_one, NULL) == NULL);
  CHECK(served_on == 1);

  test_shared();
  test_late();
  test_never_stops();
  test_less_urgent();
  test_busy();
  test_end();
  puts("*** END OF TEST INTERRUPT ***");
  exit(0);
}

#define CONFIGURE_MAXIMUM_PROCESSORS 1
#define CONFIGURE_MICROSECONDS_PER_TICK 1000
#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
