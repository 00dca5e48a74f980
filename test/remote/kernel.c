/* SPDX-License-Identifier: BSD-2-Clause */

#include "kernel.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "hypercall.h"

#include "../target/target.h"

#define INVERT_MAX (256u << 10)

#define NETBSD_EPERM 1
#define NETBSD_EINTR 4

struct descriptors {
  int references;
  long number;
};

struct process {
  struct process *next;
  pid_t pid;
  void *client;
  int lwps;
  bool exits;
  long uid, gid, groups;
  struct descriptors *descriptors;
  char name[KERNEL_NAME_SIZE];
};

struct lwp {
  struct process *process;
  bool runs;
  bool is_temporary;
  bool clears;
};

/* Of all that follows. */
static struct rumpuser_mtx *lock;
static struct rumpuser_cv *changed;
static struct process first = { .pid = 1, .groups = 1 };
static struct process *processes;
static pid_t last_pid = 1;
static unsigned process_count, lwp_count, sleeper_count;

/* Whether the calling thread has a virtual CPU. */
static __thread bool is_scheduled;

/* The kernel's memory, which goes with it. */
static void *
allocate(size_t size)
{
  void *p;

  CHECK(rumpuser_malloc(size, 0, &p) == 0);
  memset(p, 0, size);
  return p;
}

static void
enter(void)
{
  rumpuser_mutex_enter_nowrap(lock);
}

static void
leave(void)
{
  rumpuser_mutex_exit(lock);
}

void
kernel_boot(void)
{
  rumpuser_mutex_init(&lock, RUMPUSER_MTX_SPIN);
  rumpuser_cv_init(&changed);
}

static bool never_halts;

void
kernel_keep_running(void)
{
  never_halts = true;
}

static unsigned
count(const unsigned *counter)
{
  unsigned value;

  enter();
  value = *counter;
  leave();
  return value;
}

unsigned
kernel_processes(void)
{
  return count(&process_count);
}

unsigned
kernel_lwps(void)
{
  return count(&lwp_count);
}

unsigned
kernel_sleepers(void)
{
  return count(&sleeper_count);
}

void
kernel_wait(unsigned (*count)(void), unsigned wanted)
{
  int tries;

  for (tries = 0; (*count)() != wanted && tries < 1500; ++tries) {
    target_sleep(10);
  }
  if ((*count)() != wanted) {
    printf("# %u, not %u\n", (*count)(), wanted);
  }
  CHECK((*count)() == wanted);
}

void
kernel_check_gone(void)
{
  kernel_wait(kernel_processes, 0);
  kernel_wait(kernel_lwps, 0);
  CHECK(kernel_sleepers() == 0);
}

static uint32_t refused_user;

void
kernel_refuse_user(uint32_t uid)
{
  refused_user = uid;
}

static struct lwp *
lwp_create(struct process *process)
{
  struct lwp *l = allocate(sizeof(*l));

  l->process = process;
  enter();
  ++process->lwps;
  ++lwp_count;
  leave();
  return l;
}

static void
process_end(struct process *process)
{
  struct process **p = &processes;

  while (*p != process) {
    p = &(*p)->next;
  }
  *p = process->next;
  --process_count;
  if (--process->descriptors->references == 0) {
    rumpuser_free(process->descriptors, sizeof(*process->descriptors));
  }
  rumpuser_free(process, sizeof(*process));
}

static void
lwp_free(struct lwp *l)
{
  struct process *process = l->process;

  enter();
  --lwp_count;
  if (--process->lwps == 0 && process != &first) {
    process_end(process);
  }
  leave();
  rumpuser_free(l, sizeof(*l));
}

static void
run_lwp(struct lwp *l)
{
  if (l != NULL) {
    CHECK(!l->runs);
    l->runs = true;
    rumpuser_curlwpop(RUMPUSER_LWP_SET, l);
  }
}

/* A thread without an lwp gets one until it leaves. */
static void
schedule(void)
{
  CHECK(!is_scheduled);
  is_scheduled = true;
  if (rumpuser_curlwp() == NULL) {
    struct lwp *l = lwp_create(&first);

    l->is_temporary = true;
    run_lwp(l);
  }
}

static void
unschedule(void)
{
  struct lwp *l = rumpuser_curlwp();

  CHECK(is_scheduled);
  is_scheduled = false;
  if (l == NULL) {
    return;
  }
  if (l->is_temporary || l->clears) {
    rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, l);
    l->clears = false;
    l->runs = false;
    if (l->is_temporary) {
      lwp_free(l);
    }
  }
}

static void
backend_unschedule(int count, int *counted, void *interlock)
{
  (void)count;
  (void)interlock;
  CHECK(is_scheduled);
  is_scheduled = false;
  *counted = 7;
}

static void
backend_schedule(int counted, void *interlock)
{
  (void)interlock;
  CHECK(!is_scheduled);
  CHECK(counted == 7);
  is_scheduled = true;
}

