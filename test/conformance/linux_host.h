/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief What the conformance tests get from Linux, whatever runs on it.
 *
 * Functions that end the kernel, and with it the process, run in a new process
 * of the same program each.  It runs the same test and does nothing where
 * others before it would end; its environment says which is its own.
 */

#ifndef CONFORMANCE_LINUX_HOST_H
#define CONFORMANCE_LINUX_HOST_H

#include <stddef.h>

/** Makes a folder for files, with a pipe in it; for both there are names. */
void linux_begin(void);
void linux_end(void);
extern char linux_directory[64];
extern char linux_stream[128];

/** struct host has these. */
void linux_environment(const char *name, const char *value);
int linux_run_to_end(void (*run)(void *arg), void *arg);
int linux_errno_of(int netbsd_errno);
void linux_watch(unsigned seconds);

/** Status of a process that ends as a panic; so does one that aborts. */
#define LINUX_PANIC 78

#endif /* CONFORMANCE_LINUX_HOST_H */
