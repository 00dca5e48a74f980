/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief System calls into a rump kernel elsewhere, whose arguments are
 * described: the library lays them out as the kernel's machine has them.
 *
 * The client's structures are plain ones of C in fixed-width types, as of
 * <rtems-rump/netbsd.h>; the word size, byte order and alignment of the
 * kernel's machine may be others.
 *
 * @code
 * struct netbsd_stat status;
 * const struct rtems_rump_argument arguments[] = {
 *   RTEMS_RUMP_ARG_STRING("/file"),
 *   RTEMS_RUMP_ARG_STRUCT(RTEMS_RUMP_OUT, RTEMS_RUMP_FORMAT_STAT, &status)
 * };
 * struct rtems_rump_call call = {
 *   .number = 441, .arguments = arguments, .count = 2
 * };
 *
 * if (rtems_rump_client_call(client, &call) == 0 && call.error == 0) {
 *   printf("%" PRIi64 " bytes\n", status.size);
 * }
 * @endcode
 *
 * A format describes a structure.  It has a letter for each field; those of
 * numbers are the letters of Python's struct module.  A small one is a signed
 * number, a capital one has no sign.
 *
 * | field | of the client's structure |
 * |---|---|
 * | h H, i I, q Q | a number of 16, 32 or 64 bits |
 * | l L | a number of a word: long, intptr_t, size_t |
 * | s | a byte, which is left as it is |
 * | ( ... ) | a structure in the structure |
 * | * | a pointer to memory, of so many bytes as the number after it says |
 * | & | a pointer to memory, of so many bytes as the number before it says |
 * | z | a pointer to a string |
 * | [ ... ] | a pointer to structures, of which the number after it says how many |
 *
 * Decimal digits before a letter or a bracket say how often the field is
 * there.  Pointers may be NULL.  What a pointer leads to is memory of the call,
 * too, and a kernel never changes the pointer.  A number that does not fit into
 * the other side's is cut off.
 */

#ifndef RTEMS_RUMP_REMOTE_CALL_H
#define RTEMS_RUMP_REMOTE_CALL_H

#include <rtems-rump/netbsd-net.h>
#include <rtems-rump/remote.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Structures of NetBSD; those of the same name begin with netbsd_. */
#define RTEMS_RUMP_FORMAT_TIMESPEC "ql"
#define RTEMS_RUMP_FORMAT_TIMEVAL "qi"
#define RTEMS_RUMP_FORMAT_ITIMERVAL "2(qi)"
#define RTEMS_RUMP_FORMAT_RUSAGE "2(qi)14l"
#define RTEMS_RUMP_FORMAT_STAT "QIQ3IQ4(ql)qqi4I"
#define RTEMS_RUMP_FORMAT_STATVFS "4L12Q2iLL5I32s1024s1024s"
#define RTEMS_RUMP_FORMAT_POLLFD "ihh"
#define RTEMS_RUMP_FORMAT_MSGHDR "*I[*L]i*Ii"
/** The fields of struct dirent before the name, which is not aligned. */
#define RTEMS_RUMP_FORMAT_DIRENT "QHHs"
/** An interface's request: for its flags, for another number, for bytes. */
#define RTEMS_RUMP_FORMAT_IFREQ_FLAGS "16sh126s"
#define RTEMS_RUMP_FORMAT_IFREQ_NUMBER "16si124s"
#define RTEMS_RUMP_FORMAT_IFREQ "144s"
/** The client's own struct iovec. */
#define RTEMS_RUMP_FORMAT_IOVEC "*L"

/** What the kernel may do with memory: read it, write it, or both. */
enum rtems_rump_direction {
  RTEMS_RUMP_IN = 1,
  RTEMS_RUMP_OUT = 2,
  RTEMS_RUMP_INOUT = 3
};

/** What an argument is: see the macros that make one. */
enum rtems_rump_argument_kind {
  RTEMS_RUMP_ARGUMENT_NUMBER,
  RTEMS_RUMP_ARGUMENT_NUMBER64,
  RTEMS_RUMP_ARGUMENT_STRING,
  RTEMS_RUMP_ARGUMENT_MEMORY,
  RTEMS_RUMP_ARGUMENT_SIZE,
  RTEMS_RUMP_ARGUMENT_COMMAND
};

struct rtems_rump_argument {
  enum rtems_rump_argument_kind kind;

  /** Of the memory, and of that which pointers in it lead to. */
  enum rtems_rump_direction access, reach;

  /** Of each of so many structures. */
  const char *format;
  size_t count;

  const void *memory;
  int64_t number;
};

/** A number in a register, with the sign that it has in C. */
#define RTEMS_RUMP_ARG_NUMBER(value) \
  { .kind = RTEMS_RUMP_ARGUMENT_NUMBER, .number = (int64_t)(value) }

/** A number of 64 bits: an off_t or dev_t.  NetBSD's PAD before it is no
 * argument here. */
