/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief NetBSD's user ABI: variables of the kernel, and its modules.
 *
 * Members have NetBSD's names without their prefix.
 */

#ifndef RTEMS_RUMP_ABI_CONTROL_H
#define RTEMS_RUMP_ABI_CONTROL_H

#include <stddef.h>
#include <stdint.h>

/** The most numbers that the name of a variable has. */
#define NETBSD_CTL_MAXNAME 12

/** As the last number of a name: what is below the name before it. */
#define NETBSD_CTL_QUERY (-2)

/** In netbsd_sysctlnode::flags. */
#define NETBSD_SYSCTL_TYPEMASK 0xf
#define NETBSD_CTLTYPE_NODE 1
#define NETBSD_CTLTYPE_INT 2
#define NETBSD_CTLTYPE_STRING 3
#define NETBSD_CTLTYPE_QUAD 4
#define NETBSD_CTLTYPE_STRUCT 5
#define NETBSD_CTLTYPE_BOOL 6
#define NETBSD_SYSCTL_VERSION 0x1000000

/** What a query tells of a variable, and what it is asked with. */
struct netbsd_sysctlnode {
  uint32_t flags;
  int32_t num;
  char name[32];
  uint32_t ver;
  uint32_t reserved;
  uint64_t value[2];
  uint64_t size;
  uint64_t function;
  uint64_t parent;
  uint64_t description;
};

/** What stands above the variables of memory. */
#define NETBSD_CTL_VM 2

/** Names of the kernel's messages. */
#define NETBSD_CTL_KERN 1
#define NETBSD_KERN_MSGBUF 53

/** Command of modctl(2); its argument is an iovec for netbsd_modstat. */
#define NETBSD_MODCTL_STAT 2

/** Classes of modules. */
#define NETBSD_MODULE_CLASS_VFS 2
#define NETBSD_MODULE_CLASS_DRIVER 3
#define NETBSD_MODULE_CLASS_EXEC 4
#define NETBSD_MODULE_CLASS_SECMODEL 5

struct netbsd_modstat {
  char name[32];
  char required[320];
  uint64_t address;
  int32_t source;
  int32_t class;
  uint32_t size;
  uint32_t references;
  uint32_t flags;
  uint32_t reserved[3];
};

/* As in NetBSD's libraries. */
_Static_assert(sizeof(struct netbsd_sysctlnode) == 96, "sysctlnode");
_Static_assert(offsetof(struct netbsd_sysctlnode, size) == 64, "sysctlnode");
_Static_assert(sizeof(struct netbsd_modstat) == 392, "modstat");

#endif /* RTEMS_RUMP_ABI_CONTROL_H */
