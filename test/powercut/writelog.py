# SPDX-License-Identifier: BSD-2-Clause

"""QEMU's log of what has been written to a disk, in Linux's dm-log-writes
format, and what a disk may hold when the power fails at some point of it."""

import struct

MAGIC = 0x6a736677736872
FLUSH = 1
FUA = 2
DISCARD = 4
SECTOR = 512


class Entry:
    """A write, or a flush, which has no data."""

    def __init__(self, end, offset, data, flags):
        self.end = end
        self.offset = offset
        self.data = data
        self.is_flush = flags & FLUSH != 0


def read(path):
    """The entries of a log; the end of each is a size that the log had."""
    with open(path, 'rb') as file:
        log = file.read()
    magic, version, _, size = struct.unpack_from('<QQQL', log)
    if magic != MAGIC or version != 1:
        raise ValueError('no log of writes')
    entries = []
    at = size
    while at + size <= len(log):
        sector, sectors, flags, _ = struct.unpack_from('<QQQQ', log, at)
        at += size
        length = 0 if flags & DISCARD else sectors * size
        if at + length > len(log):
            break
        entries.append(Entry(at + length, sector * size,
                             log[at:at + length], flags))
        at += length
    return entries


def last_flush(entries):
    """How many entries a power failure after them cannot undo."""
    for i in range(len(entries), 0, -1):
        if entries[i - 1].is_flush:
            return i
    return 0


def apply(image, entry, random=None):
    """Writes an entry to an image; if it is torn, only some sectors of it."""
    for i in range(0, len(entry.data), SECTOR):
        if random is None or random.random() < 0.5:
            at = entry.offset + i
            image[at:at + SECTOR] = entry.data[i:i + SECTOR]


def cut(image, entries, random):
    """What may be on the disk, which was the image before the entries."""
    image = bytearray(image)
    flushed = last_flush(entries)
    for entry in entries[:flushed]:
        apply(image, entry)
    for entry in entries[flushed:]:
        fate = random.randrange(3)
        if fate > 0:
            apply(image, entry, random if fate == 1 else None)
    return image
