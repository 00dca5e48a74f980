/* SPDX-License-Identifier: BSD-2-Clause */

#include <sys/param.h>

#include <net/if.h>

#include <rump-sys/kern.h>

RUMP_COMPONENT(RUMP_COMPONENT_NET_IF)
{
	extern struct if_clone link_cloner;

	if_clone_attach(&link_cloner);
}
