/* SPDX-License-Identifier: BSD-2-Clause */

#include "carry.h"

/*
 * By number, one letter for each argument, "." where nothing is read:
 *
 * s  a string
 * b  bytes, as many as the next argument says
 * i  integers, as many as the next argument says
 * p  struct pollfd, as many as the next argument says
 * l  a socklen_t
 * w  a size_t
 * v  struct iovec, as many as the next argument says; V with their memory
 * m  a struct msghdr, with its struct iovec; M with all their memory
 * c  what an ioctl() of the number before it reads
 */
static const struct carry_reading {
  int number;
  const char *arguments;
} readings[] = {
  { 4, ".b" },      /* write */
  { 5, "s" },       /* open */
  { 9, "ss" },      /* link */
  { 10, "s" },      /* unlink */
  { 12, "s" },      /* chdir */
  { 15, "s" },      /* chmod */
  { 16, "s" },      /* chown */
  { 22, "s" },      /* unmount */
  { 27, ".m" },     /* recvmsg */
  { 28, ".M" },     /* sendmsg */
  { 29, ".....l" }, /* recvfrom */
  { 30, "..l" },    /* accept */
  { 31, "..l" },    /* getpeername */
  { 32, "..l" },    /* getsockname */
  { 33, "s" },      /* access */
  { 34, "s" },      /* chflags */
  { 54, "..c" },    /* ioctl */
  { 56, "s" },      /* revoke */
  { 57, "ss" },     /* symlink */
  { 58, "s" },      /* readlink */
  { 61, "s" },      /* chroot */
  { 98, ".b" },     /* connect */
  { 104, ".b" },    /* bind */
  { 105, "...b" },  /* setsockopt */
  { 118, "....l" }, /* getsockopt */
  { 120, ".v" },    /* readv */
  { 121, ".V" },    /* writev */
  { 128, "ss" },    /* rename */
  { 132, "s" },     /* mkfifo */
  { 133, ".b..b" }, /* sendto */
  { 136, "s" },     /* mkdir */
  { 137, "s" },     /* rmdir */
  { 174, ".b" },    /* pwrite */
  { 191, "s" },     /* pathconf */
  { 200, "s" },     /* truncate */
  { 202, "i..wb" }, /* sysctl */
  { 209, "p" },     /* poll */
  { 270, "ss" },    /* posix_rename */
  { 274, "s" },     /* lchmod */
  { 275, "s" },     /* lchown */
  { 283, "s" },     /* posix_chown */
  { 285, "s" },     /* posix_lchown */
  { 289, ".v" },    /* preadv */
  { 290, ".V" },    /* pwritev */
  { 304, "s" },     /* lchflags */
  { 357, "s" },     /* statvfs1 */
  { 395, "s" },     /* getfh */
  { 410, "ss.b" },  /* mount */
  { 420, "s" },     /* utimes */
  { 424, "s" },     /* lutimes */
  { 437, "p" },     /* pollts */
  { 439, "s" },     /* stat */
  { 441, "s" },     /* lstat */
  { 450, "s" },     /* mknod */
  { 456, "..l" },   /* paccept */
  { 457, ".s.s" },  /* linkat */
  { 458, ".s.s" },  /* renameat */
  { 459, ".s" },    /* mkfifoat */
  { 460, ".s" },    /* mknodat */
  { 461, ".s" },    /* mkdirat */
  { 462, ".s" },    /* faccessat */
  { 463, ".s" },    /* fchmodat */
  { 464, ".s" },    /* fchownat */
  { 466, ".s" },    /* fstatat */
  { 467, ".s" },    /* utimensat */
  { 468, ".s" },    /* openat */
  { 469, ".s" },    /* readlinkat */
  { 470, "s.s" },   /* symlinkat */
  { 471, ".s" },    /* unlinkat */
};

enum {
  /* Of NetBSD's ioctl() numbers. */
  CONTROL_READS = 1u << 31,
  CONTROL_SIZE_SHIFT = 16,
  CONTROL_SIZE_MASK = 0x1fff,

  POLLFD_SIZE = 8
};

struct load {
  const struct carry_memory *memory;
  const unsigned char *arguments;
  size_t size;

  /* What is made. */
  unsigned char *parts;
  size_t filled;
};

const struct carry_reading *
carry_find(int number)
{
  const struct carry_reading *first = readings;
  size_t count = sizeof(readings) / sizeof(readings[0]);

  while (count > 1) {
    size_t half = count / 2;

    first = first[half].number <= number ? first + half : first;
    count -= half;
  }
  return first->number == number ? first : NULL;
}

/* Room for data of a part, or 0. */
static size_t
room(const struct load *load)
{
  size_t left = SP_CARRYING_SIZE - load->filled;
  size_t unit = 2 * load->memory->words.size;

  return left < unit ? 0 : (left - unit) / unit * unit;
}

