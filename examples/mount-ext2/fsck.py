#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Runs the example and verifies with Linux's tools what it has left.

    fsck.py IMAGE COMMAND...

IMAGE is what the program's card held at the start, COMMAND runs the program.
The exit status is 0 if e2fsck finds the card clean and debugfs the data.
"""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, '..', 'files'))
os.environ['PATH'] += ':/usr/sbin:/sbin'

from check import Failure, apply_changes, run  # noqa: E402


def tool(*words):
    """Runs a tool; returns what it prints."""
    done = subprocess.run(words, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise Failure('%s: %s' % (words[0], done.stdout.decode()))
    return done.stdout.decode()


def verify(card):
    """Looks at the card as Linux would."""
    tool('e2fsck', '-f', '-n', card)
    print('check: e2fsck finds the card clean')
    expected = ''.join('%d,%d\n' % (i, i * i) for i in range(20))
    if expected not in tool('debugfs', '-R', 'cat /data/squares.csv', card):
        raise Failure('/data/squares.csv has another content')
    if 'data/squares.csv' not in tool('debugfs', '-R', 'stat /latest', card):
        raise Failure('/latest is another link')
    print('check: all as expected')


def main():
    """The command line."""
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    with open(sys.argv[1], 'rb') as file:
        before = file.read()
    after = apply_changes(before, run(sys.argv[2:], 'mount-ext2: done'))
    with tempfile.NamedTemporaryFile() as card:
        card.write(after)
        card.flush()
        verify(card.name)


if __name__ == '__main__':
    try:
        main()
    except (Failure, OSError, ValueError) as error:
        print('check: FAILED: %s' % error)
        sys.exit(1)
