/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The client, with a server that sends anything: a transport gives it the
 * bytes of an input, in pieces.  It may write to one place, which has guards;
 * of described calls, by addresses in the first window.
 *
 * For libFuzzer with -DLIBFUZZER; else it takes those of a folder, and then
 * makes inputs itself, as many as its argument says.
 */

#include <stdio.h>
#include <stdlib.h>

#include <rtems-rump/remote-call.h>

#include "corpus.h"
#include "fuzz.h"
#include "fuzz-input.h"

#define PLACE_SIZE 512
#define PLACE_MARK "place"

/* NetBSD's number: of a call that reads what memory says, which is anything. */
enum { SYS_RECVMSG = 27, SYS_WRITEV = 121, SYS_STAT = 439 };

/* Where a described call has its first memory. */
#define FIRST_WINDOW 0x2000000

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static unsigned char place[3 * PLACE_SIZE];

static int
input_send(
  struct transport *t, const struct iovec *parts, int count, size_t *sent)
{
  (void)t;
  *sent = input_take(parts, count);
  return 0;
}

static void
input_wait(struct transport *t, enum transport_event event)
{
  (void)t;
  (void)event;
}

static const struct transport_ops input_ops = {
  .send = input_send,
  .receive = input_receive,
  .watch = input_watch,
  .arm = input_arm,
  .shutdown = input_shutdown,
  .close = input_shutdown,
  .wait = input_wait
};

int
rtems_rump_transport_connect(const char *url, struct transport **connection)
{
  (void)url;
  *connection = &input.transport;
  return 0;
}

static bool
may_copy(const void *address, size_t size, bool is_write, void *arg)
{
  uintptr_t offset = (uintptr_t)address - (uintptr_t)(place + PLACE_SIZE);

  (void)is_write;
  (void)arg;
  return offset <= PLACE_SIZE && size <= PLACE_SIZE - offset;
}

static void *
map(size_t size, void *arg)
{
  (void)arg;
  return size <= PLACE_SIZE ? place + PLACE_SIZE : NULL;
}

static void
check_guards(void)
{
  size_t i;

  for (i = 0; i < PLACE_SIZE; ++i) {
    if (place[i] != 0x5a || place[2 * PLACE_SIZE + i] != 0x5a) {
      puts("not ok: written where it must not be");
      abort();
    }
  }
}

/*
 * An input has a mark and an offset where an address in the place is to be, as
 * nobody knows before where it is.
 */
static void
put_addresses(unsigned char *bytes, size_t size)
{
  size_t i;

  for (i = 0; i + sizeof(uint64_t) <= size; ++i) {
    if (memcmp(bytes + i, PLACE_MARK, sizeof(PLACE_MARK) - 1) == 0) {
      uint64_t address = (uintptr_t)place
        + (bytes[i + 5] | (size_t)bytes[i + 6] << 8) % sizeof(place);

      memcpy(bytes + i, &address, sizeof(address));
    }
  }
}

static void
make_call(
  struct rtems_rump_client         *client,
  int                               number,
  const struct rtems_rump_argument *arguments,
  size_t                            count
)
{
  struct rtems_rump_call call = {
    .number = number, .arguments = arguments, .count = count
  };

  (void)rtems_rump_client_call(client, &call);
}

/* Of a server on any machine. */
static void
use_described_calls(const struct rtems_rump_client_config *config)
{
  struct iovec parts[2] = {
    { place + PLACE_SIZE, 16 }, { place + PLACE_SIZE + 16, 32 }
  };
  struct netbsd_msghdr message = {
    .name = place + PLACE_SIZE + 64, .namelen = 16, .iov = parts, .iovlen = 2
  };
  struct netbsd_stat status;
  const struct rtems_rump_argument stat[] = {
    RTEMS_RUMP_ARG_STRING("/path"),
    RTEMS_RUMP_ARG_STRUCT(RTEMS_RUMP_OUT, RTEMS_RUMP_FORMAT_STAT, &status)
  };
  const struct rtems_rump_argument receive[] = {
    RTEMS_RUMP_ARG_VECTOR(RTEMS_RUMP_INOUT, RTEMS_RUMP_FORMAT_MSGHDR,
      &message, 1, RTEMS_RUMP_OUT),
    RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_INOUT, place + PLACE_SIZE, PLACE_SIZE)
  };
  struct rtems_rump_client *client;

  if (rtems_rump_client_open("any", config, &client) == 0) {
    make_call(client, SYS_STAT, stat, 2);
    make_call(client, SYS_RECVMSG, receive, 2);
    make_call(client, SYS_WRITEV, receive, 2);
    rtems_rump_client_close(client);
  }
  if (message.name != place + PLACE_SIZE + 64 || message.iov != parts
      || parts[0].iov_base != place + PLACE_SIZE || parts[0].iov_len != 16) {
    puts("not ok: pointers of the client were written");
    abort();
  }
}

