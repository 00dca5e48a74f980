/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Frames that are wrong, links that break and rings that overrun: all is
 * counted, the kernels go on, and nothing is left when they have ended.
 */

#include "host.h"
#include "inject.h"

#include <rtems-rump/netbsd-net.h>

/* Emulated machines take their time. */
#ifdef __rtems__
#define FRAMES 3000u
#define AMOUNT (128u << 10)
#else
#define FRAMES 30000u
#define AMOUNT (1u << 20)
#endif

static const struct rtems_rump_link injected[] = {
  { .driver = &inject_driver, .receive_size = 64u << 10 },
  { .driver = NULL },
  { .driver = &rtems_rump_link_mem, .device = NULL }
};

static const struct rtems_rump_link links[] = {
  { .driver = &rtems_rump_link_mem, .device = "lan" }
};

static uint32_t seed = 20260101;

static uint32_t
draw(uint32_t below)
{
  seed = seed * 1664525u + 1013904223u;
  return (uint32_t)(((uint64_t)seed * below) >> 32);
}

static void
inject_or_wait(const uint8_t *frame, size_t size)
{
  while (!inject(frame, size)) {
    target_sleep(1);
  }
}

/* The kernel has the address 10.0.0.1, and this end 10.0.0.9. */

static uint8_t kernel_address[6];
static const uint8_t own_address[6] = { 2, 0, 0, 0, 0, 9 };

static void
put_header(uint8_t *frame, const uint8_t *to, uint16_t type)
{
  memcpy(frame, to, 6);
  memcpy(frame + 6, own_address, 6);
  frame[12] = (uint8_t)(type >> 8);
  frame[13] = (uint8_t)type;
}

static bool
is_arp_reply(const uint8_t *frame, size_t size)
{
  return size >= 42 && memcmp(frame, own_address, 6) == 0
    && frame[12] == 8 && frame[13] == 6 && frame[21] == 2
    && memcmp(frame + 22, kernel_address, 6) == 0;
}

static void
ask_who_has(void)
{
  static const uint8_t broadcast[6] = { 255, 255, 255, 255, 255, 255 };
  static const uint8_t arp[] = {
    0, 1, 8, 0, 6, 4, 0, 1,
    2, 0, 0, 0, 0, 9, 10, 0, 0, 9,
    0, 0, 0, 0, 0, 0, 10, 0, 0, 1
  };
  uint8_t frame[60] = { 0 };

  put_header(frame, broadcast, 0x0806);
  memcpy(frame + 14, arp, sizeof(arp));
  inject_or_wait(frame, sizeof(frame));
}

static void
check_alive(void)
{
  uint64_t begin = target_msec();

  do {
    CHECK(target_msec() - begin < 60000);
    ask_who_has();
    target_sleep(50);
  } while (!inject_has_sent(is_arp_reply));
}

/* What looks like a packet up to some depth. */

static void
put_sum(uint8_t *header, size_t size)
{
  uint32_t sum = 0;
  size_t i;

  header[10] = header[11] = 0;
  for (i = 0; i < size; i += 2) {
    sum += (uint32_t)header[i] << 8 | header[i + 1];
  }
  sum = (sum & 0xffff) + (sum >> 16);
  sum = ~((sum & 0xffff) + (sum >> 16));
  header[10] = (uint8_t)(sum >> 8);
  header[11] = (uint8_t)sum;
}

static void
put_ipv4(uint8_t *ip, size_t size)
{
  static const uint8_t protocols[] = { 1, 2, 4, 6, 17, 41, 50, 58, 103 };
  static const uint8_t addresses[] = { 10, 0, 0, 9, 10, 0, 0, 1 };
  uint8_t words = (uint8_t)(draw(4) == 0 ? draw(16) : 5);
  size_t length = draw(4) == 0 ? draw(65536) : size;

  ip[0] = (uint8_t)(0x40 | words);
  ip[2] = (uint8_t)(length >> 8);
  ip[3] = (uint8_t)length;
  if (draw(4) != 0) {
    ip[6] = ip[7] = 0;
  }
  ip[8] = (uint8_t)(draw(8) == 0 ? 0 : 64);
  ip[9] = protocols[draw(sizeof(protocols))];
  memcpy(ip + 12, addresses, sizeof(addresses));
  if (draw(8) != 0 && words * 4u <= size) {
    put_sum(ip, words * 4u < 20 ? 20 : words * 4u);
  }
}

