/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Calls whose arguments are described, on kernels of all machines: stand-ins
 * that get what goes over the wire, and use the client's memory as client.c
 * lets them.
 */

#include <rtems-rump/remote-call.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/uio.h>

#include "format.h"
#include "neutral.h"

#define CHECK(condition) \
  ((condition) ? (void)0 : fail(__LINE__, #condition))

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Arguments of a call as an array. */
#define CALL(...) \
  call_with((const struct rtems_rump_argument[]){ __VA_ARGS__ }, \
    COUNT(((const struct rtems_rump_argument[]){ __VA_ARGS__ })))
#define NUMBER RTEMS_RUMP_ARG_NUMBER
#define NUMBER64 RTEMS_RUMP_ARG_NUMBER64
#define STRUCT RTEMS_RUMP_ARG_STRUCT

enum { I386, ARM, POWERPC, AMD64, SPARC64, BIG_I386, MACHINES };

static const struct layout machines[MACHINES] = {
  [I386] = { 4, 4, false }, [ARM] = { 4, 8, false },
  [POWERPC] = { 4, 8, true }, [AMD64] = { 8, 8, false },
  [SPARC64] = { 8, 8, true }, [BIG_I386] = { 4, 4, true }
};

static const struct layout native = LAYOUT_NATIVE;

struct rtems_rump_client {
  struct layout layout;
  struct neutral neutral;
  bool is_neutral, translates;
};

static struct rtems_rump_client client;
static struct rtems_rump_call call;

/* What the kernel does, with what arguments, and its answer. */
static void (*kernel)(void);
static const unsigned char *arguments;
static size_t arguments_size;
static int kernel_error;
static int64_t kernel_values[2];

static void
fail(int line, const char *what)
{
  printf("not ok: neutral.c:%d: %s (word %u, alignment %u, %s-endian)\n",
    line, what, client.layout.word_size, client.layout.alignment64,
    client.layout.is_big_endian ? "big" : "little");
  exit(1);
}

struct layout
client_layout(const struct rtems_rump_client *c)
{
  return c->layout;
}

struct neutral *
client_neutral(struct rtems_rump_client *c)
{
  return c->is_neutral ? &c->neutral : NULL;
}

bool
client_translates(const struct rtems_rump_client *c)
{
  return c->translates;
}

int
client_syscall(
  struct rtems_rump_client *c,
  int                       number,
  const void               *args,
  size_t                    size,
  int                      *error,
  int64_t                   values[2],
  struct neutral_call     **window
)
{
  CHECK(number == 7);
  arguments = args;
  arguments_size = size;
  if (kernel != NULL) {
    (*kernel)();
  }
  neutral_close(&c->neutral, window);
  *error = kernel_error;
  values[0] = kernel_values[0];
  values[1] = kernel_values[1];
  return 0;
}

int
rtems_rump_client_syscall(
  struct rtems_rump_client *c,
  int                       number,
  const void               *args,
  size_t                    size,
  int                      *error,
  intptr_t                  values[2]
)
{
  int64_t wide[2];
  struct neutral_call *none = NULL;
  int failure = client_syscall(c, number, args, size, error, wide, &none);

  values[0] = (intptr_t)wide[0];
  values[1] = (intptr_t)wide[1];
  return failure;
}

static int
call_with(const struct rtems_rump_argument *list, size_t count)
{
  call.number = 7;
  call.arguments = list;
  call.count = count;
  return rtems_rump_client_call(&client, &call);
}

static int
call_kernel(
  void (*does)(void), const struct rtems_rump_argument *list, size_t count)
{
  int error;

  kernel = does;
  error = call_with(list, count);
  kernel = NULL;
  return error;
}

#define CALL_KERNEL(does, ...) \
  call_kernel(does, (const struct rtems_rump_argument[]){ __VA_ARGS__ }, \
    COUNT(((const struct rtems_rump_argument[]){ __VA_ARGS__ })))

static void
begin(const struct layout *layout)
{
  memset(&client, 0, sizeof(client));
  memset(&call, 0, sizeof(call));
  client.layout = *layout;
  client.is_neutral = true;
  neutral_init(&client.neutral);
  kernel_error = 0;
  kernel_values[0] = kernel_values[1] = 0;
}

/* Of the kernel: numbers, arguments, and the client's memory. */

static uint64_t
number_at(const unsigned char *from, size_t size)
{
  uint64_t number = 0;
  size_t i;

  for (i = 0; i < size; ++i) {
    number |= (uint64_t)from[i]
      << 8 * (client.layout.is_big_endian ? size - 1 - i : i);
  }
  return number;
}

static uint64_t
word_at(const unsigned char *from)
{
  return number_at(from, client.layout.word_size);
}

static uint64_t
argument(size_t i)
{
  CHECK((i + 1) * client.layout.word_size <= arguments_size);
  return word_at(arguments + i * client.layout.word_size);
}

static unsigned char *
memory(uint64_t address, size_t size, bool is_write)
{
  return neutral_translate(address, size, is_write, &client.neutral);
}

static const unsigned char *
reads(uint64_t address, size_t size)
{
  const unsigned char *place = memory(address, size, false);

  CHECK(place != NULL);
  return place;
}

static unsigned char *
writes(uint64_t address, size_t size)
{
  unsigned char *place = memory(address, size, true);

  CHECK(place != NULL);
  return place;
}

/* Formats. */

static void
formats(void)
{
  static const char *const bad[] = {
    "", "3", "0i", "x", "P", "(", "(i", "i)", ")", "i]", "[i", "[i]", "[i)",
    "(i]", "()", "[]I", "*", "**II", "2*I", "2[i]I", "*[i]II", "*z", "*(i)",
    "*&", "[x]I", "65536s", "99999999999999999999s", "65535(65535s)",
    "256(256(65535ss))i", "i ",
    "-1i", "+i"
  };
  static const char *const good[] = {
    RTEMS_RUMP_FORMAT_TIMESPEC, RTEMS_RUMP_FORMAT_TIMEVAL,
    RTEMS_RUMP_FORMAT_ITIMERVAL, RTEMS_RUMP_FORMAT_RUSAGE,
    RTEMS_RUMP_FORMAT_STAT, RTEMS_RUMP_FORMAT_STATVFS,
    RTEMS_RUMP_FORMAT_POLLFD, RTEMS_RUMP_FORMAT_MSGHDR,
    RTEMS_RUMP_FORMAT_DIRENT, RTEMS_RUMP_FORMAT_IFREQ_FLAGS,
    RTEMS_RUMP_FORMAT_IFREQ_NUMBER, RTEMS_RUMP_FORMAT_IFREQ,
    RTEMS_RUMP_FORMAT_IOVEC, "z", "*zI", "i&", "65535s", "[*L]I", "2(2(2h))"
  };
  size_t i;

  for (i = 0; i < COUNT(bad); ++i) {
    CHECK(!format_is_valid(bad[i]));
    begin(&machines[ARM]);
    CHECK(CALL(STRUCT(RTEMS_RUMP_IN, bad[i], &call)) == EINVAL);
    CHECK(CALL(RTEMS_RUMP_ARG_SIZE(bad[i], 1)) == EINVAL);
    CHECK(rtems_rump_client_unpack(&client, bad[i], "", 1, NULL) == EINVAL);
  }
  for (i = 0; i < COUNT(good); ++i) {
    CHECK(format_is_valid(good[i]));
  }
}

/* As NetBSD's headers and these compilers make them. */
static const struct {
  const char *format;
  size_t native;
  size_t sizes[AMD64 + 1];
} structures[] = {
#define STRUCTURE(format, type, ...) { format, sizeof(type), { __VA_ARGS__ } }
  STRUCTURE(RTEMS_RUMP_FORMAT_TIMESPEC, struct netbsd_timespec,
    12, 16, 16, 16),
  STRUCTURE(RTEMS_RUMP_FORMAT_TIMEVAL, struct netbsd_timeval, 12, 16, 16, 16),
  STRUCTURE(RTEMS_RUMP_FORMAT_ITIMERVAL, struct netbsd_itimerval,
    24, 32, 32, 32),
  STRUCTURE(RTEMS_RUMP_FORMAT_RUSAGE, struct netbsd_rusage, 80, 88, 88, 144),
  STRUCTURE(RTEMS_RUMP_FORMAT_STAT, struct netbsd_stat, 124, 152, 152, 152),
  STRUCTURE(RTEMS_RUMP_FORMAT_STATVFS, struct netbsd_statvfs,
    2228, 2232, 2232, 2256),
  STRUCTURE(RTEMS_RUMP_FORMAT_POLLFD, struct netbsd_pollfd, 8, 8, 8, 8),
  STRUCTURE(RTEMS_RUMP_FORMAT_MSGHDR, struct netbsd_msghdr, 28, 28, 28, 48),
  STRUCTURE(RTEMS_RUMP_FORMAT_IFREQ, struct netbsd_ifreq, 144, 144, 144, 144),
  STRUCTURE(RTEMS_RUMP_FORMAT_IFREQ_FLAGS, struct netbsd_ifreq,
    144, 144, 144, 144),
  STRUCTURE(RTEMS_RUMP_FORMAT_IFREQ_NUMBER, struct netbsd_ifreq,
    144, 144, 144, 144),
  STRUCTURE(RTEMS_RUMP_FORMAT_DIRENT, struct netbsd_dirent, 16, 16, 16, 16),
  STRUCTURE(RTEMS_RUMP_FORMAT_IOVEC, struct iovec, 8, 8, 8, 16)
};

static void
sizes(void)
{
  size_t i, machine;

  for (i = 0; i < COUNT(structures); ++i) {
    CHECK(format_size(&native, structures[i].format, NULL)
      == structures[i].native);
    for (machine = 0; machine <= AMD64; ++machine) {
      client.layout = machines[machine];
      CHECK(format_size(&machines[machine], structures[i].format, NULL)
        == structures[i].sizes[machine]);
    }
  }
}

/* Numbers of each kind, and what they are in the memory of each machine. */

static const struct mixed {
  int16_t h;
  int64_t q;
  long l;
  struct {
    uint8_t s[3];
    int64_t q;
  } inner[2];
  unsigned long L;
  int32_t i;
  uint16_t H;
} mixed = {
  -2, 0x0102030405060708, -3,
  { { { 9, 10, 11 }, -4 }, { { 12, 13, 14 }, 0x7f00000000000001 } },
  0xf1f2f3f4, -5, 0xfeff
};

#define MIXED "hql2(3sq)LiH"

#define X2 0, 0
#define X4 0, 0, 0, 0
#define X5 0, 0, 0, 0, 0
#define X6 0, 0, 0, 0, 0, 0
#define FF 0xff, 0xff, 0xff

static const struct {
  size_t size;
  unsigned char bytes[88];
} golden[MACHINES] = {
  [I386] = { 52, { 0xfe, 0xff, X2, 8, 7, 6, 5, 4, 3, 2, 1, 0xfd, FF,
    9, 10, 11, 0, 0xfc, FF, FF, 0xff, 12, 13, 14, 0, 1, X6, 0x7f,
    0xf4, 0xf3, 0xf2, 0xf1, 0xfb, FF, 0xff, 0xfe } },
  [ARM] = { 72, { 0xfe, 0xff, X6, 8, 7, 6, 5, 4, 3, 2, 1, 0xfd, FF, X4,
    9, 10, 11, X5, 0xfc, FF, FF, 0xff, 12, 13, 14, X5, 1, X6, 0x7f,
    0xf4, 0xf3, 0xf2, 0xf1, 0xfb, FF, 0xff, 0xfe } },
  [POWERPC] = { 72, { 0xff, 0xfe, X6, 1, 2, 3, 4, 5, 6, 7, 8, FF, 0xfd, X4,
    9, 10, 11, X5, 0xff, FF, FF, 0xfc, 12, 13, 14, X5, 0x7f, X6, 1,
    0xf1, 0xf2, 0xf3, 0xf4, FF, 0xfb, 0xfe, 0xff } },
  [AMD64] = { 72, { 0xfe, 0xff, X6, 8, 7, 6, 5, 4, 3, 2, 1, 0xfd, FF, FF, 0xff,
    9, 10, 11, X5, 0xfc, FF, FF, 0xff, 12, 13, 14, X5, 1, X6, 0x7f,
    0xf4, 0xf3, 0xf2, 0xf1, X4, 0xfb, FF, 0xff, 0xfe } },
  [SPARC64] = { 72, { 0xff, 0xfe, X6, 1, 2, 3, 4, 5, 6, 7, 8, 0xff, FF, FF,
    0xfd, 9, 10, 11, X5, 0xff, FF, FF, 0xfc, 12, 13, 14, X5, 0x7f, X6, 1,
    X4, 0xf1, 0xf2, 0xf3, 0xf4, FF, 0xfb, 0xfe, 0xff } },
  [BIG_I386] = { 52, { 0xff, 0xfe, X2, 1, 2, 3, 4, 5, 6, 7, 8, FF, 0xfd,
    9, 10, 11, 0, 0xff, FF, FF, 0xfc, 12, 13, 14, 0, 0x7f, X6, 1,
    0xf1, 0xf2, 0xf3, 0xf4, FF, 0xfb, 0xfe, 0xff } }
};

static size_t machine;

static void
take_golden(void)
{
  CHECK(argument(1) == golden[machine].size);
  CHECK(memcmp(reads(argument(0), golden[machine].size),
    golden[machine].bytes, golden[machine].size) == 0);
  CHECK(memory(argument(0), 1, true) == NULL);
}

static void
give_golden(void)
{
  CHECK(memory(argument(0), 1, false) == NULL);
  memcpy(writes(argument(0), golden[machine].size), golden[machine].bytes,
    golden[machine].size);
}

static void
numbers(void)
{
  struct mixed other;

  CHECK(CALL_KERNEL(take_golden, STRUCT(RTEMS_RUMP_IN, MIXED, &mixed),
    RTEMS_RUMP_ARG_SIZE(MIXED, 1)) == 0);
  memset(&other, 0, sizeof(other));
  CHECK(CALL_KERNEL(give_golden, STRUCT(RTEMS_RUMP_OUT, MIXED, &other)) == 0);
  CHECK(other.h == mixed.h && other.q == mixed.q && other.l == mixed.l);
  CHECK(memcmp(other.inner[0].s, mixed.inner[0].s, 3) == 0);
  CHECK(other.inner[0].q == -4 && other.inner[1].q == mixed.inner[1].q);
  CHECK(other.L == mixed.L && other.i == -5 && other.H == 0xfeff);
  memset(&other, 0, sizeof(other));
  CHECK(rtems_rump_client_unpack(&client, MIXED, golden[machine].bytes,
    golden[machine].size, &other) == 0);
  CHECK(other.l == -3 && other.H == 0xfeff);
}

/* Registers, of which NetBSD has a PAD before some numbers of 64 bits. */

static void
take_pread(void)
{
  size_t word = client.layout.word_size;

  CHECK(argument(0) == 3 && argument(2) == 8 && argument(3) == 0);
  CHECK(arguments_size == 4 * word + 8);
  CHECK(number_at(arguments + 4 * word, 8) == 0x123456789abcu);
}

static void
take_fsync_range(void)
{
  size_t word = client.layout.word_size;

  CHECK(arguments_size == 2 * word + 16);
  CHECK(number_at(arguments + 2 * word, 8) == (uint64_t)-1);
  CHECK(number_at(arguments + 2 * word + 8, 8) == 5);
}

static void
take_registers(void)
{
  uint64_t minus = client.layout.word_size == 4 ? UINT32_MAX : UINT64_MAX;

  CHECK(argument(0) == minus && argument(1) == 0x80906910u);
  CHECK(argument(2) == 0 && argument(3) == 0);
}

static void
registers(void)
{
  static char bytes[8];
  struct rtems_rump_argument many[65];
  size_t i;

  CHECK(CALL_KERNEL(take_pread, NUMBER(3),
    RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_OUT, bytes, 8), NUMBER(8),
    NUMBER64(0x123456789abc)) == 0);
  CHECK(CALL_KERNEL(take_fsync_range, NUMBER(3), NUMBER(0), NUMBER64(-1),
    NUMBER64(5)) == 0);
  CHECK(CALL_KERNEL(take_registers, NUMBER(-1), NUMBER(0x80906910u),
    RTEMS_RUMP_ARG_STRING(NULL), STRUCT(RTEMS_RUMP_INOUT, "i", NULL)) == 0);
  for (i = 0; i < COUNT(many); ++i) {
    many[i] = (struct rtems_rump_argument)NUMBER(i);
  }
  CHECK(call_with(many, 256 / client.layout.word_size) == 0);
  CHECK(call_with(many, 256 / client.layout.word_size + 1) == EINVAL);
}

static void
results(void)
{
  bool is_big = client.layout.is_big_endian;

  kernel_error = 35;
  kernel_values[0] = -1;
  kernel_values[1] = 2;
  CHECK(CALL(NUMBER(1)) == 0 && call.error == 35);
  CHECK(call.values[0] == -1 && call.values[1] == 2);
  if (client.layout.word_size == 8) {
    CHECK(call.value64 == -1);
  } else {
    CHECK(call.value64 == (is_big ? -(1ll << 32) + 2 : 0x2ffffffff));
  }
  kernel_error = 0;
}

/* Bytes, what the kernel may do with them, and for how long. */

static char text[] = "a string", bytes[16], others[16];
static uint64_t kept;

static void
take_bytes(void)
{
  uint64_t string = argument(0), in = argument(1), out = argument(2);
  uint64_t both = argument(3);

  CHECK((const char *)reads(string, sizeof(text)) == text);
  CHECK((const char *)reads(string + 2, 0) == text + 2);
  CHECK(reads(string + sizeof(text) - 1, 1)[0] == '\0');
  CHECK(memory(string, sizeof(text) + 1, false) == NULL);
  CHECK(memory(string + sizeof(text), 1, false) == NULL);
  CHECK(memory(string - 1, 1, false) == NULL);
  CHECK(memory(string, SIZE_MAX, false) == NULL);
  CHECK(memory(string, 1, true) == NULL);
  CHECK((const char *)reads(in, 4) == bytes);
  CHECK(memory(in, 1, true) == NULL && memory(in, 5, false) == NULL);
  CHECK((const char *)writes(out, 12) == bytes + 4);
  CHECK(memory(out, 1, false) == NULL && memory(out, 13, true) == NULL);
  CHECK((const char *)writes(both, 16) == others);
  CHECK((const char *)reads(both, 16) == others);
  CHECK(memory(0, 1, false) == NULL && memory(1, 0, false) == NULL);
  CHECK(memory((uintptr_t)text, 1, false) == NULL);
  CHECK(memory(UINT64_MAX, 1, false) == NULL);
  CHECK(memory(string + (1u << 25), 1, false) == NULL);
  kept = string;
}

static void
bytes_of_calls(void)
{
  CHECK(CALL_KERNEL(take_bytes, RTEMS_RUMP_ARG_STRING(text),
    RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_IN, bytes, 4),
    RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_OUT, bytes + 4, 12),
    RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_INOUT, others, 16)) == 0);
  CHECK(memory(kept, 1, false) == NULL);
}

