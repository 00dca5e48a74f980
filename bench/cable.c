/* SPDX-License-Identifier: BSD-2-Clause */

#include "cable.h"

#include <string.h>

#include <rtems.h>
#include <rtems/irq-extension.h>
#include <rtems/termiostypes.h>

/* Of ARM's interrupt controller: from software to a processor. */
#define VECTOR 5

/* As of a port's hardware. */
#define FIFO_SIZE 64

static struct port {
  rtems_termios_device_context base;
  struct port *peer;
  struct rtems_termios_tty *tty;
  char fifo[FIFO_SIZE];
  size_t filled;
} ports[2];

static bool
port_open(
  struct rtems_termios_tty      *tty,
  rtems_termios_device_context  *base,
  struct termios                *term,
  rtems_libio_open_close_args_t *args
)
{
  (void)term;
  (void)args;
  ((struct port *)base)->tty = tty;
  return true;
}

static void
port_close(
  struct rtems_termios_tty      *tty,
  rtems_termios_device_context  *base,
  rtems_libio_open_close_args_t *args
)
{
  (void)tty;
  (void)args;
  ((struct port *)base)->tty = NULL;
}

/* There is nothing more to send if the size is 0. */
static void
port_write(rtems_termios_device_context *base, const char *bytes, size_t size)
{
  struct port *port = (struct port *)base;

  port->filled = size < FIFO_SIZE ? size : FIFO_SIZE;
  memcpy(port->fifo, bytes, port->filled);
  if (port->filled > 0) {
    (void)rtems_interrupt_raise(VECTOR);
  }
}

static void
carry(struct port *port)
{
  size_t size = port->filled;

  if (size == 0) {
    return;
  }
  port->filled = 0;
  if (port->peer->tty != NULL) {
    (void)rtems_termios_enqueue_raw_characters(
      port->peer->tty, port->fifo, (int)size);
  }
  (void)rtems_termios_dequeue_characters(port->tty, (int)size);
}

static void
interrupt(void *arg)
{
  (void)arg;
  carry(&ports[0]);
  carry(&ports[1]);
}

static const rtems_termios_device_handler handler = {
  .first_open = port_open,
  .last_close = port_close,
  .write = port_write,
  .mode = TERMIOS_IRQ_DRIVEN
};

static bool
install(struct port *port, struct port *peer, const char *path)
{
  port->peer = peer;
  rtems_termios_device_context_initialize(&port->base, "cable");
  return rtems_termios_device_install(path, &handler, NULL, &port->base)
    == RTEMS_SUCCESSFUL;
}

bool
cable_install(void)
{
  return rtems_interrupt_handler_install(
      VECTOR, "cable", RTEMS_INTERRUPT_UNIQUE, interrupt, NULL)
      == RTEMS_SUCCESSFUL
    && rtems_interrupt_vector_enable(VECTOR) == RTEMS_SUCCESSFUL
    && install(&ports[0], &ports[1], "/dev/cable0")
    && install(&ports[1], &ports[0], "/dev/cable1");
}
