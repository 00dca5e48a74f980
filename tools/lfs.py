#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Makes, reads and checks images of NetBSD's log-structured file system (LFS).

    lfs.py make IMAGE SIZE   make an empty file system; SIZE may end in k, m, g
    lfs.py check IMAGE       verify all structures, as fsck_lfs does
    lfs.py ls IMAGE          list all files
    lfs.py cat IMAGE PATH    write the content of a file to standard output

Version 2 of the 32 bit format in little endian.  Inodes and directories are
those of UFS1, so that ffs.py reads them; where an inode is tells the inode
file, of which the superblock tells.

An address counts fragments from the start of the image.  The rest is segments,
and the log fills one after the other: a summary, blocks of files, inodes.
Segment 0 begins with the first superblock, some others with one of its copies.
"""

import argparse
import collections
import stat
import struct
import sys
import time

import ffs

MAGIC = 0x070162
VERSION = 2
SUMMARY_MAGIC = 0x061561
SUPERBLOCK_OFFSET = 8192
SUPERBLOCK_PAD = 8192
SUPERBLOCK_SIZE = 512
COPIES = 10
COPY_INTERVAL = 5   # segments, at least
CLEAN = 1

# With fragments like blocks NetBSD needs the least memory.
BLOCK = FRAGMENT = 4096
SEGMENT_SIZES = (1 << 20, 1 << 19, 1 << 18, 1 << 17, 1 << 16)
# What NetBSD wants to be free, so that a cleaner can run.
FREE_SEGMENTS = 20
RESERVED_SEGMENTS = 15

IFILE = 1
ROOT = 2
INODE_SIZE = 128
FRAG = BLOCK // FRAGMENT
SYMLINK_IN_PLACE = 60
IMMUTABLE = 0x20000

SEGMENT_ACTIVE, SEGMENT_DIRTY, SEGMENT_SUPERBLOCK = 1, 2, 4

# Little endian fields of struct dlfs and their offsets.
SUPERBLOCK = {
    'magic': ('I', 0), 'version': ('I', 4), 'size': ('I', 8),
    'ssize': ('I', 12), 'dsize': ('I', 16), 'bsize': ('I', 20),
    'fsize': ('I', 24), 'frag': ('I', 28), 'freehd': ('I', 32),
    'bfree': ('i', 36), 'nfiles': ('I', 40), 'avail': ('i', 44),
    'idaddr': ('i', 52), 'ifile': ('I', 56), 'lastseg': ('i', 60),
    'nextseg': ('i', 64), 'curseg': ('i', 68), 'offset': ('i', 72),
    'lastpseg': ('i', 76), 'inopf': ('I', 80), 'minfree': ('I', 84),
    'maxfilesize': ('Q', 88), 'fsbpseg': ('I', 96), 'inopb': ('I', 100),
    'ifpb': ('I', 104), 'sepb': ('I', 108), 'nindir': ('I', 112),
    'nseg': ('I', 116), 'cleansz': ('I', 124), 'segtabsz': ('I', 128),
    'bshift': ('I', 140), 'ffshift': ('I', 144), 'fbshift': ('I', 148),
    'bmask': ('Q', 152), 'ffmask': ('Q', 160), 'fbmask': ('Q', 168),
    'blktodb': ('I', 176), 'maxsymlinklen': ('i', 184),
    'sboffs': ('10i', 188), 'nclean': ('I', 228), 'pflags': ('H', 322),
    'dmeta': ('i', 324), 'minfreeseg': ('I', 328), 'sumsize': ('I', 332),
    'serial': ('Q', 336), 'ibsize': ('I', 344), 's0addr': ('i', 348),
    'tstamp': ('Q', 352), 'ident': ('I', 368), 'fsbtodb': ('I', 372),
    'resvseg': ('I', 376),
}
CHECKSUM_AT = 508

# Of the inode file: what a cleaner is told, the use of each segment, and where
# each inode is.
CLEANER = '<2I2i3I'
USE = '<2I2HIQ'     # bytes, -, summaries, inode blocks, flags, time
PLACE = '<IiIII'    # version, address, next free one, -, -
USES = BLOCK // struct.calcsize(USE)
PLACES = BLOCK // struct.calcsize(PLACE)

Use = collections.namedtuple('Use', 'size _ summaries inodes flags time',
                             rename=True)


def checksum(data):
    """All pairs of bytes, exclusively ored."""
    result = 0
    for pair, in struct.iter_unpack('<H', data):
        result ^= pair
    return result


class Maker:
    """An empty file system: one summary, the inode file, the root."""

    def __init__(self, size, now):
        self.now = now
        self.size = size
        self.segment = next(
            (s for s in SEGMENT_SIZES if self._segments(s) >= 128),
            SEGMENT_SIZES[-1])
        self.per_segment = self.segment // FRAGMENT
        self.segments = self._segments(self.segment)
        self.free = max(FREE_SEGMENTS, self.segments // 20)
        if self.segments < 4 * self.free:
            raise ffs.FormatError('%d bytes are too few' % size)
        self.interval = max(COPY_INTERVAL, self.segments // COPIES)
        self.start = SUPERBLOCK_OFFSET // FRAGMENT
        self.copies = list(range(0, self.segments, self.interval))[:COPIES]
        self.use_blocks = -(-self.segments // USES)
        self.ifile_blocks = 1 + self.use_blocks + 1
        # The summary follows the superblock, and then come blocks.
        self.summary = self.start + SUPERBLOCK_PAD // FRAGMENT
        self.ifile = self.summary + 1
        self.root = self.ifile + FRAG * self.ifile_blocks
        self.inodes = self.root + 1
        self.end = self.inodes + 1

    def _segments(self, size):
        return (self.size - SUPERBLOCK_OFFSET) // size

    def address(self, segment):
        """Where a segment begins."""
        return self.start + segment * self.per_segment

    def superblock_fields(self):
        """All that is not 0."""
        pad = SUPERBLOCK_PAD // FRAGMENT
        usable = ((self.segments - self.free) * self.per_segment
                  - pad * len(self.copies))
        clean = self.segments - 1
        indirect = BLOCK // 4
        return {
            'magic': MAGIC, 'version': VERSION,
            'size': self.size // FRAGMENT, 'ssize': self.segment,
            'dsize': usable, 'bsize': BLOCK, 'fsize': FRAGMENT,
            'frag': FRAG, 'freehd': ROOT + 1,
            'bfree': usable - (self.end - self.summary), 'nfiles': 1,
            'avail': (clean * self.per_segment - pad * (len(self.copies) - 1)
                      + self.address(1) - self.end
                      - (self.free - self.free // 2) * self.per_segment),
            'idaddr': self.inodes, 'ifile': IFILE,
            'lastseg': self.address(self.segments - 1),
            'nextseg': self.address(1), 'curseg': self.address(0),
            'offset': self.end, 'lastpseg': self.summary,
            'inopf': 512 // INODE_SIZE, 'minfree': 10,
            'maxfilesize': BLOCK * (12 + indirect + indirect ** 2
                                    + indirect ** 3),
            'fsbpseg': self.per_segment, 'inopb': FRAGMENT // INODE_SIZE,
            'ifpb': PLACES, 'sepb': USES,
            'nindir': indirect, 'nseg': self.segments, 'cleansz': 1,
            'segtabsz': self.use_blocks, 'bshift': BLOCK.bit_length() - 1,
            'ffshift': FRAGMENT.bit_length() - 1,
            'fbshift': FRAG.bit_length() - 1, 'bmask': BLOCK - 1, 'ffmask': FRAGMENT - 1,
            'fbmask': FRAG - 1, 'blktodb': (BLOCK // ffs.SECTOR).bit_length() - 1,
            'maxsymlinklen': SYMLINK_IN_PLACE, 'nclean': clean,
            'pflags': CLEAN, 'dmeta': 2, 'minfreeseg': self.free,
            'sumsize': FRAGMENT, 'serial': 1, 'ibsize': FRAGMENT,
            's0addr': self.start, 'tstamp': self.now,
            'ident': self.now & 0xffffffff, 'fsbtodb': (FRAGMENT // ffs.SECTOR).bit_length() - 1,
            'resvseg': max(RESERVED_SEGMENTS, self.free // 2 + 1),
        }

    def superblock(self):
        """Its bytes."""
        result = bytearray(SUPERBLOCK_SIZE)
        fields = self.superblock_fields()
        for name, value in fields.items():
            struct.pack_into('<' + SUPERBLOCK[name][0], result,
                             SUPERBLOCK[name][1], value)
        for i, segment in enumerate(self.copies):
            struct.pack_into('<i', result, SUPERBLOCK['sboffs'][1] + 4 * i,
                             self.address(segment))
        struct.pack_into('<I', result, CHECKSUM_AT,
                         checksum(result[:CHECKSUM_AT]))
        return bytes(result)

    def inode_file(self):
        """The content of the inode file."""
        result = bytearray(BLOCK * self.ifile_blocks)
        fields = self.superblock_fields()
        struct.pack_into(CLEANER, result, 0, self.segments - 1, 1,
                         fields['bfree'], fields['avail'], ROOT + 1,
                         PLACES - 1, 0)
        for i in range(self.segments):
            block, slot = divmod(i, USES)
            flags = SEGMENT_SUPERBLOCK if i in self.copies else 0
            use = [0, 0, 0, 0, flags, 0]
            if i == 0:
                use = [len(result) + FRAGMENT + 2 * INODE_SIZE, 0, 1, 1,
                       flags | SEGMENT_ACTIVE | SEGMENT_DIRTY, self.now]
            struct.pack_into(USE, result, (1 + block) * BLOCK
                             + slot * struct.calcsize(USE), *use)
        last = PLACES - 1
        for number in range(IFILE, last + 1):
            after = number + 1 if ROOT < number < last else 0
            struct.pack_into(
                PLACE, result, (1 + self.use_blocks) * BLOCK
                + number * struct.calcsize(PLACE), 1,
                self.inodes if number == ROOT else 0, after, 0, 0)
        return bytes(result)

    def inode(self, number, mode, links, size, addresses, fragments, flags):
        """The bytes of an inode."""
        result = struct.pack('<HhIQ', mode, links, number, size)
        result += struct.pack('<6i', *[self.now & 0x7fffffff, 0] * 3)
        result += struct.pack('<15i', *addresses, *[0] * (15 - len(addresses)))
        result += struct.pack('<2Ii2IQ', flags, fragments, 1, 0, 0, 0)
        return result

    def summarize(self, blocks):
        """The summary of the blocks, of which each has its files and places,
        from the front, and the places of inodes, from the end."""
        result = bytearray(FRAGMENT)
        files = struct.pack('<4I', self.ifile_blocks, 1, IFILE, BLOCK)
        files += struct.pack('<%di' % self.ifile_blocks,
                             *range(self.ifile_blocks))
        files += struct.pack('<4Ii', 1, 1, ROOT, FRAGMENT, 0)
        struct.pack_into('<IiI2HH2xI2Q', result, 8, SUMMARY_MAGIC,
                         self.address(1), self.now & 0xffffffff, 2, 2, 0, 0,
                         1, self.now)
        result[48:48 + len(files)] = files
        struct.pack_into('<i', result, FRAGMENT - 4, self.inodes)
        struct.pack_into('<I', result, 4,
                         checksum(b''.join(block[:4] for block in blocks)))
        struct.pack_into('<I', result, 0, checksum(result[4:]))
        return bytes(result)

    def make(self):
        """The image."""
        result = bytearray(self.size)
        ifile = self.inode_file()
        root = (struct.pack('<IHBB4s', ROOT, 12, 4, 1, b'.')
                + struct.pack('<IHBB4s', ROOT, 500, 4, 2, b'..'))
        inodes = self.inode(
            IFILE, stat.S_IFREG | 0o600, 1, len(ifile),
            range(self.ifile, self.root, FRAG), self.root - self.ifile,
            IMMUTABLE)
        inodes += self.inode(
            ROOT, stat.S_IFDIR | 0o755, 2, ffs.DIRECTORY_CHUNK, [self.root],
            1, 0)
        blocks = [ifile[i:i + BLOCK] for i in range(0, len(ifile), BLOCK)]
        blocks += [root.ljust(FRAGMENT, b'\0'), inodes.ljust(FRAGMENT, b'\0')]
        log = self.summarize(blocks) + b''.join(blocks)
        result[self.summary * FRAGMENT:self.end * FRAGMENT] = log
        for segment in self.copies:
            at = self.address(segment) * FRAGMENT
            result[at:at + SUPERBLOCK_SIZE] = self.superblock()
        return bytes(result)


class FileSystem(ffs.FileSystem):
    """A file system in the bytes of an image."""

    def __init__(self, data):
        self.data = data
        first = self._superblock(SUPERBLOCK_OFFSET)
        second = self._superblock(first.sboffs[1] * FRAGMENT)
        self.sb = max(first, second, key=lambda sb: sb.serial)
        self.ifile = self.read(self._inode_at(self.sb.idaddr, IFILE))

    def _superblock(self, offset):
        if not 0 < offset <= len(self.data) - SUPERBLOCK_SIZE:
            raise ffs.FormatError('the image is too short for a superblock')
        sb = ffs.Record(SUPERBLOCK, self.data, offset)
        if (sb.magic, sb.version) != (MAGIC, VERSION):
            raise ffs.FormatError('there is no superblock at %d' % offset)
        if ((sb.bsize, sb.fsize, sb.ibsize, sb.cleansz)
                != (BLOCK, FRAGMENT, FRAGMENT, 1)
                or (sb.sepb, sb.ifpb) != (USES, PLACES)
                or sb.size * FRAGMENT > len(self.data)
                or sb.s0addr + sb.nseg * sb.fsbpseg > sb.size
                or sb.segtabsz != -(-sb.nseg // USES)):
            raise ffs.FormatError('the superblock at %d is not one of those '
                                  'that are made here' % offset)
        return sb

    def _record(self, kind, block, number, count):
        block += number // count
        at = block * BLOCK + number % count * struct.calcsize(kind)
        if at + struct.calcsize(kind) > len(self.ifile):
            raise ffs.FormatError('%d is behind the inode file' % number)
        return struct.unpack_from(kind, self.ifile, at)

    def use(self, segment):
        """How a segment is used."""
        return Use(*self._record(USE, 1, segment, USES))

    def place(self, number):
        """The address of the block that has an inode, or 0."""
        return self._record(PLACE, 1 + self.sb.segtabsz, number, PLACES)[1]

    def places(self):
        """How many inodes the inode file has room for."""
        return (len(self.ifile) // BLOCK - 1 - self.sb.segtabsz) * PLACES

    def _inode_at(self, address, number):
        block = self.fragments(address, 1)
        for at in range(FRAGMENT - INODE_SIZE, -1, -INODE_SIZE):
            mode, nlink, found, size = struct.unpack_from('<HhIQ', block, at)
            if found == number and mode != 0:
                addresses = struct.unpack_from('<15i', block, at + 40)
                held, = struct.unpack_from('<I', block, at + 104)
                return ffs.Inode(
                    number, mode, nlink, size, addresses[:ffs.DIRECT],
                    addresses[ffs.DIRECT:], held, block[at + 40:at + 100])
        raise ffs.FormatError('inode %d is not at %d' % (number, address))

    def inode(self, number):
        """The inode with a number."""
        address = self.place(number)
        if address == 0:
            raise ffs.FormatError('inode %d is free' % number)
        return self._inode_at(address, number)


class Checker:
    """Verifies a file system; `problems` are what it has found."""

    def __init__(self, fs):
        self.fs = fs
        self.problems = []
        self.owner = {}     # of each used fragment
        self.live = collections.Counter()   # bytes of each segment

    def run(self):
        """Makes all checks."""
        sb = self.fs.sb
        if not sb.pflags & CLEAN:
            self.problems.append('the file system is not marked clean')
        for segment in range(sb.nseg):
            if self.fs.use(segment).flags & SEGMENT_SUPERBLOCK:
                at = sb.s0addr + segment * sb.fsbpseg
                self._claim('a superblock', at, SUPERBLOCK_PAD // FRAGMENT)
        self._check_inode(self.fs._inode_at(sb.idaddr, IFILE), sb.idaddr)
        names, dots = self._names()
        for number in range(ROOT, self.fs.places()):
            address = self.fs.place(number)
            links = names[number] + dots[number]
            if address == 0 and links > 0:
                self.problems.append('inode %d is free' % number)
            if address != 0:
                inode = self.fs.inode(number)
                self._check_inode(inode, address)
                if inode.nlink != links:
                    self.problems.append('inode %d: has %d links, but says %d'
                                         % (number, links, inode.nlink))
        self._check_uses()

    def _names(self):
        """How many names lead to each inode, and how many `..` and `.`."""
        names = collections.Counter()
        dots = collections.Counter()
        for _, inode in self.fs.walk():
            if stat.S_ISDIR(inode.mode):
                for entry in self.fs.entries(inode):
                    which = dots if entry.name in ('.', '..') else names
                    which[entry.number] += 1
        return names, dots

    def _claim(self, owner, address, count):
        """Notes who owns fragments; each has one owner."""
        for fragment in range(address, address + count):
            if not self.fs.sb.s0addr <= fragment < self.fs.sb.size:
                self.problems.append('%s: %d is out of range'
                                     % (owner, fragment))
            elif fragment in self.owner:
                self.problems.append('%s: fragment %d belongs to %s' % (
                    owner, fragment, self.owner[fragment]))
            self.owner[fragment] = owner

    def _live(self, address, size):
        """Counts bytes of a segment."""
        sb = self.fs.sb
        self.live[(address - sb.s0addr) // sb.fsbpseg] += size

    def _check_inode(self, inode, address):
        """What an inode leads to, and that nobody has its block."""
        owner = 'inode %d' % inode.number
        if self.owner.setdefault(address, 'inodes') != 'inodes':
            self.problems.append('%s is in what belongs to %s' % (
                owner, self.owner[address]))
        self._live(address, INODE_SIZE)
        held = 0
        for extent in self.fs.extents(inode):
            self._claim(owner, extent.address, extent.count)
            self._live(extent.address, extent.count * FRAGMENT)
            held += extent.count
        if held != inode.sectors:
            self.problems.append('%s: has %d fragments, but says %d' % (
                owner, held, inode.sectors))

    def _check_uses(self):
        """What the segments hold is what is said of them."""
        for segment in range(self.fs.sb.nseg):
            use = self.fs.use(segment)
            live = self.live[segment]
            if use.size != live:
                self.problems.append('segment %d: has %d bytes, but says %d'
                                     % (segment, live, use.size))
            if live > 0 and not use.flags & SEGMENT_DIRTY:
                self.problems.append('segment %d is used, but clean'
                                     % segment)


def size_of(text):
    """A number of bytes."""
    units = {'k': 10, 'm': 20, 'g': 30}
    if text[-1:].lower() in units:
        return int(text[:-1]) << units[text[-1].lower()]
    return int(text)


def check(fs, _=()):
    """Verifies a file system; returns the Checker that has done it."""
    checker = Checker(fs)
    checker.run()
    return checker


def run(arguments):
    """Does a command; returns the exit status."""
    if arguments.command == 'make':
        with open(arguments.image, 'wb') as file:
            file.write(Maker(size_of(arguments.size), int(time.time())).make())
        return 0
    with open(arguments.image, 'rb') as file:
        fs = FileSystem(file.read())
    if arguments.command == 'ls':
        for path, inode in fs.walk():
            print('%s %3d %9d %s' % (
                stat.filemode(inode.mode), inode.nlink, inode.size, path))
    elif arguments.command == 'cat':
        for chunk in fs.chunks(fs.lookup(arguments.path)):
            sys.stdout.buffer.write(chunk)
    else:
        problems = check(fs).problems
        for problem in problems[:ffs.PROBLEM_LINES]:
            print('lfs: ' + problem)
        return 1 if problems else 0
    return 0


def main():
    """The command line."""
    parser = argparse.ArgumentParser(
        description='Makes, reads and checks LFS images.')
    commands = parser.add_subparsers(dest='command', required=True)
    for name, text, more in (
            ('make', 'make an empty file system', 'size'),
            ('check', 'verify all structures', None),
            ('ls', 'list all files', None),
            ('cat', 'write a file to standard output', 'path')):
        command = commands.add_parser(name, help=text)
        command.add_argument('image', metavar='IMAGE')
        if more:
            command.add_argument(more, metavar=more.upper())
    try:
        sys.exit(run(parser.parse_args()))
    except (ffs.FormatError, OSError, ValueError) as error:
        sys.exit('lfs: %s' % error)


if __name__ == '__main__':
    main()