/* What the kernel writes of structures, and what it does not. */

static size_t written;

static void
write_some(void)
{
  uint64_t at = argument(0);

  if (written > 0) {
    memset(writes(at, written), 0, written);
  }
}

static void
parts_of_structures(void)
{
  static const struct netbsd_pollfd before = { 1, 2, 3 };
  struct netbsd_pollfd fds[3];
  size_t i, j;

  for (written = 0; written <= 24; written += 2) {
    for (i = 0; i < 3; ++i) {
      fds[i] = before;
    }
    CHECK(CALL_KERNEL(write_some, RTEMS_RUMP_ARG_STRUCTS(RTEMS_RUMP_INOUT,
      RTEMS_RUMP_FORMAT_POLLFD, fds, 3)) == 0);
    for (j = 0; j < 3; ++j) {
      CHECK(fds[j].fd == (written >= 8 * j + 4 ? 0 : fds[j].fd));
      CHECK(fds[j].events == (written >= 8 * j + 6 ? 0 : 2));
      CHECK(fds[j].revents == (written >= 8 * j + 8 ? 0 : 3));
    }
  }
  /* Of what is not read before nothing is there. */
  fds[0] = fds[1] = before;
  written = 4;
  CHECK(CALL_KERNEL(write_some, RTEMS_RUMP_ARG_STRUCTS(RTEMS_RUMP_OUT,
    RTEMS_RUMP_FORMAT_POLLFD, fds, 2)) == 0);
  CHECK(fds[0].fd == 0 && fds[1].fd == 1 && fds[1].events == 2);
  CHECK(layout_is_equal(&client.layout, &native)
    ? fds[0].events == 2 : fds[0].events == 0);
}

