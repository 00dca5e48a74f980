/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Buses in memory, without any kernel: who receives what, what is dropped and
 * counted, who is told, and captures.
 */

#include "target.h"

#include <stdatomic.h>

#include <rtems-rump/link.h>

#include "buffers.h"
#include "shared.h"

#define DRIVER rtems_rump_link_mem

/* Buffers of an end. */
#define BUFFERS 4

struct end {
  void *handle;
  void **buffers;
  uint8_t address[6];
  atomic_uint notified, changed;
  atomic_bool is_up;
};

static void
notify(void *arg)
{
  atomic_fetch_add(&((struct end *)arg)->notified, 1);
}

static void
note_change(void *arg, bool is_up)
{
  struct end *end = arg;

  atomic_fetch_add(&end->changed, 1);
  atomic_store(&end->is_up, is_up);
}

static int
try_open_by(
  const struct rtems_rump_link_driver *driver, struct end *end,
  const char *bus, uint8_t number, unsigned buffers)
{
  const struct rtems_rump_link link = { .device = bus };
  struct rtems_rump_link_user user = {
    .notify = notify, .changed = note_change, .arg = end,
    .buffer_count = buffers
  };
  const uint8_t address[6] = { 2, 0, 0, 0, 0, number };
  int error;

  atomic_store(&end->notified, 0);
  atomic_store(&end->changed, 0);
  memcpy(end->address, address, sizeof(address));
  end->buffers = user.buffers = buffers_make(buffers);
  CHECK(end->buffers != NULL);
  error = (*driver->open)(&link, &user, end->address, true, &end->handle);
  if (error != 0) {
    free(end->buffers);
  }
  return error;
}

static int
try_open(struct end *end, const char *bus, uint8_t number, unsigned buffers)
{
  return try_open_by(&DRIVER, end, bus, number, buffers);
}

static void
open_end(struct end *end, const char *bus, uint8_t number)
{
  CHECK(try_open(end, bus, number, BUFFERS) == 0);
}

static void
close_end(struct end *end)
{
  (*DRIVER.close)(end->handle);
  free(end->buffers);
}

static void
fill(uint8_t *frame, const uint8_t *to, size_t size, uint32_t seed)
{
  size_t i;

  for (i = 0; i < size; ++i) {
    seed = seed * 1664525u + 1013904223u;
    frame[i] = (uint8_t)(seed >> 24);
  }
  if (size >= 6) {
    memcpy(frame, to, 6);
  }
}

/* In three parts, of which one is in the address and one is empty. */
static unsigned
send_more(
  struct end *from, const uint8_t *to, size_t size, uint32_t seed, bool more)
{
  uint8_t frame[2048];
  const struct iovec parts[] = {
    { frame, size < 3 ? size : 3 },
    { frame, 0 },
    { frame + 3, size < 3 ? 0 : size - 3 }
  };
  const struct rtems_rump_link_send send = {
    .parts = parts, .count = 3, .more = more
  };

  fill(frame, to, size, seed);
  return (*DRIVER.send)(from->handle, &send, 1);
}

static unsigned
send_to(struct end *from, const uint8_t *to, size_t size, uint32_t seed)
{
  return send_more(from, to, size, seed, false);
}

static void
check_frame(
  const struct rtems_rump_link_frame *f, const uint8_t *to, size_t size,
  uint32_t seed)
{
  uint8_t frame[2048];

  CHECK(f->size == size);
  fill(frame, to, size, seed);
  CHECK(memcmp(f->data, frame, size) == 0);
}

static unsigned
drain(struct end *end)
{
  struct rtems_rump_link_frame frames[4];
  unsigned n, all = 0;

  while ((n = (*DRIVER.receive)(end->handle, frames, 4)) > 0) {
    all += n;
    (*DRIVER.release)(end->handle, frames, n);
  }
  return all;
}

static void
expect(struct end *end, const uint8_t *to, size_t size, uint32_t seed)
{
  struct rtems_rump_link_frame frames[2];

  CHECK((*DRIVER.receive)(end->handle, frames, 2) == 1);
  check_frame(&frames[0], to, size, seed);
  CHECK(!frames[0].is_summed);
  (*DRIVER.release)(end->handle, frames, 1);
}

