/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a person does at the console: the parts of the command "rump" that look
 * into a kernel, and on RTEMS its own commands for file systems.
 */

#include "typed.h"

#ifdef __rtems__
#include <sys/stat.h>
#include <unistd.h>

#include <rtems-rump/filesystem.h>
#endif
#include <rtems-rump/kernels.h>
#include <rtems-rump/shell.h>

static const struct rtems_rump_config config = {
  .memory = 8u << 20, .restartable = true
};

static struct rtems_rump_declaration declaration = {
  .kernel = &rtems_rump_kernel, .config = &config
};

static void
test_variables(void)
{
  says("rump sysctl rump kern.ostype", 0, "kern.ostype = NetBSD\n");
  says("rump sysctl rump kern.hostname=box", 0, "kern.hostname = box\n");
  says("rump sysctl rump kern.hostname", 0, "kern.hostname = box\n");
  says("rump sysctl rump vfs.generic.magiclinks=1", 0, ".magiclinks = 1\n");
  says("rump sysctl rump vfs.generic.magiclinks=0", 0, ".magiclinks = 0\n");
  says("rump sysctl rump hw.physmem64", 0, "hw.physmem64 = ");
  says("rump sysctl rump kern.clockrate", 0, "kern.clockrate: a structure\n");
  says("rump sysctl rump vfs.generic", 0, "vfs.generic.magiclinks = 0\n");
  CHECK(strstr(printed, "kern.") == NULL);
  CHECK(type("rump sysctl rump") == 0);
  CHECK(strstr(printed, "kern.hostname = box\n") != NULL);
  CHECK(strstr(printed, "vfs.generic.magiclinks = 0\n") != NULL);

  says("rump sysctl rump kern.nosuch", 1, "rump: sysctl rump: ");
  says("rump sysctl rump kern.ostyp", 1, "rump: sysctl rump: ");
  says("rump sysctl rump kern..ostype", 1, "rump: sysctl rump: ");
  says("rump sysctl rump kern.ostype.more", 1, "rump: sysctl rump: ");
  says("rump sysctl rump kern.ostype=Unix", 1, "rump: sysctl rump: ");
  says("rump sysctl rump vfs.generic.magiclinks=x", 1, "rump: sysctl ");
  says("rump sysctl rump vfs.generic.magiclinks=", 1, "rump: sysctl ");
  says("rump sysctl rump vfs.generic=1", 1, "rump: sysctl rump: ");
  says("rump sysctl rump kern.ostype too", 1, "usage: rump ");
  says("rump sysctl", 1, "usage: rump ");
  says("rump sysctl other", 1, "no kernel other");
}

static void
test_looks(void)
{
  says("rump modules rump", 0, "tmpfs                file system\n");
  says("rump modules rump", 0, ", needs wapbl");
  says("rump messages rump", 0, "NetBSD 7.");
  says("rump messages rump more", 1, "usage: rump ");
}

/* A kernel that does not run answers nothing. */
static void
test_ended(void)
{
  says("rump modules rump", 1, "rump: modules rump: ");
  says("rump messages rump", 1, "rump: messages rump: ");
  says("rump sysctl rump kern.ostype", 1, "rump: sysctl rump: ");
}

#ifdef __rtems__
static void
test_filesystems(void)
{
  says("mount -L", 0, "rump-tmpfs ");
  says("mount -t rump-tmpfs -o size=1m,mode=700 none /ram", 0, "mounted");
  says("df", 0, "1024");
  CHECK(strstr(printed, "/ram") != NULL);
  says("unmount /ram", 0, "");
  CHECK(type("df") == 0 && strstr(printed, "/ram") == NULL);
  CHECK(type("mount -t rump-tmpfs -o size=x none /ram") == 1);
}
#endif

static void
live(void)
{
  says("rump start rump", 0, "");
  test_variables();
  test_looks();
#ifdef __rtems__
  test_filesystems();
#endif
  says("rump end rump", 0, "");
}

static rtems_task
Init(rtems_task_argument arg)
{
  rtems_resource_snapshot before, after;

  (void)arg;
  TARGET_BEGIN("SHELL");
  CHECK(rtems_rump_declare(&declaration) == 0);
#ifdef __rtems__
  rtems_shell_init_environment();
  CHECK(rtems_rump_filesystem_register(NULL) == 0);
  CHECK(mkdir("/ram", 0755) == 0);
#endif
  test_ended();
  live();
  target_sleep(50);
  rtems_resource_snapshot_take(&before);
  live();
  test_ended();
  target_sleep(50);
  rtems_resource_snapshot_take(&after);
  target_check_equal(&before, &after);
  TARGET_END("SHELL");
}

#ifdef __rtems__
#define CONFIGURE_SHELL_COMMANDS_INIT
#define CONFIGURE_SHELL_COMMAND_MOUNT
#define CONFIGURE_SHELL_COMMAND_UNMOUNT
#define CONFIGURE_SHELL_COMMAND_DF
#define CONFIGURE_SHELL_USER_COMMANDS &rtems_rump_shell_command
#include <rtems/shellconfig.h>
#endif

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