static void
put_ipv6(uint8_t *ip, size_t size)
{
  static const uint8_t next[] = { 0, 6, 17, 43, 44, 58, 59, 60 };
  size_t length = draw(4) == 0 ? draw(65536) : size - 40;

  ip[0] = 0x60;
  ip[4] = (uint8_t)(length >> 8);
  ip[5] = (uint8_t)length;
  ip[6] = next[draw(sizeof(next))];
  ip[7] = 255;
  memset(ip + 8, 0, 32);
  ip[8] = ip[24] = 0xfd;
  ip[23] = 9;
  ip[39] = 1;
  if (draw(4) == 0) {
    memset(ip + 24, 0, 16);
    ip[24] = 0xff;
    ip[25] = 2;
    ip[39] = 1;
  }
}

static void
put_arp(uint8_t *arp, size_t size)
{
  static const uint8_t head[] = { 0, 1, 8, 0, 6, 4, 0 };

  (void)size;
  memcpy(arp, head, draw(4) == 0 ? draw(8) : sizeof(head));
}

static void
inject_random(void)
{
  static const uint8_t all_hosts[6] = { 1, 0, 94, 0, 0, 1 };
  static const uint16_t types[] =
    { 0x0800, 0x0800, 0x86dd, 0x86dd, 0x0806, 0x8100, 0x8863, 0x8864,
      0x8809, 0x8847, 0x809b, 100 };
  static uint8_t frame[1518];
  size_t size = draw(3) == 0 ? 60 + draw(1459) : 60 + draw(60);
  uint16_t type = types[draw(12)];
  size_t i;

  for (i = 0; i < size; ++i) {
    frame[i] = (uint8_t)draw(256);
  }
  put_header(frame, draw(4) == 0 ? all_hosts : kernel_address, type);
  if (type == 0x0800) {
    put_ipv4(frame + 14, size - 14);
  } else if (type == 0x86dd) {
    put_ipv6(frame + 14, size - 14);
  } else if (type == 0x0806) {
    put_arp(frame + 14, size - 14);
  }
  /* Cut somewhere, too. */
  inject_or_wait(frame, draw(4) == 0 ? 14 + draw((uint32_t)size - 14) : size);
}

static void
inject_sizes(void)
{
  static uint8_t frame[9000];
  struct rtems_rump_link_usage usage;
  size_t size;

  put_header(frame, kernel_address, 0x0800);
  for (size = 1; size <= 14; ++size) {
    inject_or_wait(frame, size);
  }
  for (size = 1517; size < 1530; ++size) {
    inject_or_wait(frame, size);
  }
  inject_or_wait(frame, sizeof(frame));
  check_alive();
  network_host_k1.get_usage(0, &usage);
  CHECK(usage.dropped[RTEMS_RUMP_LINK_TRUNCATED] == 13);
  CHECK(usage.dropped[RTEMS_RUMP_LINK_OVERSIZED] == 12);
}

/* Each of which would end the kernel. */
static void
inject_deadly(void)
{
  static const uint16_t types[] = { 0x8809, 0x8863, 0x8864 };
  struct rtems_rump_link_usage usage;
  uint8_t frame[60] = { 0 };
  unsigned i;

  for (i = 0; i < 3; ++i) {
    put_header(frame, kernel_address, types[i]);
    inject_or_wait(frame, i == 0 ? 14 : sizeof(frame));
  }
  check_alive();
  network_host_k1.get_usage(0, &usage);
  CHECK(usage.dropped[RTEMS_RUMP_LINK_REFUSED] == 3);
}