#define RTEMS_RUMP_ARG_NUMBER64(value) \
  { .kind = RTEMS_RUMP_ARGUMENT_NUMBER64, .number = (int64_t)(value) }

/** A string that the kernel reads, or NULL. */
#define RTEMS_RUMP_ARG_STRING(text) \
  { .kind = RTEMS_RUMP_ARGUMENT_STRING, .memory = (text) }

/** Structures whose pointers lead to memory with an access of its own, as
 * struct iovec of readv(): they are read, what they name is written. */
#define RTEMS_RUMP_ARG_VECTOR(access_, format_, first, count_, reach_) \
  { .kind = RTEMS_RUMP_ARGUMENT_MEMORY, .access = (access_), \
    .reach = (reach_), .format = (format_), .count = (count_), \
    .memory = (first) }

/** Structures, or NULL. */
#define RTEMS_RUMP_ARG_STRUCTS(access_, format_, first, count_) \
  RTEMS_RUMP_ARG_VECTOR(access_, format_, first, count_, RTEMS_RUMP_IN)

/** A structure, or NULL. */
#define RTEMS_RUMP_ARG_STRUCT(access_, format_, structure) \
  RTEMS_RUMP_ARG_STRUCTS(access_, format_, structure, 1)

/** Bytes, or NULL; they are the client's memory and not copied. */
#define RTEMS_RUMP_ARG_BYTES(access_, first, size) \
  RTEMS_RUMP_ARG_STRUCTS(access_, "s", first, size)

/** How many bytes so many structures have on the kernel's machine. */
#define RTEMS_RUMP_ARG_SIZE(format_, count_) \
  { .kind = RTEMS_RUMP_ARGUMENT_SIZE, .format = (format_), .count = (count_) }

/** The command of an ioctl(), whose size becomes that of the structure on the
 * kernel's machine. */
#define RTEMS_RUMP_ARG_COMMAND(command, format_) \
  { .kind = RTEMS_RUMP_ARGUMENT_COMMAND, .format = (format_), .count = 1, \
    .number = (int64_t)(command) }

/** Bytes of the buffer that a call has on the stack of its task. */
#define RTEMS_RUMP_CALL_BUFFER_SIZE 1024u

/** Most bytes of memory of a call of a neutral client, all together. */
#define RTEMS_RUMP_CALL_MEMORY_MAX (31u << 20)

/** A system call.  The results are set if rtems_rump_client_call() is 0. */
struct rtems_rump_call {
  /** NetBSD's. */
  int number;
  const struct rtems_rump_argument *arguments;
  size_t count;

  /**
   * Room for structures as the kernel has them, and 32 bytes for each piece of
   * memory that the call has, those that pointers lead to included; NULL:
   * there is one of RTEMS_RUMP_CALL_BUFFER_SIZE.
   */
  void *buffer;
  size_t size;

  /** 0 or NetBSD's errno value. */
  int error;

  /** What the call returns, mostly the first of them. */
  int64_t values[2];

  /** The same as one number of 64 bits, as lseek() returns it. */
  int64_t value64;
};

/**
 * @brief Makes a system call whose arguments are described.
 *
 * The client is one with rtems_rump_client_config::is_neutral, of which the
 * kernel reads and writes nothing but the memory of calls that are under way.
 * Structures that the kernel has not written stay as they are; of one that it
 * has written in part, as it has them, the rest becomes 0.
 *
 * With another client whose machine is laid out as the kernel's, nothing is
 * copied or limited: the kernel has the client's addresses, and by mem:// it
 * takes no frames.
 *
 * Several tasks may call, 63 of a neutral client at a time.  Nothing is
 * allocated; the task takes some 3 KiB of its stack.
 *
 * @retval 0 The kernel has answered.
 * @retval EINVAL A format is not understood, or there are too many arguments.
 * @retval ENOBUFS The buffer is too small, or there is more memory than
 *   RTEMS_RUMP_CALL_MEMORY_MAX.
 * @retval EAGAIN There are too many calls at a time.
 * @retval ENOTSUP The client is not neutral, and the kernel's machine has
 *   another layout, or the client translates addresses itself.
 * @retval other As of rtems_rump_client_syscall().
 */
int rtems_rump_client_call(
  struct rtems_rump_client *client, struct rtems_rump_call *call);

/**
 * @brief Takes a structure out of bytes that the kernel has written, as an
 * entry of a directory or a message about routes.
 *
 * Pointers of the structure are not changed.
 *
 * @param bytes As the kernel's machine has them, of any alignment.
 *
 * @retval 0 The structure is there.
 * @retval EINVAL The format is not understood.
 * @retval EMSGSIZE There are fewer bytes than fields.
 */
int rtems_rump_client_unpack(
  const struct rtems_rump_client *client,
  const char                     *format,
  const void                     *bytes,
  size_t                          size,
  void                           *structure);

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_REMOTE_CALL_H */
