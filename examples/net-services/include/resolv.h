/* SPDX-License-Identifier: BSD-2-Clause */

#ifndef NET_SERVICES_RESOLV_H
#define NET_SERVICES_RESOLV_H

/* Name servers are read anew for each name. */
int res_init(void);

#endif /* NET_SERVICES_RESOLV_H */
