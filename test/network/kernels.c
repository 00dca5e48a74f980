/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Two kernels of one image on a bus in memory: ICMP, UDP over IPv4 and IPv6,
 * TCP; interfaces that have no link; restarts, after which nothing is left.
 */

#include "host.h"

#include <stdatomic.h>

#include <rtems-rump/netbsd-net.h>

/* Emulated processors take their time. */
#ifdef __rtems__
#define AMOUNT \
  ((1u << 20) >> (rtems_scheduler_get_processor_maximum() > 1 ? 4 : 0))
#else
#define AMOUNT (1u << 20)
#endif

/*
 * NetBSD's bus in a shared file is no link.  Its interfaces have another address
 * at each start, which neighbours find out by IPv6 only after seconds.
 */
#ifdef NETWORK_SHMIF
static const bool has_links = false;
#else
static const bool has_links = true;
#endif

static const struct network_host *const hosts[] = {
  &network_host_k1, &network_host_k2
};

static const struct rtems_rump_link links[] = {
  { .driver = &rtems_rump_link_mem, .device = "lan" },
  { .driver = NULL },
  { .driver = &rtems_rump_link_mem, .device = "lan",
    .address = { 2, 0, 0, 0, 0, 1 } },
  { .driver = &rtems_rump_link_mem, .device = "lan",
    .address = { 2, 0, 0, 0, 0, 1 } }
};

static rtems_binary_semaphore served =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("served");
static rtems_binary_semaphore bound =
  RTEMS_BINARY_SEMAPHORE_INITIALIZER("bound");

static struct service {
  const struct network_host *host;
  int family;
  uint32_t amount;
} service;

static rtems_task
serve(rtems_task_argument arg)
{
  (void)arg;
  if (service.family == 0) {
    (*service.host->tcp_serve)(service.amount);
  } else {
    (*service.host->udp_serve)(service.family, service.amount, &bound);
  }
  rtems_binary_semaphore_post(&served);
  rtems_task_exit();
}

static void
start_service(const struct network_host *host, int family, uint32_t amount)
{
  service = (struct service){ host, family, amount };
  (void)target_task(TARGET_PRIORITY, serve, 0);
  if (family != 0) {
    rtems_binary_semaphore_wait(&bound);
  }
}

static void
talk(unsigned client)
{
  static const int families[] = { NETBSD_AF_INET, NETBSD_AF_INET6 };
  const struct network_host *c = hosts[client];
  const struct network_host *s = hosts[1 - client];
  unsigned server = 2 - client;
  uint64_t begin;
  unsigned i;

  CHECK((*c->ping)(0, server, 64, 20, 30) == 20);
  CHECK((*c->ping)(0, server, 1472, 20, 30) == 20);
  for (i = 0; i < (has_links ? 2 : 1); ++i) {
    start_service(s, families[i], 50);
    (*c->udp_call)(families[i], 0, server, 50);
    rtems_binary_semaphore_wait(&served);
  }
  start_service(s, 0, AMOUNT);
  begin = target_msec();
  (*c->tcp_call)(0, server, AMOUNT);
  rtems_binary_semaphore_wait(&served);
  printf(
    "tcp: %u bytes to k%u and back in %u ms\n",
    AMOUNT,
    server,
    (unsigned)(target_msec() - begin)
  );
}

/* Nothing was lost. */
static void
check_usage(void)
{
  struct rtems_rump_link_usage usage[2];
  unsigned i, j;

  for (i = 0; i < 2; ++i) {
    (*hosts[i]->get_usage)(0, &usage[i]);
    CHECK(usage[i].is_up);
    CHECK(usage[i].sent_bytes > AMOUNT);
    CHECK(usage[i].received_batches <= usage[i].received_frames);
    printf(
      "k%u: %lu frames in %lu batches\n",
      i + 1,
      usage[i].received_frames,
      usage[i].received_batches
    );
    for (j = 0; j < RTEMS_RUMP_LINK_DROPS; ++j) {
      CHECK(usage[i].dropped[j] == 0);
    }
  }
  /*
   * The first has sent some before the other had a link.  The last frames may
   * have been received before they are counted as sent.
   */
  for (i = 0; i < 2; ++i) {
    CHECK(usage[i].received_frames <= usage[1 - i].sent_frames + 20);
    CHECK(usage[i].received_frames + 20 > usage[1 - i].sent_frames);
  }
  CHECK(memcmp(usage[0].address, usage[1].address, 6) != 0);
}

/* Without a link, and with an address that is in use on the bus. */
static void
check_unavailable(void)
{
  CHECK(hosts[0]->create("virt1") == 6);
  CHECK(hosts[0]->create("virt4") == 6);
  CHECK(hosts[0]->create("virt2") == 0);
  CHECK(hosts[0]->create("virt3") == 48);
}

static atomic_uint captured;

static void
count_bytes(const void *data, size_t size, void *arg)
{
  (void)data;
  (void)arg;
  atomic_fetch_add(&captured, size);
}

static void
talk_captured(unsigned client)
{
  struct rtems_rump_capture *capture;

  captured = 0;
  CHECK(
    rtems_rump_capture_start("lan", 1u << 20, RTEMS_RUMP_DEFAULT_CEILING,
      count_bytes, NULL, &capture) == 0
  );
  talk(client);
  CHECK(rtems_rump_capture_stop(capture) == 0);
  CHECK(captured > 2 * AMOUNT);
  check_usage();
}

/* An interface that leaves the bus and comes back. */
static void
check_again(unsigned host)
{
  CHECK((*hosts[host]->destroy)("shmif0") == 0);
  (*hosts[host]->add_interface)(0, 0, 1 + host);
  CHECK((*hosts[host]->ping)(0, 2 - host, 64, 20, 30) == 20);
}

static void
live(unsigned life)
{
  unsigned i;

  for (i = 0; i < 2; ++i) {
    (*hosts[i]->start)(links, 4);
    (*hosts[i]->add_interface)(0, 0, i + 1);
  }
  if (has_links) {
    talk_captured(life % 2);
  } else {
    talk(life % 2);
  }
  (*hosts[life % 2]->end)();
  CHECK((*hosts[1 - life % 2]->ping)(0, 1 + life % 2, 64, 1, 1) == 0);
  (*hosts[life % 2]->start)(links, 4);
  (*hosts[life % 2]->add_interface)(0, 0, 1 + life % 2);
  talk(1 - life % 2);
  if (has_links) {
    check_unavailable();
  } else {
    check_again(life % 2);
  }
  for (i = 0; i < 2; ++i) {
    (*hosts[i]->end)();
  }
  target_sleep(50);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("NETWORK KERNELS");
  target_live_twice(live);
  TARGET_END("NETWORK KERNELS");
}

#define CONFIGURE_MAXIMUM_TASKS 120
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#define CONFIGURE_INIT_TASK_STACK_SIZE (64 * 1024)
#include "config.h"