static unsigned long
dropped(struct end *end, enum rtems_rump_link_drop reason)
{
  struct rtems_rump_link_usage usage = { .is_up = false };

  (*DRIVER.get_usage)(end->handle, &usage);
  return usage.dropped[reason];
}

static void
test_addresses(void)
{
  static const uint8_t broadcast[6] = { 255, 255, 255, 255, 255, 255 };
  static const uint8_t multicast[6] = { 1, 0, 94, 0, 0, 1 };
  static const uint8_t unknown[6] = { 2, 0, 0, 0, 0, 99 };
  static const uint8_t *const for_all[] = { broadcast, multicast, unknown };
  struct end a, b, c, other;
  unsigned i;

  open_end(&a, "lan", 1);
  open_end(&b, "lan", 2);
  open_end(&c, "lan", 3);
  open_end(&other, "wan", 1);
  CHECK(send_to(&a, b.address, 60, 1) == 1);
  expect(&b, b.address, 60, 1);
  CHECK(drain(&a) + drain(&c) == 0);
  for (i = 0; i < 3; ++i) {
    CHECK(send_to(&a, for_all[i], 1514, 2) == 1);
    expect(&b, for_all[i], 1514, 2);
    expect(&c, for_all[i], 1514, 2);
  }
  CHECK(send_to(&a, a.address, 60, 3) == 1);
  CHECK(drain(&a) + drain(&b) + drain(&c) + drain(&other) == 0);
  close_end(&b);
  CHECK(send_to(&a, b.address, 60, 4) == 1);
  expect(&c, b.address, 60, 4);
  close_end(&a);
  close_end(&c);
  close_end(&other);
}

static void
test_sizes(void)
{
  struct end a, b;

  open_end(&a, "lan", 1);
  open_end(&b, "lan", 2);
  CHECK(send_to(&a, b.address, 13, 0) == 0);
  CHECK(send_to(&a, b.address, 0, 0) == 0);
  CHECK(send_to(&a, b.address, 14, 5) == 1);
  CHECK(send_to(&a, b.address, 1519, 0) == 0);
  expect(&b, b.address, 14, 5);
  CHECK(send_to(&a, b.address, 1518, 6) == 1);
  expect(&b, b.address, 1518, 6);
  CHECK(dropped(&a, RTEMS_RUMP_LINK_TRUNCATED) == 2);
  CHECK(dropped(&a, RTEMS_RUMP_LINK_OVERSIZED) == 1);
  CHECK(drain(&b) == 0);
  close_end(&a);
  close_end(&b);
}

/* What stands in the ring: its size and its seed, which is its number. */
static size_t sizes[256];
static uint32_t stored, fetched;

static void
store_some(struct end *from, struct end *to, unsigned n, uint32_t *random)
{
  for (; n > 0; --n) {
    unsigned long lost = dropped(to, RTEMS_RUMP_LINK_OVERRUN);

    *random = *random * 1664525u + 1013904223u;
    sizes[stored % 256] = 14 + (*random >> 16) % 400;
    CHECK(send_to(from, to->address, sizes[stored % 256], stored) == 1);
    stored += dropped(to, RTEMS_RUMP_LINK_OVERRUN) == lost;
  }
}

static void
fetch_some(struct end *end, unsigned n)
{
  struct rtems_rump_link_frame frames[16];
  unsigned i, held = 0;

  for (; n > 0; --n) {
    unsigned m =
      (*DRIVER.receive)(end->handle, frames + held, 1 + n % 3);

    CHECK(m > 0 || fetched == stored || held == BUFFERS);
    for (i = 0; i < m; ++i) {
      check_frame(&frames[held + i], end->address, sizes[fetched % 256],
        fetched);
      ++fetched;
    }
    held += m;
    if (n % 2 == 0 && held > 0) {
      (*DRIVER.release)(end->handle, frames, --held);
      frames[0] = frames[held];
      held = 1;
    }
  }
  (*DRIVER.release)(end->handle, frames, held);
}

