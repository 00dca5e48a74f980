/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Ethernet interfaces on the links of the host, one for each, called virtN.
 *
 * The host receives into clusters of mbufs, which this file lends to it and
 * exchanges for others when they come back with frames.  What is sent the host
 * takes from the mbufs themselves, before the call returns.
 */

#include <sys/param.h>
#include <sys/kmem.h>
#include <sys/mbuf.h>
#include <sys/mutex.h>
#include <sys/socketvar.h>

#include <net/bpf.h>
#include <net/if.h>
#include <net/if_dl.h>
#include <net/if_ether.h>

#include <netinet/in.h>
#include <netinet/in_systm.h>
#include <netinet/ip.h>

#include "link_join.h"
#include "link_user.h"

#define PARTS 32

/* Before the header of Ethernet, so that what follows it is aligned. */
#define LINK_ALIGN 2

#define SUMS_SENT (IFCAP_CSUM_IPv4_Tx | IFCAP_CSUM_TCPv4_Tx | \
	IFCAP_CSUM_UDPv4_Tx | IFCAP_CSUM_TCPv6_Tx | IFCAP_CSUM_UDPv6_Tx)
#define SUMS_RECEIVED (IFCAP_CSUM_IPv4_Rx | IFCAP_CSUM_TCPv4_Rx | \
	IFCAP_CSUM_UDPv4_Rx | IFCAP_CSUM_TCPv6_Rx | IFCAP_CSUM_UDPv6_Rx)

#define SUM_V4 (M_CSUM_TCPv4 | M_CSUM_UDPv4)
#define SUM_V6 (M_CSUM_TCPv6 | M_CSUM_UDPv6)
#define SUM_ALL (M_CSUM_IPv4 | SUM_V4 | SUM_V6)

struct rump_link_softc {
	struct ethercom sc_ec;
	struct rump_link_host *sc_host;

	void **sc_buffers;
	unsigned int sc_count;

	/* The host's, from before its first call on. */
	struct rump_link_state sc_state;

	/* With the big lock: whether there is an interface for its calls. */
	bool sc_attached;
};

static int link_clone(struct if_clone *, int);
static int link_unclone(struct ifnet *);

struct if_clone link_cloner =
    IF_CLONE_INITIALIZER("virt", link_clone, link_unclone);

/* A buffer is a cluster; its mbuf stands behind what the host uses of it. */

static struct mbuf **
link_mbuf_of(void *buffer)
{

	return (struct mbuf **)((char *)buffer + RUMP_LINK_BUFFER_SIZE);
}

static void *
link_get_buffer(int how)
{
	struct mbuf *m = m_getcl(how, MT_DATA, M_PKTHDR);
	char *buffer;

	CTASSERT(RUMP_LINK_BUFFER_SIZE + sizeof(m) <= MCLBYTES);
	if (__predict_false(m == NULL))
		return NULL;
	buffer = m->m_ext.ext_buf;
	if (__predict_false((uintptr_t)buffer % RUMP_LINK_BUFFER_ALIGNMENT)) {
		m_freem(m);
		return NULL;
	}
	*link_mbuf_of(buffer) = m;
	return buffer;
}

static void
link_free_buffers(struct rump_link_softc *sc, unsigned int n)
{

	while (n > 0)
		m_freem(*link_mbuf_of(sc->sc_buffers[--n]));
	kmem_free(sc->sc_buffers, sc->sc_count * sizeof(*sc->sc_buffers));
}

static int
link_make_buffers(struct rump_link_softc *sc)
{
	unsigned int i;

	sc->sc_buffers = kmem_alloc(sc->sc_count * sizeof(*sc->sc_buffers),
	    KM_SLEEP);
	for (i = 0; i < sc->sc_count; i++) {
		sc->sc_buffers[i] = link_get_buffer(M_DONTWAIT);
		if (sc->sc_buffers[i] == NULL) {
			link_free_buffers(sc, i);
			return ENOBUFS;
		}
	}
	return 0;
}

/* Receiving. */

