/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Names of hosts in URLs.
 */

#ifndef TOOLS_REMOTE_NAME_H
#define TOOLS_REMOTE_NAME_H

#include <stddef.h>

#define NAME_URL_SIZE 256

/**
 * Stores a URL of tcp://, tcp6:// or encrypted ones with an address in place
 * of the host's name, as transports understand it; others as they are.  Asks
 * the host's resolver, if there is a name, and waits for it.
 *
 * @return NULL, or what is wrong, for people.
 */
const char *name_resolve(const char *url, char numeric[NAME_URL_SIZE]);

#endif /* TOOLS_REMOTE_NAME_H */
