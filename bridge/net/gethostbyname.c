/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * gethostbyname(), of IPv4 only.  Each task has the result of its own last
 * call.
 */

#include <netdb.h>

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define ADDRESSES 8
#define NAME_SIZE 256

static __thread int last_error;

int *
__h_errno(void)
{
  return &last_error;
}

static int
error_of(int error)
{
  return error == EAI_NONAME ? HOST_NOT_FOUND
    : error == EAI_AGAIN ? TRY_AGAIN : NO_RECOVERY;
}

struct hostent *
gethostbyname(const char *name)
{
  static __thread struct hostent host;
  static __thread char host_name[NAME_SIZE];
  static __thread struct in_addr addresses[ADDRESSES];
  static __thread char *list[ADDRESSES + 1], *no_aliases[1];
  const struct addrinfo hints = {
    .ai_family = AF_INET, .ai_socktype = SOCK_STREAM
  };
  struct addrinfo *found, *info;
  unsigned count = 0;
  int error = strlen(name) < sizeof(host_name)
    ? getaddrinfo(name, NULL, &hints, &found) : EAI_NONAME;

  if (error != 0) {
    last_error = error_of(error);
    return NULL;
  }
  for (info = found; info != NULL && count < ADDRESSES; ++count) {
    addresses[count] = ((struct sockaddr_in *)info->ai_addr)->sin_addr;
    list[count] = (char *)&addresses[count];
    info = info->ai_next;
  }
  list[count] = NULL;
  freeaddrinfo(found);
  host = (struct hostent){
    .h_name = strcpy(host_name, name),
    .h_aliases = no_aliases,
    .h_addrtype = AF_INET,
    .h_length = sizeof(addresses[0]),
    .h_addr_list = list
  };
  last_error = NETDB_SUCCESS;
  return &host;
}