/* What has room in an mbuf is copied, which is less than an exchange. */
static struct mbuf *
link_copy(const struct rump_link_frame *frame)
{
	struct mbuf *m = m_gethdr(M_DONTWAIT, MT_DATA);

	if (__predict_true(m != NULL)) {
		m->m_data += LINK_ALIGN;
		memcpy(mtod(m, void *), frame->data, frame->size);
	}
	return m;
}

static struct mbuf *
link_exchange(struct rump_link_frame *frame)
{
	struct mbuf *m = *link_mbuf_of(frame->buffer);
	void *buffer = link_get_buffer(M_DONTWAIT);

	if (__predict_false(buffer == NULL))
		return NULL;
	m->m_data = frame->data;
	frame->buffer = buffer;
	return m;
}

static struct mbuf *
link_take(struct ifnet *ifp, struct rump_link_frame *frame)
{
	struct mbuf *m;

	if (frame->size <= MHLEN - LINK_ALIGN)
		m = link_copy(frame);
	else
		m = link_exchange(frame);
	if (__predict_false(m == NULL)) {
		ifp->if_iqdrops++;
		return NULL;
	}
	m->m_len = m->m_pkthdr.len = frame->size;
	if (frame->is_summed)
		m->m_pkthdr.csum_flags = ifp->if_csum_flags_rx;
	m_set_rcvif(m, ifp);
	return m;
}

static bool
link_is_running(const struct rump_link_softc *sc)
{

	return sc->sc_attached && (sc->sc_ec.ec_if.if_flags & IFF_RUNNING) != 0;
}

static void
link_input(struct link_run *run, struct ifnet *ifp, struct mbuf *m)
{

	ifp->if_ipackets++;
	bpf_mtap(ifp, m);
	link_run_add(run, ifp, m);
}

void
rump_link_receive(struct rump_link_softc *sc, struct rump_link_frame *frames,
    unsigned int count)
{
	struct ifnet *ifp = &sc->sc_ec.ec_if;
	struct link_run run = { .head = NULL };
	struct mbuf *m;
	unsigned int i;
	int bound;

	KERNEL_LOCK(1, NULL);
	bound = curlwp_bind();
	for (i = 0; i < count && link_is_running(sc); i++) {
		if (frames[i].data != NULL &&
		    (m = link_take(ifp, &frames[i])) != NULL)
			link_input(&run, ifp, m);
	}
	link_run_end(&run, ifp);
	curlwp_bindx(bound);
	KERNEL_UNLOCK_LAST(NULL);
}

static void
link_tell_state(struct rump_link_softc *sc)
{

	if (sc->sc_attached)
		if_link_state_change(&sc->sc_ec.ec_if,
		    sc->sc_state.is_up ? LINK_STATE_UP : LINK_STATE_DOWN);
}

void
rump_link_changed(struct rump_link_softc *sc, int is_up)
{

	KERNEL_LOCK(1, NULL);
	sc->sc_state.is_up = is_up;
	link_tell_state(sc);
	KERNEL_UNLOCK_LAST(NULL);
}

/* Sending. */

