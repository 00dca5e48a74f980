#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Reads and checks images of NetBSD's fast file system (FFS).

    ffs.py check IMAGE       verify all structures, as fsck_ffs does
    ffs.py ls IMAGE          list all files
    ffs.py cat IMAGE PATH    write the content of a file to standard output

Format UFS1 in little endian, which is makefs's default.  Nothing is ever
written to an image, and nothing in it is believed: what leads out of the image
or into a circle is an error.  The exit status of `check` is 1 if there is a
problem, that of all commands 2 if the image cannot be read.

The terms are those of fs(5): a block is made of fragments, an address counts
fragments from the start of the image, a cylinder group has its own inodes,
bitmaps and free counts.
"""

import argparse
import collections
import os
import stat
import struct
import sys

SUPERBLOCK_OFFSET = 8192
SUPERBLOCK_SIZE = 1376
MAGIC_UFS1 = 0x011954
MAGIC_UFS2 = 0x19540119
MAGIC_GROUP = 0x090255
CLEAN = 1
INODE_FORMAT_44 = 2
JOURNAL_IN_FILE = 2

INODE_SIZE = 128
ROOT = 2
DIRECT = 12
SECTOR = 512
DIRECTORY_CHUNK = 512
READ_LIMIT = 1 << 30
PROBLEM_LINES = 50

# Little endian fields of struct fs and their offsets.
SUPERBLOCK = {
    'sblkno': ('i', 8), 'cblkno': ('i', 12), 'iblkno': ('i', 16),
    'dblkno': ('i', 20), 'old_cgoffset': ('i', 24), 'old_cgmask': ('i', 28),
    'ncg': ('i', 44), 'bsize': ('i', 48), 'fsize': ('i', 52),
    'frag': ('i', 56), 'nindir': ('i', 116), 'inopb': ('i', 120),
    'cssize': ('i', 156), 'cgsize': ('i', 160), 'ipg': ('i', 184),
    'fpg': ('i', 188), 'fmod': ('b', 208), 'clean': ('B', 209),
    'journal_location': ('B', 865), 'journal_inode': ('Q', 896),
    'ndir': ('q', 1008), 'nbfree': ('q', 1016), 'nifree': ('q', 1024),
    'nffree': ('q', 1032), 'size': ('q', 1080), 'dsize': ('q', 1088),
    'csaddr': ('q', 1096), 'contigsumsize': ('i', 1316),
    'maxsymlinklen': ('i', 1320), 'old_inodefmt': ('i', 1324),
    'magic': ('I', 1372),
}

# Of struct cg.
GROUP = {
    'magic': ('I', 4), 'cgx': ('i', 12), 'ndblk': ('i', 20),
    'ndir': ('i', 24), 'nbfree': ('i', 28), 'nifree': ('i', 32),
    'nffree': ('i', 36), 'frsum': ('8i', 52), 'iusedoff': ('i', 92),
    'freeoff': ('i', 96), 'clustersumoff': ('i', 104),
    'clusteroff': ('i', 108), 'nclusterblks': ('i', 112),
}

COUNTS = ('ndir', 'nbfree', 'nifree', 'nffree')

TYPES = (
    stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR, stat.S_IFBLK, stat.S_IFREG,
    stat.S_IFLNK, stat.S_IFSOCK,
)

Inode = collections.namedtuple(
    'Inode', 'number mode nlink size direct indirect sectors in_place')
Entry = collections.namedtuple('Entry', 'name number kind')

# A run of fragments that belongs to an inode; `logical` is the number of the
# block in the file, None for a block of addresses.
Extent = collections.namedtuple('Extent', 'logical address count')


class FormatError(Exception):
    """The image is no file system that can be read."""


class Record:
    """The fields of a structure in the image, as attributes."""

    def __init__(self, fields, data, offset):
        for name, (kind, at) in fields.items():
            value = struct.unpack_from('<' + kind, data, offset + at)
            setattr(self, name, value if len(value) > 1 else value[0])


class FileSystem:
    """A file system in the bytes of an image."""

    def __init__(self, data):
        if len(data) < SUPERBLOCK_OFFSET + SUPERBLOCK_SIZE:
            raise FormatError('the image is too short for a superblock')
        self.data = data
        self.sb = Record(SUPERBLOCK, data, SUPERBLOCK_OFFSET)
        self._check_superblock()

    def _check_superblock(self):
        sb = self.sb
        if sb.magic == MAGIC_UFS2:
            raise FormatError('UFS2 is not supported')
        if sb.magic != MAGIC_UFS1:
            raise FormatError(
                'there is no UFS1 superblock at %d' % SUPERBLOCK_OFFSET)
        conditions = (
            ('bsize', sb.bsize in (4096, 8192, 16384, 32768, 65536)),
            ('frag', sb.frag in (1, 2, 4, 8)),
            ('fsize', sb.fsize >= SECTOR
                and sb.fsize * sb.frag == sb.bsize),
            ('nindir', sb.nindir == sb.bsize // 4),
            ('inopb', sb.inopb == sb.bsize // INODE_SIZE),
            ('ipg', sb.ipg > 0 and sb.ipg % max(sb.inopb, 1) == 0),
            ('fpg', sb.fpg > 0),
            ('ncg', sb.ncg > 0),
            ('size', (sb.ncg - 1) * sb.fpg < sb.size <= sb.ncg * sb.fpg
                and sb.size * sb.fsize <= len(self.data)),
            ('old_cgmask', sb.old_cgmask == -1 or sb.old_cgoffset == 0),
            ('sblkno', 0 < sb.sblkno < sb.cblkno),
            ('iblkno', sb.cblkno < sb.iblkno),
            ('dblkno', sb.iblkno + sb.ipg // max(sb.inopb, 1) * sb.frag
                <= sb.dblkno <= sb.fpg),
            ('cgsize', 168 < sb.cgsize <= sb.bsize),
            ('cssize', 16 * sb.ncg <= sb.cssize),
            ('csaddr', sb.dblkno <= sb.csaddr
                and sb.csaddr * sb.fsize + sb.cssize <= len(self.data)),
            ('contigsumsize', 0 <= sb.contigsumsize <= 16),
            ('old_inodefmt', sb.old_inodefmt == INODE_FORMAT_44),
        )
        for field, holds in conditions:
            if not holds:
                raise FormatError('superblock: bad fs_' + field)

    # Addresses.

    def group_base(self, group):
        """The address at which a cylinder group begins."""
        return group * self.sb.fpg

    def group_end(self, group):
        """The address behind a cylinder group."""
        return min((group + 1) * self.sb.fpg, self.sb.size)

    def fragments(self, address, count):
        """The bytes of fragments."""
        if address < 0 or count < 0 or address + count > self.sb.size:
            raise FormatError('address %d is out of range' % address)
        start = address * self.sb.fsize
        return self.data[start:start + count * self.sb.fsize]

    def group(self, group):
        """The structure of a cylinder group and its bytes."""
        data = self.fragments(
            self.group_base(group) + self.sb.cblkno, self.sb.frag)
        return Record(GROUP, data, 0), data

    # Inodes.

    def inode(self, number):
        """The inode with a number."""
        if not 0 <= number < self.sb.ncg * self.sb.ipg:
            raise FormatError('inode %d is out of range' % number)
        group, index = divmod(number, self.sb.ipg)
        block, slot = divmod(index, self.sb.inopb)
        data = self.fragments(
            self.group_base(group) + self.sb.iblkno + block * self.sb.frag,
            self.sb.frag)
        at = slot * INODE_SIZE
        mode, nlink = struct.unpack_from('<Hh', data, at)
        size, = struct.unpack_from('<Q', data, at + 8)
        addresses = struct.unpack_from('<15i', data, at + 40)
        sectors, = struct.unpack_from('<I', data, at + 104)
        return Inode(
            number, mode, nlink, size, addresses[:DIRECT], addresses[DIRECT:],
            sectors, data[at + 40:at + 100])

    def has_blocks(self, inode):
        """Whether the addresses in an inode are addresses."""
        kind = stat.S_IFMT(inode.mode)
        if kind == stat.S_IFLNK:
            return inode.size >= self.sb.maxsymlinklen
        return kind in (stat.S_IFREG, stat.S_IFDIR)

    def block_count(self, inode):
        """The number of blocks that the size of a file has."""
        return -(-inode.size // self.sb.bsize)

    def block_fragments(self, inode, logical):
        """The number of fragments that a block of a file takes."""
        rest = inode.size - logical * self.sb.bsize
        if logical >= DIRECT or rest >= self.sb.bsize:
            return self.sb.frag
        return -(-rest // self.sb.fsize)

    def extents(self, inode):
        """Generates all that an inode has, addresses behind its end too.

        A block of addresses comes before what it leads to; when the caller
        sends True for it, that is left out.
        """
        if not self.has_blocks(inode):
            return
        for logical, address in enumerate(inode.direct):
            if address != 0:
                count = self.block_fragments(inode, logical)
                yield Extent(logical, address, max(count, 1))
        logical = DIRECT
        for level, address in enumerate(inode.indirect):
            yield from self._indirect(address, level, logical)
            logical += self.sb.nindir ** (level + 1)

    def _indirect(self, address, level, logical):
        if address == 0:
            return
        skip = yield Extent(None, address, self.sb.frag)
        if skip:
            return
        data = self.fragments(address, self.sb.frag)
        span = self.sb.nindir ** level
        for below in struct.unpack('<%di' % self.sb.nindir, data):
            if level > 0:
                yield from self._indirect(below, level - 1, logical)
            elif below != 0:
                yield Extent(logical, below, self.sb.frag)
            logical += span

    def maximum_size(self):
        """The size of the largest file that addresses can lead to."""
        n = self.sb.nindir
        return (DIRECT + n + n ** 2 + n ** 3) * self.sb.bsize

    def block_map(self, inode):
        """The extents of a file's blocks by their number in the file."""
        result = {}
        seen = set()
        for extent in self.extents(inode):
            if extent.logical is not None:
                result[extent.logical] = extent
            elif extent.address in seen:
                raise FormatError(
                    'inode %d leads into a circle' % inode.number)
            else:
                seen.add(extent.address)
        return result

    def chunks(self, inode):
        """Generates the content of a file, block by block."""
        if stat.S_ISLNK(inode.mode) and not self.has_blocks(inode):
            yield inode.in_place[:inode.size]
            return
        if not self.has_blocks(inode):
            raise FormatError('inode %d has no content' % inode.number)
        if inode.size > self.maximum_size():
            raise FormatError('inode %d is too large' % inode.number)
        where = self.block_map(inode)
        for logical in range(self.block_count(inode)):
            size = min(
                inode.size - logical * self.sb.bsize, self.sb.bsize)
            if logical in where:
                extent = where[logical]
                yield self.fragments(extent.address, extent.count)[:size]
            else:
                yield bytes(size)

    def read(self, inode):
        """The content of a file."""
        if inode.size > READ_LIMIT:
            raise FormatError('inode %d is too large' % inode.number)
        return b''.join(self.chunks(inode))

    # Directories.

    def entries(self, inode):
        """The entries of a directory, '.' and '..' too."""
        result = []
        data = self.read(inode)
        for start in range(0, len(data), DIRECTORY_CHUNK):
            result += self._chunk_entries(
                inode.number, data[start:start + DIRECTORY_CHUNK])
        return result

    @staticmethod
    def _chunk_entries(directory, chunk):
        at = 0
        result = []
        while at < len(chunk):
            if len(chunk) - at < 8:
                raise FormatError('directory %d: short entry' % directory)
            number, length, kind, name_length = struct.unpack_from(
                '<IHBB', chunk, at)
            if (length % 4 != 0 or length < 8 + name_length
                    or at + length > len(chunk)):
                raise FormatError(
                    'directory %d: bad entry length' % directory)
            name = chunk[at + 8:at + 8 + name_length]
            if number != 0:
                if not name or b'/' in name or b'\0' in name:
                    raise FormatError('directory %d: bad name' % directory)
                result.append(
                    Entry(os.fsdecode(name), number, kind))
            at += length
        return result

    def lookup(self, path):
        """The inode of a path; symbolic links are not followed."""
        inode = self.inode(ROOT)
        for part in path.split('/'):
            if part in ('', '.'):
                continue
            if not stat.S_ISDIR(inode.mode):
                raise FileNotFoundError(path)
            numbers = [
                e.number for e in self.entries(inode) if e.name == part]
            if not numbers:
                raise FileNotFoundError(path)
            inode = self.inode(numbers[0])
        return inode

    def walk(self):
        """Generates path and inode of all files, the root first."""
        seen = {ROOT}
        waiting = [('', self.inode(ROOT))]
        yield '/', waiting[0][1]
        while waiting:
            path, directory = waiting.pop()
            for entry in sorted(self.entries(directory)):
                if entry.name in ('.', '..'):
                    continue
                inode = self.inode(entry.number)
                below = path + '/' + entry.name
                yield below, inode
                if stat.S_ISDIR(inode.mode):
                    if entry.number in seen:
                        raise FormatError('circle at ' + below)
                    seen.add(entry.number)
                    waiting.append((below, inode))


