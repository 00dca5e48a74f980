/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief A mock of the part of NetBSD's kernel that hypercalls meet: virtual
 * CPUs, the big lock, lwps and the table of upcalls.
 *
 * It does what NetBSD does, with the same hypercalls in the same order, and
 * checks at each upcall that the calling thread has what it must have.
 */

#ifndef CONFORMANCE_KERNEL_H
#define CONFORMANCE_KERNEL_H

#include <stdatomic.h>
#include <stdbool.h>

struct rumpuser_hyperup;
struct rumpuser_mtx;

struct lwp {
  atomic_bool used;

  /** Virtual CPU that it has, or -1; the next one that it wants. */
  int cpu;
  int home;

  /** Wants no other. */
  bool bound;

  /** Is freed when it leaves its virtual CPU, or the thread leaves it. */
  bool exiting;
  bool leaving;

  /** In a hypercall that has released the virtual CPU; how often it was. */
  atomic_bool away;
  atomic_uint gaps;

  /** The interlocks of the last two upcalls of a backend. */
  void *released_with;
  void *retaken_with;

  /** Runs first in hyp_backend_schedule(). */
  void (*probe)(void *arg);
  void *probe_arg;
};

extern const struct rumpuser_hyperup kernel_upcalls;

/** Makes the virtual CPUs; before that, no lwp can have one. */
void kernel_boot(unsigned cpus);

/** From now on only the first @a cpus are used. */
void kernel_use_cpus(unsigned cpus);

/** Upcalls of the calling thread so far. */
unsigned kernel_upcalls_made(void);

struct lwp *kernel_lwp_create(void);

void kernel_lwp_destroy(struct lwp *l);

/** Makes @a l the lwp of the calling thread and gives it a virtual CPU. */
void kernel_enter(struct lwp *l);

/** Undoes it. */
void kernel_leave(void);

/** Whether the calling thread has a virtual CPU. */
bool kernel_has_cpu(void);

/** The mutex of the caller's virtual CPU, for the waits of soft interrupts. */
struct rumpuser_mtx *kernel_cpu_mutex(void);

/** Takes the big lock @a count more times. */
void kernel_lock(int count);

/** Gives it back wholly and returns how often it was taken. */
int kernel_unlock(void);

/** How often the caller has the big lock. */
int kernel_lock_count(void);

/**
 * Sets what carries out system calls of remote clients, told by what the host
 * calls the client.
 */
void kernel_serve(int (*call)(int number, void *client));

#endif /* CONFORMANCE_KERNEL_H */
