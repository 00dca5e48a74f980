/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The disk of the example: a RAM disk with an image that the host has made,
 * and its way back to the host.
 */

#ifndef EXAMPLES_FILES_IMAGE_H
#define EXAMPLES_FILES_IMAGE_H

#include <rtems.h>

/* Makes a RAM disk with a copy of the image. */
rtems_status_code image_create_disk(const char *path);

/*
 * Prints what differs from the image, for check.py: a line for each block that
 * has changed, with its number and its content in base64.
 */
void image_print_changes(void);

#endif /* EXAMPLES_FILES_IMAGE_H */
