/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A plugin of QEMU that counts the instructions of each processor between
 * bench_begin() and bench_end(), and finds the cache lines to which several
 * processors have written there.
 *
 * Arguments:
 *
 *   out=FILE       receives a line "region CPU INSTRUCTIONS" for each region,
 *                  "phase" for each call of bench_phase(), and before that the
 *                  lines that were written to since the one before by several:
 *                  "line ADDRESS SET", with a bit for each processor
 *   begin=ADDRESS, end=ADDRESS, phase=ADDRESS  of these functions
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "qemuplugin.h"

#define LINE_SHIFT 6
#define LINES (UINT64_C(1) << (32 - LINE_SHIFT))

#define CPUS_MAX 8

/* Apart, so that those who count do not wait for each other. */
static struct {
  uint64_t executed;
  uint64_t begin;
  bool in_region;
} __attribute__((__aligned__(64))) cpus[CPUS_MAX];

/* A bit for each processor that has written to it. */
static uint8_t *lines;

static FILE *out;
static uint32_t begin_address, end_address, phase_address;

static void
block_executed(unsigned cpu, void *arg)
{
  cpus[cpu].executed += (uintptr_t)arg;
}

static void
region_begins(unsigned cpu, void *arg)
{
  (void)arg;
  cpus[cpu].begin = cpus[cpu].executed;
  cpus[cpu].in_region = true;
}

static void
region_ends(unsigned cpu, void *arg)
{
  (void)arg;
  cpus[cpu].in_region = false;
  fprintf(
    out,
    "region %u %llu\n",
    cpu,
    (unsigned long long)(cpus[cpu].executed - cpus[cpu].begin)
  );
}

static void
write_lines(void)
{
  uint64_t i;

  for (i = 0; i < LINES; ++i) {
    if ((lines[i] & (lines[i] - 1)) != 0) {
      fprintf(
        out,
        "line %llx %x\n",
        (unsigned long long)(i << LINE_SHIFT),
        lines[i]
      );
    }
  }
}

/* Nobody is in a region. */
static void
phase_begins(unsigned cpu, void *arg)
{
  (void)cpu;
  (void)arg;
  write_lines();
  madvise(lines, LINES, MADV_DONTNEED);
  fprintf(out, "phase\n");
  fflush(out);
}

static void
stored(unsigned cpu, uint32_t info, uint64_t address, void *arg)
{
  uint8_t bit = (uint8_t)(1u << cpu);
  uint8_t *line = &lines[(uint32_t)address >> LINE_SHIFT];

  (void)arg;
  if (cpus[cpu].in_region
      && qemu_plugin_mem_is_store(info)
      && (__atomic_load_n(line, __ATOMIC_RELAXED) & bit) == 0) {
    (void)__atomic_fetch_or(line, bit, __ATOMIC_RELAXED);
  }
}

static void
on_execution(
  struct qemu_plugin_insn *insn, void (*function)(unsigned, void *))
{
  qemu_plugin_register_vcpu_insn_exec_cb(
    insn,
    function,
    QEMU_PLUGIN_CB_NO_REGS,
    NULL
  );
}

static void
translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
  size_t count = qemu_plugin_tb_n_insns(tb);
  size_t i;

  (void)id;
  qemu_plugin_register_vcpu_tb_exec_cb(
    tb,
    block_executed,
    QEMU_PLUGIN_CB_NO_REGS,
    (void *)(uintptr_t)count
  );
  for (i = 0; i < count; ++i) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
    uint32_t address = (uint32_t)qemu_plugin_insn_vaddr(insn);

    if (address == begin_address) {
      on_execution(insn, region_begins);
    } else if (address == end_address) {
      on_execution(insn, region_ends);
    } else if (address == phase_address) {
      on_execution(insn, phase_begins);
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
take_argument(const char *name, const char *value)
{
  uint32_t address = (uint32_t)strtoul(value, NULL, 0);

  if (strcmp(name, "out") == 0) {
    out = fopen(value, "w");
  } else if (strcmp(name, "begin") == 0) {
    begin_address = address;
  } else if (strcmp(name, "end") == 0) {
    end_address = address;
  } else if (strcmp(name, "phase") == 0) {
    phase_address = address;
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
  lines = mmap(NULL, LINES, PROT_READ | PROT_WRITE,
    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (out == NULL || lines == MAP_FAILED) {
    perror("plugin-processors");
    return 1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  return 0;
}
