/* SPDX-License-Identifier: BSD-2-Clause */

#include "harness.h"

#define CPUS 32
#define LWPS 512

struct cpu {
  struct rumpuser_mtx *mtx;
  struct rumpuser_cv *cv;
  /* Who has it; guarded by the mutex. */
  struct lwp *lwp;
  unsigned wanted;
};

static struct cpu cpus[CPUS];
static atomic_uint cpus_used;

static struct lwp lwps[LWPS];

/* The big lock; count and owner are guarded by it. */
static struct rumpuser_mtx *big_lock;
static _Atomic(struct lwp *) big_owner;
static int big_count;

/* Of the calling thread: others may make theirs meanwhile. */
static _Thread_local unsigned upcalls;

unsigned
kernel_upcalls_made(void)
{
  return upcalls;
}

static void
violated(const char *what)
{
  harness_check(false, what, "upcall", 0);
}

void
kernel_use_cpus(unsigned n)
{
  atomic_store(&cpus_used, n < CPUS ? n : CPUS);
}

void
kernel_boot(unsigned n)
{
  unsigned i;

  for (i = 0; i < n && i < CPUS; ++i) {
    rumpuser_mutex_init(&cpus[i].mtx, RUMPUSER_MTX_SPIN);
    rumpuser_cv_init(&cpus[i].cv);
  }
  rumpuser_mutex_init(&big_lock, RUMPUSER_MTX_SPIN);
  kernel_use_cpus(n);
}

/* Lwps. */

struct lwp *
kernel_lwp_create(void)
{
  size_t i;

  for (i = 0; i < LWPS; ++i) {
    struct lwp *l = &lwps[i];

    if (!atomic_exchange(&l->used, true)) {
      l->cpu = -1;
      l->home = (int)i;
      l->bound = false;
      l->exiting = false;
      l->leaving = false;
      l->probe = NULL;
      atomic_store(&l->away, false);
      atomic_store(&l->gaps, 0);
      rumpuser_curlwpop(RUMPUSER_LWP_CREATE, l);
      return l;
    }
  }
  harness_give_up("too many lwps");
  return NULL;
}

void
kernel_lwp_destroy(struct lwp *l)
{
  rumpuser_curlwpop(RUMPUSER_LWP_DESTROY, l);
  atomic_store(&l->used, false);
}

bool
kernel_has_cpu(void)
{
  struct lwp *l = rumpuser_curlwp();

  return l != NULL && l->cpu >= 0 && cpus[l->cpu].lwp == l;
}

/* Virtual CPUs. */

/*
 * The first one is for the test itself as long as there are others: it may
 * sleep while it has a spin mutex, and those who wait keep their CPUs.
 */
static bool
may_use(const struct lwp *l, unsigned i)
{
  unsigned used = atomic_load(&cpus_used);

  return i < used && (l->bound ? (int)i == l->home : i > 0 || used == 1);
}

/* The next one for an lwp that may have several; takes its mutex. */
static struct cpu *
migrate(const struct lwp *l, struct cpu *cpu)
{
  unsigned i = (unsigned)(cpu - cpus);

  rumpuser_mutex_exit(cpu->mtx);
  do {
    i = (i + 1) % CPUS;
  } while (!may_use(l, i));
  rumpuser_mutex_enter_nowrap(cpus[i].mtx);
  return &cpus[i];
}

/*
 * Takes a virtual CPU: the last one if it is free, else another one that is,
 * else it waits.  Gives back the mutex of the last one if that is the
 * interlock.
 */
static void
take_cpu(struct lwp *l, void *interlock)
{
  unsigned tries = atomic_load(&cpus_used);
  struct cpu *cpu;

  if (!may_use(l, (unsigned)l->home)) {
    l->home = tries > 1;
  }
  cpu = &cpus[l->home];
  if (interlock != cpu->mtx) {
    rumpuser_mutex_enter_nowrap(cpu->mtx);
  }
  while (cpu->lwp != NULL) {
    if (!l->bound && tries > 1) {
      --tries;
      cpu = migrate(l, cpu);
    } else {
      ++cpu->wanted;
      rumpuser_cv_wait_nowrap(cpu->cv, cpu->mtx);
      --cpu->wanted;
    }
  }
  cpu->lwp = l;
  l->home = l->cpu = (int)(cpu - cpus);
  rumpuser_mutex_exit(cpu->mtx);
}

