/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Segments are joined that have checksums known to be right, are for an
 * address of this interface, and differ in nothing but their data: what is
 * forwarded, filtered, bridged or acknowledges anything stays as it came.
 *
 * The last segment of a run is not joined.  TCP acknowledges at once when a
 * second packet has come, so there are two.
 */

#include <sys/param.h>
#include <sys/mbuf.h>
#include <sys/pserialize.h>

#include <net/if.h>
#include <net/if_dl.h>
#include <net/if_ether.h>
#include <net/pktqueue.h>

#include <netinet/in.h>
#include <netinet/in_systm.h>
#include <netinet/in_var.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet6/in6_var.h>

#include "link_join.h"

/* Data that shorter segments have is copied as cheaply by NetBSD. */
#define DATA_MIN 256

/* Of the filter NPF, where that is linked. */
bool npf_pfil_registered_p(void) __weak;

struct segment {
	int family;
	const void *ip;
	const struct tcphdr *tcp;

	/* In bytes: of all headers, and of the data. */
	unsigned int headers, size;
};

static bool
is_ipv4(const struct mbuf *m, struct segment *s)
{
	const struct ip *ip = s->ip;

	if (ip->ip_v != IPVERSION || ip->ip_hl != sizeof(*ip) / 4 ||
	    ip->ip_p != IPPROTO_TCP ||
	    (ip->ip_off & ~htons(IP_DF)) != 0 ||
	    ntohs(ip->ip_len) != m->m_len - ETHER_HDR_LEN)
		return false;
	s->family = AF_INET;
	s->tcp = (const struct tcphdr *)(ip + 1);
	return (m->m_pkthdr.csum_flags & (M_CSUM_IPv4 | M_CSUM_TCPv4)) ==
	    (M_CSUM_IPv4 | M_CSUM_TCPv4);
}

static bool
is_ipv6(const struct mbuf *m, struct segment *s)
{
	const struct ip6_hdr *ip = s->ip;

	if ((ip->ip6_vfc & IPV6_VERSION_MASK) != IPV6_VERSION ||
	    ip->ip6_nxt != IPPROTO_TCP ||
	    ntohs(ip->ip6_plen) != m->m_len - ETHER_HDR_LEN - sizeof(*ip))
		return false;
	s->family = AF_INET6;
	s->tcp = (const struct tcphdr *)(ip + 1);
	return (m->m_pkthdr.csum_flags & M_CSUM_TCPv6) != 0;
}

/* Whether a frame, in one mbuf, is a segment with data and nothing else. */
static bool
is_segment(const struct mbuf *m, struct segment *s)
{
	const struct ether_header *ether = mtod(m, const void *);
	unsigned int offset;

	if (m->m_len < ETHER_HDR_LEN + sizeof(struct ip6_hdr) +
	    sizeof(struct tcphdr) + DATA_MIN)
		return false;
	s->ip = ether + 1;
	if (!(ether->ether_type == htons(ETHERTYPE_IP) ? is_ipv4(m, s) :
	    ether->ether_type == htons(ETHERTYPE_IPV6) && is_ipv6(m, s)))
		return false;
	offset = s->tcp->th_off * 4;
	s->headers = (const char *)s->tcp - (const char *)ether + offset;
	if (offset < sizeof(*s->tcp) || s->headers + DATA_MIN > m->m_len)
		return false;
	s->size = m->m_len - s->headers;
	return (s->tcp->th_flags & ~TH_PUSH) == TH_ACK;
}

static bool
has_same_ip(const struct segment *a, const struct segment *b)
{
	const struct ip *a4 = a->ip, *b4 = b->ip;
	const struct ip6_hdr *a6 = a->ip, *b6 = b->ip;

	if (a->family != b->family)
		return false;
	if (a->family == AF_INET)
		return a4->ip_tos == b4->ip_tos && a4->ip_off == b4->ip_off &&
		    a4->ip_ttl == b4->ip_ttl &&
		    memcmp(&a4->ip_src, &b4->ip_src,
		    sizeof(a4->ip_src) + sizeof(a4->ip_dst)) == 0;
	return a6->ip6_flow == b6->ip6_flow && a6->ip6_hlim == b6->ip6_hlim &&
	    memcmp(&a6->ip6_src, &b6->ip6_src,
	    sizeof(a6->ip6_src) + sizeof(a6->ip6_dst)) == 0;
}

