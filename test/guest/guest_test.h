/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Test guest: what its test calls beside NetBSD's public interface.  Each
 * check runs inside the kernel and panics if something is wrong.
 */

#ifndef GUEST_TEST_H
#define GUEST_TEST_H

struct guest_statistics {
  unsigned cpus;
  unsigned long fast, slow, migrated; /* ways to a virtual CPU */
  unsigned long page_daemon_runs, pages_reclaimed, buffers_reclaimed;
  unsigned long block_requests, block_in_flight_maximum;
  unsigned long callouts, softints, threads;
  unsigned long memory_limit; /* bytes */
};

void guest_get_statistics(struct guest_statistics *statistics);

void guest_check_clock(void);
void guest_check_callouts(void);
void guest_check_softints(void);
void guest_check_threads(unsigned count);
void guest_check_giant(void);
void guest_check_mutexes(void);
void guest_check_rwlocks(void);
void guest_check_condvars(void);
void guest_check_memory(void);
void guest_check_host_file(const char *path);
void guest_check_refusals(void);

/* Ends the thread of /dev/echo. */
void guest_end_echo(void);

/* Has an exception, or runs for ever; with a virtual CPU. */
void guest_fail(int for_ever);

int rump_daemonize_begin(void);
int rump_daemonize_done(int error);
int rump_pub_getversion(void);

#endif /* GUEST_TEST_H */