static void
switch_to(struct lwp *to)
{
  struct lwp *l = rumpuser_curlwp();

  CHECK(is_scheduled);
  CHECK(l != NULL);
  if (to == NULL) {
    l->clears = true;
    return;
  }
  CHECK(to != l);
  rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, l);
  l->runs = false;
  if (l->is_temporary) {
    lwp_free(l);
  }
  run_lwp(to);
}

static void
release(void)
{
  struct lwp *l = rumpuser_curlwp();

  CHECK(is_scheduled);
  CHECK(l != NULL && !l->is_temporary);
  l->is_temporary = true;
}

static struct descriptors *
descriptors_for(struct process *parent, int flags)
{
  struct descriptors *d;

  if (flags == 0) {
    ++parent->descriptors->references;
    return parent->descriptors;
  }
  d = allocate(sizeof(*d));
  d->references = 1;
  d->number = flags == 1 ? parent->descriptors->number : 0;
  return d;
}

static int
rfork(void *client, int flags, const char *name)
{
  struct process *parent = rumpuser_curlwp()->process;
  struct process *p = allocate(sizeof(*p));

  CHECK(is_scheduled);
  CHECK(client != NULL);
  CHECK((flags == 2) == (parent == &first));
  enter();
  p->pid = ++last_pid;
  p->client = client;
  p->uid = parent->uid;
  p->gid = parent->gid;
  p->groups = parent->groups;
  p->descriptors = descriptors_for(parent, flags);
  (void)snprintf(
    p->name,
    sizeof(p->name),
    "%s",
    name != NULL ? name : parent->name
  );
  p->next = processes;
  processes = p;
  ++process_count;
  leave();
  switch_to(lwp_create(p));
  return 0;
}

static int
newlwp(pid_t pid)
{
  struct process *p;
  int error = 0;

  CHECK(is_scheduled);
  enter();
  for (p = processes; p != NULL && p->pid != pid; p = p->next) {
  }
  if (p == NULL) {
    error = 3;
  } else if (p->exits) {
    error = NETBSD_EBUSY;
  }
  leave();
  if (error == 0) {
    switch_to(lwp_create(p));
  }
  return error;
}

static pid_t
getpid_of_lwp(void)
{
  CHECK(is_scheduled);
  return rumpuser_curlwp()->process->pid;
}

static void
lwpexit(void)
{
  struct process *p = rumpuser_curlwp()->process;

  CHECK(is_scheduled);
  enter();
  p->exits = true;
  leave();
  rumpuser_cv_broadcast(changed);
}

static void
execnotify(const char *name)
{
  struct process *p = rumpuser_curlwp()->process;

  CHECK(is_scheduled);
  enter();
  CHECK(p->lwps == 1);
  p->exits = false;
  (void)snprintf(p->name, sizeof(p->name), "%s", name);
  leave();
}

static int
call_invert(struct process *p, const intptr_t *args)
{
  size_t size = (size_t)args[2];
  unsigned char *bytes;
  size_t i;
  int error;

  if (size > INVERT_MAX) {
    return NETBSD_EINVAL;
  }
  bytes = allocate(size + 1);
  error = rumpuser_sp_copyin(p->client, (void *)args[0], bytes, size);
  for (i = 0; i < size && error == 0; ++i) {
    bytes[i] = (unsigned char)~bytes[i];
  }
  if (error == 0) {
    error = rumpuser_sp_copyout(p->client, bytes, (void *)args[1], size);
  }
  rumpuser_free(bytes, size + 1);
  return error;
}

static int
call_write(struct process *p, const intptr_t *args)
{
  const intptr_t inverted[] = { args[1], args[0], args[2] };

  return call_invert(p, inverted);
}

static int
call_write_twice(struct process *p, const intptr_t *args)
{
  int error = call_write(p, args);

  return error != 0 ? error : call_write(p, args);
}

static int
call_string(struct process *p, const intptr_t *args, long *result)
{
  char text[KERNEL_STRING_MAX + 1];
  size_t size = (size_t)args[1];
  int error;

  if (size > KERNEL_STRING_MAX) {
    return NETBSD_EINVAL;
  }
  error = rumpuser_sp_copyinstr(p->client, (void *)args[0], text, &size);
  *result = (long)size;
  if (error == 0) {
    error = rumpuser_sp_copyoutstr(p->client, text, (void *)args[2], &size);
  }
  return error;
}

static int
call_sleep(struct process *p)
{
  enter();
  ++sleeper_count;
  while (!p->exits) {
    rumpuser_cv_wait(changed, lock);
  }
  --sleeper_count;
  leave();
  return NETBSD_EINTR;
}

static int
call_number(struct process *p, int number, const intptr_t *args, long *result)
{
  enter();
  if (number == CALL_SET) {
    p->descriptors->number = args[0];
  }
  *result = p->descriptors->number;
  leave();
  return 0;
}

