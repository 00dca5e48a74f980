/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A plugin of QEMU that finds the longest runs of instructions with interrupts
 * masked, and with thread dispatching disabled, on an ARM with one processor.
 *
 * Whether dispatching is disabled says a variable of RTEMS, whose stores are
 * watched; the machine's memory is a file.  Whether interrupts are masked says
 * the status register, which a plugin cannot read.  But QEMU can log the
 * registers, only where they may have changed: the log is a pipe, and the
 * plugin reads it before the next instruction.
 *
 * An interrupt that comes while dispatching is disabled is not counted to the
 * run that it interrupts: it delays others as it would at any other time.
 *
 * Arguments:
 *
 *   out=FILE       where the runs are written
 *   ram=FILE       the machine's memory, from address 0 on
 *   log=FD         the pipe with QEMU's log
 *   points=FILE    lines "change ADDRESS": an instruction before which the
 *                  status register may have changed; "interrupt ADDRESS": the
 *                  first of an interrupt, which is such a one, too; "return
 *                  ADDRESS": one that returns from an interrupt
 *   level=ADDRESS  a pointer to RTEMS's thread dispatch disable level
 *   begin=ADDRESS, end=ADDRESS  of bench_begin() and bench_end()
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "qemuplugin.h"

#define ADDRESSES (UINT64_C(1) << 32)

#define PSR_INTERRUPTS_MASKED 0x80u

/* Instructions of a run that are remembered. */
#define RUN_MAX (1u << 20)

/* Places where a run of a kind can begin. */
#define PLACES_MAX 4096

/* The longest run that began at a place. */
struct place {
  uint32_t begin, end;
  uint32_t length;
  uint32_t times;
  uint32_t *trace;
};

struct kind {
  const char *name;
  bool runs;
  /* The instruction after which the present run began. */
  uint32_t begin;
  uint32_t length;
  uint32_t trace[RUN_MAX];
  struct place places[PLACES_MAX];
  unsigned place_count;
};

static struct kind masked = { .name = "masked" };
static struct kind undispatched = { .name = "undispatched" };

enum { CHANGE = 1, RETURN = 2, INTERRUPT = 3 };
static uint8_t *points;

static FILE *out;
static const uint8_t *ram;
static size_t ram_size;
static int log_fd;
static uint32_t level_pointer, level_address;
static uint32_t begin_address, end_address;

static bool in_region;
static bool returns;

/* Interrupts that have come while dispatching was disabled. */
static unsigned nested;

static uint32_t last;

static void
fail(const char *what)
{
  perror(what);
  exit(1);
}

static uint32_t
ram_word(uint32_t address)
{
  uint32_t word;

  if (address > ram_size - sizeof(word)) {
    fprintf(stderr, "address %#x is not in memory\n", address);
    exit(1);
  }
  memcpy(&word, ram + address, sizeof(word));
  return word;
}

static struct place *
find_place(struct kind *kind)
{
  struct place *p;

  for (p = kind->places; p < kind->places + kind->place_count; ++p) {
    if (p->begin == kind->begin) {
      return p;
    }
  }
  if (kind->place_count == PLACES_MAX) {
    fprintf(stderr, "too many places where a run begins\n");
    exit(1);
  }
  ++kind->place_count;
  *p = (struct place){ .begin = kind->begin };
  return p;
}

static void
note_run(struct kind *kind)
{
  struct place *p = find_place(kind);
  size_t size = kind->length * sizeof(*p->trace);

  ++p->times;
  if (kind->length > p->length) {
    p->length = kind->length;
    p->end = last;
    if (size > sizeof(kind->trace)) {
      size = sizeof(kind->trace);
    }
    p->trace = realloc(p->trace, size);
    memcpy(p->trace, kind->trace, size);
  }
}

static void
set_state(struct kind *kind, bool runs)
{
  if (runs == kind->runs) {
    return;
  }
  if (!runs && in_region && kind->length > 0) {
    note_run(kind);
  }
  kind->runs = runs;
  kind->begin = last;
  kind->length = 0;
}

/* One line for each place: the longest run, and its instructions in order. */
static void
write_places(struct kind *kind)
{
  struct place *p;
  uint32_t i;

  for (p = kind->places; p < kind->places + kind->place_count; ++p) {
    fprintf(
      out,
      "%s %x %x %u %u",
      kind->name,
      p->begin,
      p->end,
      p->length,
      p->times
    );
    for (i = 0; i < p->length && i < RUN_MAX; ++i) {
      fprintf(out, " %x", p->trace[i]);
    }
    fputc('\n', out);
    free(p->trace);
  }
  kind->place_count = 0;
}

/* A run that has begun before the region counts from here on. */
static void
region_begins(unsigned cpu, void *arg)
{
  (void)cpu;
  (void)arg;
  level_address = ram_word(level_pointer);
  in_region = true;
  masked.length = 0;
  undispatched.length = 0;
}

static void
region_ends(unsigned cpu, void *arg)
{
  (void)cpu;
  (void)arg;
  in_region = false;
  write_places(&masked);
  write_places(&undispatched);
  fprintf(out, "end\n");
  fflush(out);
}

