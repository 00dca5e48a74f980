/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * NetBSD's drivers usb(4) and ugen(4) as devices of a kernel: the buses
 * /dev/usb0 to 3, their events, and what is on them that no other driver
 * takes, /dev/ugen0.00 to /dev/ugen3.15.
 */

#include <sys/param.h>
#include <sys/conf.h>
#include <sys/device.h>
#include <sys/kmem.h>
#include <sys/stat.h>

#include "ioconf.c"

#include <rump-sys/kern.h>
#include <rump-sys/vfs.h>

#define UNITS 4
#define ENDPOINTS 16
#define USB_EVENTS 255

static void
make_endpoints(devmajor_t major, int unit)
{
	char name[] = "/dev/ugen0.0";
	char *number = name + sizeof("/dev/ugen") - 1;
	char *tens = name + sizeof(name) - 2;
	devminor_t minor = unit * ENDPOINTS;

	*number = '0' + unit;
	FLAWLESSCALL(rump_vfs_makedevnodes(S_IFCHR, name, '0', major, minor,
	    10));
	*tens = '1';
	FLAWLESSCALL(rump_vfs_makedevnodes(S_IFCHR, name, '0', major,
	    minor + 10, ENDPOINTS - 10));
}

RUMP_COMPONENT(RUMP_COMPONENT_DEV)
{
	extern const struct cdevsw usb_cdevsw, ugen_cdevsw;
	devmajor_t bmaj, cmaj;
	int unit;

	config_init_component(cfdriver_ioconf_ugen, cfattach_ioconf_ugen,
	    cfdata_ioconf_ugen);

	bmaj = cmaj = -1;
	FLAWLESSCALL(devsw_attach("usb", NULL, &bmaj, &usb_cdevsw, &cmaj));
	FLAWLESSCALL(rump_vfs_makedevnodes(S_IFCHR, "/dev/usb", '0', cmaj, 0,
	    UNITS));
	/* "/dev/usb" tells the events. */
	FLAWLESSCALL(rump_vfs_makedevnodes(S_IFCHR, "/dev/us", 'b', cmaj,
	    USB_EVENTS, 1));

	bmaj = cmaj = -1;
	FLAWLESSCALL(devsw_attach("ugen", NULL, &bmaj, &ugen_cdevsw, &cmaj));
	for (unit = 0; unit < UNITS; unit++)
		make_endpoints(cmaj, unit);
}
