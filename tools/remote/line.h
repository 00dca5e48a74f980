/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Lines that people type, with history and completion where there is
 * libedit.
 */

#ifndef RUMP_REMOTE_LINE_H
#define RUMP_REMOTE_LINE_H

#include <stdbool.h>

/**
 * @param name_command Returns the name of a command, or NULL after the last.
 */
void line_begin(const char *(*name_command)(unsigned which));

/** The next line, to be freed, or NULL after the last. */
char *line_read(bool is_terminal);

#endif /* RUMP_REMOTE_LINE_H */
