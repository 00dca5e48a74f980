/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What the files of the hypercall layer share.
 *
 * The state of the layer is static: each kernel of an image is linked with its
 * own copy of the layer, so each has its own state.
 */

#ifndef RTEMS_RUMP_HYPERCALL_H
#define RTEMS_RUMP_HYPERCALL_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef LIBRUMPUSER
#define LIBRUMPUSER
#endif
#ifndef __printflike
#define __printflike(f, a) __attribute__((__format__(__printf__, f, a)))
#endif
#ifndef __dead
#define __dead __attribute__((__noreturn__))
#endif
#include <rump/rumpuser.h>

#include <rtems-rump/config.h>
#include <rtems-rump/instance.h>

#include "occupant.h"
#include "waitq.h"

#define PREDICT_TRUE(x) __builtin_expect(!!(x), 1)
#define PREDICT_FALSE(x) __builtin_expect(!!(x), 0)

/*
 * Kept out of the function that is fast, and out of its cache lines.  That
 * some of them do not return is kept from it too: then it needs no frame.
 */
#define SLOW_PATH __attribute__((__noipa__, __cold__))

/* Fast rather than small, in a file that is compiled to be small. */
#define FAST_PATH __attribute__((__optimize__("O2")))

/*
 * For variables that keep their values when the kernel ends and starts again;
 * all others then have their first values again.
 */
#define OUTLIVES_KERNEL __attribute__((__section__(".data.outlives_kernel")))

/* NetBSD's errno values, where the contract names one. */
enum {
  NETBSD_ENOENT = 2,
  NETBSD_EIO = 5,
  NETBSD_ENXIO = 6,
  NETBSD_E2BIG = 7,
  NETBSD_EBADF = 9,
  NETBSD_ENOMEM = 12,
  NETBSD_EBUSY = 16,
  NETBSD_EINVAL = 22,
  NETBSD_ESPIPE = 29,
  NETBSD_EAGAIN = 35,
  NETBSD_ETIMEDOUT = 60,
  NETBSD_ENOSYS = 78
};

/** The upcalls of the kernel; all NULL before rumpuser_init(). */
extern struct rumpuser_hyperup hypercall_up;

/* The level of callers in the priority band; see RTEMS_RUMP_BAND. */
#define CALLER_LEVEL 2u

/** The configuration with the defaults filled in. */
extern struct rtems_rump_config hypercall_config;

/**
 * Sets the configuration and makes the memory arena.
 *
 * @return 0, EINVAL or ENOMEM of RTEMS; the console tells more.
 */
int hypercall_configure(const struct rtems_rump_config *config);

/**
 * Ends the layer: deletes its tasks, closes its descriptors, returns its
 * memory.  Only from a task of the application.
 *
 * @return false if a task of the application is still inside, or a driver has
 *   not ended a request; then it may be tried again.
 */
bool hypercall_end(void);

/** Called by the kernel's task that ends it, when all others have left. */
extern void (*hypercall_on_end)(int status);

/** Where a task was when it made its kernel end. */
struct place {
  /** The instruction, or 0; and what a register has as return address, or 0. */
  uintptr_t pc, ra;

  /** The stack is read from sp, unless 0, up to the task's way out. */
  uintptr_t sp;
  const struct occupant *occupant;

  /** Of an exception. */
  unsigned vector;
};

/** Ends the kernel as rumpuser_exit(). */
void hypercall_end_kernel(int status, const struct place *place) __dead;

/* Made by rump-link; without it there are none. */
extern const char rump_link_text_begin[] __attribute__((__weak__));
extern const char rump_link_text_end[] __attribute__((__weak__));
extern const char rump_link_name[] __attribute__((__weak__));

/** Whether there is code of the kernel, its hypercall layer included. */
static inline bool
is_kernel_code(uintptr_t address)
{
  return address - (uintptr_t)rump_link_text_begin
    < (uintptr_t)rump_link_text_end - (uintptr_t)rump_link_text_begin;
}

/** Stores return addresses, innermost first, and returns how many. */
unsigned backtrace(const struct place *place, uintptr_t *pcs, unsigned max);

/** Whether there is a call of the kernel before this address. */
bool is_return_address(uintptr_t address);

/** The last characters that the kernel has printed; only for who ends it. */
const char *console_messages(void);

/** Prints what went wrong and ends the kernel as a panic. */
void hypercall_die(const char *format, ...) __dead __printflike(1, 2);

/** The NetBSD errno value for one of RTEMS, and back. */
int hypercall_errno_to_netbsd(int error);
int hypercall_errno_from_netbsd(int error);

/** What the calling task is to the kernel. */
struct hypercall_self {
  /* NULL before its first use, and again when the kernel ends. */
  waitq_task *_Atomic task;

