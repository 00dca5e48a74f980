/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The border between the component net_link and its host, for both.
 *
 * Errors are NetBSD's errno values, sizes are in bytes.  The host's functions
 * are called with a virtual CPU held, which they give up where it is said; the
 * kernel's by a thread of the host's with a virtual CPU, and without the
 * kernel's big lock.
 */

#ifndef RUMP_LINK_USER_H
#define RUMP_LINK_USER_H

/** A received frame. */
struct rump_link_frame {
	/**
	 * In: the buffer that it is in.  Out: that or another one, which is
	 * the host's from then on.
	 */
	void *buffer;

	/** The frame; NULL: the host has dropped it. */
	void *data;
	unsigned int size;

	/** The checksums of IP and of TCP or UDP are right. */
	int is_summed;
};

/** What an interface finds when it is opened. */
struct rump_link_state {
	unsigned char address[6];
	int is_up;

	/** Frames to send may ask for checksums. */
	int sums;
};

/** The kernel's side of an interface, and the host's. */
struct rump_link_softc;
struct rump_link_host;

/* Of the host. */

/** Of each buffer, and what its address is a multiple of. */
#define RUMP_LINK_BUFFER_SIZE 1600
#define RUMP_LINK_BUFFER_ALIGNMENT 64

/** How many buffers the link with this number has; 0: there is no link. */
unsigned int rumpcomp_link_buffers(unsigned int number);

/**
 * Opens it; gives up the virtual CPU.  The kernel may be called before this
 * returns, but not before the state is stored.
 *
 * The array of buffers is the host's until rumpcomp_link_close().
 */
int rumpcomp_link_open(unsigned int number, struct rump_link_softc *sc,
	void **buffers, struct rump_link_state *state,
	struct rump_link_host **host);

/**
 * Closes it; gives up the virtual CPU.  When it returns the kernel is not
 * called any more and the array has buffers that are the kernel's.
 */
void rumpcomp_link_close(struct rump_link_host *host);

/**
 * Sends a frame.
 *
 * @param sum_begin Unless 0, the checksum of what begins there is stored at
 *   sum_at.
 *
 * @return Whether it was sent.
 */
int rumpcomp_link_send(struct rump_link_host *host, const struct iovec *parts,
	unsigned int count, unsigned int sum_begin, unsigned int sum_at);

/** Sets what is received beside broadcast and the link's own address. */
void rumpcomp_link_filter(struct rump_link_host *host, int is_promiscuous,
	int has_all_groups, const unsigned char (*groups)[6],
	unsigned int group_count);

/* Of the kernel. */

void rump_link_receive(struct rump_link_softc *sc,
	struct rump_link_frame *frames, unsigned int count);

void rump_link_changed(struct rump_link_softc *sc, int is_up);

#endif /* RUMP_LINK_USER_H */