/* Takes the CPU's mutex and keeps it if that is the interlock. */
static void
release_cpu(struct lwp *l, void *interlock)
{
  struct cpu *cpu = &cpus[l->cpu];

  rumpuser_mutex_enter_nowrap(cpu->mtx);
  cpu->lwp = NULL;
  l->cpu = -1;
  if (cpu->wanted > 0) {
    rumpuser_cv_broadcast(cpu->cv);
  }
  if (interlock != cpu->mtx) {
    rumpuser_mutex_exit(cpu->mtx);
  }
}

struct rumpuser_mtx *
kernel_cpu_mutex(void)
{
  return cpus[rumpuser_curlwp()->cpu].mtx;
}

void
kernel_enter(struct lwp *l)
{
  rumpuser_curlwpop(RUMPUSER_LWP_SET, l);
  take_cpu(l, NULL);
}

void
kernel_leave(void)
{
  struct lwp *l = rumpuser_curlwp();

  release_cpu(l, NULL);
  rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, l);
}

/* The big lock. */

int
kernel_lock_count(void)
{
  return atomic_load(&big_owner) == rumpuser_curlwp() ? big_count : 0;
}

void
kernel_lock(int count)
{
  struct lwp *l = rumpuser_curlwp();

  if (atomic_load(&big_owner) != l) {
    if (rumpuser_mutex_tryenter(big_lock) != 0) {
      release_cpu(l, NULL);
      rumpuser_mutex_enter_nowrap(big_lock);
      take_cpu(l, NULL);
    }
    atomic_store(&big_owner, l);
    big_count = 0;
  }
  big_count += count;
}

int
kernel_unlock(void)
{
  int count = kernel_lock_count();

  if (count > 0) {
    big_count = 0;
    atomic_store(&big_owner, NULL);
    rumpuser_mutex_exit(big_lock);
  }
  return count;
}

/* The upcalls. */

static struct lwp *
begin_upcall(bool with_cpu)
{
  struct lwp *l = rumpuser_curlwp();

  ++upcalls;
  if (with_cpu && l == NULL) {
    violated("upcall from a thread without lwp");
  } else if (with_cpu && !kernel_has_cpu()) {
    violated("upcall from a thread without virtual CPU");
  } else if (!with_cpu && l != NULL && kernel_has_cpu()) {
    violated("upcall from a thread that has a virtual CPU");
  } else {
    return l;
  }
  return NULL;
}

static void
backend_unschedule(int nlocks, int *countp, void *interlock)
{
  struct lwp *l = begin_upcall(true);

  if (l == NULL) {
    *countp = 0;
    return;
  }
  if (nlocks != 0) {
    violated("hyp_backend_unschedule with a number of locks");
  }
  l->released_with = interlock;
  l->retaken_with = NULL;
  *countp = kernel_unlock();
  atomic_fetch_add(&l->gaps, 1);
  release_cpu(l, interlock);
  atomic_store(&l->away, true);
}

static void
backend_schedule(int nlocks, void *interlock)
{
  struct lwp *l = begin_upcall(false);

  if (l == NULL) {
    violated("hyp_backend_schedule without lwp or with a virtual CPU");
    return;
  }
  if (l->probe != NULL) {
    (*l->probe)(l->probe_arg);
  }
  atomic_store(&l->away, false);
  l->retaken_with = interlock;
  take_cpu(l, interlock);
  if (nlocks > 0) {
    kernel_lock(nlocks);
  }
}

/* A thread without an lwp gets one that it has until it leaves. */
static void
schedule(void)
{
  struct lwp *l = begin_upcall(false);

  if (l == NULL) {
    l = kernel_lwp_create();
    l->exiting = true;
    rumpuser_curlwpop(RUMPUSER_LWP_SET, l);
  }
  take_cpu(l, NULL);
}

