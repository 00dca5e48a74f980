/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Addresses and prefixes of them.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "prefix.h"

static const struct {
  const char *address;
  const char *prefix;
  int result;
} cases[] = {
  { "10.1.2.3", "10.0.0.0/8", 0 },
  { "11.1.2.3", "10.0.0.0/8", ENOENT },
  { "10.1.2.3", "10.1.2.3", 0 },
  { "10.1.2.3", "10.1.2.3/32", 0 },
  { "10.1.2.2", "10.1.2.3", ENOENT },
  { "10.1.2.2", "10.1.2.3/31", 0 },
  { "172.16.0.1", "172.16.0.0/12", 0 },
  { "172.31.255.255", "172.16.0.0/12", 0 },
  { "172.32.0.0", "172.16.0.0/12", ENOENT },
  { "172.15.255.255", "172.16.0.0/12", ENOENT },
  { "1.2.3.4", "0.0.0.0/0", 0 },
  { "::1", "0.0.0.0/0", ENOENT },
  { "::1", "::1", 0 },
  { "::2", "::1", ENOENT },
  { "1.2.3.4", "::/0", ENOENT },
  { "2001:db8:1::5", "2001:db8::/32", 0 },
  { "2001:db9::5", "2001:db8::/32", ENOENT },
  { "2001:db8:8000::", "2001:db8:8000::/33", 0 },
  { "2001:db8:7fff::", "2001:db8:8000::/33", ENOENT },
  { "::ffff:10.1.2.3", "10.0.0.0/8", 0 },
  { "::ffff:11.1.2.3", "10.0.0.0/8", ENOENT },
  { NULL, "0.0.0.0/0", ENOENT },
  { NULL, "::/0", ENOENT },
  { "10.1.2.3", "", EINVAL },
  { "10.1.2.3", "10.1.2", EINVAL },
  { "10.1.2.3", "10.0.0.0/", EINVAL },
  { "10.1.2.3", "10.0.0.0/33", EINVAL },
  { "10.1.2.3", "10.0.0.0/-1", EINVAL },
  { "10.1.2.3", "10.0.0.0/8x", EINVAL },
  { "10.1.2.3", "10.0.0.0/4294967304", EINVAL },
  { "::1", "::/129", EINVAL },
  { "::1", "host", EINVAL },
  { "::1", "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa/3", EINVAL }
};

static int
match(const char *text, const char *prefix)
{
  struct sockaddr_in v4 = { .sin_family = AF_INET };
  struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

  if (text == NULL) {
    return prefix_match(NULL, prefix);
  }
  if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
    return prefix_match((const struct sockaddr *)&v4, prefix);
  }
  (void)inet_pton(AF_INET6, text, &v6.sin6_addr);
  return prefix_match((const struct sockaddr *)&v6, prefix);
}

int
main(void)
{
  int status = 0;
  size_t i;

  for (i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    int result = match(cases[i].address, cases[i].prefix);

    if (result != cases[i].result) {
      printf("not ok: %s in %s: %d\n",
        cases[i].address != NULL ? cases[i].address : "none",
        cases[i].prefix, result);
      status = 1;
    }
  }
  if (status == 0) {
    puts("*** END OF TEST REMOTE PREFIX ***");
  }
  return status;
}
