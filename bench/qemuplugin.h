/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The part of QEMU's plugin interface, version 1, that is used here.
 *
 * Declared anew, since QEMU's own header is not part of what Debian installs
 * with QEMU.
 */

#ifndef RTEMS_RUMP_BENCH_QEMUPLUGIN_H
#define RTEMS_RUMP_BENCH_QEMUPLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLUGIN_PUBLIC __attribute__((__visibility__("default")))

/* Values of enumerations. */
#define QEMU_PLUGIN_CB_NO_REGS 0
#define QEMU_PLUGIN_MEM_W 2

typedef uint64_t qemu_plugin_id_t;

struct qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

/* QEMU asks the plugin for these two. */
PLUGIN_PUBLIC extern int qemu_plugin_version;
PLUGIN_PUBLIC int qemu_plugin_install(
  qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv);

void qemu_plugin_register_vcpu_tb_trans_cb(
  qemu_plugin_id_t id,
  void (*translated)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(
  const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

void qemu_plugin_register_vcpu_tb_exec_cb(
  struct qemu_plugin_tb *tb,
  void (*executed)(unsigned cpu, void *arg), int flags, void *arg);
void qemu_plugin_register_vcpu_insn_exec_cb(
  struct qemu_plugin_insn *insn,
  void (*executed)(unsigned cpu, void *arg), int flags, void *arg);
void qemu_plugin_register_vcpu_mem_cb(
  struct qemu_plugin_insn *insn,
  void (*accessed)(
    unsigned cpu, uint32_t info, uint64_t address, void *arg),
  int flags, int access, void *arg);
bool qemu_plugin_mem_is_store(uint32_t info);

#endif /* RTEMS_RUMP_BENCH_QEMUPLUGIN_H */