static void
unschedule(void)
{
  struct lwp *l = begin_upcall(true);

  if (l == NULL) {
    return;
  }
  release_cpu(l, NULL);
  if (l->exiting || l->leaving) {
    rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, l);
    l->leaving = false;
    if (l->exiting) {
      kernel_lwp_destroy(l);
    }
  }
}

/* Gives the virtual CPU from one lwp to another. */
static void
switch_lwp(struct lwp *l, struct lwp *to)
{
  struct cpu *cpu = &cpus[l->cpu];

  rumpuser_mutex_enter_nowrap(cpu->mtx);
  cpu->lwp = to;
  rumpuser_mutex_exit(cpu->mtx);
  to->cpu = to->home = l->cpu;
  l->cpu = -1;
  rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, l);
  rumpuser_curlwpop(RUMPUSER_LWP_SET, to);
  if (l->exiting) {
    kernel_lwp_destroy(l);
  }
}

static void
lwproc_switch(struct lwp *to)
{
  struct lwp *l = begin_upcall(true);

  if (l != NULL && to == NULL) {
    l->leaving = true;
  } else if (l != NULL) {
    switch_lwp(l, to);
  }
}

static void
lwproc_release(void)
{
  struct lwp *l = begin_upcall(true);

  if (l != NULL) {
    l->exiting = true;
  }
}

/* Of a remote client. */
#define REMOTE_PID 2

static int
lwproc_newlwp(pid_t pid)
{
  struct lwp *l = begin_upcall(true);

  if (pid != 0 && pid != REMOTE_PID) {
    violated("an lwp for another process than the kernel's");
  }
  if (l == NULL) {
    return NETBSD_EINVAL;
  }
  switch_lwp(l, kernel_lwp_create());
  return 0;
}

static struct lwp *
lwproc_curlwp(void)
{
  struct lwp *l = begin_upcall(true);

  return l == NULL || l->exiting ? NULL : l;
}

/*
 * What needs the sysproxy component: one process, which is the last client's.
 */

static void *remote_client;
static int (*remote_call)(int number, void *client);

void
kernel_serve(int (*call)(int number, void *client))
{
  remote_call = call;
}

/* NetBSD's flag for new descriptors. */
static int
remote_rfork(void *priv, int flags, const char *name)
{
  struct lwp *l = begin_upcall(true);

  if (l == NULL || priv == NULL || flags != 2 || name == NULL) {
    violated("hyp_lwproc_rfork of no client");
    return NETBSD_EINVAL;
  }
  remote_client = priv;
  switch_lwp(l, kernel_lwp_create());
  return 0;
}

static int
remote_syscall(int number, void *args, long *result)
{
  (void)args;
  if (begin_upcall(true) == NULL || remote_call == NULL) {
    return NETBSD_ENOSYS;
  }
  result[0] = result[1] = 0;
  return (*remote_call)(number, remote_client);
}

static void
remote_lwpexit(void)
{
  (void)begin_upcall(true);
}

static void
remote_execnotify(const char *name)
{
  (void)name;
  (void)begin_upcall(true);
}

static pid_t
remote_getpid(void)
{
  (void)begin_upcall(true);
  return REMOTE_PID;
}

const struct rumpuser_hyperup kernel_upcalls = {
  .hyp_schedule = schedule,
  .hyp_unschedule = unschedule,
  .hyp_backend_unschedule = backend_unschedule,
  .hyp_backend_schedule = backend_schedule,
  .hyp_lwproc_switch = lwproc_switch,
  .hyp_lwproc_release = lwproc_release,
  .hyp_lwproc_rfork = remote_rfork,
  .hyp_lwproc_newlwp = lwproc_newlwp,
  .hyp_lwproc_curlwp = lwproc_curlwp,
  .hyp_syscall = remote_syscall,
  .hyp_lwpexit = remote_lwpexit,
  .hyp_execnotify = remote_execnotify,
  .hyp_getpid = remote_getpid
};
