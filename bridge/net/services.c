/* SPDX-License-Identifier: BSD-2-Clause */

#include "services.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "/etc/services"
#define BETWEEN " \t\r\n"
#define PORT_MAX 65535

/* The rest of what is longer is taken for a line of its own. */
#define LINE_MAX_SIZE 256

/* A line is a name, port/protocol, and other names. */
static bool
has_name(const char *first, const char *name, char **rest)
{
  const char *word;

  if (strcmp(first, name) == 0) {
    return true;
  }
  while ((word = strtok_r(NULL, BETWEEN, rest)) != NULL) {
    if (strcmp(word, name) == 0) {
      return true;
    }
  }
  return false;
}

static unsigned
parse_port(const char *text, const char *protocol)
{
  char *end;
  unsigned long port = strtoul(text, &end, 10);

  return *text >= '0' && *text <= '9' && *end == '/' && port <= PORT_MAX
    && (protocol == NULL || strcmp(end + 1, protocol) == 0)
    ? (unsigned)port : 0;
}

static unsigned
port_in_line(char *line, const char *name, const char *protocol)
{
  char *rest;
  const char *first, *second;
  unsigned port;

  line[strcspn(line, "#")] = '\0';
  first = strtok_r(line, BETWEEN, &rest);
  second = first == NULL ? NULL : strtok_r(NULL, BETWEEN, &rest);
  port = second == NULL ? 0 : parse_port(second, protocol);
  return port != 0 && has_name(first, name, &rest) ? port : 0;
}

unsigned
services_port(const char *name, const char *protocol)
{
  char line[LINE_MAX_SIZE];
  unsigned port = 0;
  FILE *file = fopen(FILE_NAME, "r");

  if (file == NULL) {
    return 0;
  }
  while (port == 0 && fgets(line, sizeof(line), file) != NULL) {
    port = port_in_line(line, name, protocol);
  }
  (void)fclose(file);
  return port;
}
