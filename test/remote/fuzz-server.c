/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The server, with clients that send frames which are nearly right, and after
 * each some that is.  The numbers are the same each time.
 */

#include "kernel.h"
#include "raw.h"

#include <rtems-rump/remote.h>

#ifndef __rtems__
#include <simulator/simulator.h>
#endif

#include "hypercall.h"

#include "fuzz.h"

#define URL "mem://fuzz"

static const struct rtems_rump_access rules[] = {
  { .uid = 100, .gid = 100 },
  { .key = "a key that nobody knows", .key_size = 23, .user = "fuzz" }
};

static const struct rtems_rump_config config = {
  .memory = 4 << 20,
  .server = {
    .access = rules,
    .rules = 2,
    .clients = 8,
    .tasks = 4,
    .client_tasks = 2,
    .patience = 100
  }
};

/* The first frame, after which there is a while. */
static size_t first_frame;

static void
check_alive(void)
{
  struct rtems_rump_client *client;
  const intptr_t args[] = { 40, 2 };
  intptr_t values[2];
  int error;
  int tries = 0;

  /* While those before end, there may be too many. */
  while (rtems_rump_client_open(URL, NULL, &client) != 0) {
    CHECK(++tries < 500);
    target_sleep(10);
  }
  CHECK(
    rtems_rump_client_syscall(
      client,
      CALL_ADD,
      args,
      sizeof(args),
      &error,
      values
    ) == 0
  );
  CHECK(error == 0 && values[0] == 42);
  rtems_rump_client_close(client);
}

/* Most of the payload's sizes are then those of parts. */
static void
make_parts(uint32_t *state, unsigned char *bytes, size_t size)
{
  struct sp_copy copy = { .size = 3 * sizeof(intptr_t) };
  size_t at = 0;

  while (size - at >= sizeof(copy) && fuzz_number(state) % 8 != 0) {
    memcpy(bytes + at, &copy, sizeof(copy));
    at += sizeof(copy)
      + (copy.size + sizeof(copy) - 1) / sizeof(copy) * sizeof(copy);
    if (at > size) {
      break;
    }
    copy.size = fuzz_number(state) % 64;
    copy.address = (void *)(uintptr_t)(fuzz_number(state) % 300);
  }
}

static size_t
make_input(uint32_t *state, unsigned char *bytes)
{
  unsigned frames = 1 + fuzz_number(state) % 6;
  struct sp_header header = {
    .size = sizeof(header) + 5,
    .class = SP_REQUEST,
    .type = SP_HANDSHAKE,
    .what = SP_GUEST
  };
  size_t length = 0;

  struct sp_claim claim = { .user = "fuzz" };
  unsigned kind = fuzz_number(state) % 8;

  if (kind < 2) {
    header.size = sizeof(header) + sizeof(claim);
    header.what = SP_AUTHENTICATE;
    memcpy(bytes + sizeof(header), &claim, sizeof(claim));
    length = (size_t)header.size;
  } else if (kind < 7) {
    memcpy(bytes + sizeof(header), "fuzz", 5);
    length = (size_t)header.size;
  }
  memcpy(bytes, &header, sizeof(header));
  first_frame = length;
  while (frames-- > 0) {
    size_t at = length;

    length = fuzz_frame(state, bytes, length);
    /* Most are system calls, or what comes after a claim. */
    if (kind < 2 && frames == 0) {
      memcpy(&header, bytes + at, sizeof(header));
      header.class = SP_REQUEST;
      header.type = SP_HANDSHAKE;
      header.what = fuzz_number(state) % 4;
      memcpy(bytes + at, &header, sizeof(header));
    } else if (fuzz_number(state) % 2 == 0) {
      memcpy(&header, bytes + at, sizeof(header));
      header.class = SP_REQUEST;
      header.type = fuzz_number(state) % 2 == 0 ? SP_SYSCALL : SP_CARRYING;
      memcpy(bytes + at, &header, sizeof(header));
      if (header.type == SP_CARRYING) {
        make_parts(
          state,
          bytes + at + sizeof(header),
          length - at - sizeof(header)
        );
      }
    }
  }
  fuzz_bytes(state, bytes, length);
  return length;
}

/* What the server sends is not looked at; often it cannot send all. */
static void
attack(uint32_t *state)
{
  static unsigned char bytes[8192];
  size_t length = make_input(state, bytes);
  size_t cut = fuzz_number(state) % 8 == 0 ? fuzz_number(state) % length
    : length;
  struct raw raw;
  size_t sent;
  struct iovec part = { bytes, cut };

  if (raw_connect(&raw, URL)) {
    /* Not in one go: the handshake should be over. */
    part.iov_len = cut < first_frame ? cut : first_frame;
    if (part.iov_len > 0) {
      (void)transport_send(raw.transport, &part, 1, &sent);
    }
    (void)rtems_task_wake_after(RTEMS_YIELD_PROCESSOR);
    if (fuzz_number(state) % 2 == 0) {
      target_sleep(1);
    }
    part.iov_base = bytes + part.iov_len;
    part.iov_len = cut - part.iov_len;
    (void)transport_send(raw.transport, &part, 1, &sent);
    if (fuzz_number(state) % 4 == 0) {
      target_sleep(1);
    }
  }
  raw_close(&raw);
}

static void
wait_until_all_are_gone(void)
{
  int tries;

  for (tries = 0; kernel_lwps() > 0 && tries < 1000; ++tries) {
    target_sleep(10);
  }
  CHECK(kernel_sleepers() == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;
  unsigned long runs = 150;
  unsigned long i;
  uint32_t state = 2463534242u;

  (void)arg;
  TARGET_BEGIN("REMOTE FUZZ SERVER");
#ifndef __rtems__
  if (sim_argc > 1) {
    runs = strtoul(sim_argv[1], NULL, 10);
  }
#endif
  rtems_resource_snapshot_take(&before);
  CHECK(hypercall_configure(&config) == 0);
  CHECK(rumpuser_init(RUMPUSER_VERSION, &kernel_upcalls) == 0);
  kernel_boot();
  kernel_keep_running();
  CHECK(rumpuser_sp_init(URL, "NetBSD", "7.99", "test") == 0);
  for (i = 0; i < runs; ++i) {
    attack(&state);
    if (i % 8 == 0) {
      target_sleep(20);
      check_alive();
    }
  }
  wait_until_all_are_gone();
  check_alive();
  CHECK(hypercall_end());
  target_sleep(20);
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
  TARGET_END("REMOTE FUZZ SERVER");
}

#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "../target/config.h"
