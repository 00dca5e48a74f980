/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A client on Linux of a kernel whose machine is big-endian, with words of 32
 * bits: order-client URL.  All that the protocol has goes over.
 */

#include "kernel.h"

#include <rtems-rump/remote-call.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition) \
  ((condition) ? (void)0 : fail(__LINE__, #condition))

#define NETBSD_EFAULT 14

/* Arguments of a call as an array. */
#define CALL(number, result, ...) \
  call(number, result, (const struct rtems_rump_argument[]){ __VA_ARGS__ }, \
    sizeof((const struct rtems_rump_argument[]){ __VA_ARGS__ }) \
      / sizeof(struct rtems_rump_argument))
#define NUMBER RTEMS_RUMP_ARG_NUMBER
#define READS(first, size) RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_IN, first, size)
#define WRITES(first, size) RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_OUT, first, size)

static unsigned char from[200000], to[200000];
static struct rtems_rump_client *client;

static void
fail(int line, const char *what)
{
  printf("not ok: order-client.c:%d: %s\n", line, what);
  exit(1);
}

static const struct rtems_rump_client_config config = {
  .name = "order", .is_neutral = true
};

/* Returns NetBSD's error. */
static int
call(
  int                               number,
  int64_t                          *result,
  const struct rtems_rump_argument *arguments,
  size_t                            count
)
{
  struct rtems_rump_call described = {
    .number = number, .arguments = arguments, .count = count
  };

  CHECK(rtems_rump_client_call(client, &described) == 0);
  *result = described.values[0];
  return described.error;
}

static void
registers(void)
{
  int64_t result;

  CHECK(CALL(CALL_GETPID, &result, NUMBER(0)) == 0 && result > 1);
  CHECK(CALL(CALL_ADD, &result, NUMBER(70000), NUMBER(5)) == 0);
  CHECK(result == 70005);
  CHECK(CALL(CALL_ADD, &result, NUMBER(5), NUMBER(-10)) == 0 && result == -5);
}

static void
check_inverted(size_t size)
{
  size_t i;

  for (i = 0; i < size; ++i) {
    CHECK(to[i] == (unsigned char)~(i * 7));
  }
  memset(to, 0, size);
}

/* Copied in and out; the second call carries what the kernel reads. */
static void
memory(void)
{
  int64_t result;
  uint32_t size;
  size_t i;

  for (size = 1; size < 200000; size = 3 * size + 1) {
    for (i = 0; i < size; ++i) {
      from[i] = (unsigned char)(i * 7);
    }
    CHECK(CALL(CALL_INVERT, &result, READS(from, size), WRITES(to, size),
      NUMBER(size)) == 0);
    check_inverted(size);
    CHECK(CALL(CALL_WRITE, &result, WRITES(to, size), READS(from, size),
      NUMBER(size)) == 0);
    check_inverted(size);
  }
  /* Of what it must not read, or of what is too short, it gets nothing. */
  CHECK(CALL(CALL_INVERT, &result, WRITES(from, 10), WRITES(to, 10),
    NUMBER(10)) == NETBSD_EFAULT);
  CHECK(CALL(CALL_INVERT, &result, READS(from, 9), WRITES(to, 10),
    NUMBER(10)) == NETBSD_EFAULT);
  CHECK(CALL(CALL_INVERT, &result, NUMBER(4), WRITES(to, 10), NUMBER(10))
    == NETBSD_EFAULT);
}

static void
strings(void)
{
  static const char text[] = "a string";
  int64_t result;

  CHECK(CALL(CALL_STRING, &result, RTEMS_RUMP_ARG_STRING(text),
    NUMBER(KERNEL_STRING_MAX), WRITES(to, KERNEL_STRING_MAX)) == 0);
  CHECK(result == sizeof(text));
  CHECK(memcmp(to, text, sizeof(text)) == 0);
}

static void
fork_and_exec(const char *url)
{
  struct rtems_rump_client *child;
  struct rtems_rump_fork cookie;
  int64_t result;

  CHECK(rtems_rump_client_prefork(client, &cookie) == 0);
  CHECK(rtems_rump_client_open_fork(url, &config, &cookie, &child) == 0);
  rtems_rump_client_close(child);
  CHECK(rtems_rump_client_exec(client, "another") == 0);
  CHECK(CALL(CALL_NAME, &result, WRITES(to, KERNEL_NAME_SIZE)) == 0);
  CHECK(strcmp((const char *)to, "another") == 0);
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
