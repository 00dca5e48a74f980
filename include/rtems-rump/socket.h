/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief NetBSD's sockets as descriptors of RTEMS.
 *
 * After rtems_rump_socket_register() an application that knows nothing of rump
 * kernels uses socket(), bind(), connect(), select(), poll() and so on, as
 * RTEMS's headers declare them, and read(), write(), close().
 *
 * The kernel is linked with the host libraries `filesystem` and `network`, and
 * with the components of NetBSD that it shall have: net_netinet, net_netinet6,
 * net_local.  The application is linked with the library `sockets`.
 *
 * In an image with several kernels define RTEMS_RUMP_KERNEL as the name of one
 * before this header is included, and the function is that kernel's.
 */

#ifndef RTEMS_RUMP_SOCKET_H
#define RTEMS_RUMP_SOCKET_H

#include <rtems-rump/name.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Size in bytes of each of the two buffers of a new TCP socket. */
#define RTEMS_RUMP_TCP_BUFFER 131072

/**
 * @brief Makes socket() and socketpair() make sockets of this kernel.
 *
 * Once, before or after the start of the kernel, also if it is restarted: the
 * sockets of a life that is over fail with EIO.  The first socket() of a life
 * makes RTEMS_RUMP_TCP_BUFFER of NetBSD's variables net.inet.tcp.sendspace and
 * net.inet.tcp.recvspace, unless they have been changed.  Takes one RTEMS user
 * extension, together with rtems_rump_filesystem_register().  Only from a
 * task.
 *
 * @retval 0 The calls are this kernel's.
 * @retval EBUSY They are another kernel's.
 * @retval EAGAIN RTEMS has no user extension left.
 * @retval ENOMEM The RTEMS heap has no 28 bytes for each descriptor of RTEMS.
 */
int rtems_rump_socket_register(void)
  RTEMS_RUMP_SYMBOL("rtems_rump_socket_register");

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_SOCKET_H */
