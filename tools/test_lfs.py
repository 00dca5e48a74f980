#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Tests of lfs.py on images that it makes, intact and damaged."""

import os
import struct
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import ffs  # noqa: E402
import lfs  # noqa: E402

SIZE = 8 << 20
NOW = 1000000000


def problems(image):
    """What the checker finds."""
    return lfs.check(lfs.FileSystem(bytes(image))).problems


class Intact(unittest.TestCase):
    """Images as they are made."""

    def test_sizes(self):
        """Of few and of many segments."""
        for size in (6 << 20, SIZE, 40 << 20, 100000000):
            image = lfs.Maker(size, NOW).make()
            self.assertEqual(len(image), size)
            self.assertEqual(problems(image), [])
            fs = lfs.FileSystem(image)
            self.assertEqual([path for path, _ in fs.walk()], ['/'])
            self.assertEqual([entry.name for entry in
                              fs.entries(fs.inode(lfs.ROOT))], ['.', '..'])

    def test_too_small(self):
        """NetBSD wants segments to be free."""
        with self.assertRaises(ffs.FormatError):
            lfs.Maker(4 << 20, NOW)

    def test_units(self):
        """Sizes as people write them."""
        self.assertEqual(lfs.size_of('16m'), 16 << 20)
        self.assertEqual(lfs.size_of('4096'), 4096)


class Damaged(unittest.TestCase):
    """Each check finds what it is for."""

    def setUp(self):
        self.maker = lfs.Maker(SIZE, NOW)
        self.image = bytearray(self.maker.make())

    def put(self, block, offset, kind, value):
        """Changes a value."""
        struct.pack_into('<' + kind, self.image,
                         block * lfs.FRAGMENT + offset, value)

    def expect(self, text):
        """One of the problems is like that."""
        found = problems(self.image)
        self.assertTrue(any(text in line for line in found), found)

    def test_clean(self):
        """It was not unmounted."""
        for segment in self.maker.copies:
            self.put(self.maker.address(segment), 322, 'H', 0)
        self.expect('not marked clean')

    def test_links(self):
        """The second inode is the root's."""
        self.put(self.maker.inodes, lfs.INODE_SIZE + 2, 'h', 3)
        self.expect('inode 2: has 2 links, but says 3')

    def test_addresses(self):
        """The root has a block of the inode file, or none of the image."""
        at = lfs.INODE_SIZE + 40
        self.put(self.maker.inodes, at + 4, 'i', self.maker.ifile)
        self.expect('belongs to inode 1')
        self.put(self.maker.inodes, at + 4, 'i', 1)
        self.expect('1 is out of range')
        self.put(self.maker.inodes, at, 'i', -1)
        with self.assertRaises(ffs.FormatError):
            problems(self.image)

    def test_fragments(self):
        """An inode tells how many it has."""
        self.put(self.maker.inodes, lfs.INODE_SIZE + 104, 'I', 2)
        self.expect('inode 2: has 1 fragments, but says 2')

    def test_uses(self):
        """Of the first segment, and of one that nobody uses."""
        use = self.maker.ifile * lfs.FRAGMENT + lfs.BLOCK
        struct.pack_into('<I', self.image, use, 5)
        self.expect('segment 0: has')
        struct.pack_into('<I', self.image, use + 12, 0)
        self.expect('segment 0 is used, but clean')

    def test_names(self):
        """A name that leads to a free inode."""
        self.put(self.maker.root, 12, 'I', 3)
        self.expect('inode 3 is free')

    def test_no_file_system(self):
        """Neither zeros nor too little are one."""
        for image in (bytes(SIZE), bytes(100)):
            with self.assertRaises(ffs.FormatError):
                lfs.FileSystem(image)


if __name__ == '__main__':
    unittest.main()