#define WORD_SIZE (client.layout.word_size)

/* A number that the kernel reads cut off, and does not write. */
static void
read_number(void)
{
  (void)reads(argument(0), WORD_SIZE);
}

static void
numbers_that_do_not_fit(void)
{
  unsigned long number = ~0ul - 1;

  CHECK(CALL_KERNEL(read_number, STRUCT(RTEMS_RUMP_INOUT, "L", &number)) == 0);
  CHECK(number == ~0ul - 1);
}

/* Pointers in structures. */

static char name[16] = "name", control[8] = "control", one[4] = "one", two[3];

static void
take_message(void)
{
  uint64_t at = argument(1);
  size_t word = WORD_SIZE;
  const unsigned char *m = reads(at, word == 8 ? 48 : 28);
  const unsigned char *v;
  uint64_t vector = word_at(m + 2 * word);

  CHECK(number_at(m + word, 4) == 16 && number_at(m + 3 * word, 4) == 2);
  CHECK(number_at(m + 5 * word, 4) == 8);
  CHECK(number_at(m + 5 * word + 4, 4) == 0x40);
  v = reads(vector, 4 * word);
  CHECK(memory(vector, 1, true) == NULL);
  CHECK(word_at(v + word) == 4 && word_at(v + 3 * word) == 3);
  CHECK((const char *)writes(word_at(m), 16) == name);
  CHECK((const char *)writes(word_at(m + 4 * word), 8) == control);
  CHECK((const char *)writes(word_at(v), 4) == one);
  memcpy(writes(word_at(v + 2 * word), 3), "two", 3);
  CHECK(memory(word_at(v), 1, false) == NULL);
  CHECK(memory(word_at(v), 5, true) == NULL);
  /* The kernel writes the structure, and cannot set the client's pointers. */
  memset(writes(at, word == 8 ? 48 : 28), 0x11, word == 8 ? 48 : 28);
}