/* Of all numbers that are stored, fetched and given back. */
static void
test_order(void)
{
  uint32_t random = 1;
  struct end a, b;

  open_end(&a, "lan", 1);
  open_end(&b, "lan", 2);
  stored = fetched = 0;
  while (fetched < 10000) {
    store_some(&a, &b, 1 + (random >> 27), &random);
    fetch_some(&b, random >> 8 & 7);
  }
  CHECK(dropped(&b, RTEMS_RUMP_LINK_OVERRUN) > 1000);
  while (fetched != stored) {
    fetch_some(&b, 8);
  }
  close_end(&a);
  close_end(&b);
}

static void
test_overrun(void)
{
  struct rtems_rump_link_frame frames[16];
  struct end a, b;
  unsigned i, n;

  open_end(&a, "lan", 1);
  open_end(&b, "lan", 2);
  for (i = 0; i < 10; ++i) {
    CHECK(send_to(&a, b.address, 1000, i) == 1);
  }
  n = (*DRIVER.receive)(b.handle, frames, 16);
  CHECK(n == BUFFERS);
  CHECK(dropped(&b, RTEMS_RUMP_LINK_OVERRUN) == 10 - n);
  for (i = 0; i < n; ++i) {
    check_frame(&frames[i], b.address, 1000, i);
  }
  /* What was not given back is not overwritten. */
  CHECK(send_to(&a, b.address, 1000, 10) == 1);
  CHECK(dropped(&b, RTEMS_RUMP_LINK_OVERRUN) == 11 - n);
  check_frame(&frames[0], b.address, 1000, 0);
  (*DRIVER.release)(b.handle, frames, 1);
  CHECK(send_to(&a, b.address, 1000, 11) == 1);
  CHECK(send_to(&a, b.address, 1000, 12) == 1);
  CHECK(dropped(&b, RTEMS_RUMP_LINK_OVERRUN) == 12 - n);
  check_frame(&frames[1], b.address, 1000, 1);
  (*DRIVER.release)(b.handle, frames + 1, n - 1);
  expect(&b, b.address, 1000, 11);
  close_end(&a);
  close_end(&b);
}

/* The user keeps a frame, and gives another buffer for it. */
static void
test_exchange(void)
{
  void **more = buffers_make(1);
  struct rtems_rump_link_frame frame, kept;
  struct end a, b;
  unsigned i, found = 0;

  CHECK(more != NULL);
  open_end(&a, "lan", 1);
  open_end(&b, "lan", 2);
  CHECK(send_to(&a, b.address, 1000, 1) == 1);
  CHECK((*DRIVER.receive)(b.handle, &kept, 1) == 1);
  frame = kept;
  frame.buffer = more[0];
  (*DRIVER.release)(b.handle, &frame, 1);
  for (i = 0; i < BUFFERS; ++i) {
    CHECK(send_to(&a, b.address, 1000, 2 + i) == 1);
    CHECK((*DRIVER.receive)(b.handle, &frame, 1) == 1);
    CHECK((frame.buffer == more[0]) == (i == BUFFERS - 1));
    CHECK(frame.data == (char *)frame.buffer + RTEMS_RUMP_LINK_OFFSET);
    check_frame(&frame, b.address, 1000, 2 + i);
    (*DRIVER.release)(b.handle, &frame, 1);
  }
  check_frame(&kept, b.address, 1000, 1);
  (*DRIVER.close)(b.handle);
  for (i = 0; i < BUFFERS; ++i) {
    CHECK(b.buffers[i] != kept.buffer);
    found += b.buffers[i] == more[0];
  }
  CHECK(found == 1);
  free(b.buffers);
  free(more);
  close_end(&a);
}

