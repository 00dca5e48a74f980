/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Received segments of TCP that follow each other, joined to one
 * packet: NetBSD does once what it would do for each.
 */

#ifndef RUMP_LINK_JOIN_H
#define RUMP_LINK_JOIN_H

struct ifnet;
struct mbuf;

/** Of one batch of frames; all zero is none. */
struct link_run {
	/* The packet, and its last mbuf. */
	struct mbuf *head, *tail;

	/* The segment after it, which is delivered as it is. */
	struct mbuf *last;
};

/**
 * Delivers a frame, or keeps it for what follows; the interface's thread does,
 * with the big lock.
 */
void link_run_add(struct link_run *, struct ifnet *, struct mbuf *);

/** Delivers what has been kept. */
void link_run_end(struct link_run *, struct ifnet *);

#endif /* RUMP_LINK_JOIN_H */