static void
append(struct load *load, uint64_t address, const void *data, size_t size)
{
  const struct words *words = &load->memory->words;
  unsigned char *to = load->parts + load->filled;
  size_t filling = -size % (2 * words->size);

  words_put(words, to, size);
  words_put(words, to + words->size, address);
  to += 2 * words->size;
  memcpy(to, data, size);
  memset(to + size, 0, filling);
  load->filled += 2 * words->size + size + filling;
}

/* Returns the memory, or NULL if it is not carried. */
static const void *
carry(struct load *load, uint64_t address, uint64_t size)
{
  const void *data;

  if (address == 0 || size == 0 || size > room(load)) {
    return NULL;
  }
  data = load->memory->locate(address, size, load->memory->arg);
  if (data != NULL) {
    append(load, address, data, (size_t)size);
  }
  return data;
}

/* A string may be followed by what is not to be read. */
static void
carry_string(struct load *load, uint64_t address)
{
  size_t most = room(load);
  size_t i;

  for (i = 0; address != 0 && i < most; ++i) {
    const char *c =
      load->memory->locate(address + i, 1, load->memory->arg);

    if (c == NULL) {
      return;
    }
    if (*c == '\0') {
      (void)carry(load, address, i + 1);
      return;
    }
  }
}

static void
carry_vector(
  struct load *load, uint64_t address, uint64_t count, bool with_memory)
{
  const struct words *words = &load->memory->words;
  uint64_t i;

  if (count > SP_CARRYING_SIZE) {
    return;
  }
  if (carry(load, address, count * 2 * words->size) == NULL || !with_memory) {
    return;
  }
  for (i = 0; i < count; ++i) {
    const unsigned char *entry = load->memory->locate(
      address + i * 2 * words->size, 2 * words->size, load->memory->arg);

    if (entry == NULL) {
      return;
    }
    (void)carry(
      load,
      words_get(words, entry),
      words_get(words, entry + words->size)
    );
  }
}

/* Its fields take a word each, numbers the first bytes of theirs. */
static void
carry_message(struct load *load, uint64_t address, bool with_memory)
{
  const struct words *words = &load->memory->words;
  unsigned word = words->size;
  const unsigned char *message =
    carry(load, address, word == sizeof(uint64_t) ? 48 : 28);

  if (message == NULL) {
    return;
  }
  carry_vector(
    load,
    words_get(words, message + 2 * word),
    words_get32(words, message + 3 * word),
    with_memory
  );
  if (with_memory) {
    (void)carry(
      load,
      words_get(words, message),
      words_get32(words, message + word)
    );
    (void)carry(
      load,
      words_get(words, message + 4 * word),
      words_get32(words, message + 5 * word)
    );
  }
}

/* One that is not there is 0. */
static uint64_t
argument(const struct load *load, size_t i)
{
  const struct words *words = &load->memory->words;

  return (i + 1) * words->size > load->size ? 0
    : words_get(words, load->arguments + i * words->size);
}

static void
carry_controlled(struct load *load, uint64_t number, uint64_t address)
{
  if ((number & CONTROL_READS) != 0) {
    (void)carry(
      load,
      address,
      number >> CONTROL_SIZE_SHIFT & CONTROL_SIZE_MASK
    );
  }
}

static void
carry_argument(struct load *load, char kind, size_t i)
{
  uint64_t address = argument(load, i);
  uint64_t next = (uint32_t)argument(load, i + 1);

  switch (kind) {
    case 's':
      carry_string(load, address);
      break;
    case 'b':
      (void)carry(load, address, argument(load, i + 1));
      break;
    case 'i':
      (void)carry(load, address, next * sizeof(uint32_t));
      break;
    case 'p':
      (void)carry(load, address, next * POLLFD_SIZE);
      break;
    case 'l':
      (void)carry(load, address, sizeof(uint32_t));
      break;
    case 'w':
      (void)carry(load, address, load->memory->words.size);
      break;
    case 'v':
    case 'V':
      carry_vector(load, address, next, kind == 'V');
      break;
    case 'm':
    case 'M':
      carry_message(load, address, kind == 'M');
      break;
    case 'c':
      carry_controlled(load, argument(load, i - 1), address);
      break;
    default:
      break;
  }
}

size_t
carry_parts(
  const struct carry_memory  *memory,
  const struct carry_reading *reading,
  const void                 *arguments,
  size_t                      size,
  unsigned char               parts[SP_CARRYING_SIZE]
)
{
  struct load load = {
    .memory = memory,
    .arguments = arguments,
    .size = size,
    .parts = parts
  };
  size_t before, i;

  append(&load, 0, arguments, size);
  before = load.filled;
  for (i = 0; reading->arguments[i] != '\0'; ++i) {
    carry_argument(&load, reading->arguments[i], i);
  }
  return load.filled > before ? load.filled : 0;
}
