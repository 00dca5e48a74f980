/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Interfaces of net_link: they are told that the link is down and up again, and
 * are destroyed and created while frames come in and go out.
 */

#include "host.h"

#include <stdatomic.h>

#define ROUNDS 20

static const struct rtems_rump_link links[] = {
  { .driver = &rtems_rump_link_mem, .device = "lan" }
};

static const struct network_host *const k1 = &network_host_k1;
static const struct network_host *const k2 = &network_host_k2;

static atomic_bool stops;
static rtems_binary_semaphore stopped =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("stopped");

/* With answers, as long as somebody is there. */
static rtems_task
ping_always(rtems_task_argument arg)
{
  unsigned answered = 0;

  (void)arg;
  while (!atomic_load(&stops)) {
    answered += (*k2->ping)(0, 1, 1400, 20, 1);
  }
  CHECK(answered > 0);
  rtems_binary_semaphore_post(&stopped);
  rtems_task_exit();
}

static void
await(bool has)
{
  uint64_t begin = target_msec();

  while ((*k1->has_address)(0, 1) != has) {
    CHECK(target_msec() - begin < 20000);
    target_sleep(20);
  }
}

static void
test_state(void)
{
  CHECK((*k1->has_address)(0, 1));
  CHECK(rtems_rump_link_mem_set_up("lan", false) == 0);
  await(false);
  CHECK(rtems_rump_link_mem_set_up("lan", true) == 0);
  await(true);
  CHECK((*k2->ping)(0, 1, 1400, 5, 30) == 5);
}

static void
test_destroy(void)
{
  unsigned i;

  atomic_store(&stops, false);
  (void)target_task(TARGET_PRIORITY, ping_always, 0);
  target_sleep(50);
  CHECK((*k1->destroy)("virt0") == 0);
  for (i = 0; i < ROUNDS; ++i) {
    CHECK((*k1->create)("virt0") == 0);
    CHECK((*k1->destroy)("virt0") == 0);
  }
  (*k1->add_interface)(0, 0, 1);
  CHECK((*k1->ping)(0, 2, 1400, 5, 30) == 5);
  target_sleep(50);
  CHECK((*k1->destroy)("virt0") == 0);
  atomic_store(&stops, true);
  rtems_binary_semaphore_wait(&stopped);
}

static void
live(unsigned life)
{
  (void)life;
  (*k1->start)(links, 1);
  (*k2->start)(links, 1);
  (*k1->add_interface)(0, 0, 1);
  (*k2->add_interface)(0, 0, 2);
  test_state();
  test_destroy();
  (*k1->end)();
  (*k2->end)();
  target_sleep(50);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("NETWORK DESTROY");
  target_live_twice(live);
  TARGET_END("NETWORK DESTROY");
}

#define CONFIGURE_MAXIMUM_TASKS 120
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#define CONFIGURE_INIT_TASK_STACK_SIZE (64 * 1024)
#include "config.h"