static int
call_map(struct process *p, const intptr_t *args, long *result)
{
  void *address = NULL;
  int error = rumpuser_sp_anonmmap(p->client, (size_t)args[0], &address);

  *result = (long)(intptr_t)address;
  return error;
}

/* Nobody comes or goes meanwhile. */
static int
call_alarm(int signal)
{
  struct process *p;
  int error = 0;

  for (p = processes; p != NULL && error == 0; p = p->next) {
    error = rumpuser_sp_raise(p->client, signal);
  }
  return error;
}

static int
call_pour(struct process *p, const intptr_t *args)
{
  void *bytes = allocate(INVERT_MAX);
  intptr_t i;
  int error = 0;

  for (i = 0; i < args[1] && error == 0; ++i) {
    error = rumpuser_sp_copyout(p->client, bytes, (void *)args[0], INVERT_MAX);
  }
  rumpuser_free(bytes, INVERT_MAX);
  return error;
}

/* Only root, whose groups are those of nobody else. */
static int
call_set_credentials(struct process *p, int number, long id)
{
  if (p->uid != 0) {
    return NETBSD_EPERM;
  }
  switch (number) {
    case CALL_SETGROUPS:
      p->groups = id;
      return 0;
    case CALL_SETGID:
      p->gid = id;
      return 0;
    default:
      if (refused_user != 0 && id == (long)refused_user) {
        return NETBSD_EAGAIN;
      }
      p->uid = id;
      return 0;
  }
}

static uint64_t files;

uint64_t
kernel_files(void)
{
  uint64_t value;

  enter();
  value = files;
  leave();
  return value;
}

/* As NetBSD it reads the limit first. */
static int
call_set_limit(struct process *p, const intptr_t *args)
{
  uint64_t limit[2];
  int error = rumpuser_sp_copyin(p->client, (void *)args[1], limit,
    sizeof(limit));

  if (error == 0 && args[0] != 8) {
    error = NETBSD_EINVAL;
  }
  if (error == 0) {
    enter();
    files = limit[0] < limit[1] ? limit[0] : limit[1];
    leave();
  }
  return error;
}

static int
call_credentials(const struct process *p, long *values)
{
  CHECK((p->groups == 0) == (p->uid != 0 || p->gid != 0));
  values[0] = p->uid;
  values[1] = p->gid;
  return 0;
}

static int
system_call(int number, void *arguments, long *values)
{
  struct process *p = rumpuser_curlwp()->process;
  const intptr_t *args = arguments;

  CHECK(is_scheduled);
  CHECK(number >= 0);
  switch (number) {
    case CALL_GETPID:
      values[0] = p->pid;
      return 0;
    case CALL_ADD:
      values[0] = args[0] + args[1];
      values[1] = 1;
      return 0;
    case CALL_INVERT:
      return call_invert(p, args);
    case CALL_WRITE:
      return call_write(p, args);
    case CALL_WRITE_TWICE:
      return call_write_twice(p, args);
    case CALL_STRING:
      return call_string(p, args, values);
    case CALL_MAP:
      return call_map(p, args, values);
    case CALL_RAISE:
      return rumpuser_sp_raise(p->client, (int)args[0]);
    case CALL_ALARM:
      return call_alarm((int)args[0]);
    case CALL_SLEEP:
      return call_sleep(p);
    case CALL_SET:
    case CALL_GET:
      return call_number(p, number, args, values);
    case CALL_NAME:
      return rumpuser_sp_copyout(
        p->client,
        p->name,
        (void *)args[0],
        sizeof(p->name)
      );
    case CALL_POUR:
      return call_pour(p, args);
    case CALL_HALT:
      if (!never_halts) {
        rumpuser_sp_fini(p->client);
      }
      return 0;
    case CALL_CREDENTIALS:
      return call_credentials(p, values);
    case CALL_SETRLIMIT:
      return call_set_limit(p, args);
    case CALL_SETUID:
    case CALL_SETGROUPS:
    case CALL_SETGID:
      return call_set_credentials(p, number, args[0]);
    default:
      return NETBSD_ENOSYS;
  }
}

const struct rumpuser_hyperup kernel_upcalls = {
  .hyp_schedule = schedule,
  .hyp_unschedule = unschedule,
  .hyp_backend_unschedule = backend_unschedule,
  .hyp_backend_schedule = backend_schedule,
  .hyp_lwproc_switch = switch_to,
  .hyp_lwproc_release = release,
  .hyp_lwproc_rfork = rfork,
  .hyp_lwproc_newlwp = newlwp,
  .hyp_lwproc_curlwp = rumpuser_curlwp,
  .hyp_syscall = system_call,
  .hyp_lwpexit = lwpexit,
  .hyp_execnotify = execnotify,
  .hyp_getpid = getpid_of_lwp
};
