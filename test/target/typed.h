/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Commands that a person types at the console, and what they print.
 */

#ifndef TYPED_H
#define TYPED_H

#include "target.h"

#include <rtems-rump/shell.h>

static char printed[32768];

/* Words with spaces between them; returns the command's result. */
static inline int
type(const char *line)
{
  static char words[128];
  char *arguments[10];
  FILE *real = stdout;
  int count = 0;
  int result;

  printf("# %s\n", line);
  strcpy(words, line);
  arguments[0] = strtok(words, " ");
  while (arguments[count] != NULL) {
    arguments[++count] = strtok(NULL, " ");
  }
  memset(printed, 0, sizeof(printed));
  stdout = fmemopen(printed, sizeof(printed) - 1, "w");
  CHECK(stdout != NULL);
#ifdef __rtems__
  result = rtems_shell_execute_cmd(arguments[0], count, arguments);
#else
  result = (*rtems_rump_shell_command.command)(count, arguments);
#endif
  (void)fclose(stdout);
  stdout = real;
  return result;
}

/* With a result, and these words among what it prints. */
static inline void
says(const char *line, int result, const char *words)
{
  int actual = type(line);

  fputs(printed, stdout);
  CHECK(actual == result);
  CHECK(strstr(printed, words) != NULL);
}

#endif /* TYPED_H */