/* The registers at the last point. */
static void
read_log(unsigned cpu, void *arg)
{
  char text[65536 + 1];
  ssize_t size = read(log_fd, text, sizeof(text) - 1);
  char *psr = NULL, *next;

  (void)cpu;
  (void)arg;
  if (size <= 0) {
    return;
  }
  text[size] = '\0';
  for (next = text; (next = strstr(next, "PSR=")) != NULL; next += 4) {
    psr = next;
  }
  if (psr != NULL) {
    uint32_t value = (uint32_t)strtoul(psr + 4, NULL, 16);

    returns = false;
    set_state(&masked, (value & PSR_INTERRUPTS_MASKED) != 0);
  }
}

static void
step(struct kind *kind, uint32_t address)
{
  if (kind->runs) {
    if (kind->length < RUN_MAX) {
      kind->trace[kind->length] = address;
    }
    ++kind->length;
  }
}

static void
executed(unsigned cpu, void *arg)
{
  uint32_t address = (uint32_t)(uintptr_t)arg;

  (void)cpu;
  /* Interrupts were not masked, or this had not been one. */
  if (returns) {
    returns = false;
    set_state(&masked, false);
  }
  step(&masked, address);
  if (nested == 0) {
    step(&undispatched, address);
  }
  last = address;
}

static void
executed_return(unsigned cpu, void *arg)
{
  (void)cpu;
  (void)arg;
  returns = true;
  if (nested > 0) {
    --nested;
  }
}

/* One that was pending has come, so what kept it waiting has ended. */
static void
executed_interrupt(unsigned cpu, void *arg)
{
  (void)cpu;
  (void)arg;
  set_state(&masked, false);
  set_state(&masked, true);
  if (undispatched.runs) {
    ++nested;
  }
}

static void
stored(unsigned cpu, uint32_t info, uint64_t address, void *arg)
{
  (void)cpu;
  (void)info;
  (void)arg;
  if (address == level_address && level_address != 0) {
    set_state(&undispatched, ram_word(level_address) != 0);
  }
}

static void
on_execution(
  struct qemu_plugin_insn *insn, void (*function)(unsigned, void *), void *arg)
{
  qemu_plugin_register_vcpu_insn_exec_cb(
    insn,
    function,
    QEMU_PLUGIN_CB_NO_REGS,
    arg
  );
}

static void
translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
  size_t count = qemu_plugin_tb_n_insns(tb);
  size_t i;

  (void)id;
  for (i = 0; i < count; ++i) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
    uint32_t address = (uint32_t)qemu_plugin_insn_vaddr(insn);

    if (points[address] == CHANGE || points[address] == INTERRUPT) {
      on_execution(insn, read_log, NULL);
    }
    if (points[address] == INTERRUPT) {
      on_execution(insn, executed_interrupt, NULL);
    }
    on_execution(insn, executed, (void *)(uintptr_t)address);
    if (points[address] == RETURN) {
      on_execution(insn, executed_return, NULL);
    }
    if (address == begin_address) {
      on_execution(insn, region_begins, NULL);
    } else if (address == end_address) {
      on_execution(insn, region_ends, NULL);
    }
    qemu_plugin_register_vcpu_mem_cb(
      insn,
      stored,
      QEMU_PLUGIN_CB_NO_REGS,
      QEMU_PLUGIN_MEM_W,
      NULL
    );
  }
}

static void
read_points(const char *path)
{
  FILE *file = fopen(path, "r");
  char what[16];
  unsigned address;

  points = mmap(NULL, ADDRESSES, PROT_READ | PROT_WRITE,
    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (file == NULL || points == MAP_FAILED) {
    fail(path);
  }
  while (fscanf(file, "%15s %x", what, &address) == 2) {
    points[address] = what[0] == 'c' ? CHANGE
      : what[0] == 'r' ? RETURN
      : INTERRUPT;
  }
  fclose(file);
}

static void
map_ram(const char *path)
{
  int fd = open(path, O_RDONLY);

  if (fd < 0) {
    fail(path);
  }
  ram_size = (size_t)lseek(fd, 0, SEEK_END);
  ram = mmap(NULL, ram_size, PROT_READ, MAP_SHARED, fd, 0);
  if (ram == MAP_FAILED) {
    fail(path);
  }
  close(fd);
}

static void
take_argument(const char *name, const char *value)
{
  if (strcmp(name, "out") == 0) {
    out = fopen(value, "w");
    if (out == NULL) {
      fail(value);
    }
  } else if (strcmp(name, "ram") == 0) {
    map_ram(value);
  } else if (strcmp(name, "log") == 0) {
    log_fd = atoi(value);
    (void)fcntl(log_fd, F_SETFL, O_NONBLOCK);
  } else if (strcmp(name, "points") == 0) {
    read_points(value);
  } else if (strcmp(name, "level") == 0) {
    level_pointer = (uint32_t)strtoul(value, NULL, 0);
  } else if (strcmp(name, "begin") == 0) {
    begin_address = (uint32_t)strtoul(value, NULL, 0);
  } else if (strcmp(name, "end") == 0) {
    end_address = (uint32_t)strtoul(value, NULL, 0);
  }
}

int qemu_plugin_version = 1;

int
qemu_plugin_install(
  qemu_plugin_id_t          id,
  const struct qemu_info_t *info,
  int                       argc,
  char                    **argv
)
{
  int i;

  (void)info;
  for (i = 0; i < argc; ++i) {
    char *value = strchr(argv[i], '=');

    *value++ = '\0';
    take_argument(argv[i], value);
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  return 0;
}
