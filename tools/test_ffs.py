#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Tests of ffs.py on images that makefs makes, intact and damaged."""

import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

import ffs  # noqa: E402

GEOMETRIES = (
    'bsize=4096,fsize=512', 'bsize=4096,fsize=512,maxbpcg=128',
    'bsize=8192,fsize=1024,maxbpcg=64', 'bsize=8192,fsize=8192',
    'bsize=16384,fsize=2048',
)
LONG_LINK = 'x' * 100
PATH = os.environ.get('PATH', '') + ':/usr/sbin:/sbin'
MAKEFS = shutil.which('makefs', path=PATH)
ROUNDS = 2000 if os.environ.get('LONG') == '1' else 200


def make_image(geometry, tree, size):
    """An image of a tree of files given as a dictionary."""
    with tempfile.TemporaryDirectory() as folder:
        root = os.path.join(folder, 'root')
        for path, content in tree.items():
            path = os.path.join(root, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'wb') as file:
                file.write(content)
        os.symlink('short', os.path.join(root, 'short-link'))
        os.symlink(LONG_LINK, os.path.join(root, 'long-link'))
        image = os.path.join(folder, 'image')
        subprocess.run(
            [MAKEFS, '-t', 'ffs', '-B', 'le', '-s', size, '-o', geometry,
             image, root], check=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        with open(image, 'rb') as file:
            return file.read()


def inode_offset(fs, number):
    """Where an inode of the first group is in the image."""
    return fs.sb.iblkno * fs.sb.fsize + number * ffs.INODE_SIZE


@unittest.skipUnless(MAKEFS, 'makefs is not installed')
class Intact(unittest.TestCase):
    """What makefs has made is clean and has the content it was given."""

    def test_geometries(self):
        """Direct, indirect and double indirect blocks, large directories."""
        tree = {'folder/sub/file-%03d' % i: b'%d\n' % i for i in range(300)}
        tree['large'] = random.Random(1).randbytes(9000000)
        tree['empty'] = b''
        tree['folder/exact'] = bytes(range(256)) * 64
        for geometry in GEOMETRIES:
            with self.subTest(geometry):
                fs = ffs.FileSystem(make_image(geometry, tree, '20m'))
                self.assertEqual(ffs.check(fs).problems, [])
                for path, content in tree.items():
                    self.assertEqual(fs.read(fs.lookup(path)), content)
                self.assertEqual(
                    fs.read(fs.lookup('short-link')), b'short')
                self.assertEqual(
                    fs.read(fs.lookup('long-link')), LONG_LINK.encode())
                self.assertEqual(
                    len(list(fs.walk())), len(tree) + 5)

    def test_missing_path(self):
        """A path that is not there."""
        fs = ffs.FileSystem(make_image(GEOMETRIES[0], {'a': b''}, '1m'))
        for path in 'b', 'a/b':
            with self.assertRaises(FileNotFoundError):
                fs.lookup(path)


@unittest.skipUnless(MAKEFS, 'makefs is not installed')
class Damaged(unittest.TestCase):
    """Each damage is found and none is believed."""

    @classmethod
    def setUpClass(cls):
        cls.image = make_image(
            GEOMETRIES[0],
            {'a': b'a' * 3000, 'd/b': bytes(100000), 'd/e/f': b'f'}, '1m')
        cls.fs = ffs.FileSystem(cls.image)

    def damage(self, offset, kind, value, expected):
        """Writes a value; one of the problems must be the expected one."""
        image = bytearray(self.image)
        struct.pack_into('<' + kind, image, offset, value)
        problems = ffs.check(ffs.FileSystem(bytes(image))).problems
        self.assertRegex('\n'.join(problems), expected)

    def field(self, offset, kind):
        """A value of the image."""
        return struct.unpack_from('<' + kind, self.image, offset)[0]

    def test_superblock(self):
        """The flag and the counts of the superblock."""
        sb = ffs.SUPERBLOCK_OFFSET
        self.damage(sb + 209, 'B', 0, 'not marked clean')
        for offset in 1008, 1016, 1024, 1032:
            self.damage(sb + offset, 'q', 9999, 'superblock: n')

    def test_summary(self):
        """The counts of the groups in the summary."""
        start = self.fs.sb.csaddr * self.fs.sb.fsize
        for offset in 0, 4, 8, 12:
            self.damage(start + offset, 'i', 99, 'summary of group 0')

    def test_group(self):
        """Counts and bitmaps of a cylinder group."""
        start = self.fs.sb.cblkno * self.fs.sb.fsize
        header, _ = self.fs.group(0)
        self.damage(start + 4, 'I', 0, 'bad magic')
        for offset in 24, 28, 32, 36:
            self.damage(start + offset, 'i', 99, 'group 0: n')
        self.damage(start + 52 + 4, 'i', 99, 'runs of free fragments')
        self.damage(
            start + header.iusedoff, 'B', 0x5a, 'but not in the bitmap')
        self.damage(
            start + header.freeoff + 16, 'B', 0x55, 'but not in the bitmap')
        self.damage(
            start + header.clusteroff + 16, 'B', 0x55, 'bitmap of clusters')
        self.damage(
            start + header.clustersumoff + 4, 'i', 9, 'runs of free blocks')

    def test_left(self):
        """An inode that is free, but marked as used, and counted so."""
        number = self.fs.sb.ipg - 1
        group = self.fs.sb.cblkno * self.fs.sb.fsize
        header, _ = self.fs.group(0)
        image = bytearray(self.image)
        image[group + header.iusedoff + number // 8] |= 1 << number % 8
        for at, kind in (
                (group + 32, '<i'), (ffs.SUPERBLOCK_OFFSET + 1024, '<q'),
                (self.fs.sb.csaddr * self.fs.sb.fsize + 8, '<i')):
            count, = struct.unpack_from(kind, image, at)
            struct.pack_into(kind, image, at, count - 1)
        fs = ffs.FileSystem(bytes(image))
        self.assertRegex(ffs.check(fs).problems[0], 'not in the bitmap')
        self.assertEqual(ffs.check(fs, {number}).problems, [])
        self.assertNotEqual(ffs.check(fs, {number - 1}).problems, [])

    def test_inode(self):
        """Fields of an inode."""
        b = self.fs.lookup('d/b')
        at = inode_offset(self.fs, b.number)
        self.damage(at, 'H', 0, 'has no inode')
        self.damage(at + 2, 'h', 7, 'has 1 names, but says 7')
        self.damage(at + 8, 'Q', 4096, 'behind the end')
        self.damage(at + 8, 'Q', 1 << 63, 'too large')
        self.damage(at + 104, 'I', 1, 'but says 1 sectors')

    def test_journal(self):
        """A file that is the journal's has the superblock for a name."""
        b = self.fs.lookup('d/b')
        image = bytearray(self.image)
        sb = ffs.SUPERBLOCK_OFFSET
        struct.pack_into('<B', image, sb + 865, 2)
        struct.pack_into('<Q', image, sb + 896, b.number)
        struct.pack_into('<h', image, inode_offset(self.fs, b.number) + 2, 2)
        self.assertEqual(ffs.check(ffs.FileSystem(image)).problems, [])
        struct.pack_into('<B', image, sb + 865, 1)
        self.assertEqual(len(ffs.check(ffs.FileSystem(image)).problems), 1)

    def test_addresses(self):
        """A block that is used twice, metadata, outside, in a circle."""
        b = self.fs.lookup('d/b')
        at = inode_offset(self.fs, b.number)
        self.damage(at + 40, 'i', b.direct[1], 'belongs to inode')
        self.damage(at + 40, 'i', 8, 'belongs to metadata')
        self.damage(at + 40, 'i', 1 << 30, 'out of range')
        self.damage(at + 88, 'i', -1, 'out of range')
        self.damage(at + 92, 'i', b.indirect[0], 'belongs to inode')
        indirect = b.indirect[0]
        self.damage(
            indirect * self.fs.sb.fsize, 'i', indirect, 'belongs to inode')

    def test_directory(self):
        """Entries of a directory."""
        d = self.fs.lookup('d')
        at = d.direct[0] * self.fs.sb.fsize
        self.damage(at, 'I', 2, "wrong '.'")
        self.damage(at + 12, 'I', d.number, "wrong '.' or '..'")
        self.damage(at + 24, 'I', 31, 'has no inode')
        self.damage(at + 24, 'I', 2, 'two names')
        self.damage(at + 24 + 4, 'H', 3, 'bad entry length')
        self.damage(at + 24 + 6, 'B', 12, 'wrong type')
        self.damage(at + 24 + 8, 'B', 0, 'bad name')

    def test_no_file_system(self):
        """What has no superblock of this format."""
        for image in (
                b'', bytes(100000), self.image[:20000],
                self.image.replace(
                    struct.pack('<I', ffs.MAGIC_UFS1),
                    struct.pack('<I', ffs.MAGIC_UFS2))):
            with self.assertRaises(ffs.FormatError):
                ffs.FileSystem(image)

    def test_noise(self):
        """Damage of any kind ends in a report or a FormatError."""
        noise = random.Random(2)
        end = (self.fs.sb.dblkno + 64) * self.fs.sb.fsize
        for _ in range(ROUNDS):
            image = bytearray(self.image)
            for _ in range(noise.choice((1, 4, 64))):
                image[noise.randrange(8192, end)] = noise.randrange(256)
            try:
                fs = ffs.FileSystem(bytes(image))
                ffs.check(fs)
                for _, inode in fs.walk():
                    if fs.has_blocks(inode) and inode.size < 1 << 20:
                        fs.read(inode)
            except ffs.FormatError:
                pass


if __name__ == '__main__':
    unittest.main()