static void
take_null_message(void)
{
  const unsigned char *m = reads(argument(1), WORD_SIZE == 8 ? 48 : 28);

  CHECK(word_at(m) == 0 && word_at(m + 2 * WORD_SIZE) == 0);
  CHECK(word_at(m + 4 * WORD_SIZE) == 0);
}

static int32_t vector_count;

static void
messages(void)
{
  struct iovec vector[] = { { one, sizeof(one) }, { two, sizeof(two) } };
  const struct {
    int32_t *first;
    uint64_t count;
  } many = { &vector_count, (uint64_t)1 << 32 };
  struct netbsd_msghdr message = {
    name, sizeof(name), vector, 2, control, sizeof(control), 0x40
  };

  CHECK(CALL_KERNEL(take_message, NUMBER(3),
    RTEMS_RUMP_ARG_VECTOR(RTEMS_RUMP_INOUT, RTEMS_RUMP_FORMAT_MSGHDR,
      &message, 1, RTEMS_RUMP_OUT), NUMBER(0)) == 0);
  CHECK(memcmp(two, "two", 3) == 0);
  CHECK(message.name == name && message.iov == vector);
  CHECK(message.control == control && message.flags == 0x11111111);
  CHECK(vector[1].iov_base == two && vector[1].iov_len == 3);

  memset(&message, 0, sizeof(message));
  CHECK(CALL_KERNEL(take_null_message, NUMBER(3),
    STRUCT(RTEMS_RUMP_IN, RTEMS_RUMP_FORMAT_MSGHDR, &message), NUMBER(0))
    == 0);
  message.iov = vector;
  message.iovlen = -1;
  CHECK(CALL(STRUCT(RTEMS_RUMP_IN, RTEMS_RUMP_FORMAT_MSGHDR, &message))
    == ENOBUFS);
  CHECK(CALL(STRUCT(RTEMS_RUMP_IN, "[i]Q", &many)) == ENOBUFS);
  message.iovlen = 1;
  vector[0].iov_len = SIZE_MAX;
  CHECK(CALL(STRUCT(RTEMS_RUMP_IN, RTEMS_RUMP_FORMAT_MSGHDR, &message))
    == ENOBUFS);
}