static void
use_client(size_t size)
{
  struct rtems_rump_client_config config = {
    .may_copy = may_copy,
    .map = map
  };
  struct rtems_rump_client *client;
  struct rtems_rump_fork fork;
  struct iovec *parts = (struct iovec *)(place + PLACE_SIZE);
  const intptr_t args[] = { 0, (intptr_t)parts, PLACE_SIZE / sizeof(*parts) };
  intptr_t values[2];
  int error;

  if (size % 4 == 0) {
    config.key = "a key that nobody knows";
    config.key_size = 23;
  }
  if (rtems_rump_client_open("any", &config, &client) == 0) {
    (void)rtems_rump_client_syscall(client, 1, "", 1, &error, values);
    (void)rtems_rump_client_syscall(
      client, SYS_WRITEV, args, sizeof(args), &error, values);
    (void)rtems_rump_client_prefork(client, &fork);
    (void)rtems_rump_client_exec(client, "name");
    rtems_rump_client_close(client);
  }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  /* Where a checker sees the end of it. */
  unsigned char *copy = malloc(size);

  if (copy == NULL) {
    return 0;
  }
  if (size > 0) {
    memcpy(copy, bytes, size);
  }
  put_addresses(copy, size);
  memset(place, 0x5a, sizeof(place));
  input_begin(&input_ops, copy, size);
  if (size % 4 == 1) {
    use_described_calls(
      &(const struct rtems_rump_client_config){ .is_neutral = true });
  } else {
    use_client(size);
  }
  check_guards();
  free(copy);
  return 0;
}

#ifndef LIBFUZZER
static size_t
put_response(unsigned char *bytes, size_t length, uint64_t number, size_t size)
{
  struct sp_header header = {
    .size = sizeof(header) + size,
    .number = number,
    .class = SP_RESPONSE,
    .type = SP_HANDSHAKE
  };

  return fuzz_put(bytes, length, &header);
}

/* Of this machine's kind, nearly right, of others, or of nobody knows which. */
static size_t
put_banner(uint32_t *state, unsigned char *bytes)
{
  static const char *const words[] = {
    "+abi=8l8", "+abi=8l8", "+abi=4l4", "+abi=4l8", "+abi=4b8", "+abi=8b4",
    "", ""
  };

  return (size_t)sprintf((char *)bytes, "RUMPSP-0.4-NetBSD-7%s%s/test\n",
    words[fuzz_number(state) % 8], SP_CARRIES);
}

/* A banner, the handshakes' answers, and then anything. */
static size_t
make_input(uint32_t *state, unsigned char *bytes)
{
  struct sp_header header;
  size_t length = put_banner(state, bytes);
  size_t begin;
  unsigned frames = fuzz_number(state) % 8;

  if (fuzz_number(state) % 4 == 0) {
    length = put_response(bytes, length, 0, SP_NONCE_SIZE);
    length = put_response(bytes, length, 1, SP_PROOF_SIZE);
  } else {
    length = put_response(bytes, length, 0, sizeof(int));
  }
  begin = fuzz_number(state) % 32 == 0 ? 0 : length;
  while (frames-- > 0) {
    static const unsigned char address[8] = PLACE_MARK "\0\2";
    size_t at = length;

    length = fuzz_frame(state, bytes, length);
    if (length - at >= sizeof(header) + 16 && fuzz_number(state) % 2 == 0) {
      uint64_t size = length - at - sizeof(header) - 16;

      memcpy(bytes + at + sizeof(header), &size, sizeof(size));
      memcpy(bytes + at + sizeof(header) + 8, address, sizeof(address));
      if (fuzz_number(state) % 2 == 0) {
        uint64_t first = FIRST_WINDOW + fuzz_number(state) % 512;

        memcpy(bytes + at + sizeof(header) + 8, &first, sizeof(first));
      }
    }
  }
  fuzz_bytes(state, bytes + begin, length - begin);
  return length;
}

int
main(int argc, char **argv)
{
  static unsigned char bytes[8192];
  unsigned long runs = argc > 2 ? strtoul(argv[2], NULL, 10) : 100000;
  uint32_t state = 88172645;
  unsigned long i;

  if (argc > 1) {
    fuzz_corpus(argv[1], LLVMFuzzerTestOneInput);
  }
  for (i = 0; i < runs; ++i) {
    size_t length = make_input(&state, bytes);

    (void)LLVMFuzzerTestOneInput(bytes, length);
  }
  printf("%lu inputs\n*** END OF TEST REMOTE FUZZ CLIENT ***\n", runs);
  return 0;
}
#endif
