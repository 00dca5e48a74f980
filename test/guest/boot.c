/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test guest: booting, in NetBSD's order.
 */

#include "guest.h"

#define VERSION 799003400 /* the interface of NetBSD 7.99.34 */

int guest_threads_enabled = 1, guest_verbose;
struct guest_counters guest_counters;

static int state; /* 0: not booted, 1: booting or running, -1: failed */
static int cold = 1;
static struct rump_component *components;
static char hostname[256];
struct lwp *init_lwp;

static const struct rumpuser_hyperup upcalls;

unsigned long parse_number(const char *text, const char **end)
{
  unsigned long value = 0;

  for (; *text >= '0' && *text <= '9'; text++) {
    value = value * 10 + (unsigned long)(*text - '0');
  }
  *end = text;
  return value;
}

/* Without the sysproxy component these fail. */

static int no_rfork(void *client, int flags, const char *command)
{
  (void)client;
  (void)flags;
  (void)command;
  return NB_ENXIO;
}

static int no_syscall(int number, void *arguments, long *result)
{
  (void)number;
  (void)arguments;
  (void)result;
  return NB_ENXIO;
}

static void no_lwpexit(void)
{
}

static void no_execnotify(const char *command)
{
  (void)command;
}

static pid_t no_getpid(void)
{
  return NB_ENXIO;
}

static const struct rumpuser_hyperup upcalls = {
  .hyp_schedule = guest_schedule,
  .hyp_unschedule = guest_unschedule,
  .hyp_backend_unschedule = backend_unschedule,
  .hyp_backend_schedule = backend_schedule,
  .hyp_lwproc_switch = lwp_switch,
  .hyp_lwproc_release = lwp_release,
  .hyp_lwproc_rfork = no_rfork,
  .hyp_lwproc_newlwp = lwp_newlwp,
  .hyp_lwproc_curlwp = lwp_current,
  .hyp_syscall = no_syscall,
  .hyp_lwpexit = no_lwpexit,
  .hyp_execnotify = no_execnotify,
  .hyp_getpid = no_getpid
};

static void read_parameters(void)
{
  char text[256];
  const char *end;
  unsigned long n;

  if (rumpuser_getparam("RUMP_THREADS", text, sizeof(text)) == 0) {
    guest_threads_enabled = *text != '0';
  }
  if (rumpuser_getparam("RUMP_VERBOSE", text, sizeof(text)) == 0) {
    guest_verbose = *text != '0';
  }
  if (rumpuser_getparam(RUMPUSER_PARAM_NCPU, text, sizeof(text)) != 0) {
    panic("mandatory hypervisor configuration (NCPU) missing");
  }
  n = parse_number(text, &end);
  if (n < 1) {
    panic("rump kernels are not lightweight enough for \"%s\" CPUs", text);
  }
  guest_cpu_total = n > MAXIMUM_CPUS ? MAXIMUM_CPUS : (unsigned)n;
  guest_cpu_count = 1;
}

static void print_banner(void)
{
  const char *s = "test guest: not NetBSD, a fixture of rtems-rump's tests\n";

  while (*s != '\0') {
    rumpuser_putchar(*s++);
  }
}

static void attach_cpus(void)
{
  unsigned i;

  for (i = 0; i < guest_cpu_total; i++) {
    guest_cpu_count = i + 1;
    softint_init_cpu(&guest_cpus[i]);
    guest_clock_init_cpu(&guest_cpus[i]);
    if (guest_verbose) {
      kprintf("cpu%u at thinair0: rump virtual cpu\n", i);
    }
  }
  softint_start();
}

/* Components: what the host's loader brings, and what is linked in. */

static void component_load(const struct rump_component *component)
{
  struct rump_component *c;

  for (c = components; c != NULL && c != component; c = c->next) {
  }
  if (cold && c == NULL) {
    c = (struct rump_component *)(uintptr_t)component;
    c->next = components;
    components = c;
  }
}

static void modules_add(const struct modinfo *const *modules, size_t count)
{
  (void)modules;
  if (count > 0) {
    panic("the test guest has no modules");
  }
}

static int symbols_load(
  void *symbols, uint64_t symbols_size, char *strings, uint64_t strings_size)
{
  static int loaded;

  (void)symbols;
  (void)strings;
  if (guest_verbose) {
    kprintf("symbols: %llu bytes, strings: %llu bytes\n",
      (unsigned long long)symbols_size, (unsigned long long)strings_size);
  }
  return loaded++ == 0 ? 0 : NB_EBUSY;
}

