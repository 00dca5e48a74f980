/* SPDX-License-Identifier: BSD-2-Clause */

/* ntpd includes it, and needs nothing of it. */
