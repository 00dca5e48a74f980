/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A USB device for which the kernel has no driver, by ugen(4): who it is, and
 * data to its endpoints and from them.  It is a converter to a serial line, as
 * FTDI's are, and at the end of that is the host.
 */

#include "abi/disk.h"
#include "target.h"

#define VENDOR 0x0403
#define PRODUCT 0x6001

/* A packet of the device begins with its state. */
#define PACKET 64
#define STATE 2

#define SIZE 8192

/* <dev/usb/usb.h> */

#define READS 0x40000000ul
#define WRITES 0x80000000ul
#define IOCTL(what, number, size) \
  ((what) | (unsigned long)(size) << 16 | 'U' << 8 | (number))

struct device_descriptor {
  uint8_t length, type, version[2], class, subclass, protocol, packet;
  uint8_t vendor[2], product[2], release[2];
  uint8_t manufacturer_name, product_name, serial_name, configurations;
};
_Static_assert(sizeof(struct device_descriptor) == 18, "descriptor");

struct request {
  int address;
  uint8_t type, request, value[2], index[2], length[2];
  void *data;
  int flags;
  int actual;
};

#define GET_DEVICE_DESC IOCTL(READS, 105, sizeof(struct device_descriptor))
#define SET_SHORT_XFER IOCTL(WRITES, 113, sizeof(int))
#define DO_REQUEST IOCTL(READS | WRITES, 111, sizeof(struct request))

#define READ_DEVICE 0x80
#define GET_DESCRIPTOR 6
#define DESCRIPTOR_DEVICE 1

static int
open_when_there(void)
{
  int fd;

  while ((fd = rump_sys_open("/dev/ugen0.00", NETBSD_O_RDWR)) < 0) {
    CHECK_ERRNO(fd, ENXIO);
    target_sleep(10);
  }
  return fd;
}

static void
check_descriptor(const struct device_descriptor *d)
{
  CHECK(d->length == sizeof(*d) && d->type == DESCRIPTOR_DEVICE);
  CHECK((d->vendor[0] | d->vendor[1] << 8) == VENDOR);
  CHECK((d->product[0] | d->product[1] << 8) == PRODUCT);
}

/* What the kernel knows, and the same from the device. */
static void
identify(void)
{
  struct device_descriptor known, told = { .length = 0 };
  struct request request = {
    .type = READ_DEVICE, .request = GET_DESCRIPTOR,
    .value = { 0, DESCRIPTOR_DEVICE }, .length = { sizeof(told), 0 },
    .data = &told
  };
  int fd = open_when_there();

  CHECK(rump_sys_ioctl(fd, GET_DEVICE_DESC, &known) == 0);
  check_descriptor(&known);
  CHECK(rump_sys_ioctl(fd, DO_REQUEST, &request) == 0);
  CHECK(request.actual == sizeof(told));
  check_descriptor(&told);
  CHECK(rump_sys_close(fd) == 0);
}

static uint8_t
byte(unsigned i)
{
  return (uint8_t)(i * i >> 7);
}

static void
send_to_host(void)
{
  static uint8_t data[SIZE];
  int fd = rump_sys_open("/dev/ugen0.02", NETBSD_O_WRONLY);
  unsigned i;

  CHECK(fd >= 0);
  for (i = 0; i < SIZE; ++i) {
    data[i] = byte(i);
  }
  CHECK(rump_sys_write(fd, data, SIZE) == SIZE);
  CHECK(rump_sys_close(fd) == 0);
}

/* The host flips all bits. */
static void
receive_from_host(void)
{
  uint8_t packet[PACKET];
  int fd = rump_sys_open("/dev/ugen0.01", NETBSD_O_RDONLY);
  int on = 1;
  unsigned done = 0;

  CHECK(fd >= 0);
  CHECK(rump_sys_ioctl(fd, SET_SHORT_XFER, &on) == 0);
  while (done < SIZE) {
    ssize_t n = rump_sys_read(fd, packet, PACKET);
    ssize_t i;

    CHECK(n >= STATE);
    for (i = STATE; i < n; ++i) {
      CHECK((packet[i] ^ byte(done)) == 0xff);
      ++done;
    }
  }
  CHECK(done == SIZE);
  CHECK(rump_sys_close(fd) == 0);
}

static void
live(unsigned life)
{
  static const struct rtems_rump_config config = {
    .memory = 8 << 20, .restartable = true
  };

  (void)life;
  CHECK(rtems_rump_start(&config) == 0);
  CHECK(rtems_rump_enter() == 0);
  identify();
  send_to_host();
  receive_from_host();
  rtems_rump_leave();
  CHECK(rtems_rump_end() == 0);
}

static rtems_task
Init(rtems_task_argument arg)
{
  (void)arg;
  TARGET_BEGIN("UGEN");
  target_live_twice(live);
  TARGET_END("UGEN");
}

#define CONFIGURE_MAXIMUM_TASKS 60
#define CONFIGURE_INIT_TASK_PRIORITY TARGET_PRIORITY
#include "config.h"