/* What came before with data to be pushed is the end of a run. */
static bool
is_next(const struct segment *last, const struct segment *s)
{
	const struct tcphdr *a = last->tcp, *b = s->tcp;

	return ntohl(b->th_seq) == ntohl(a->th_seq) + last->size &&
	    a->th_flags == TH_ACK && a->th_sport == b->th_sport &&
	    a->th_dport == b->th_dport && a->th_ack == b->th_ack &&
	    a->th_win == b->th_win && a->th_off == b->th_off &&
	    memcmp(a + 1, b + 1, a->th_off * 4 - sizeof(*a)) == 0 &&
	    has_same_ip(last, s);
}

static bool
has_address(struct ifnet *ifp, const struct segment *s)
{
	const struct ip *ip4 = s->ip;
	const struct ip6_hdr *ip6 = s->ip;
	struct ifaddr *ifa;
	bool has = false;
	int bound = pserialize_read_enter();

	IFADDR_READER_FOREACH(ifa, ifp) {
		const struct sockaddr *sa = ifa->ifa_addr;

		if (sa->sa_family != s->family)
			continue;
		has = s->family == AF_INET ?
		    in_hosteq(satocsin(sa)->sin_addr, ip4->ip_dst) :
		    IN6_ARE_ADDR_EQUAL(
		    &((const struct sockaddr_in6 *)sa)->sin6_addr,
		    &ip6->ip6_dst);
		if (has)
			break;
	}
	pserialize_read_exit(bound);
	return has;
}

/* A filter may send what is for this host to another one. */
static bool
is_for_us(struct ifnet *ifp, const struct mbuf *m, const struct segment *s)
{
	const struct ether_header *ether = mtod(m, const void *);

	return (ifp->if_flags & (IFF_UP | IFF_PROMISC)) == IFF_UP &&
	    (npf_pfil_registered_p == NULL || !npf_pfil_registered_p()) &&
	    memcmp(ether->ether_dhost, CLLADDR(ifp->if_sadl),
	    ETHER_ADDR_LEN) == 0 && has_address(ifp, s);
}

/* What ether_input() does, but for its limit on how long a frame is. */
static void
deliver_joined(struct ifnet *ifp, struct mbuf *m)
{
	const struct ether_header *ether = mtod(m, const void *);
	bool is_v4 = ether->ether_type == htons(ETHERTYPE_IP);

	m_adj(m, ETHER_HDR_LEN);
	if (is_v4)
		mtod(m, struct ip *)->ip_len = htons(m->m_pkthdr.len);
	else
		mtod(m, struct ip6_hdr *)->ip6_plen =
		    htons(m->m_pkthdr.len - sizeof(struct ip6_hdr));
	if (!pktq_enqueue(is_v4 ? ip_pktq : ip6_pktq, m, 0))
		m_freem(m);
}

static void
join(struct link_run *run, struct ifnet *ifp, const struct segment *last)
{
	struct mbuf *m = run->last;

	ifp->if_ibytes += m->m_len;
	if (run->head == NULL) {
		run->head = run->tail = m;
		return;
	}
	m->m_flags &= ~M_PKTHDR;
	m->m_data += last->headers;
	m->m_len = last->size;
	run->head->m_pkthdr.len += last->size;
	run->tail->m_next = m;
	run->tail = m;
}

void
link_run_end(struct link_run *run, struct ifnet *ifp)
{

	if (run->head != NULL)
		deliver_joined(ifp, run->head);
	if (run->last != NULL)
		if_input(ifp, run->last);
	run->head = run->last = NULL;
}

void
link_run_add(struct link_run *run, struct ifnet *ifp, struct mbuf *m)
{
	struct segment s, last;
	bool is_one = is_segment(m, &s);

	if (run->last != NULL && is_one && is_segment(run->last, &last) &&
	    is_next(&last, &s) && (run->head == NULL ||
	    run->head->m_pkthdr.len + last.size <= IP_MAXPACKET)) {
		join(run, ifp, &last);
		run->last = m;
		return;
	}
	link_run_end(run, ifp);
	if (is_one && is_for_us(ifp, m, &s))
		run->last = m;
	else
		if_input(ifp, m);
}
