/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A client on Linux of a kernel whose machine is big-endian, with words of 32
 * bits: order-client URL.  All that the protocol has goes over.
 */

#include "kernel.h"

#include <rtems-rump/remote.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition) \
  ((condition) ? (void)0 : fail(__LINE__, #condition))

#define NETBSD_EFAULT 14

/* Addresses that the kernel is told are places in the arena. */
#define LOWEST 4096u
#define FROM 8192u
#define TO 500000u
static unsigned char arena[1 << 20];
static struct rtems_rump_client *client;

static void
fail(int line, const char *what)
{
  printf("not ok: order-client.c:%d: %s\n", line, what);
  exit(1);
}

static void *
translate(uint64_t address, size_t size, bool is_write, void *arg)
{
  (void)is_write;
  (void)arg;
  return address >= LOWEST && address <= sizeof(arena)
    && size <= sizeof(arena) - address ? arena + address : NULL;
}

static const struct rtems_rump_client_config config = {
  .name = "order", .translate = translate
};

/* Returns NetBSD's error. */
static int
call(int number, uint32_t a, uint32_t b, uint32_t c, intptr_t *result)
{
  const uint32_t words[] = {
    __builtin_bswap32(a), __builtin_bswap32(b), __builtin_bswap32(c)
  };
  intptr_t values[2];
  int error;

  CHECK(rtems_rump_client_syscall(client, number, words, sizeof(words),
    &error, values) == 0);
  *result = values[0];
  return error;
}

static void
registers(void)
{
  intptr_t result;

  CHECK(call(CALL_GETPID, 0, 0, 0, &result) == 0 && result > 1);
  CHECK(call(CALL_ADD, 70000, 5, 0, &result) == 0 && result == 70005);
  CHECK(call(CALL_ADD, 5, (uint32_t)-10, 0, &result) == 0 && result == -5);
}

static void
check_inverted(size_t size)
{
  size_t i;

  for (i = 0; i < size; ++i) {
    CHECK(arena[TO + i] == (unsigned char)~(i * 7));
  }
  memset(arena + TO, 0, size);
}

/* Copied in and out; the second call carries what the kernel reads. */
static void
memory(void)
{
  intptr_t result;
  uint32_t size;
  size_t i;

  for (size = 1; size < 200000; size = 3 * size + 1) {
    for (i = 0; i < size; ++i) {
      arena[FROM + i] = (unsigned char)(i * 7);
    }
    CHECK(call(CALL_INVERT, FROM, TO, size, &result) == 0);
    check_inverted(size);
    CHECK(call(CALL_WRITE, TO, FROM, size, &result) == 0);
    check_inverted(size);
  }
  CHECK(call(CALL_INVERT, 4, TO, 10, &result) == NETBSD_EFAULT);
}

static void
strings(void)
{
  static const char text[] = "a string";
  intptr_t result;

  memcpy(arena + FROM, text, sizeof(text));
  CHECK(call(CALL_STRING, FROM, KERNEL_STRING_MAX, TO, &result) == 0);
  CHECK(result == sizeof(text));
  CHECK(memcmp(arena + TO, text, sizeof(text)) == 0);
}

static void
fork_and_exec(const char *url)
{
  struct rtems_rump_client *child;
  struct rtems_rump_fork cookie;
  intptr_t result;

  CHECK(rtems_rump_client_prefork(client, &cookie) == 0);
  CHECK(rtems_rump_client_open_fork(url, &config, &cookie, &child) == 0);
  rtems_rump_client_close(child);
  CHECK(rtems_rump_client_exec(client, "another") == 0);
  CHECK(call(CALL_NAME, TO, 0, 0, &result) == 0);
  CHECK(strcmp((const char *)arena + TO, "another") == 0);
}

int
main(int argc, char **argv)
{
  CHECK(argc == 2);
  CHECK(rtems_rump_client_open(argv[1], &config, &client) == 0);
  CHECK(rtems_rump_client_is_big_endian(client));
  CHECK(rtems_rump_client_word_size(client) == 4);
  registers();
  memory();
  strings();
  fork_and_exec(argv[1]);
  rtems_rump_client_close(client);
  return 0;
}