#ifdef GUEST_LATER_VINTAGE
static void event_counter_attach(struct evcnt *counter)
{
  (void)counter;
}
#endif

static void load_components(void)
{
  static const enum component_type order[] = {
    COMPONENT_VFS, COMPONENT_DEVICE, COMPONENT_POST_INIT
  };
  struct rump_component *c;
  unsigned i;

#ifdef GUEST_LATER_VINTAGE
  rumpuser_dl_bootstrap(
    modules_add, symbols_load, component_load, event_counter_attach);
#else
  rumpuser_dl_bootstrap(modules_add, symbols_load, component_load);
#endif
  component_load(&component_vfs);
  component_load(&component_echo);
  for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
    for (c = components; c != NULL; c = c->next) {
      if (c->type == order[i]) {
        c->init();
      }
    }
  }
  cold = 0;
}

static int null_transfer(struct node *node, struct io *io)
{
  (void)node;
  io->done = io->write ? io->size : 0;
  return 0;
}

static int console_transfer(struct node *node, struct io *io)
{
  (void)node;
  for (; io->write && io->done < io->size; io->done++) {
    rumpuser_putchar((unsigned char)io->data[io->done]);
  }
  return 0;
}

static void vfs_init(void)
{
  char text[256];

  if (guest_verbose &&
    rumpuser_getparam("RUMP_NVNODES", text, sizeof(text)) == 0) {
    kprintf("vnodes: %s\n", text);
  }
  guest_block_init();
  ramfs_init();
  ASSERT(ramfs_add_device("/dev/null", null_transfer) == 0);
  ASSERT(ramfs_add_device("/dev/console", console_transfer) == 0);
  ASSERT(guest_random_add_device() == 0);
  if (rumpuser_getparam("RUMP_MODULEBASE", text, sizeof(text)) == 0 &&
    *text != '\0' && *text != '0') {
    etfs_register("/stand", text, 4);
  }
}

struct rump_component component_vfs = { COMPONENT_VFS, vfs_init, NULL };

static void boot_early(void)
{
  lwp_init();
  read_parameters();
  print_banner();
  guest_thread_init();
  guest_clock_init();
  giant_init();
  guest_memory_init();
  if (guest_verbose) {
    kprintf("total memory = %lu KB\n", guest_memory_limit() / 1024);
  }
  guest_random_init();
  lwp_late_init();
  guest_scheduler_init();
}

static void boot_late(void)
{
  guest_console_init();
  attach_cpus();
  guest_thread_allow();
  guest_memory_start();
  load_components();
  if (rumpuser_getparam(
    RUMPUSER_PARAM_HOSTNAME, hostname, sizeof(hostname)) != 0) {
    panic("mandatory hypervisor configuration (HOSTNAME) missing");
  }
  init_lwp = lwp_alloc(NULL);
  init_process = init_lwp->process;
  ASSERT(init_process->pid == 1);
  lwp_switch(init_lwp);
  fd_open_console(init_process->files);
  lwp_switch(NULL);
  if (guest_verbose) {
    kprintf("%s: the test guest runs\n", hostname);
  }
}

int rump_init(void);
int rump_init(void)
{
  if (state != 0) {
    return state == 1 ? 0 : NB_EINVAL;
  }
  state = 1;
  if (rumpuser_init(RUMPUSER_VERSION, &upcalls) != 0) {
    rumpuser_dprintf("rumpuser init failed\n");
    state = -1;
    return NB_EINVAL;
  }
  boot_early();
  /* From the temporary context to one that has a virtual CPU. */
  guest_cpus[0].current = NULL;
  rumpuser_curlwpop(RUMPUSER_LWP_CLEAR, &lwp0);
  guest_schedule();
  boot_late();
  guest_unschedule();
  return 0;
}

int rump_daemonize_begin(void);
int rump_daemonize_begin(void)
{
  return state != 0 ? NB_EALREADY : rumpuser_daemonize_begin();
}

int rump_daemonize_done(int error);
int rump_daemonize_done(int error)
{
  return rumpuser_daemonize_done(error);
}

int rump_pub_getversion(void);
int rump_pub_getversion(void)
{
  return VERSION;
}