  struct occupant *occupant;

  /* What has been put off; see hypercall_defer(). */
  void (*deferred)(void *arg);
  void *deferred_arg;
};

extern __thread struct hypercall_self hypercall_self;

/** The kernel's thread that the calling task is at this moment, or NULL. */
extern __thread struct lwp *hypercall_lwp;

/* Kept apart from the accessor: each task comes here once. */
waitq_task *hypercall_self_init(void);

/* NULL before hypercall_task(). */
static inline __attribute__((__always_inline__)) waitq_task *
hypercall_known_task(void)
{
  return atomic_load_explicit(&hypercall_self.task, memory_order_relaxed);
}

/** The calling task; an occupant may leave here if the kernel ends. */
static inline waitq_task *
hypercall_task(void)
{
  waitq_task *task = hypercall_known_task();

  return PREDICT_TRUE(task != NULL) ? task : hypercall_self_init();
}

/**
 * Puts something off until the calling task gives up its virtual CPU or leaves
 * the kernel.
 *
 * @return false if that might not be soon: then it is the caller's to do now.
 */
bool hypercall_defer(void (*function)(void *arg), void *arg);

/** Does what has been put off. */
void hypercall_do_deferred(void);

static inline bool
hypercall_has_deferred(void)
{
  return PREDICT_FALSE(hypercall_self.deferred != NULL);
}

/**
 * Gives up the virtual CPU before the calling task may block.
 *
 * @return What hypercall_schedule() wants to know.
 */
static inline int
hypercall_unschedule(void *interlock)
{
  int nlocks;

  (*hypercall_up.hyp_backend_unschedule)(0, &nlocks, interlock);
  if (hypercall_has_deferred()) {
    hypercall_do_deferred();
  }
  return nlocks;
}

static inline void
hypercall_schedule(int nlocks, void *interlock)
{
  (*hypercall_up.hyp_backend_schedule)(nlocks, interlock);
}

/* The files that have something to set up or to give back. */
int memory_init(size_t size);
void memory_fini(void);
void memory_usage(struct rtems_rump_usage *usage);
unsigned long memory_limit(void);
void thread_fini(void);
void thread_usage(struct rtems_rump_usage *usage);
bool thread_is_locked_by(waitq_task *task);
bool memory_is_locked_by(waitq_task *task);
void file_fini(void);
int block_init(void);
bool block_fini(void);
void block_usage(struct rtems_rump_usage *usage);
void random_init(void);
void component_fini(void);

/** The host's side of a component that has something to give back. */
struct component {
  struct component *next;

  /** Called once, by the task that ends the kernel; nobody is inside. */
  void (*end)(void);
};

/** They end in the order in which they were added; a thread of the kernel. */
void component_add(struct component *component);

/** Gives the calling thread of the host a context in the kernel. */
void rumpuser_component_kthread(void);

/** Takes it back, before the thread ends. */
void rumpuser_component_kthread_release(void);

/** Memory for the layer's own use; NULL if there is none left. */
void *memory_allocate(size_t size);

/* Small blocks: 16 bytes to 2 KiB, in powers of two. */
#define MEMORY_SMALL_SHIFT 4
#define MEMORY_SMALL_CLASSES 8

/* The class of a small block, which the compiler works out for an object. */
static inline unsigned
memory_class(size_t size)
{
  unsigned last = ((unsigned)size - 1) | ((1u << MEMORY_SMALL_SHIFT) - 1);

  return 32 - MEMORY_SMALL_SHIFT - (unsigned)__builtin_clz(last);
}

void *memory_take_or_die(unsigned class);
void memory_give(void *p, unsigned class);

/** As memory_allocate(), for a small object of a call that may not fail. */
static inline void *
memory_allocate_or_die(size_t size)
{
  return memory_take_or_die(memory_class(size));
}

/** Gives a small object back. */
static inline void
memory_release(void *p, size_t size)
{
  memory_give(p, memory_class(size));
}

/**
 * Puts a task that has not started where the kernel's tasks run; NULL: where
 * RTEMS has put it.
 *
 * @param processor At home there, counted among the kernel's; -1: anywhere.
 *
 * @return false if the task cannot be there.
 */
extern bool (*hypercall_place)(
  uint32_t task, unsigned priority, int processor);

/**
 * Makes an RTEMS task of the kernel.
 *
 * @param level Added to the priority ceiling.
 *
 * @return 0 or a NetBSD errno value.
 */
int thread_start(
  void      *(*entry)(void *arg),
  void        *arg,
  const char  *name,
  unsigned     level,
  int          processor,
  bool         joinable,
  void       **cookie
);

#endif /* RTEMS_RUMP_HYPERCALL_H */
