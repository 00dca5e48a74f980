/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Functions that the kernel has used are reset when it ends, by what each has
 * for that, without access to memory, and keep their windows: then a driver of
 * the next life finds nothing of this one.
 */

#include <string.h>

#include <rtems.h>

#include "bus.h"
#include "hypercall.h"

#define WINDOW 0x10
#define LINE 0x3c
#define CAPABILITIES 0x34
#define HAS_CAPABILITIES (1u << 20)

/* Where the tests have a capability, and another one that leads to it. */
#define AT 0x50
#define OTHER 0x40
#define OTHER_ID 9

#define EXPRESS 0x10
#define ADVANCED 0x13
#define POWER 0x01

#define ON 7u
#define ENDED (3u | PCI_COMMAND_NO_INTERRUPT)

/* Each has its place in the array by device. */
enum { BY_EXPRESS, BY_ADVANCED, BY_POWER, KEEPS, CANNOT, CIRCLE, GONE, COUNT };

static struct function *functions[COUNT];
static unsigned resets[COUNT];

static uint32_t *
reg(struct function *f, unsigned at)
{
  return &f->other[at / 4];
}

static void
reset(struct function *f)
{
  CHECK((f->command & PCI_COMMAND_MASTER) == 0);
  CHECK((f->command & PCI_COMMAND_NO_INTERRUPT) != 0);
  ++resets[f->at.device];
  f->command &= PCI_COMMAND_STATUS;
  f->header = 0;
  *reg(f, WINDOW) = 0;
  *reg(f, LINE) = 0;
}

/* The bit that resets is never read as one. */
static void
express_written(struct function *f, unsigned at, uint32_t value)
{
  if (at == AT + 8 && (value & 1u << 15) != 0) {
    CHECK(value >> 16 == 0);
    reset(f);
    *reg(f, AT + 8) = 0;
  }
}

static void
advanced_written(struct function *f, unsigned at, uint32_t value)
{
  if (at == AT + 4 && value == 1) {
    reset(f);
    *reg(f, AT + 4) = 0;
  }
}

/* Without power it has no registers but this one. */
static void
power_written(struct function *f, unsigned at, uint32_t value)
{
  static bool off;

  if (at == AT + 4) {
    CHECK((value & 1u << 15) == 0);
    if (off && (value & 3) == 0) {
      reset(f);
    }
    off = (value & 3) == 3;
  } else {
    CHECK(!off);
  }
}

/* Some write to their command register only. */
static void
kept_written(struct function *f, unsigned at, uint32_t value)
{
  (void)f;
  (void)value;
  CHECK(at == PCI_COMMAND);
}

static void
make(
  unsigned device, unsigned id, unsigned at, uint32_t value,
  void (*written)(struct function *f, unsigned reg, uint32_t value))
{
  struct function *f = add(0, device, 0);

  functions[device] = f;
  f->command = HAS_CAPABILITIES;
  f->header = 0x4008;
  f->written = written;
  *reg(f, WINDOW) = 0xfebc0000 + device;
  *reg(f, LINE) = 11;
  *reg(f, CAPABILITIES) = OTHER;
  *reg(f, OTHER) = AT << 8 | OTHER_ID;
  *reg(f, AT) = id;
  *reg(f, AT + at) |= value;
}

static void
make_all(void)
{
  make(BY_EXPRESS, EXPRESS, 4, 1u << 28, express_written);
  *reg(functions[BY_EXPRESS], AT + 8) = 0xf2810;
  make(BY_ADVANCED, ADVANCED, 0, 1u << 25, advanced_written);
  make(BY_POWER, POWER, 4, 1u << 15, power_written);
  make(KEEPS, POWER, 4, 1u << 3, kept_written);
  make(CANNOT, EXPRESS, 4, 0, kept_written);
  make(CIRCLE, OTHER_ID, 0, OTHER << 8, kept_written);
  make(GONE, EXPRESS, 4, 1u << 28, kept_written);
}

/* Then all of its registers are read as ones. */
static void
take_away(struct function *f)
{
  f->id = f->command = f->header = f->buses = NOTHING;
  memset(f->other, 0xff, sizeof(f->other));
}

static void
check_kept(const struct function *f)
{
  CHECK(f->command == (HAS_CAPABILITIES | ENDED));
  CHECK(f->header == 0x4008);
  CHECK(f->other[WINDOW / 4] == 0xfebc0000 + f->at.device);
  CHECK(f->other[LINE / 4] == 11);
}

static rtems_task
Init(rtems_task_argument arg)
{
  static const struct rtems_rump_config config = { .memory = 4 << 20 };
  unsigned i;

  (void)arg;
  puts("*** BEGIN OF TEST DEVICE RESET ***");
  CHECK(hypercall_configure(&config) == 0);
  make_all();
  for (i = 0; i < COUNT; ++i) {
    CHECK(device_command(functions[i]->at, ON) == 0);
    CHECK((functions[i]->command & ON) == ON && resets[i] == 0);
  }
  take_away(functions[GONE]);
  CHECK(hypercall_end());
  for (i = 0; i < COUNT; ++i) {
    CHECK(resets[i] == (i < KEEPS));
    if (i != GONE) {
      check_kept(functions[i]);
    }
  }
  CHECK(*reg(functions[BY_EXPRESS], AT + 8) == 0x2810);
  puts("*** END OF TEST DEVICE RESET ***");
  exit(0);
}

#define CONFIGURE_MICROSECONDS_PER_TICK 1000
#define CONFIGURE_APPLICATION_NEEDS_CLOCK_DRIVER
#define CONFIGURE_APPLICATION_NEEDS_CONSOLE_DRIVER
#define CONFIGURE_RTEMS_INIT_TASKS_TABLE
#define CONFIGURE_INIT

#include <rtems-rump/confdefs.h>
#include <rtems/confdefs.h>
