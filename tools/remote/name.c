/* SPDX-License-Identifier: BSD-2-Clause */

#include "name.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define HOST_SIZE 200

/* The parts of scheme://host:port; not of an address in brackets. */
struct place {
  int family;
  int scheme_size;
  char host[HOST_SIZE];
  const char *port;
};

static bool
find_scheme(const char *url, struct place *place)
{
  static const struct {
    const char *text;
    int family;
  } schemes[] = {
    { "tcp://", AF_INET }, { "tls://", AF_INET },
    { "tcp6://", AF_INET6 }, { "tls6://", AF_INET6 }
  };
  size_t i;

  for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); ++i) {
    place->scheme_size = (int)strlen(schemes[i].text);
    place->family = schemes[i].family;
    if (strncmp(url, schemes[i].text, strlen(schemes[i].text)) == 0) {
      return true;
    }
  }
  return false;
}

/* Returns false if there is no name. */
static bool
split(const char *url, struct place *place)
{
  const char *host;
  size_t length;
  struct in_addr address;

  if (!find_scheme(url, place)) {
    return false;
  }
  host = url + place->scheme_size;
  length = strcspn(host, ":[");
  if (host[length] != ':' || length == 0 || length >= sizeof(place->host)) {
    return false;
  }
  memcpy(place->host, host, length);
  place->host[length] = '\0';
  place->port = host + length;
  return inet_pton(AF_INET, place->host, &address) != 1;
}

static const char *
look_up(const struct place *place, char address[INET6_ADDRSTRLEN])
{
  const struct addrinfo hints = {
    .ai_family = place->family, .ai_socktype = SOCK_STREAM
  };
  struct addrinfo *found;
  int error = getaddrinfo(place->host, NULL, &hints, &found);

  if (error != 0) {
    return error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error);
  }
  (void)inet_ntop(
    place->family,
    place->family == AF_INET
      ? (const void *)&((struct sockaddr_in *)found->ai_addr)->sin_addr
      : (const void *)&((struct sockaddr_in6 *)found->ai_addr)->sin6_addr,
    address,
    INET6_ADDRSTRLEN
  );
  freeaddrinfo(found);
  return NULL;
}

const char *
name_resolve(const char *url, char numeric[NAME_URL_SIZE])
{
  char address[INET6_ADDRSTRLEN];
  struct place place;
  const char *wrong;

  if (!split(url, &place)) {
    return snprintf(numeric, NAME_URL_SIZE, "%s", url) < NAME_URL_SIZE
      ? NULL : strerror(ENAMETOOLONG);
  }
  wrong = look_up(&place, address);
  if (wrong == NULL && snprintf(
        numeric,
        NAME_URL_SIZE,
        place.family == AF_INET ? "%.*s%s%s" : "%.*s[%s]%s",
        place.scheme_size,
        url,
        address,
        place.port
      ) >= NAME_URL_SIZE) {
    wrong = strerror(ENAMETOOLONG);
  }
  return wrong;
}