class Checker:
    """Verifies a file system; `problems` are what it has found.

    The counts that it makes itself are `inodes`, `directories`, `used` and
    `free` fragments.  The inodes `left` are free, but marked as used.
    """

    def __init__(self, fs, left=()):
        self.fs = fs
        self.left = left
        self.problems = []
        self.owner = {}     # of each used fragment
        self.allocated = {}     # inodes by number
        self.references = collections.Counter()
        self.inodes = self.directories = self.free = 0

    def problem(self, text, *values):
        """Notes a problem."""
        self.problems.append(text % values)

    def run(self):
        """Makes all checks; returns whether there is no problem."""
        if self.fs.sb.clean != CLEAN:
            self.problem('the file system is not marked clean')
        if self.fs.sb.fmod != 0:
            self.problem('the superblock is marked modified')
        self._claim_metadata()
        self._check_inodes()
        self._check_directories()
        self._check_links()
        self._check_groups()
        self.inodes = len(self.allocated)
        self.directories = sum(
            stat.S_ISDIR(i.mode) for i in self.allocated.values())
        return not self.problems

    @property
    def used(self):
        """The number of fragments in use, metadata included."""
        return len(self.owner)

    # Who owns which fragment.

    def _claim(self, owner, address, count):
        """Returns whether all of it is in the image and nobody else's."""
        sb = self.fs.sb
        if address < 0 or address + count > sb.size:
            self.problem('%s: address %d is out of range', owner, address)
            return False
        if address // sb.frag != (address + count - 1) // sb.frag:
            self.problem(
                '%s: fragments at %d are in two blocks', owner, address)
        good = True
        for fragment in range(address, address + count):
            if fragment in self.owner:
                self.problem(
                    '%s: fragment %d belongs to %s', owner, fragment,
                    self.owner[fragment])
                good = False
            self.owner.setdefault(fragment, owner)
        return good

    def _claim_metadata(self):
        sb = self.fs.sb
        for group in range(sb.ncg):
            base = self.fs.group_base(group)
            # Before the superblock's copy the later groups have data, the
            # first has boot blocks.
            start = base + (sb.sblkno if group > 0 else 0)
            end = min(base + sb.dblkno, sb.size)
            for address in range(start, end):
                self.owner[address] = 'metadata of group %d' % group
        for i in range(-(-sb.cssize // sb.fsize)):
            self.owner[sb.csaddr + i] = 'the summary'

    def _check_inodes(self):
        for number in range(ROOT, self.fs.sb.ncg * self.fs.sb.ipg):
            inode = self.fs.inode(number)
            if inode.mode == 0:
                continue
            self.allocated[number] = inode
            if stat.S_IFMT(inode.mode) not in TYPES:
                self.problem(
                    'inode %d: unknown type %o', number, inode.mode)
            if inode.size > self.fs.maximum_size():
                self.problem('inode %d is too large', number)
            self._check_blocks(inode)

    def _check_blocks(self, inode):
        owner = 'inode %d' % inode.number
        extents = self.fs.extents(inode)
        count = 0
        extent = next(extents, None)
        while extent is not None:
            good = self._claim(owner, extent.address, extent.count)
            count += extent.count
            if (extent.logical is not None
                    and extent.logical >= self.fs.block_count(inode)):
                self.problem(
                    '%s: block %d is behind the end', owner, extent.logical)
            try:
                extent = extents.send(not good)
            except StopIteration:
                extent = None
        if count * self.fs.sb.fsize != inode.sectors * SECTOR:
            self.problem(
                '%s: has %d fragments, but says %d sectors', owner, count,
                inode.sectors)

    # The tree of names.

    def _check_directories(self):
        root = self.allocated.get(ROOT)
        if root is None or not stat.S_ISDIR(root.mode):
            self.problem('there is no root directory')
            return
        parents = {ROOT: ROOT}
        waiting = [ROOT]
        while waiting:
            number = waiting.pop()
            for child in self._check_directory(number, parents[number]):
                if child in parents:
                    self.problem('directory %d has two names', child)
                else:
                    parents[child] = number
                    waiting.append(child)

    def _check_directory(self, number, parent):
        """Returns the numbers of the directories in a directory."""
        inode = self.allocated[number]
        if inode.size == 0 or inode.size % DIRECTORY_CHUNK != 0:
            self.problem('directory %d has a bad size', number)
        try:
            entries = self.fs.entries(inode)
        except FormatError as error:
            self.problem('%s', error)
            return []
        names = [entry.name for entry in entries]
        if names[:2] != ['.', '..']:
            self.problem("directory %d lacks '.' or '..'", number)
        elif (entries[0].number, entries[1].number) != (number, parent):
            self.problem("directory %d has a wrong '.' or '..'", number)
        for name, count in collections.Counter(names).items():
            if count > 1:
                self.problem('directory %d: %r is there twice', number, name)
        return [
            entry.number for entry in entries
            if self._check_entry(number, entry)]

    def _check_entry(self, directory, entry):
        """Returns whether an entry leads to another directory."""
        inode = self.allocated.get(entry.number)
        if inode is None:
            self.problem(
                'directory %d: %r has no inode', directory, entry.name)
            return False
        self.references[entry.number] += 1
        if entry.kind != stat.S_IFMT(inode.mode) >> 12:
            self.problem(
                'directory %d: %r has a wrong type', directory, entry.name)
        return (
            stat.S_ISDIR(inode.mode) and entry.name not in ('.', '..'))

    def _check_links(self):
        sb = self.fs.sb
        if sb.journal_location == JOURNAL_IN_FILE:
            self.references[sb.journal_inode] += 1
        for number, inode in self.allocated.items():
            if self.references[number] != inode.nlink:
                self.problem(
                    'inode %d: has %d names, but says %d', number,
                    self.references[number], inode.nlink)

    # Cylinder groups and free counts.

    def _check_groups(self):
        sb = self.fs.sb
        total = collections.Counter()
        for group in range(sb.ncg):
            counted = self._check_group(group)
            total.update(counted)
            summary = struct.unpack_from(
                '<4i', self.fs.data, sb.csaddr * sb.fsize + 16 * group)
            self._compare(
                'summary of group %d' % group, counted,
                dict(zip(COUNTS, summary)))
        self._compare('superblock', total, vars(sb))
        self.free = total['nbfree'] * sb.frag + total['nffree']

    def _compare(self, where, counted, stated):
        for name in COUNTS:
            if counted[name] != stated[name]:
                self.problem(
                    '%s: %s is %d, but says %d', where, name, counted[name],
                    stated[name])

    def _check_group(self, group):
        """Returns what the group's counts must be."""
        where = 'group %d' % group
        header, data = self.fs.group(group)
        size = self.fs.group_end(group) - self.fs.group_base(group)
        counted = dict.fromkeys(COUNTS, 0)
        if header.magic != MAGIC_GROUP or header.cgx != group:
            self.problem('%s: bad magic or number', where)
        if header.ndblk != size:
            self.problem(
                '%s: has %d fragments, but says %d', where, size,
                header.ndblk)
        self._check_inode_map(group, header, data, counted)
        free = self._check_fragment_map(group, header, data)
        self._count_free(where, header, free, counted)
        self._check_clusters(where, header, data, free)
        self._compare(where, counted, vars(header))
        return counted

    def _bits(self, data, offset, count, where):
        """A bitmap as a list of 0 and 1."""
        if not 0 < offset <= self.fs.sb.cgsize - (count + 7) // 8:
            self.problem('%s: a bitmap is out of range', where)
            return [0] * count
        return [
            data[offset + i // 8] >> i % 8 & 1 for i in range(count)]

    def _check_inode_map(self, group, header, data, counted):
        ipg = self.fs.sb.ipg
        bits = self._bits(data, header.iusedoff, ipg, 'group %d' % group)
        for index, bit in enumerate(bits):
            number = group * ipg + index
            inode = self.allocated.get(number)
            used = (inode is not None or number < ROOT
                    or number in self.left)
            if bit != used:
                self.problem(
                    'inode %d is %s, but not in the bitmap', number,
                    'used' if used else 'free')
            counted['nifree'] += not used
            counted['ndir'] += (
                inode is not None and stat.S_ISDIR(inode.mode))

    def _check_fragment_map(self, group, header, data):
        """Returns for each fragment of the group whether it is free."""
        base = self.fs.group_base(group)
        free = [
            address not in self.owner
            for address in range(base, self.fs.group_end(group))]
        bits = self._bits(
            data, header.freeoff, len(free), 'group %d' % group)
        for index, bit in enumerate(bits):
            if bit != free[index]:
                self.problem(
                    'fragment %d is %s, but not in the bitmap', base + index,
                    'free' if free[index] else
                    'used by ' + self.owner[base + index])
        return free

    def _count_free(self, where, header, free, counted):
        """Counts free blocks, and free fragments of used blocks by runs."""
        frag = self.fs.sb.frag
        runs = [0] * 8
        for start in range(0, len(free), frag):
            block = free[start:start + frag]
            if len(block) == frag and all(block):
                counted['nbfree'] += 1
                continue
            counted['nffree'] += sum(block)
            for length in run_lengths(block):
                runs[length] += 1
        if runs != list(header.frsum):
            self.problem(
                '%s: runs of free fragments are %s, but says %s', where,
                runs, list(header.frsum))

    def _check_clusters(self, where, header, data, free):
        sb = self.fs.sb
        if sb.contigsumsize == 0:
            return
        blocks = [
            all(free[i * sb.frag:(i + 1) * sb.frag])
            for i in range(len(free) // sb.frag)]
        bits = self._bits(data, header.clusteroff, len(blocks), where)
        if header.nclusterblks != len(blocks) or bits != blocks:
            self.problem('%s: the bitmap of clusters is wrong', where)
        counts = [0] * (sb.contigsumsize + 1)
        for length in run_lengths(blocks):
            counts[min(length, sb.contigsumsize)] += 1
        at = header.clustersumoff
        if not 0 < at <= sb.cgsize - 4 * len(counts):
            self.problem('%s: the sums of clusters are out of range', where)
            return
        stated = struct.unpack_from('<%di' % len(counts), data, at)
        if list(stated[1:]) != counts[1:]:
            self.problem(
                '%s: runs of free blocks are %s, but says %s', where,
                counts[1:], list(stated[1:]))


def run_lengths(flags):
    """The lengths of the runs of true values."""
    result = []
    length = 0
    for flag in list(flags) + [False]:
        if flag:
            length += 1
        elif length > 0:
            result.append(length)
            length = 0
    return result


def load(path):
    """Reads an image."""
    with open(path, 'rb') as file:
        return FileSystem(file.read())


def check(fs, left=()):
    """Verifies a file system; returns the Checker that has done it."""
    checker = Checker(fs, left)
    checker.run()
    return checker


def main():
    """The command line."""
    parser = argparse.ArgumentParser(
        description='Reads and checks FFS images.')
    commands = parser.add_subparsers(dest='command', required=True)
    for name, text in (
            ('check', 'verify all structures'), ('ls', 'list all files'),
            ('cat', 'write a file to standard output')):
        command = commands.add_parser(name, help=text)
        command.add_argument('image', metavar='IMAGE')
        if name == 'cat':
            command.add_argument('path', metavar='PATH')
    arguments = parser.parse_args()

    fs = load(arguments.image)
    if arguments.command == 'ls':
        for path, inode in fs.walk():
            print('%s %3d %9d %s' % (
                stat.filemode(inode.mode), inode.nlink, inode.size, path))
    elif arguments.command == 'cat':
        for chunk in fs.chunks(fs.lookup(arguments.path)):
            sys.stdout.buffer.write(chunk)
    else:
        checker = check(fs)
        for problem in checker.problems[:PROBLEM_LINES]:
            print('ffs: ' + problem)
        if len(checker.problems) > PROBLEM_LINES:
            print('ffs: ...')
        print(
            '%s: %d groups, %d inodes (%d directories), %d fragments used, '
            '%d free: %s' % (
                arguments.image, fs.sb.ncg, checker.inodes,
                checker.directories, checker.used, checker.free,
                '%d problems' % len(checker.problems)
                if checker.problems else 'clean'))
        return 1 if checker.problems else 0
    return 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except (FormatError, OSError) as error:
        print('ffs: %s' % error, file=sys.stderr)
        sys.exit(2)
