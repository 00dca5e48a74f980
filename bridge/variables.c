/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Variables of a kernel, by their names in NetBSD.
 */

#include "control.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE sizeof(((struct netbsd_sysctlnode *)0)->name)
#define PATH_SIZE 128
#define TEXT_SIZE 1024

/* A variable, or what stands above some. */
struct variable {
  struct control_name name;
  char path[PATH_SIZE];
  unsigned type;
};

static void
append(
  struct variable                *child,
  const struct variable          *parent,
  const struct netbsd_sysctlnode *node
)
{
  child->name = parent->name;
  child->name.numbers[child->name.depth++] = node->num;
  child->type = node->flags & NETBSD_SYSCTL_TYPEMASK;
  snprintf(
    child->path,
    sizeof(child->path),
    "%.*s%s%.*s",
    (int)(PATH_SIZE - NAME_SIZE - 2),
    parent->path,
    parent->path[0] == '\0' ? "" : ".",
    (int)NAME_SIZE,
    node->name
  );
}

/* One step down, to the child of that name. */
static int
descend(
  const struct rtems_rump_kernel *kernel,
  struct variable                *variable,
  const char                     *name,
  size_t                          size
)
{
  struct netbsd_sysctlnode *nodes;
  struct variable parent = *variable;
  size_t count = 0, i;
  int error = control_nodes(kernel, &parent.name, &nodes, &count);

  for (i = 0; error == 0 && i < count; ++i) {
    if (strncmp(nodes[i].name, name, size) == 0
        && (size == NAME_SIZE || nodes[i].name[size] == '\0')) {
      append(variable, &parent, &nodes[i]);
      break;
    }
  }
  free(nodes);
  return error == 0 && i == count ? ENOENT : error;
}

/* The name ends at the size; the empty name is that of all. */
static int
find(
  const struct rtems_rump_kernel *kernel,
  struct variable                *variable,
  const char                     *name,
  size_t                          size
)
{
  const char *end = name + size;
  int error = 0;

  *variable = (struct variable){ .type = NETBSD_CTLTYPE_NODE };
  while (error == 0 && name < end) {
    size_t length = 0;

    while (name + length < end && name[length] != '.') {
      ++length;
    }
    if (length == 0 || length > NAME_SIZE) {
      return ENOENT;
    }
    error = descend(kernel, variable, name, length);
    name += length + (name + length < end);
  }
  return error;
}

int
control_find(
  const struct rtems_rump_kernel *kernel,
  const char                     *text,
  struct control_name            *name
)
{
  struct variable variable;
  int error = find(kernel, &variable, text, strlen(text));

  *name = variable.name;
  return error;
}

/* A variable of one of the types that have a value of known form. */
union value {
  int32_t number;
  int64_t quad;
  bool truth;
  char text[TEXT_SIZE];
};

static void
print_value(
  const struct variable *variable, const union value *value, size_t size)
{
  switch (variable->type) {
    case NETBSD_CTLTYPE_INT:
      printf("%s = %" PRId32 "\n", variable->path, value->number);
      break;
    case NETBSD_CTLTYPE_QUAD:
      printf("%s = %" PRId64 "\n", variable->path, value->quad);
      break;
    case NETBSD_CTLTYPE_BOOL:
      printf("%s = %d\n", variable->path, value->truth);
      break;
    case NETBSD_CTLTYPE_STRING:
      printf("%s = %.*s\n", variable->path, (int)size, value->text);
      break;
    default:
      printf("%s: a structure\n", variable->path);
      break;
  }
}

/* Some can be listed, but not be read by everybody or at any time. */
static int
show_value(
  const struct rtems_rump_kernel *kernel, const struct variable *variable)
{
  union value value;
  size_t size = sizeof(value);
  int error;

  memset(&value, 0, sizeof(value));
  if (variable->type == NETBSD_CTLTYPE_STRUCT) {
    print_value(variable, &value, 0);
    return 0;
  }
  error = control_value(kernel, &variable->name, &value, &size, NULL, 0);
  if (error == 0) {
    print_value(variable, &value, size);
  }
  return error;
}

static int
show_all(
  const struct rtems_rump_kernel *kernel, const struct variable *variable)
{
  struct netbsd_sysctlnode *nodes;
  struct variable child;
  size_t count = 0, i;
  int error;

  error = control_nodes(kernel, &variable->name, &nodes, &count);
  for (i = 0; error == 0 && i < count; ++i) {
    append(&child, variable, &nodes[i]);
    if (child.type != NETBSD_CTLTYPE_NODE) {
      (void)show_value(kernel, &child);
    } else if (child.name.depth < NETBSD_CTL_MAXNAME) {
      (void)show_all(kernel, &child);
    }
  }
  free(nodes);
  return error;
}

static bool
parse_number(const char *text, int64_t *number)
{
  char *end;

  errno = 0;
  *number = strtoll(text, &end, 0);
  return errno == 0 && end != text && *end == '\0';
}

/* Returns the size of the value, or 0. */
static size_t
parse_value(
  const struct variable *variable, const char *text, union value *value)
{
  int64_t number = 0;

  if (variable->type == NETBSD_CTLTYPE_STRING) {
    return (size_t)snprintf(value->text, sizeof(value->text), "%s", text)
      < sizeof(value->text) ? strlen(text) + 1 : 0;
  }
  if (!parse_number(text, &number)) {
    return 0;
  }
  switch (variable->type) {
    case NETBSD_CTLTYPE_INT:
      value->number = (int32_t)number;
      return value->number == number ? sizeof(value->number) : 0;
    case NETBSD_CTLTYPE_QUAD:
      value->quad = number;
      return sizeof(value->quad);
    case NETBSD_CTLTYPE_BOOL:
      value->truth = number != 0;
      return number == 0 || number == 1 ? sizeof(value->truth) : 0;
    default:
      return 0;
  }
}

static int
set_value(
  const struct rtems_rump_kernel *kernel,
  const struct variable          *variable,
  const char                     *text
)
{
  union value value;
  size_t size = parse_value(variable, text, &value);

  return size == 0
    ? EINVAL
    : control_value(kernel, &variable->name, NULL, NULL, &value, size);
}

int
control_variables(const struct rtems_rump_kernel *kernel, const char *text)
{
  struct variable variable;
  size_t size;
  int error;

  text = text == NULL ? "" : text;
  size = strcspn(text, "=");
  error = find(kernel, &variable, text, size);
  if (error != 0) {
    return error;
  }
  if (text[size] == '=') {
    error = set_value(kernel, &variable, text + size + 1);
    return error != 0 ? error : show_value(kernel, &variable);
  }
  return variable.type == NETBSD_CTLTYPE_NODE
    ? show_all(kernel, &variable) : show_value(kernel, &variable);
}
