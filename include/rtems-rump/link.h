/* SPDX-License-Identifier: BSD-2-Clause */

/**
 * @file
 *
 * @brief Ethernet links of a kernel, and the drivers that serve them.
 *
 * A kernel with the component net_link, or NetBSD's net_virtif, has an
 * interface virtN for each link that its configuration names, when it creates
 * that interface:
 *
 * @code
 * static const struct rtems_rump_link links[] = {
 *   { .driver = &rtems_rump_link_mem, .device = "lan" }
 * };
 * static const struct rtems_rump_config config = {
 *   .links = links, .link_count = 1
 * };
 * ...
 * rump_pub_netconfig_ifcreate("virt0");
 * @endcode
 *
 * A driver is in the image once, however many kernels use it.  Errors are
 * RTEMS's errno values, sizes are in bytes, and frames are those of Ethernet
 * without the check sequence.  The manual is doc/network.md.
 */

#ifndef RTEMS_RUMP_LINK_H
#define RTEMS_RUMP_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include <rtems-rump/name.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Size of an Ethernet address. */
#define RTEMS_RUMP_LINK_ADDRESS 6u

/** Least size of a frame: that of its header. */
#define RTEMS_RUMP_LINK_FRAME_MIN 14u

/** Most size of a frame: with the tag of a virtual LAN. */
#define RTEMS_RUMP_LINK_FRAME_MAX 1518u

/**
 * Size of a buffer for a received frame, and what its address is a multiple
 * of: it consists of whole cache lines.
 */
#define RTEMS_RUMP_LINK_BUFFER 1600u
#define RTEMS_RUMP_LINK_BUFFER_ALIGNMENT 64u

/**
 * Where a frame begins in its buffer, so that what follows the header of
 * Ethernet is aligned.
 */
#define RTEMS_RUMP_LINK_OFFSET 2u

struct rtems_rump_link_driver;

/** A link of a kernel.  Read until the kernel has ended. */
struct rtems_rump_link {
  /** NULL: there is no such link. */
  const struct rtems_rump_link_driver *driver;

  /** Which of the driver's devices, as the driver names them; may be NULL. */
  const char *device;

  /**
   * The link's Ethernet address; all zero: that of the hardware, else one
   * that is made of the names of the kernel and of its host and of the link's
   * number, and so is the same at each start.
   */
  uint8_t address[RTEMS_RUMP_LINK_ADDRESS];

  /**
   * Memory for frames that the kernel has not fetched yet, of which each takes
   * 2 KiB, whatever its size: there are as many buffers as there is room for,
   * but for a power of two; 0: 256 KiB.  What finds no room there is dropped
   * and counted.
   */
  size_t receive_size;

  /** For the driver. */
  void *arg;
};

/** A frame to send.  The driver only reads it. */
struct rtems_rump_link_send {
  const struct iovec *parts;
  unsigned count;

  /**
   * The receiver need not be told before rtems_rump_link_driver::flush or a
   * frame without this, one of which follows soon.
   */
  bool more;

  /**
   * Unless 0, the driver stores the checksum of the Internet of what begins at
   * sum_begin and goes to the end of the frame at the offset sum_at of the
   * frame, where the sum of what else belongs to it is; see
   * rtems_rump_link_driver::sums.
   */
  uint16_t sum_begin, sum_at;
};

/** A received frame, in one piece in a buffer of the link's user. */
struct rtems_rump_link_frame {
  /** Which buffer; see rtems_rump_link_driver::release. */
  void *buffer;

  void *data;
  size_t size;

  /** The checksums of IP and of TCP or UDP are right. */
  bool is_summed;

  /** Nanoseconds since 1970, if the driver was asked for it, or 0. */
  uint64_t time;
};

/** Why frames were dropped. */
enum rtems_rump_link_drop {
  /** Shorter than a header. */
  RTEMS_RUMP_LINK_TRUNCATED,
  /** Longer than RTEMS_RUMP_LINK_FRAME_MAX. */
  RTEMS_RUMP_LINK_OVERSIZED,
  /** Received, and no room. */
  RTEMS_RUMP_LINK_OVERRUN,
  /** Received, and damaged. */
  RTEMS_RUMP_LINK_DAMAGED,
  /** Received, and of a kind at which this kernel would panic. */
  RTEMS_RUMP_LINK_REFUSED,
  /** To be sent, and the link was down. */
  RTEMS_RUMP_LINK_DOWN,
  /** To be sent, and no room. */
  RTEMS_RUMP_LINK_FULL,
  RTEMS_RUMP_LINK_DROPS
};

