/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A stand-in for the part of NetBSD's kernel that a server of remote
 * clients meets: processes, lwps, and a few system calls that use what the
 * server offers.
 *
 * It checks at each upcall that the calling thread has what it must have, and
 * counts what there is.
 */

#ifndef TEST_REMOTE_KERNEL_H
#define TEST_REMOTE_KERNEL_H

#include <stdint.h>

struct rumpuser_hyperup;

extern const struct rumpuser_hyperup kernel_upcalls;

/**
 * System calls; arguments are registers.  Clients know what write(), open() and
 * pwrite() of NetBSD read, and so what the calls of these numbers do.
 */
enum kernel_call {
  /** Returns the process's number. */
  CALL_GETPID,
  /** Returns the sum of two numbers. */
  CALL_ADD,
  /** from, to, size: copies inverted bytes, of up to 256 KiB. */
  CALL_INVERT,
  /** to, from, size: as CALL_INVERT. */
  CALL_WRITE = 4,
  /** from, size, to: copies a string, and returns what it takes. */
  CALL_STRING = 5,
  /** size: returns new memory of the client's. */
  CALL_MAP = 6,
  /** signal: raises it. */
  CALL_RAISE,
  /** signal: raises it in all processes but the first. */
  CALL_ALARM,
  /** Sleeps until the process's threads have to exit: EINTR. */
  CALL_SLEEP = 11,
  /** Sets, and gets, a number that stands for the descriptors. */
  CALL_SET = 13,
  CALL_GET,
  /** to: stores the process's name, of up to 32 characters. */
  CALL_NAME = 17,
  /** to, times: stores 256 KiB there, so often. */
  CALL_POUR,
  /** Is answered as if the kernel ended in it. */
  CALL_HALT,
  /** Returns the process's user and group. */
  CALL_CREDENTIALS,
  CALL_COUNT,
  /** to, from, size: as CALL_WRITE, twice. */
  CALL_WRITE_TWICE = 174
};

/** Those that the server makes, with NetBSD's numbers. */
enum {
  CALL_SETUID = 23,
  CALL_SETGROUPS = 80,
  CALL_SETGID = 181,
  CALL_SETRLIMIT = 195
};

#define KERNEL_STRING_MAX 64
#define KERNEL_NAME_SIZE 32

void kernel_boot(void);

/** From now on CALL_HALT does nothing. */
void kernel_keep_running(void);

/** All processes but the first, all lwps, and calls that sleep. */
unsigned kernel_processes(void);
unsigned kernel_lwps(void);
unsigned kernel_sleepers(void);

/** Waits until there are so many: ends of connections are seen later. */
void kernel_wait(unsigned (*count)(void), unsigned wanted);

/** No client has left anything. */
void kernel_check_gone(void);

/** The limit of open files that was set last. */
uint64_t kernel_files(void);

/** From now on nobody can become this user; 0: everybody can. */
void kernel_refuse_user(uint32_t uid);

#endif /* TEST_REMOTE_KERNEL_H */
