/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The PC's bus: windows that cannot be, and two kernels that read
 * configuration space at the same time, each with its own copy of the
 * functions for it, on two processors: what one asks for is not answered to
 * the other.
 */

#include <stdatomic.h>

#include "bus.h"
#include "target.h"

#define READS 300000

/* Each is pci-i386.c once more. */
uint32_t first_read_config(struct pci_function f, unsigned reg);
uint32_t second_read_config(struct pci_function f, unsigned reg);
void *first_map(uintptr_t address, size_t size);

/* Of the PC: its bridges to memory and to the ISA bus. */
static struct reader {
  uint32_t (*read)(struct pci_function f, unsigned reg);
  struct pci_function at;
  uint32_t id;
} readers[] = {
  { first_read_config, { .device = 0 }, 0x12378086u },
  { second_read_config, { .device = 1 }, 0x70008086u }
};

static rtems_counting_semaphore done =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("done", 0);
static atomic_uint ready;

static rtems_task
read_many(rtems_task_argument arg)
{
  const struct reader *reader = &readers[arg];
  unsigned i;

  atomic_fetch_add(&ready, 1);
  while (atomic_load(&ready) < RTEMS_ARRAY_SIZE(readers)) {
    (void)rtems_task_wake_after(RTEMS_YIELD_PROCESSOR);
  }
  for (i = 0; i < READS; ++i) {
    CHECK((*reader->read)(reader->at, 0) == reader->id);
  }
  rtems_counting_semaphore_post(&done);
  rtems_task_exit();
}

static void
test_windows(void)
{
  static char memory[64];
  const uintptr_t bios = 0xc0000, last = UINTPTR_MAX - 4095;

  CHECK(first_map(0, 4096) == NULL);
  CHECK(first_map(bios, 0) == NULL);
  CHECK(first_map(last, 8192) == NULL);
  CHECK(first_map((uintptr_t)memory, sizeof(memory)) == NULL);
  CHECK(first_map(bios, UINTPTR_MAX - bios) == NULL);
  CHECK(first_map(bios, 4096) == (void *)bios);
  CHECK(first_map(last, 4096) == (void *)last);
}

static void
test_absent(void)
{
  const struct pci_function device = { .device = 31 };
  const struct pci_function bus = { .bus = 255 };

  CHECK(first_read_config(device, 0) == UINT32_MAX);
  CHECK(first_read_config(bus, 0) == UINT32_MAX);
}

static void
test_two_kernels(void)
{
  unsigned i;

  for (i = 0; i < RTEMS_ARRAY_SIZE(readers); ++i) {
    (void)target_task(TARGET_PRIORITY, read_many, i);
  }
  for (i = 0; i < RTEMS_ARRAY_SIZE(readers); ++i) {
    rtems_counting_semaphore_wait(&done);
  }
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("BUS");
  test_windows();
  test_absent();
  test_two_kernels();
  TARGET_END("BUS");
}

#define CONFIGURE_MAXIMUM_TASKS 5
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
