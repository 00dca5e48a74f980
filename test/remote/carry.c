/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What goes along with a call: how often client and kernel wait for each
 * other, that the kernel gets what it would have asked for, and clients that
 * say what is not so.
 */

#include "kernel.h"
#include "raw.h"

#include <rtems-rump/remote.h>

#include "hypercall.h"

#define URL "mem://carry"

#define NETBSD_EFAULT 14

/* The largest memory that fits, with the arguments of three registers. */
#define MOST \
  (SP_CARRYING_SIZE - 2 * sizeof(struct sp_copy) - 2 * sizeof(struct sp_copy))

static const struct rtems_rump_config config = {
  .memory = 4 << 20,
  .server = { .clients = 4, .tasks = 2, .patience = 2000 }
};

static const void *forbidden;
static unsigned char from[4096], to[4096];

/* What is asked about each copy has frames by mem://, too. */
static bool
may_copy(const void *address, size_t size, bool is_write, void *arg)
{
  (void)size;
  (void)arg;
  return is_write || address != forbidden;
}

static struct rtems_rump_client *
open_client(void)
{
  static const struct rtems_rump_client_config how = { .may_copy = may_copy };
  struct rtems_rump_client *client;

  CHECK(rtems_rump_client_open(URL, &how, &client) == 0);
  return client;
}

/* Returns NetBSD's error, and checks how many round trips it took. */
static int
call(
  struct rtems_rump_client *client,
  int                       number,
  intptr_t                  a,
  intptr_t                  b,
  intptr_t                  c,
  unsigned                  trips
)
{
  const intptr_t args[] = { a, b, c };
  unsigned before = rtems_rump_client_round_trips(client);
  intptr_t values[2];
  int error;

  CHECK(rtems_rump_client_syscall(
    client, number, args, sizeof(args), &error, values) == 0);
  CHECK(rtems_rump_client_round_trips(client) - before == trips);
  return error;
}

static void
check_write(struct rtems_rump_client *client, size_t size, unsigned trips)
{
  size_t i;

  for (i = 0; i < size; ++i) {
    from[i] = (unsigned char)(i * 7 + size);
    to[i] = 0;
  }
  to[size] = 0x55;
  CHECK(call(client, CALL_WRITE, (intptr_t)to, (intptr_t)from, (intptr_t)size,
    trips) == 0);
  for (i = 0; i < size; ++i) {
    CHECK(to[i] == (unsigned char)~from[i]);
  }
  CHECK(to[size] == 0x55);
}

/* Up to what fits there is one round trip. */
static void
round_trips(struct rtems_rump_client *client)
{
  CHECK(call(client, CALL_ADD, 1, 2, 0, 1) == 0);
  check_write(client, 0, 1);
  check_write(client, 1, 1);
  check_write(client, 64, 1);
  check_write(client, MOST, 1);
  check_write(client, MOST + 1, 2);
  check_write(client, 4000, 2);
  CHECK(call(client, CALL_INVERT, (intptr_t)from, (intptr_t)to, 64, 2) == 0);
}

static void
strings(struct rtems_rump_client *client)
{
  memset(from, 'x', sizeof(from));
  strcpy((char *)from, "a string");
  CHECK(call(client, CALL_STRING, (intptr_t)from, KERNEL_STRING_MAX,
    (intptr_t)to, 1) == 0);
  CHECK(strcmp((char *)to, "a string") == 0);

  /* One that is longer than the kernel takes, and one that does not fit. */
  from[8] = 'x';
  from[200] = '\0';
  CHECK(call(client, CALL_STRING, (intptr_t)from, KERNEL_STRING_MAX,
    (intptr_t)to, 1) == 0);
  CHECK(memcmp(from, to, KERNEL_STRING_MAX) == 0);
  from[200] = 'x';
  from[MOST] = '\0';
  CHECK(call(client, CALL_STRING, (intptr_t)from, KERNEL_STRING_MAX,
    (intptr_t)to, 2) == 0);
}

/* What the client does not let go is not sent, and is then refused. */
static void
wrong_addresses(struct rtems_rump_client *client)
{
  forbidden = from;
  CHECK(call(client, CALL_WRITE, (intptr_t)to, (intptr_t)from, 8, 2)
    == NETBSD_EFAULT);
  CHECK(call(client, CALL_STRING, (intptr_t)from, 8, (intptr_t)to, 2)
    == NETBSD_EFAULT);
  forbidden = NULL;
  CHECK(call(client, CALL_WRITE, (intptr_t)to, 0, 8, 2) == NETBSD_EFAULT);
  CHECK(call(client, CALL_WRITE, (intptr_t)to, -4, 8, 2) == NETBSD_EFAULT);
  CHECK(call(client, CALL_STRING, 0, 8, (intptr_t)to, 2) == NETBSD_EFAULT);
}

/* After a copy to the client the memory is not what it was. */
static void
changed_memory(struct rtems_rump_client *client)
{
  memcpy(from, "changed", 8);
  CHECK(call(client, CALL_WRITE_TWICE, (intptr_t)from, (intptr_t)from, 8, 2)
    == 0);
  CHECK(memcmp(from, "changed", 8) == 0);
}

/* A request of its own making: registers, then parts. */

struct made {
  size_t size;
  unsigned char bytes[SP_CARRYING_SIZE + 64];
};

static void
add(struct made *made, const void *address, const void *data, size_t size)
{
  struct sp_copy copy;

  memset(&copy, 0, sizeof(copy));
  copy.size = size;
  copy.address = (void *)(uintptr_t)address;
  memcpy(made->bytes + made->size, &copy, sizeof(copy));
  memcpy(made->bytes + made->size + sizeof(copy), data, size);
  made->size += sizeof(copy) + size + -size % sizeof(copy);
}