/* More urgent than who receives them, and more than its ring takes. */
static void
inject_flood(void)
{
  static uint8_t frame[1514];
  struct rtems_rump_link_usage usage;
  rtems_task_priority priority;
  unsigned refused = 0;

  (void)rtems_task_set_priority(
    RTEMS_SELF,
    RTEMS_RUMP_DEFAULT_CEILING - 1,
    &priority
  );
  put_header(frame, kernel_address, 0x0800);
  while (refused < 100) {
    refused += !inject(frame, sizeof(frame));
  }
  (void)rtems_task_set_priority(RTEMS_SELF, priority, &priority);
  network_host_k1.get_usage(0, &usage);
  CHECK(usage.dropped[RTEMS_RUMP_LINK_OVERRUN] >= 100);
  check_alive();
}

static void
test_frames(void)
{
  struct rtems_rump_link_usage usage;
  unsigned i;

  network_host_k1.start(injected, 3);
  network_host_k1.add_interface(0, 0, 1);
  network_host_k1.get_usage(0, &usage);
  memcpy(kernel_address, usage.address, 6);
  check_alive();
  inject_sizes();
  inject_deadly();
  inject_flood();
  for (i = 0; i < FRAMES; ++i) {
    inject_random();
    if (i % 1000 == 0) {
      check_alive();
    }
  }
  check_alive();
  network_host_k1.get_usage(0, &usage);
  CHECK(
    usage.received_frames + usage.dropped[RTEMS_RUMP_LINK_REFUSED] >= FRAMES
  );
  printf(
    "frames: %lu in %lu batches, %lu sent\n",
    usage.received_frames,
    usage.received_batches,
    usage.sent_frames
  );
  network_host_k1.end();
}

/* Two kernels, of which one serves. */

static rtems_binary_semaphore served =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("served");
static rtems_binary_semaphore mended =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("mended");

static rtems_task
serve_tcp(rtems_task_argument arg)
{
  (void)arg;
  network_host_k2.tcp_serve(AMOUNT);
  rtems_binary_semaphore_post(&served);
  rtems_task_exit();
}

static rtems_task
break_link(rtems_task_argument arg)
{
  unsigned i;

  (void)arg;
  for (i = 0; i < 3; ++i) {
    target_sleep(30);
    CHECK(rtems_rump_link_mem_set_up("lan", false) == 0);
    target_sleep(300);
    CHECK(rtems_rump_link_mem_set_up("lan", true) == 0);
  }
  rtems_binary_semaphore_post(&mended);
  rtems_task_exit();
}

static void
start_both(void)
{
  network_host_k1.start(links, 1);
  network_host_k2.start(links, 1);
  network_host_k1.add_interface(0, 0, 1);
  network_host_k2.add_interface(0, 0, 2);
  CHECK(network_host_k1.ping(0, 2, 64, 1, 30) == 1);
}

static unsigned long
drops(
  const struct network_host *host, enum rtems_rump_link_drop reason)
{
  struct rtems_rump_link_usage usage;

  host->get_usage(0, &usage);
  return usage.dropped[reason];
}

static void
test_link_breaks(void)
{
  start_both();
  (void)target_task(TARGET_PRIORITY, serve_tcp, 0);
  target_sleep(50);
  (void)target_task(RTEMS_RUMP_DEFAULT_CEILING - 1, break_link, 0);
  network_host_k1.tcp_call(0, 2, AMOUNT);
  rtems_binary_semaphore_wait(&served);
  rtems_binary_semaphore_wait(&mended);
  CHECK(
    drops(&network_host_k1, RTEMS_RUMP_LINK_DOWN)
      + drops(&network_host_k2, RTEMS_RUMP_LINK_DOWN) > 0
  );
  network_host_k1.end();
  network_host_k2.end();
}

static void
test_all(unsigned life)
{
  printf("life %u\n", life);
  test_frames();
  test_link_breaks();
  target_sleep(100);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("NETWORK BADINPUT");
  target_live_twice(test_all);
  TARGET_END("NETWORK BADINPUT");
}

#define CONFIGURE_MAXIMUM_TASKS 120
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#define CONFIGURE_INIT_TASK_STACK_SIZE (64 * 1024)
#include "config.h"