/* The header of IPv4 is in one piece, and this is in no byte order. */
static void
link_sum_ipv4(struct mbuf *m)
{
	unsigned int size = M_CSUM_DATA_IPv4_IPHL(m->m_pkthdr.csum_data);
	uint32_t sum = 0;
	uint16_t *words;
	unsigned int i;
	int at;

	m = m_getptr(m, ETHER_HDR_LEN, &at);
	words = (uint16_t *)(mtod(m, char *) + at);
	words[offsetof(struct ip, ip_sum) / 2] = 0;
	for (i = 0; i < size / 2; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	words[offsetof(struct ip, ip_sum) / 2] = ~(sum + (sum >> 16));
}

/* Where the sum of TCP or UDP begins, and where it is stored. */
static unsigned int
link_sum_begin(const struct mbuf *m, unsigned int *at)
{
	int flags = m->m_pkthdr.csum_flags;
	uint32_t data = m->m_pkthdr.csum_data;
	unsigned int begin;

	if (flags & SUM_V4) {
		begin = ETHER_HDR_LEN + M_CSUM_DATA_IPv4_IPHL(data);
		*at = begin + M_CSUM_DATA_IPv4_OFFSET(data);
	} else if (flags & SUM_V6) {
		begin = ETHER_HDR_LEN + M_CSUM_DATA_IPv6_HL(data);
		*at = begin + M_CSUM_DATA_IPv6_OFFSET(data);
	} else {
		begin = *at = 0;
	}
	return begin;
}

static unsigned int
link_parts(struct mbuf *m, struct iovec *parts)
{
	unsigned int n = 0;

	for (; m != NULL; m = m->m_next) {
		if (m->m_len == 0)
			continue;
		if (n == PARTS)
			return 0;
		parts[n].iov_base = mtod(m, void *);
		parts[n++].iov_len = m->m_len;
	}
	return n;
}

/* Of so many parts some are put together. */
static unsigned int
link_few_parts(struct mbuf **m, struct iovec *parts)
{
	unsigned int n = link_parts(*m, parts);
	struct mbuf *whole;

	if (__predict_true(n > 0))
		return n;
	whole = m_defrag(*m, M_DONTWAIT);
	if (whole == NULL)
		return 0;
	*m = whole;
	return link_parts(whole, parts);
}

static int
link_transmit(struct ifnet *ifp, struct mbuf *m)
{
	struct rump_link_softc *sc = ifp->if_softc;
	struct iovec parts[PARTS];
	unsigned int n, begin, at;
	int sent = 0;

	if (m->m_pkthdr.csum_flags & M_CSUM_IPv4)
		link_sum_ipv4(m);
	begin = link_sum_begin(m, &at);
	n = link_few_parts(&m, parts);
	bpf_mtap(ifp, m);
	if (n > 0)
		sent = rumpcomp_link_send(sc->sc_host, parts, n, begin, at);
	if (sent) {
		ifp->if_opackets++;
		ifp->if_obytes += m->m_pkthdr.len;
		if (m->m_flags & M_MCAST)
			ifp->if_omcasts++;
	} else {
		ifp->if_oerrors++;
	}
	m_freem(m);
	return 0;
}

/* What still uses the queue. */
static void
link_start(struct ifnet *ifp)
{
	struct mbuf *m;

	for (;;) {
		IFQ_DEQUEUE(&ifp->if_snd, m);
		if (m == NULL)
			return;
		(void)link_transmit(ifp, m);
	}
}

/* State. */

static unsigned int
link_groups(struct ethercom *ec, unsigned char (*groups)[6], unsigned int max)
{
	struct ether_multistep step;
	struct ether_multi *enm;
	unsigned int n = 0;

	ETHER_FIRST_MULTI(step, ec, enm);
	while (enm != NULL && n < max) {
		if (memcmp(enm->enm_addrlo, enm->enm_addrhi, 6) != 0)
			return max;
		memcpy(groups[n++], enm->enm_addrlo, 6);
		ETHER_NEXT_MULTI(step, enm);
	}
	return n;
}

#define GROUPS 32

/* Ranges of groups, or too many, are all groups. */
static void
link_set_filter(struct rump_link_softc *sc)
{
	unsigned char groups[GROUPS][6];
	struct ifnet *ifp = &sc->sc_ec.ec_if;
	unsigned int n = link_groups(&sc->sc_ec, groups, GROUPS);
	bool all = n == GROUPS || (ifp->if_flags & IFF_PROMISC) != 0;

	if (all)
		ifp->if_flags |= IFF_ALLMULTI;
	else
		ifp->if_flags &= ~IFF_ALLMULTI;
	rumpcomp_link_filter(sc->sc_host, (ifp->if_flags & IFF_PROMISC) != 0,
	    all, (const unsigned char (*)[6])groups, all ? 0 : n);
}

/*
 * A bridge, for which the interface is promiscuous, forgets that a frame still
 * needs its checksum.
 */
static void
link_set_sums(struct ifnet *ifp)
{
	uint64_t able = ifp->if_capenable;

	ifp->if_csum_flags_tx = ifp->if_csum_flags_rx = 0;
	if ((able & SUMS_RECEIVED) == SUMS_RECEIVED)
		ifp->if_csum_flags_rx = SUM_ALL;
	if ((able & SUMS_SENT) == SUMS_SENT &&
	    (ifp->if_flags & IFF_PROMISC) == 0)
		ifp->if_csum_flags_tx = SUM_ALL;
}

static int
link_init(struct ifnet *ifp)
{

	link_set_sums(ifp);
	link_set_filter(ifp->if_softc);
	ifp->if_flags |= IFF_RUNNING;
	return 0;
}

static void
link_stop(struct ifnet *ifp, int disable)
{

	ifp->if_flags &= ~IFF_RUNNING;
}

static int
link_ioctl(struct ifnet *ifp, u_long cmd, void *data)
{
	int error = ether_ioctl(ifp, cmd, data);

	if (error != ENETRESET)
		return error;
	return (ifp->if_flags & IFF_RUNNING) != 0 ? link_init(ifp) : 0;
}

/* Life. */

static void
link_set_attached(struct rump_link_softc *sc, bool attached)
{

	KERNEL_LOCK(1, NULL);
	sc->sc_attached = attached;
	link_tell_state(sc);
	KERNEL_UNLOCK_ONE(NULL);
}

static void
link_attach(struct rump_link_softc *sc)
{
	struct ifnet *ifp = &sc->sc_ec.ec_if;

	ifp->if_softc = sc;
	ifp->if_flags = IFF_BROADCAST | IFF_SIMPLEX | IFF_MULTICAST;
	ifp->if_init = link_init;
	ifp->if_ioctl = link_ioctl;
	ifp->if_start = link_start;
	ifp->if_stop = link_stop;
	ifp->if_transmit = link_transmit;
	ifp->if_baudrate = IF_Gbps(1);
	sc->sc_ec.ec_capabilities = ETHERCAP_VLAN_MTU;
	IFQ_SET_READY(&ifp->if_snd);

	if_initialize(ifp);
	ifp->if_capabilities = SUMS_RECEIVED |
	    (sc->sc_state.sums ? SUMS_SENT : 0);
	ifp->if_capenable = ifp->if_capabilities;
	link_set_sums(ifp);
	ether_ifattach(ifp, sc->sc_state.address);
	if_register(ifp);
	link_set_attached(sc, true);
}

static int
link_clone(struct if_clone *ifc, int unit)
{
	struct rump_link_softc *sc;
	int error;

	sc = kmem_zalloc(sizeof(*sc), KM_SLEEP);
	sc->sc_count = rumpcomp_link_buffers(unit);
	error = sc->sc_count == 0 ? ENXIO : link_make_buffers(sc);
	if (error != 0) {
		kmem_free(sc, sizeof(*sc));
		return error;
	}
	error = rumpcomp_link_open(unit, sc, sc->sc_buffers, &sc->sc_state,
	    &sc->sc_host);
	if (error != 0) {
		link_free_buffers(sc, sc->sc_count);
		kmem_free(sc, sizeof(*sc));
		return error;
	}
	if_initname(&sc->sc_ec.ec_if, ifc->ifc_name, unit);
	link_attach(sc);
	return 0;
}

/*
 * First nobody finds it any more, then nothing comes any more, and only then
 * its memory goes.
 */
static int
link_unclone(struct ifnet *ifp)
{
	struct rump_link_softc *sc = ifp->if_softc;

	link_stop(ifp, 1);
	link_set_attached(sc, false);
	ether_ifdetach(ifp);
	if_detach(ifp);
	/* Who was sending has ended. */
	mutex_enter(softnet_lock);
	mutex_exit(softnet_lock);
	rumpcomp_link_close(sc->sc_host);
	link_free_buffers(sc, sc->sc_count);
	kmem_free(sc, sizeof(*sc));
	return 0;
}
