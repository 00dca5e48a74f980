/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief The server's side of iperf3's protocol, by the calls of sockets.
 */

#ifndef IPERF3_H
#define IPERF3_H

#define IPERF3_PORT 5201

/**
 * Runs one test: TCP or UDP, either way, on up to eight connections.
 *
 * @param listener A socket of TCP that listens on the port.
 * @param control The first connection of a client; closed by the caller.
 * @return 0, or -1 if the client has gone or asked for what is not here.
 */
int iperf3_serve(int listener, int control);

#endif /* IPERF3_H */