/** What has gone over a link since it was opened; numbers wrap around. */
struct rtems_rump_link_usage {
  bool is_up;
  uint8_t address[RTEMS_RUMP_LINK_ADDRESS];

  /** What the kernel was given; and in how many batches. */
  unsigned long received_frames, received_bytes, received_batches;

  /** What the driver took from the kernel. */
  unsigned long sent_frames, sent_bytes;

  /** By reason. */
  unsigned long dropped[RTEMS_RUMP_LINK_DROPS];
};

/** Who has opened a link. */
struct rtems_rump_link_user {
  /**
   * There is something to receive.  Called once for each call of
   * rtems_rump_link_driver::arm that returned false, in any task or in an
   * interrupt, also with locks of the driver held: it calls no driver, does
   * not block, and is short.
   */
  void (*notify)(void *arg);

  /**
   * The link went down or came up again; as notify, but whenever it happens.
   */
  void (*changed)(void *arg, bool is_up);

  void *arg;

  /**
   * The buffers for received frames, and how many they are, a power of two.
   * While the link is open the array is the driver's, which keeps there what
   * it has; the buffers are only lent to it.
   */
  void **buffers;
  unsigned buffer_count;

  /** Frames to send may ask for checksums. */
  bool sums;
};

/** What a driver receives, but for its own address and broadcast. */
struct rtems_rump_link_filter {
  /** All frames, whoever they are for. */
  bool is_promiscuous;

  /** Those for all groups, not only for these. */
  bool has_all_groups;

  /** Ethernet addresses; read during the call. */
  const uint8_t (*groups)[RTEMS_RUMP_LINK_ADDRESS];
  unsigned group_count;
};

/**
 * @brief What serves links.
 *
 * All functions are called in tasks.  For one handle, calls of receive, release
 * and arm do not overlap; all others do.  open and close overlap with nothing
 * of their handle.
 *
 * send is called by tasks that hold a virtual CPU of the kernel, so it must
 * not wait for anything but a lock that is held for a short time.  No function
 * may call the kernel.
 */
struct rtems_rump_link_driver {
  /**
   * @brief Opens a link.
   *
   * @param link Read until it is closed.
   * @param user Copied.
   * @param[in, out] address In: that of the link, which is never all zero.
   *   Out: the one that the link has.
   * @param is_given Whether the application has chosen the address; else the
   *   driver may take another, as that of the hardware.
   * @param[out] handle For the other functions.
   *
   * @retval 0 The link is open.
   * @retval ENXIO There is no such device.
   * @retval EBUSY The device is in use.
   * @retval EADDRINUSE Another link there has that address.
   * @retval ENOMEM There is no memory.
   * @retval other As the driver says.
   */
  int (*open)(
    const struct rtems_rump_link      *link,
    const struct rtems_rump_link_user *user,
    uint8_t                            address[RTEMS_RUMP_LINK_ADDRESS],
    bool                               is_given,
    void                             **handle);

  /**
   * @brief Sends frames, or drops them and counts why.
   *
   * What the frames consist of is the caller's again when this returns.
   *
   * @return How many were sent.
   */
  unsigned (*send)(
    void                              *handle,
    const struct rtems_rump_link_send *frames,
    unsigned                           count);

  /**
   * @brief Tells who receives of frames that were sent with more; in any task.
   *
   * NULL: the driver does not look at rtems_rump_link_send::more.
   */
  void (*flush)(void *handle);

  /**
   * @brief Tells of received frames, in their order.
   *
   * Their buffers are the caller's until release.
   *
   * @return How many; 0 if there are none.
   */
  unsigned (*receive)(
    void *handle, struct rtems_rump_link_frame *frames, unsigned max);

  /**
   * @brief Takes a buffer for each of the frames that receive has told of
   * first: the frame's, or another one of the caller's.
   *
   * @param frames As they came from receive, but for
   *   rtems_rump_link_frame::buffer.
   */
  void (*release)(
    void *handle, const struct rtems_rump_link_frame *frames, unsigned count);

  /**
   * @brief Asks for one call of rtems_rump_link_user::notify.
   *
   * @return true if there is something to receive already; then it is not
   *   called.
   */
  bool (*arm)(void *handle);

