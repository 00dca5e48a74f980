/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief System calls into a rump kernel elsewhere.
 *
 * A client of sysproxy, for RTEMS and for Linux.  Arguments and structures of
 * system calls are those of the kernel's machine, which
 * <rtems-rump/remote-call.h> lays out; a kernel whose words have another size,
 * or another byte order, is for clients that make their calls so, or translate
 * addresses.  Where the kernel is, a URL tells:
 *
 * | URL | for clients on |
 * |---|---|
 * | mem://name | RTEMS, in the image of the kernel |
 * | unix://path | the host of a simulator |
 * | tcp://address:port | both, on RTEMS after rtems_rump_tcp_register() |
 * | tcp6://[address]:port | the same |
 * | tls://address:port | tcp:// encrypted, with a key: both, where Mbed TLS is; on RTEMS after rtems_rump_tls_register() |
 * | tls6://[address]:port | the same |
 * | serial://device or serial://device,speed | both, one at a time |
 *
 * On Linux the device of serial:// may be a socket, as QEMU has for a port.
 *
 * All functions are for tasks (on Linux, threads), several at a time for one
 * client too, unless they say otherwise.  Errors are the host's errno values;
 * what the kernel says has NetBSD's, and is told apart.
 *
 * The kernel reads and writes the memory of its client.  A client that does
 * not trust it has to set rtems_rump_client_config::may_copy.
 */

#ifndef RTEMS_RUMP_REMOTE_H
#define RTEMS_RUMP_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A connection to a kernel, where the client has a process. */
struct rtems_rump_client;

/** Most characters of a client's name. */
#define RTEMS_RUMP_CLIENT_NAME_SIZE 127u

/** Least bytes of rtems_rump_client_config::key. */
#define RTEMS_RUMP_CLIENT_KEY_MINIMUM 16u

/** Values of rtems_rump_client_config::reconnect beside seconds. */
#define RTEMS_RUMP_CLIENT_RECONNECT_NEVER 0
#define RTEMS_RUMP_CLIENT_RECONNECT_ALWAYS (-1)
#define RTEMS_RUMP_CLIENT_RECONNECT_ONCE (-2)

/** Values of rtems_rump_client_config::byte_order. */
#define RTEMS_RUMP_CLIENT_LITTLE_ENDIAN 1u
#define RTEMS_RUMP_CLIENT_BIG_ENDIAN 2u

/** How a client behaves.  A field that is zero has the default. */
struct rtems_rump_client_config {
  /** Name of the client's process in the kernel; default "client". */
  const char *name;

  /**
   * A secret that the server has as well (rtems_rump_access::key), of at least
   * RTEMS_RUMP_CLIENT_KEY_MINIMUM bytes, or NULL.  With it the client proves
   * that it has it, and goes away from a server that does not.
   */
  const void *key;
  size_t key_size;

  /** With a key, the name it belongs to, of up to 31 characters; default "". */
  const char *user;

  /**
   * Whether the kernel may read, or write, so much memory of the client's;
   * default: all that it wants.  What is refused is EFAULT for the kernel;
   * a server that is not this project's may not understand that.
   */
  bool (*may_copy)(
    const void *address, size_t size, bool is_write, void *arg);

  /**
   * Finds the memory that the client has told the kernel by that address, or
   * returns NULL, as may_copy refuses; default: addresses are the client's
   * own.  With it, addresses can be of any kind, and may_copy is not called.
   */
  void *(*translate)(
    uint64_t address, size_t size, bool is_write, void *arg);

  /**
   * Whether all calls that have memory are made by rtems_rump_client_call():
   * the kernel may be on any machine, and has the memory of calls that are
   * under way and no other.  There is no may_copy, translate or map then.
   */
  bool is_neutral;

  /**
   * Bytes of a word, as an address and a register, of the kernel's machine: 4
   * or 8; default: what the server says, which has to be the same, or what is
   * known of the machine that it names, or else as of the client's.
   */
  unsigned word_size;

  /** Byte order of the kernel's machine; default: as of word_size. */
  unsigned byte_order;

  /**
   * Alignment of numbers of 64 bits in structures on the kernel's machine: 4
   * or 8; default: as of word_size.
   */
  unsigned alignment64;

  /**
   * What a call does that finds that the connection is over: connects anew,
   * with one try, tries for so many seconds, or for ever; default: it fails.
   * With another connection the client is another process in the kernel: what
   * it had, as descriptors, is gone.  A call that was under way when the
   * connection ended fails in any case, as nobody knows what it has done.
   */
  int reconnect;

  /** Memory for the kernel's mmap(), or NULL; default: there is none. */
  void *(*map)(size_t size, void *arg);

  /** Receives signals by NetBSD's number; default: they are ignored. */
  void (*on_signal)(int signal, void *arg);

  /** For all of them, which run in any task that makes a call. */
  void *arg;
};

/**
 * @brief Adds tcp:// and tcp6:// to an image for RTEMS, for clients and
 * servers.
 *
 * They use RTEMS's calls for sockets, of whatever stack is linked; the sockets
 * of this project belong to the kernel that has called
 * rtems_rump_socket_register().  On other hosts they are always there.
 */
void rtems_rump_tcp_register(void);

/**
 * @brief Adds tls:// and tls6:// to an image for RTEMS, for clients and
 * servers.
 *
 * As rtems_rump_tcp_register(), with Mbed TLS in between.  A task that connects
 * needs 4 KiB of stack for the handshake.  On
 * other hosts they are there if Mbed TLS was when this was built.
 */