/* A length before its pointer, a string, and a command of ioctl(). */
static const struct list {
  int32_t size;
  const char *data, *string, *none;
} list = { 3, "xyz", "text", NULL };

#define LIST "i&2z"

static void
take_list(void)
{
  size_t word = WORD_SIZE;
  const unsigned char *l = reads(argument(1), 4 * word);

  CHECK(argument(0) == (0xc0006926u | 4 * (unsigned)word << 16));
  CHECK(number_at(l, 4) == 3 && word_at(l + 3 * word) == 0);
  CHECK((const char *)reads(word_at(l + word), 3) == list.data);
  CHECK((const char *)reads(word_at(l + 2 * word), 5) == list.string);
  CHECK(memory(word_at(l + 2 * word), 6, false) == NULL);
}

static void
lists(void)
{
  CHECK(CALL_KERNEL(take_list, RTEMS_RUMP_ARG_COMMAND(0xdfff6926u, LIST),
    STRUCT(RTEMS_RUMP_IN, LIST, &list)) == 0);
}

/* Room, calls at a time, and other clients. */

static void
buffers(void)
{
  static union {
    char bytes[8192];
    uint64_t alignment;
  } buffer;
  static struct netbsd_statvfs is[2];
  static char large[RTEMS_RUMP_CALL_MEMORY_MAX / 2];
  struct iovec vector[40];
  size_t i;

  CHECK(CALL(RTEMS_RUMP_ARG_STRUCTS(RTEMS_RUMP_OUT, RTEMS_RUMP_FORMAT_STATVFS,
    is, SIZE_MAX)) == ENOBUFS);
  CHECK(CALL(RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_OUT, is,
    RTEMS_RUMP_CALL_MEMORY_MAX + 1)) == ENOBUFS);
  CHECK(CALL(RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_OUT, large, sizeof(large)),
    RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_OUT, large, sizeof(large) - 16)) == 0);
  CHECK(CALL(RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_OUT, large, sizeof(large)),
    RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_OUT, large, sizeof(large)),
    RTEMS_RUMP_ARG_BYTES(RTEMS_RUMP_OUT, large, 1)) == ENOBUFS);
  for (i = 0; i < COUNT(vector); ++i) {
    vector[i] = (struct iovec){ &vector[i], 1 };
  }
  CHECK(CALL(RTEMS_RUMP_ARG_STRUCTS(RTEMS_RUMP_IN, RTEMS_RUMP_FORMAT_IOVEC,
    vector, COUNT(vector))) == ENOBUFS);
  call.buffer = buffer.bytes + 1;
  call.size = sizeof(buffer) - 1;
  CHECK(CALL(RTEMS_RUMP_ARG_STRUCTS(RTEMS_RUMP_IN, RTEMS_RUMP_FORMAT_IOVEC,
    vector, COUNT(vector))) == 0);
  for (call.size = 0; call.size < sizeof(struct iovec); ++call.size) {
    CHECK(CALL(STRUCT(RTEMS_RUMP_IN, RTEMS_RUMP_FORMAT_IOVEC, vector))
      == ENOBUFS);
  }
  call.buffer = NULL;
}

