#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Runs the example and verifies on the host what it has left on its disk.

    check.py IMAGE COMMAND...

IMAGE is what the program's disk held at the start, COMMAND runs the program.
The changed blocks that it prints are put into a copy of the image, which is
then read and checked with tools/ffs.py.  The exit status is 0 if all is right.
"""

import argparse
import base64
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, '..', '..', 'tools'))

import ffs  # noqa: E402

BLOCK_SIZE = 512
PATTERN_SIZE = 300000
TIMEOUT = 100


class Failure(Exception):
    """What is not as it must be."""


def run(command, end='files: done'):
    """Runs the program, which says so at its end; returns what it prints."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=TIMEOUT, check=False)
        output, status = done.stdout, done.returncode
    except subprocess.TimeoutExpired as error:
        output, status = error.output or b'', 'time-out'
    lines = output.decode('utf-8', 'replace').splitlines()
    for line in lines:
        if not re.match(r'image: \d', line):
            print(''.join(c for c in line if c.isprintable()))
    if status != 0:
        raise Failure('the program ended with %s' % status)
    if end not in lines:
        raise Failure('the program has not reached its end')
    return lines


def apply_changes(image, lines):
    """The image after the program: with the blocks that it has printed."""
    result = bytearray(image)
    changed = 0
    for line in lines:
        match = re.fullmatch(r'image: (\d+) ([A-Za-z0-9+/]+=*)', line)
        if match is None:
            continue
        block = base64.b64decode(match[2], validate=True)
        start = int(match[1]) * BLOCK_SIZE
        if len(block) != BLOCK_SIZE or start + BLOCK_SIZE > len(image):
            raise Failure('block %s is damaged' % match[1])
        result[start:start + BLOCK_SIZE] = block
        changed += 1
    end = 'image: end, %d of %d blocks changed' % (
        changed, len(image) // BLOCK_SIZE)
    if end not in lines:
        raise Failure('blocks are missing, only %d arrived' % changed)
    return bytes(result)


def pattern():
    """What the program writes into the large file."""
    x = 1
    result = bytearray()
    for _ in range(PATTERN_SIZE):
        x = (x * 1664525 + 1013904223) & 0xffffffff
        result.append(x >> 24)
    return bytes(result)


def expected_files():
    """All files that must be in the image, with their content."""
    result = {}
    disk = os.path.join(HERE, 'disk')
    for folder, _, names in os.walk(disk):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, 'rb') as file:
                result['/' + os.path.relpath(path, disk)] = file.read()
    result['/rtems/small.txt'] = result['/greeting.txt']
    result['/rtems/pattern.bin'] = pattern()
    return result


def check_structures(name, fs):
    """Verifies that a file system is clean and without a contradiction."""
    checker = ffs.check(fs)
    for problem in checker.problems[:20]:
        print('check: ' + problem)
    if checker.problems:
        raise Failure('%s has %d problems' % (name, len(checker.problems)))
    print(
        'check: %s: clean; bitmaps and counts of %d groups fit %d inodes, '
        '%d fragments used, %d free' % (
            name, fs.sb.ncg, checker.inodes, checker.used, checker.free))


def check_files(fs):
    """Verifies that there are the expected files and no others."""
    expected = expected_files()
    found = {}
    for path, inode in fs.walk():
        if inode.mode >> 12 != 4:
            found[path] = fs.read(inode)
    if sorted(found) != sorted(expected):
        raise Failure('found the files ' + ' '.join(sorted(found)))
    for path, content in sorted(expected.items()):
        if found[path] != content:
            raise Failure(path + ' has another content')
        print('check: %s: %d bytes, as expected' % (path, len(content)))


def main():
    """The command line."""
    parser = argparse.ArgumentParser(
        description='Runs the example and verifies what it has written.')
    parser.add_argument('--keep', metavar='FILE', help='write the image here')
    parser.add_argument('image', metavar='IMAGE')
    parser.add_argument(
        'command', metavar='COMMAND', nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if not arguments.command:
        parser.error('the command is missing')

    with open(arguments.image, 'rb') as file:
        before = file.read()
    check_structures('the image before', ffs.FileSystem(before))
    after = apply_changes(before, run(arguments.command))
    if arguments.keep:
        with open(arguments.keep, 'wb') as file:
            file.write(after)
    fs = ffs.FileSystem(after)
    check_structures('the image after', fs)
    check_files(fs)
    print('check: all as expected')


if __name__ == '__main__':
    try:
        main()
    except (Failure, ffs.FormatError, OSError, ValueError) as error:
        print('check: FAILED: %s' % error)
        sys.exit(1)
