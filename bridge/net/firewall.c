/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's packet filter, by its device.
 */

#include <rtems-rump/firewall.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rtems-rump/instance.h>
#include <rtems-rump/netbsd.h>

#include "firewall-rules.h"
#include "hypercall.h"

#define DEVICE "/dev/npf"

/* Of NetBSD's <net/npf/npf.h>; the size of the argument is in the number. */
#define NPF_SWITCH 0x80044e65ul
#define NPF_LOAD (0xc0004e66ul | sizeof(struct list) << 16)

/* NetBSD's struct plistref. */
struct list {
  const char *text;
  size_t size;
};

int rump_sys_ioctl(int fd, unsigned long command, void *arg)
  NETBSD_SYSTEM_CALL("ioctl");

static int
control(int fd, unsigned long command, void *arg)
{
  return rump_sys_ioctl(fd, command, arg) == 0 ? 0 : errno;
}

/* NetBSD puts its answer where the list was. */
static int
load(int fd, const char *text)
{
  struct list list = { text, strlen(text) };
  int error = control(fd, NPF_LOAD, &list);

  if (error == 0 && list.text != text) {
    error = hypercall_errno_from_netbsd(firewall_answer(list.text));
  }
  return error;
}

static int
turn(int fd, int on)
{
  int error = control(fd, NPF_SWITCH, &on);

  return error == EEXIST ? 0 : error;
}

/* The text of the rules, or NULL for none. */
static int
apply(void *arg)
{
  const char *text = arg;
  int fd = rump_sys_open(DEVICE, NETBSD_O_RDWR, 0);
  int error;

  if (fd < 0) {
    return errno;
  }
  error = text == NULL ? turn(fd, 0) : load(fd, text);
  if (text != NULL && error == 0) {
    error = turn(fd, 1);
  }
  (void)rump_sys_close(fd);
  return error;
}

int
rtems_rump_firewall_set(
  const struct rtems_rump_firewall_rule *rules, unsigned count)
{
  char *text;
  int result = 0;
  int error = firewall_rules(rules, count, &text);

  if (error == 0) {
    error = rtems_rump_call(apply, text, &result);
  }
  free(text);
  return error != 0 ? error : result;
}

int
rtems_rump_firewall_off(void)
{
  int result = 0;
  int error = rtems_rump_call(apply, NULL, &result);

  return error != 0 ? error : result;
}
