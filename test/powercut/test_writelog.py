#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Tests of writelog.py, and of what is read of a survey."""

import os
import random
import struct
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'images'))
import listing  # noqa: E402
import writelog  # noqa: E402

SECTOR = writelog.SECTOR
SIZE = 16 * SECTOR


def sector(*numbers):
    """A sector of the log that begins with these."""
    return struct.pack(f'<{len(numbers)}Q', *numbers).ljust(SECTOR, b'\0')


def log_of(*entries):
    """A log of (sector, data, flags)."""
    log = sector(writelog.MAGIC, 1, len(entries), SECTOR)
    for where, data, flags in entries:
        log += sector(where, len(data) // SECTOR, flags, 0) + data
    return log


def read(log):
    """The entries of a log."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'log')
        with open(path, 'wb') as file:
            file.write(log)
        return writelog.read(path)


FLUSHED = (2, b'a' * SECTOR, 0)
FLUSH = (0, b'', writelog.FLUSH)
LATER = (2, b'b' * 2 * SECTOR, 0)
LAST = (5, b'c' * SECTOR, 0)


class WriteLog(unittest.TestCase):
    """What a power failure may leave."""

    def test_read(self):
        """Entries, and how long the log was after each."""
        entries = read(log_of(FLUSHED, FLUSH, LATER))
        self.assertEqual([e.offset for e in entries], [1024, 0, 1024])
        self.assertEqual([e.is_flush for e in entries], [False, True, False])
        self.assertEqual([e.end for e in entries],
                         [n * SECTOR for n in (3, 4, 7)])

    def test_damaged(self):
        """A log that ends early, and what is none."""
        log = log_of(FLUSHED, LATER)
        self.assertEqual(len(read(log[:-1])), 1)
        self.assertRaises(ValueError, read, b'\0' * SECTOR)

    def test_cuts(self):
        """What is flushed stays; later writes go, are torn, or stay."""
        entries = read(log_of(FLUSHED, FLUSH, LATER, LAST))
        seen = set()
        for seed in range(300):
            image = writelog.cut(bytes(SIZE), entries, random.Random(seed))
            self.assertEqual(len(image), SIZE)
            seen.add(bytes(image[at * SECTOR] for at in (2, 3, 5)))
        self.assertEqual(seen, {
            bytes((a, b, c)) for a in b'ab' for b in b'\0b' for c in b'\0c'})

    def test_no_flush(self):
        """Without a flush nothing is safe."""
        entries = read(log_of(FLUSHED, LAST))
        self.assertEqual(writelog.last_flush(entries), 0)
        images = {bytes(writelog.cut(bytes(SIZE), entries,
                                     random.Random(seed)))
                  for seed in range(100)}
        self.assertIn(bytes(SIZE), images)
        self.assertEqual(len(images), 4)


class Survey(unittest.TestCase):
    """What listing.py takes of the console."""

    def test_left_inode(self):
        """It belongs to the image that is being mounted."""
        lines = ('image: begin 0', 'image: end 0', 'image: begin 1',
                 'replay_finish: unable to cleanup inode 17', 'image: end 1')
        self.assertEqual(
            listing.boot(['printf', '%s\\n', *lines]),
            {'begin 0': set(), 'end 0': set(),
             'begin 1': {'unable to cleanup inode 17'}, 'end 1': set()})


if __name__ == '__main__':
    unittest.main()