  /** @brief Adds what the driver has dropped, and stores rest of its state. */
  void (*get_usage)(void *handle, struct rtems_rump_link_usage *usage);

  /**
   * @brief Tells whether the link is up.
   *
   * It is asked once a second, by who receives.  NULL: the driver calls
   * rtems_rump_link_user::changed instead.
   */
  bool (*is_up)(void *handle);

  /**
   * @brief Sets what the link receives; at first, frames for all groups.
   *
   * Calls of this do not overlap, but it overlaps with all others.  NULL: it
   * always receives for all groups, and cannot be promiscuous.
   */
  void (*set_filter)(
    void *handle, const struct rtems_rump_link_filter *filter);

  /**
   * @brief Ends the link.
   *
   * When it has returned, the user is not notified any more, no device writes
   * to memory, and the user's array of buffers has all that were lent but for
   * frames that were not released.
   */
  void (*close)(void *handle);

  /** Whether it does what rtems_rump_link_send::sum_begin asks for. */
  bool sums;
};

/**
 * @brief Tells what has gone over a link of the kernel.
 *
 * Only from a task, in rtems_rump_call() or while nobody ends the kernel.
 *
 * @param number That of virtN.
 *
 * @retval 0 The usage is stored.
 * @retval ENXIO The kernel has no such interface at this moment.
 */
int rtems_rump_get_link_usage(
  unsigned number, struct rtems_rump_link_usage *usage)
  RTEMS_RUMP_SYMBOL("rtems_rump_get_link_usage");

/** Most links on one bus in memory. */
#define RTEMS_RUMP_LINK_MEM_MAX 16u

/**
 * @brief Ethernet in memory: links of one device name, in all kernels of the
 * image, are on one bus.
 *
 * A frame goes to the link whose address it has, else to all others.  A link
 * has a bounded ring for what it receives.  Checksums are made where frames
 * are copied, and are not looked at again.
 */
extern const struct rtems_rump_link_driver rtems_rump_link_mem;

/**
 * @brief Has a bus in memory go down or come up again: what is sent while it
 * is down is dropped, and all on it are told.
 *
 * @retval 0 Done.
 * @retval ENXIO No link is open there.
 */
int rtems_rump_link_mem_set_up(const char *device, bool is_up);

/**
 * @brief A link that receives what is sent on it; the device name is without
 * meaning.  For tests.
 */
extern const struct rtems_rump_link_driver rtems_rump_link_loop;

/**
 * @brief The Cadence GEM of the Zynq-7000, on BSPs arm/xilinx_zynq_*; devices
 * gem0 and gem1.
 */
extern const struct rtems_rump_link_driver rtems_rump_link_gem;

/**
 * @brief An Ethernet interface of Linux, of kind TAP, on the simulator.
 *
 * The device is its name; it is made if there is none, for which the process
 * needs the right to administer networks.  What Linux does with the frames is up to its
 * configuration; while its interface is down nothing is sent.
 */
extern const struct rtems_rump_link_driver rtems_rump_link_tap;

/** What writes down what goes over a bus in memory. */
struct rtems_rump_capture;

/**
 * @brief Captures all that is sent on a bus in memory, in the format of
 * libpcap.
 *
 * Frames are stored in a ring when they are sent, and written by a task:
 * nobody waits for the writer, and what finds no room in the ring is lost and
 * counted.
 *
 * @param device The bus.
 * @param receive_size As rtems_rump_link::receive_size.
 * @param priority Of the task, an RTEMS task priority.
 * @param write Called by the task, with one header of a file and then with
 *   each record; may block, and may call RTEMS's file system.
 * @param arg For @a write.
 * @param[out] capture For rtems_rump_capture_stop().
 *
 * @retval 0 All that is sent from now on is captured.
 * @retval EAGAIN There is no task.
 * @retval other As of rtems_rump_link_driver::open.
 */
int rtems_rump_capture_start(
  const char                 *device,
  size_t                      receive_size,
  unsigned                    priority,
  void                      (*write)(const void *data, size_t size, void *arg),
  void                       *arg,
  struct rtems_rump_capture **capture);

/**
 * @brief Writes what has been captured, and ends.
 *
 * @return How many frames were lost.
 */
unsigned long rtems_rump_capture_stop(struct rtems_rump_capture *capture);

#ifdef __cplusplus
}
#endif

#endif /* RTEMS_RUMP_LINK_H */
