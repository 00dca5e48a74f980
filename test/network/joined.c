/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Segments of TCP that net_link joins: on a good wire, and on one that loses
 * frames, lets others overtake them, and tells some twice.
 */

#include "host.h"

#include <stdatomic.h>

#include <rtems-rump/netbsd-net.h>

/* Emulated processors take their time. */
#ifdef __rtems__
#define AMOUNT (256u << 10)
#else
#define AMOUNT (1u << 20)
#endif
#define AMOUNT_BAD (128u << 10)

/* Of 1,000 frames, so many of each kind. */
#define BAD 20

#define SEGMENT 1460
#define FRAME_MAX 1514
#define RECORD_HEADER 16

static const struct network_host *const hosts[] = {
  &network_host_k1, &network_host_k2
};

static rtems_binary_semaphore served =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("served");
static atomic_bool is_bad;

/* Of both kernels; the last ones may be under way. */
static atomic_uint segments_on_wire;
#define UNDER_WAY 8

#define TYPE_AT 12
#define PROTOCOL_AT 23
#define TCP 6

static uint32_t amount;

/* The same for the same number of frames. */
static unsigned
draw(void)
{
  static atomic_uint drawn;

  return ((atomic_fetch_add(&drawn, 1) + 1) * 2654435761u >> 16) % 1000;
}

static void
overtake(struct rtems_rump_link_frame *frames)
{
  struct rtems_rump_link_frame first = frames[0];

  frames[0] = frames[1];
  frames[1] = first;
}

/* Instead of the one that follows, which is lost. */
static void
repeat(struct rtems_rump_link_frame *frames)
{
  memcpy(frames[1].data, frames[0].data, frames[0].size);
  frames[1].size = frames[0].size;
  frames[1].is_summed = frames[0].is_summed;
}

static void
mistreat(struct rtems_rump_link_frame *frames, unsigned left)
{
  unsigned n = draw();

  if (n < BAD) {
    frames[0].size = 0;
  } else if (n < 2 * BAD && left > 1) {
    overtake(frames);
  } else if (n < 3 * BAD && left > 1) {
    repeat(frames);
  }
}

static bool
is_segment(const uint8_t *frame)
{
  return frame[TYPE_AT] == 8 && frame[TYPE_AT + 1] == 0
    && frame[PROTOCOL_AT] == TCP;
}

static unsigned
wire_receive(void *handle, struct rtems_rump_link_frame *frames, unsigned max)
{
  unsigned n = (*rtems_rump_link_mem.receive)(handle, frames, max), i;

  for (i = 0; i < n; ++i) {
    atomic_fetch_add(&segments_on_wire, is_segment(frames[i].data));
    if (atomic_load(&is_bad)) {
      mistreat(&frames[i], n - i);
    }
  }
  return n;
}

static struct rtems_rump_link_driver wire;
static const struct rtems_rump_link links[] = {
  { .driver = &wire, .device = "wire" }
};

static rtems_task
serve(rtems_task_argument arg)
{
  (void)arg;
  (*hosts[1]->tcp_serve)(amount);
  rtems_binary_semaphore_post(&served);
  rtems_task_exit();
}

static void
transfer(uint32_t size)
{
  amount = size;
  (void)target_task(TARGET_PRIORITY, serve, 0);
  (*hosts[0]->tcp_call)(0, 2, size);
  rtems_binary_semaphore_wait(&served);
}

/* What is on the bus is not joined. */
static atomic_uint records;

static void
look_at_record(const void *data, size_t size, void *arg)
{
  (void)data;
  (void)arg;
  if (atomic_fetch_add(&records, 1) > 0) {
    CHECK(size <= RECORD_HEADER + FRAME_MAX);
  }
}

static unsigned
received_by_both(void)
{
  return (*hosts[0]->tcp_received)() + (*hosts[1]->tcp_received)();
}

static void
good_wire(void)
{
  struct rtems_rump_capture *capture;
  unsigned before, received;

  atomic_store(&is_bad, false);
  atomic_store(&records, 0);
  atomic_store(&segments_on_wire, 0);
  before = received_by_both();
  CHECK(
    rtems_rump_capture_start("wire", 1u << 20, RTEMS_RUMP_DEFAULT_CEILING,
      look_at_record, NULL, &capture) == 0
  );
  transfer(AMOUNT);
  CHECK(rtems_rump_capture_stop(capture) == 0);
  received = received_by_both() - before;
  printf("%u segments on the wire, %u for TCP\n", segments_on_wire, received);
  CHECK(records > 2 * (AMOUNT / SEGMENT));
  CHECK(received + UNDER_WAY < segments_on_wire);
}

static void
bad_wire(void)
{
  struct rtems_rump_link_usage usage;

  atomic_store(&is_bad, true);
  transfer(AMOUNT_BAD);
  (*hosts[1]->get_usage)(0, &usage);
  CHECK(usage.dropped[RTEMS_RUMP_LINK_TRUNCATED] > 0);
}

static void
live(unsigned life)
{
  unsigned i;

  (void)life;
  for (i = 0; i < 2; ++i) {
    (*hosts[i]->start)(links, 1);
    (*hosts[i]->add_interface)(0, 0, i + 1);
  }
  good_wire();
  bad_wire();
  for (i = 0; i < 2; ++i) {
    (*hosts[i]->end)();
  }
  target_sleep(50);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("NETWORK JOINED");
  wire = rtems_rump_link_mem;
  wire.receive = wire_receive;
  target_live_twice(live);
  TARGET_END("NETWORK JOINED");
}

#define CONFIGURE_MAXIMUM_TASKS 120
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#define CONFIGURE_INIT_TASK_STACK_SIZE (64 * 1024)
#include "config.h"