/* The sum of 16-bit words, the last one filled up, in any byte order. */
static uint16_t
sum_of(const uint8_t *p, size_t size)
{
  uint32_t sum = 0;
  size_t i;

  for (i = 0; i < size; ++i) {
    sum += (uint32_t)p[i] << (i % 2 == 0 ? 8 : 0);
  }
  sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

static void
send_summed(
  struct end *a, struct end *b, size_t size, size_t cut, size_t second,
  uint32_t seed)
{
  uint8_t frame[1514];
  const struct iovec parts[] = {
    { frame, cut }, { frame + cut, second },
    { frame + cut + second, size - cut - second }
  };
  const struct rtems_rump_link_send send = {
    .parts = parts, .count = 3, .sum_begin = 34, .sum_at = 50
  };
  struct rtems_rump_link_frame got;
  const uint8_t *data;
  uint16_t all;

  fill(frame, b->address, size, seed);
  CHECK((*DRIVER.send)(a->handle, &send, 1) == 1);
  CHECK((*DRIVER.receive)(b->handle, &got, 1) == 1);
  data = got.data;
  CHECK(got.size == size && got.is_summed);
  all = (uint16_t)~sum_of(frame + 34, size - 34);
  all = all == 0 ? 0xffff : all;
  CHECK(data[50] == all >> 8 && data[51] == (all & 255));
  CHECK(memcmp(data, frame, 50) == 0);
  CHECK(memcmp(data + 52, frame + 52, size - 52) == 0);
  (*DRIVER.release)(b->handle, &got, 1);
}

/* Parts begin and end at all places. */
static void
test_sums(void)
{
  uint32_t random = 7;
  struct end a, b;
  unsigned i;

  open_end(&a, "lan", 1);
  open_end(&b, "lan", 2);
  for (i = 0; i < 2000; ++i) {
    size_t size, cut, second;

    random = random * 1664525u + 1013904223u;
    size = 52 + (random >> 8) % (i % 4 == 0 ? 1463 : 100);
    cut = (random >> 16) % 60 % (size + 1);
    second = (random >> 4) % (size - cut + 1);
    send_summed(&a, &b, size, cut, second, random);
  }
  close_end(&a);
  close_end(&b);
}

/* Who is promiscuous receives what is for others, but not its own. */
static void
test_promiscuous(void)
{
  struct rtems_rump_link_filter filter = { .is_promiscuous = true };
  struct end a, b, c;

  open_end(&a, "lan", 1);
  open_end(&b, "lan", 2);
  open_end(&c, "lan", 3);
  (*DRIVER.set_filter)(c.handle, &filter);
  (*DRIVER.set_filter)(c.handle, &filter);
  CHECK(send_to(&a, b.address, 60, 1) == 1);
  expect(&b, b.address, 60, 1);
  expect(&c, b.address, 60, 1);
  CHECK(send_to(&c, b.address, 60, 2) == 1);
  expect(&b, b.address, 60, 2);
  CHECK(drain(&c) == 0);
  filter.is_promiscuous = false;
  (*DRIVER.set_filter)(c.handle, &filter);
  CHECK(send_to(&a, b.address, 60, 3) == 1);
  CHECK(drain(&b) == 1 && drain(&c) == 0);
  filter.is_promiscuous = true;
  (*DRIVER.set_filter)(c.handle, &filter);
  close_end(&c);
  CHECK(send_to(&a, b.address, 60, 4) == 1);
  CHECK(drain(&b) == 1);
  close_end(&a);
  close_end(&b);
}

static void
test_notify(void)
{
  struct end a, b;

  open_end(&a, "lan", 1);
  open_end(&b, "lan", 2);
  CHECK(send_to(&a, b.address, 60, 0) == 1);
  CHECK(b.notified == 0);
  CHECK((*DRIVER.arm)(b.handle));
  CHECK(drain(&b) == 1);
  CHECK(!(*DRIVER.arm)(b.handle));
  CHECK(b.notified == 0);
  CHECK(send_to(&a, b.address, 60, 0) == 1);
  CHECK(b.notified == 1);
  CHECK(send_to(&a, b.address, 60, 0) == 1);
  CHECK(b.notified == 1);
  CHECK(drain(&b) == 2);
  CHECK(!(*DRIVER.arm)(b.handle));
  close_end(&b);
  CHECK(send_to(&a, b.address, 60, 0) == 1);
  CHECK(b.notified == 1);
  close_end(&a);
}

/* Who is told of several frames at once, also of one to somebody else. */
static void
test_more(void)
{
  struct end a, b, c;

  open_end(&a, "lan", 1);
  open_end(&b, "lan", 2);
  open_end(&c, "lan", 3);
  CHECK(!(*DRIVER.arm)(b.handle));
  CHECK(!(*DRIVER.arm)(c.handle));
  CHECK(send_more(&a, b.address, 60, 0, true) == 1);
  CHECK(b.notified == 0);
  (*DRIVER.flush)(a.handle);
  CHECK(b.notified == 1 && c.notified == 0);
  CHECK(drain(&b) == 1);

  CHECK(!(*DRIVER.arm)(b.handle));
  CHECK(send_more(&a, b.address, 60, 0, true) == 1);
  CHECK(send_to(&a, c.address, 60, 0) == 1);
  CHECK(b.notified == 2 && c.notified == 1);
  CHECK(drain(&b) == 1 && drain(&c) == 1);

  /* But not too late for what comes next to have room. */
  CHECK(!(*DRIVER.arm)(b.handle));
  CHECK(send_more(&a, b.address, 60, 0, true) == 1);
  CHECK(b.notified == 2);
  CHECK(send_more(&a, b.address, 60, 0, true) == 1);
  CHECK(b.notified == 3);
  CHECK(drain(&b) == 2);

  /* It has gone meanwhile. */
  CHECK(!(*DRIVER.arm)(b.handle));
  CHECK(send_more(&a, b.address, 60, 0, true) == 1);
  close_end(&b);
  (*DRIVER.flush)(a.handle);
  CHECK(b.notified == 3);
  close_end(&c);
  close_end(&a);
}

static void
test_down(void)
{
  struct rtems_rump_link_usage usage;
  struct end a, b;

  CHECK(rtems_rump_link_mem_set_up("lan", true) == ENXIO);
  open_end(&a, "lan", 1);
  open_end(&b, "lan", 2);
  CHECK(rtems_rump_link_mem_set_up("lan", false) == 0);
  CHECK(send_to(&a, b.address, 60, 0) == 0);
  CHECK(dropped(&a, RTEMS_RUMP_LINK_DOWN) == 1);
  (*DRIVER.get_usage)(b.handle, &usage);
  CHECK(!usage.is_up);
  CHECK(drain(&b) == 0);
  CHECK(a.changed == 1 && !a.is_up && b.changed == 1 && !b.is_up);
  CHECK(rtems_rump_link_mem_set_up("lan", false) == 0);
  CHECK(a.changed == 1);
  CHECK(rtems_rump_link_mem_set_up("lan", true) == 0);
  CHECK(a.changed == 2 && a.is_up && b.changed == 2 && b.is_up);
  CHECK(send_to(&a, b.address, 60, 0) == 1);
  CHECK(drain(&b) == 1);
  close_end(&a);
  close_end(&b);
}

static void
test_errors(void)
{
  static struct end ends[RTEMS_RUMP_LINK_MEM_MAX], more;
  unsigned i;

  CHECK(try_open(&more, NULL, 1, 2) == ENXIO);
  CHECK(try_open(&more, "", 1, 2) == ENXIO);
  CHECK(try_open(&more, "a name that is too long for a bus", 1, 2) == ENXIO);
  CHECK(try_open(&more, "lan", 1, 5) == EINVAL);
  CHECK(try_open(&more, "lan", 1, 0) == EINVAL);
  for (i = 0; i < RTEMS_RUMP_LINK_MEM_MAX; ++i) {
    open_end(&ends[i], "lan", (uint8_t)i);
    CHECK(
      try_open(&more, "lan", (uint8_t)i, 2)
        == (i < RTEMS_RUMP_LINK_MEM_MAX - 1 ? EADDRINUSE : EBUSY)
    );
  }
  for (i = 0; i < RTEMS_RUMP_LINK_MEM_MAX; ++i) {
    close_end(&ends[i]);
  }
}

static void
test_loop(void)
{
  struct end a, b;

  open_end(&a, "lan", 1);
  CHECK(try_open_by(&rtems_rump_link_loop, &b, "lan", 1, BUFFERS) == 0);
  CHECK(send_to(&b, a.address, 60, 1) == 1);
  CHECK(drain(&a) == 0);
  expect(&b, a.address, 60, 1);
  close_end(&a);
  close_end(&b);
}

/* Captures. */

static uint8_t captured[16384];
static size_t captured_size;
static rtems_binary_semaphore written =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("written");

static void
store(const void *data, size_t size, void *arg)
{
  CHECK(arg == captured);
  CHECK(captured_size + size <= sizeof(captured));
  memcpy(captured + captured_size, data, size);
  captured_size += size;
}

static void
block_first(const void *data, size_t size, void *arg)
{
  (void)data;
  (void)arg;
  captured_size += size;
  if (captured_size == 24) {
    rtems_binary_semaphore_wait(&written);
  }
}

static uint32_t
number_at(size_t offset)
{
  uint32_t number;

  memcpy(&number, captured + offset, sizeof(number));
  return number;
}

static void
check_record(
  size_t at, const uint8_t *to, size_t size, uint32_t seed, uint32_t second)
{
  const struct rtems_rump_link_frame frame = {
    .data = captured + at + 16, .size = size
  };

  CHECK(number_at(at) - second <= 1);
  CHECK(number_at(at + 4) < 1000000000);
  CHECK(number_at(at + 8) == size);
  CHECK(number_at(at + 12) == size);
  check_frame(&frame, to, size, seed);
}

static void
test_capture(void)
{
  struct rtems_rump_capture *capture;
  struct timespec now;
  struct end a, b;
  unsigned i;

  open_end(&a, "lan", 1);
  open_end(&b, "lan", 2);
  captured_size = 0;
  rtems_clock_get_realtime(&now);
  CHECK(
    rtems_rump_capture_start("lan", 0, TARGET_PRIORITY, store, captured,
      &capture) == 0
  );
  CHECK(send_to(&a, b.address, 60, 1) == 1);
  CHECK(send_to(&b, a.address, 1514, 2) == 1);
  CHECK(drain(&a) == 1 && drain(&b) == 1);
  CHECK(rtems_rump_capture_stop(capture) == 0);
  CHECK(captured_size == 24 + 16 + 60 + 16 + 1514);
  CHECK(number_at(0) == 0xa1b23c4d);
  CHECK(number_at(20) == 1);
  check_record(24, b.address, 60, 1, (uint32_t)now.tv_sec);
  check_record(24 + 16 + 60, a.address, 1514, 2, (uint32_t)now.tv_sec);

  /* A writer that waits costs frames of the capture and nothing else. */
  captured_size = 0;
  CHECK(
    rtems_rump_capture_start("lan", 4 * 2048, TARGET_PRIORITY, block_first,
      captured, &capture) == 0
  );
  for (i = 0; i < 10; ++i) {
    CHECK(send_to(&a, b.address, 1000, i) == 1);
    CHECK(drain(&b) == 1);
  }
  rtems_binary_semaphore_post(&written);
  CHECK(rtems_rump_capture_stop(capture) == 6);
  CHECK(captured_size == 24 + 4 * (16 + 1000));
  close_end(&a);
  close_end(&b);
  target_sleep(50);
}

/* Some send while others come and go. */

#define SENDERS 2
#define COMERS 2
#define ROUNDS 2000

static rtems_counting_semaphore ended =
  RTEMS_COUNTING_SEMAPHORE_INITIALIZER("ended", 0);
static atomic_bool senders_stop;
static atomic_uint received_in_all;

static rtems_task
send_always(rtems_task_argument number)
{
  struct end end;
  unsigned i;

  open_end(&end, "busy", (uint8_t)(100 + number));
  for (i = 0; !atomic_load(&senders_stop); ++i) {
    const uint8_t to[6] = { 2, 0, 0, 0, 0, (uint8_t)(i % COMERS) };

    CHECK(send_to(&end, to, 100, i) == 1);
    (void)drain(&end);
    (void)rtems_task_wake_after(i % 64 == 0 ? 1 : RTEMS_YIELD_PROCESSOR);
  }
  close_end(&end);
  rtems_counting_semaphore_post(&ended);
  rtems_task_exit();
}

static rtems_task
come_and_go(rtems_task_argument number)
{
  struct end end;
  unsigned i;

  for (i = 0; i < ROUNDS; ++i) {
    open_end(&end, "busy", (uint8_t)number);
    (void)(*DRIVER.arm)(end.handle);
    (void)rtems_task_wake_after(i % 8 == 0 ? 1 : RTEMS_YIELD_PROCESSOR);
    atomic_fetch_add(&received_in_all, drain(&end));
    close_end(&end);
  }
  rtems_counting_semaphore_post(&ended);
  rtems_task_exit();
}

static void
test_coming(void)
{
  unsigned i;

  for (i = 0; i < SENDERS; ++i) {
    (void)target_task(TARGET_PRIORITY, send_always, i);
  }
  for (i = 0; i < COMERS; ++i) {
    (void)target_task(TARGET_PRIORITY, come_and_go, i);
  }
  for (i = 0; i < COMERS; ++i) {
    rtems_counting_semaphore_wait(&ended);
  }
  atomic_store(&senders_stop, true);
  for (i = 0; i < SENDERS; ++i) {
    rtems_counting_semaphore_wait(&ended);
  }
  CHECK(atomic_load(&received_in_all) > 100);
  atomic_store(&senders_stop, false);
  atomic_store(&received_in_all, 0);
  target_sleep(50);
}

static void
count_telling(void *arg)
{
  ++*(unsigned *)arg;
}

/* Memory with the name of a file: who has it, who is told, what fails. */
static void
test_shared(void)
{
  unsigned told[3] = { 0, 0, 0 };
  struct shared_user user[3] = {
    { .notify = count_telling, .arg = &told[0] },
    { .notify = count_telling, .arg = &told[1] },
    { .notify = count_telling, .arg = &told[2] }
  };
  const struct stat file = { .st_ino = 1 }, other = { .st_ino = 2 };
  void *memory[3];

  CHECK(shared_join(&user[0], &file, SIZE_MAX / 2, &memory[0]) == ENOMEM);
  CHECK(shared_join(&user[0], &file, 4096, &memory[0]) == 0);
  CHECK(shared_join(&user[1], &file, 8192, &memory[1]) == EINVAL);
  CHECK(shared_join(&user[1], &file, 4096, &memory[1]) == 0);
  CHECK(shared_join(&user[2], &other, 4096, &memory[2]) == 0);
  CHECK(memory[0] == memory[1] && memory[0] != memory[2]);
  *(char *)memory[0] = 1;
  shared_tell(&user[0]);
  CHECK(told[0] == 1 && told[1] == 1 && told[2] == 0);
  shared_leave(&user[0]);
  shared_tell(&user[1]);
  CHECK(told[0] == 1 && told[1] == 2);
  shared_leave(&user[1]);
  CHECK(shared_join(&user[0], &file, 4096, &memory[0]) == 0);
  CHECK(*(char *)memory[0] == 0);
  shared_leave(&user[0]);
  shared_leave(&user[2]);
}

static void (*const tests[])(void) = {
  test_addresses, test_sizes, test_order, test_overrun, test_exchange,
  test_sums, test_promiscuous, test_notify, test_more, test_down, test_errors,
  test_loop, test_capture, test_coming, test_shared
};

static void
test_all(unsigned life)
{
  unsigned i;

  for (i = 0; i < RTEMS_ARRAY_SIZE(tests); ++i) {
    printf("bus: %u.%u\n", life, i);
    (*tests[i])();
  }
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("BUS");
  target_live_twice(test_all);
  TARGET_END("BUS");
}

#define CONFIGURE_MAXIMUM_TASKS 10
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