static struct made
make_write(size_t size)
{
  const intptr_t args[] = { 8192, 4096, (intptr_t)size };
  struct made made = { .size = 0 };

  add(&made, NULL, args, sizeof(args));
  return made;
}

static void
is_refused(const struct made *made, size_t size)
{
  struct sp_header header;
  struct raw raw;

  raw_open(&raw, URL);
  (void)raw_frame(&raw, SP_REQUEST, SP_CARRYING, CALL_WRITE, 1, made->bytes,
    size);
  /* An error comes if it can be sent at once, and nothing else. */
  if (raw_receive(&raw, &header, sizeof(header))) {
    CHECK(header.class == SP_ERROR && header.what == SP_ERROR_MALFORMED);
  }
  raw_expect_end(&raw);
}

/* Sets the size of the part that begins there. */
static void
is_refused_with(struct made made, size_t at, size_t size)
{
  memcpy(made.bytes + at, &size, sizeof(size));
  is_refused(&made, made.size);
}

static void
bad_requests(void)
{
  static const size_t sizes[] = {
    SIZE_MAX, SIZE_MAX - 2 * sizeof(struct sp_copy) + 1, SIZE_MAX / 2 + 1, 65,
    49, 33, 0
  };
  struct made made = make_write(32);
  size_t first = made.size;
  size_t i;

  add(&made, (void *)4096, from, 32);
  for (i = 0; i < made.size; i += 7) {
    if (i != first) {
      is_refused(&made, i);
    }
  }
  for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
    is_refused_with(made, first, sizes[i]);
  }
  is_refused_with(made, 0, SIZE_MAX);
  is_refused_with(made, 0, made.size);

  /* One that is too large, by as little as that may be. */
  made = make_write(32);
  add(&made, (void *)4096, from, MOST + 1);
  is_refused(&made, made.size);

  /* No memory, arguments with an address, too many of them, memory over the end. */
  made = make_write(32);
  add(&made, (void *)4096, from, 0);
  is_refused(&made, made.size);
  made.size = 0;
  add(&made, (void *)4096, from, 24);
  is_refused(&made, made.size);
  made.size = 0;
  add(&made, NULL, from, SP_REQUEST_SIZE + 1);
  is_refused(&made, made.size);
  made = make_write(32);
  add(&made, (void *)(UINTPTR_MAX - 30), from, 32);
  is_refused(&made, made.size);
}

/* What is asked of whom has carried only some of it, or other memory. */
static void
asks_for(const struct made *made, size_t size)
{
  struct sp_header header;
  struct sp_copy copy;
  struct raw raw;

  raw_open(&raw, URL);
  CHECK(raw_frame(&raw, SP_REQUEST, SP_CARRYING, CALL_WRITE, 1, made->bytes,
    made->size));
  CHECK(raw_receive(&raw, &header, sizeof(header)));
  CHECK(header.class == SP_REQUEST && header.type == SP_COPYIN);
  CHECK(raw_receive(&raw, &copy, sizeof(copy)));
  CHECK(copy.address == (void *)4096 && copy.size == size);
  raw_close(&raw);
}

static void
other_memory(void)
{
  static const uintptr_t others[] = { 1, 4095, 4097, 8192 };
  struct made made;
  size_t i;

  for (i = 0; i < sizeof(others) / sizeof(others[0]); ++i) {
    made = make_write(64);
    add(&made, (void *)others[i], from, 64);
    asks_for(&made, 64);
  }
  made = make_write(64);
  add(&made, (void *)4096, from, 63);
  asks_for(&made, 64);
  made = make_write(64);
  asks_for(&made, 64);
}

/* Before a handshake nobody may call. */
static void
strangers(void)
{
  struct made made = make_write(32);
  struct raw raw;

  raw_join(&raw, URL);
  (void)raw_frame(&raw, SP_REQUEST, SP_CARRYING, CALL_WRITE, 1, made.bytes,
    made.size);
  raw_expect_end(&raw);
}

/* A string that the client says has no end. */
static void
string_without_end(void)
{
  const intptr_t args[] = { 4096, KERNEL_STRING_MAX, 8192 };
  struct made made = { .size = 0 };
  struct sp_header header;
  struct raw raw;

  memset(from, 'x', sizeof(from));
  add(&made, NULL, args, sizeof(args));
  add(&made, (void *)4096, from, KERNEL_STRING_MAX - 1);
  raw_open(&raw, URL);
  CHECK(raw_frame(&raw, SP_REQUEST, SP_CARRYING, CALL_STRING, 1, made.bytes,
    made.size));
  CHECK(raw_receive(&raw, &header, sizeof(header)));
  CHECK(header.class == SP_REQUEST && header.type == SP_COPYINSTR);
  raw_close(&raw);
}

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;
  struct rtems_rump_client *client;

  (void)arg;
  TARGET_BEGIN("REMOTE CARRY");
  rtems_resource_snapshot_take(&before);
  CHECK(hypercall_configure(&config) == 0);
  CHECK(rumpuser_init(RUMPUSER_VERSION, &kernel_upcalls) == 0);
  kernel_boot();
  CHECK(rumpuser_sp_init(URL, "NetBSD", "7.99", "test") == 0);
  client = open_client();
  round_trips(client);
  strings(client);
  wrong_addresses(client);
  changed_memory(client);
  bad_requests();
  other_memory();
  strangers();
  string_without_end();
  check_write(client, 64, 1);
  rtems_rump_client_close(client);
  kernel_check_gone();
  CHECK(hypercall_end());
  target_sleep(20);
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
  TARGET_END("REMOTE CARRY");
}

#define CONFIGURE_UNLIMITED_OBJECTS
#define CONFIGURE_UNLIMITED_ALLOCATION_SIZE 32
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "../target/config.h"