void rtems_rump_tls_register(void);

/** What a process needs to take the place of one that was forked. */
struct rtems_rump_fork {
  uint32_t cookie[4];
};

/**
 * @brief Connects to a kernel.
 *
 * @param config Copied, or NULL for all defaults; what its key, user and name
 *   point to is used by this function alone, or with
 *   rtems_rump_client_config::reconnect until the client is closed.
 *
 * @retval 0 The client has a process in the kernel, and its descriptors 0, 1
 *   and 2 are the kernel's console.
 * @retval EINVAL The URL is not understood, a name is too long, the key too
 *   short, or another field cannot be.
 * @retval EPROTONOSUPPORT There is no such transport here.
 * @retval ECONNREFUSED No kernel listens there.
 * @retval EADDRINUSE This image has the serial line already.
 * @retval ENOTCONN The kernel has ended the connection.
 * @retval ENOTSUP The kernel's words have another size or another byte order,
 *   and the client is not neutral and does not translate addresses; or the
 *   server says something else of its machine than the configuration.
 * @retval EPERM The server does not let the client in: without a key, as by
 *   tls:// never, with this one, or because it knows of no keys.
 * @retval EACCES The server has not proved that it has the key.
 * @retval EPROTO What listens there is no server of version 0, or says
 *   nonsense of its machine.
 * @retval ENOMEM There is no memory.
 * @retval other What the server or the transport says.
 */
int rtems_rump_client_open(
  const char                             *url,
  const struct rtems_rump_client_config  *config,
  struct rtems_rump_client              **client);

/** Most characters of the name of a machine. */
#define RTEMS_RUMP_CLIENT_MACHINE_SIZE 31u

/** The kernel's machine as NetBSD names it: "amd64", "i386", "evbarm". */
const char *rtems_rump_client_machine(const struct rtems_rump_client *client);

/** Bytes of a word of the kernel's machine: 4 or 8. */
unsigned rtems_rump_client_word_size(const struct rtems_rump_client *client);

/** Whether the kernel's machine is big-endian. */
bool rtems_rump_client_is_big_endian(const struct rtems_rump_client *client);

/**
 * @brief How often the client and the kernel have waited for each other: for
 * an answer to this client, or for its memory.
 *
 * Calls by mem:// that need no frames do not count.  The number begins anew
 * after UINT_MAX.
 */
unsigned rtems_rump_client_round_trips(
  const struct rtems_rump_client *client);

/**
 * @brief Makes a system call.
 *
 * What the call is known to read of the client's memory goes along with it, if
 * it takes less than 1 KiB and the server is one of this project: it is read
 * even if the kernel would not have come to that.
 *
 * @param number NetBSD's.
 * @param arguments As the call's structure has them in NetBSD: each argument
 *   takes a multiple of a register.  Pointers are the client's, or what
 *   rtems_rump_client_config::translate understands.
 * @param size At most 256.
 * @param[out] error 0 or NetBSD's errno value.
 * @param[out] values What the call returns, mostly the first of them.
 *
 * @retval 0 The kernel has answered.
 * @retval EINVAL There are too many arguments.
 * @retval ENOTCONN The connection is over, or was when it was made anew.
 * @retval EPROTO The server has sent what it must not; the connection is over.
 * @retval other What the server says instead, as EAGAIN for want of memory, or
 *   of a connection that was to be made anew, as of rtems_rump_client_open().
 */
int rtems_rump_client_syscall(
  struct rtems_rump_client *client,
  int                       number,
  const void               *arguments,
  size_t                    size,
  int                      *error,
  intptr_t                  values[2]);

/**
 * @brief Changes rtems_rump_client_config::reconnect; no call may be under way.
 */
void rtems_rump_client_set_reconnect(
  struct rtems_rump_client *client, int reconnect);

/**
 * @brief Forks the client's process in the kernel.
 *
 * The new process has copies of the descriptors.  It waits for a connection by
 * rtems_rump_client_open_fork(), which a child after fork() makes.
 *
 * @retval 0 There is a new process.
 * @retval other As of rtems_rump_client_syscall(); ENOMEM also if too many
 *   wait.
 */
int rtems_rump_client_prefork(
  struct rtems_rump_client *client, struct rtems_rump_fork *fork);

/**
 * @brief Connects to a kernel as a process that was forked.
 *
 * @retval 0 The client has that process.
 * @retval ESRCH There is no such process, or somebody has it already.
 * @retval other As of rtems_rump_client_open().
 */
int rtems_rump_client_open_fork(
  const char                             *url,
  const struct rtems_rump_client_config  *config,
  const struct rtems_rump_fork           *fork,
  struct rtems_rump_client              **client);

/**
 * @brief Tells the kernel that the client runs another program: it closes
 * descriptors that are marked for that, and other calls of the client end.
 *
 * @param name Of the program; as rtems_rump_client_config::name.
 *
 * @retval 0 All other calls have ended.
 * @retval EINVAL The name is too long.
 * @retval other As of rtems_rump_client_syscall().
 */
int rtems_rump_client_exec(struct rtems_rump_client *client, const char *name);

/**
 * @brief Ends the connection, and with it the process in the kernel.
 *
 * No call may be under way.  After fork() the child closes its copy so, too,
 * and the parent's connection goes on.
 */
void rtems_rump_client_close(struct rtems_rump_client *client);

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_REMOTE_H */