static unsigned depth;

static void
call_again(void)
{
  struct rtems_rump_call inner = call;

  if (++depth < NEUTRAL_CALLS) {
    CHECK(rtems_rump_client_call(&client, &inner) == 0);
    CHECK(memory(argument(0), 1, false) == NULL);
  } else {
    CHECK(rtems_rump_client_call(&client, &inner) == EAGAIN);
  }
}

static void
calls_at_a_time(void)
{
  unsigned i;

  for (i = 0; i < 2; ++i) {
    depth = 0;
    CHECK(CALL_KERNEL(call_again, RTEMS_RUMP_ARG_STRING(text)) == 0);
    CHECK(depth == NEUTRAL_CALLS);
  }
}

static void
take_address(void)
{
  CHECK(argument(0) == (uintptr_t)&list);
}

/* Those that have no windows give the kernel their own addresses, or none. */
static void
other_clients(void)
{
  bool is_same = layout_is_equal(&client.layout, &native);

  client.is_neutral = false;
  CHECK(CALL_KERNEL(is_same ? take_address : NULL,
    STRUCT(RTEMS_RUMP_IN, LIST, &list)) == (is_same ? 0 : ENOTSUP));
  client.translates = true;
  CHECK(CALL(NUMBER(1)) == ENOTSUP);
}

static void
entries(void)
{
  static const unsigned char entry[] = {
    X6, 0x12, 0x34, 0, 16, 0, 2, 4, 'a', 'b', 0
  };
  struct netbsd_dirent taken;

  begin(&machines[POWERPC]);
  CHECK(rtems_rump_client_unpack(
    &client, RTEMS_RUMP_FORMAT_DIRENT, entry, 12, &taken) == EMSGSIZE);
  CHECK(rtems_rump_client_unpack(
    &client, RTEMS_RUMP_FORMAT_DIRENT, entry, 13, &taken) == 0);
  CHECK(taken.fileno == 0x1234 && taken.reclen == 16 && taken.namlen == 2);
  CHECK(taken.type == 4);
}

int
main(void)
{
  formats();
  sizes();
  entries();
  for (machine = 0; machine < MACHINES; ++machine) {
    begin(&machines[machine]);
    numbers();
    registers();
    results();
    bytes_of_calls();
    parts_of_structures();
    numbers_that_do_not_fit();
    messages();
    lists();
    buffers();
    calls_at_a_time();
    other_clients();
  }
  puts("*** END OF TEST REMOTE NEUTRAL ***");
  return 0;
}
