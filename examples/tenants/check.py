#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Runs the example with a hand at its console.

    check.py COMMAND...

COMMAND runs the program with a console on standard input and output.  The exit
status is 0 if one kernel has crashed and is back, and the other has not
noticed.
"""

import os
import re
import select
import subprocess
import sys
import time

PROMPT = rb'/\] # '
TIMEOUT = 200

# Others print, too, also in the middle of a prompt: then there is another
# for an empty line.
PATIENCE = 10


class Failure(Exception):
    """What is not as it must be."""


class Console:
    """The program, its console, and what that has shown."""

    def __init__(self, command):
        self.program = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        self.until = time.monotonic() + TIMEOUT

    def wait(self, pattern):
        """Returns what comes until a pattern has come; shows it, too."""
        said = b''
        while not re.search(pattern, said):
            if time.monotonic() > self.until:
                raise Failure(f'{pattern} does not come')
            if not select.select(
                    [self.program.stdout], [], [], PATIENCE)[0]:
                if pattern == PROMPT:
                    self.press('\n')
                continue
            data = os.read(self.program.stdout.fileno(), 4096)
            if not data:
                raise Failure('the program ended')
            sys.stdout.write(re.sub(
                r'[^ -~\n]', '', data.decode('utf-8', 'replace')))
            sys.stdout.flush()
            said += data
        return said.decode('utf-8', 'replace')

    def press(self, key):
        """Presses a key."""
        self.program.stdin.write(key.encode())
        self.program.stdin.flush()

    def type(self, line, pattern=PROMPT):
        """Types a line, as fast as the program reads."""
        for letter in line:
            self.press(letter)
            self.wait(re.escape(letter).encode())
        self.press('\n')
        return self.wait(pattern)

    def wait_for_kernel(self, name, starts):
        """Asks until a kernel runs and was started so often."""
        while not re.search(rf'{name} +running .* {starts} \d',
                            self.type('rump')):
            time.sleep(0.5)


def main():
    """The command line."""
    console = Console(sys.argv[1:])
    try:
        console.wait(PROMPT)
        console.wait_for_kernel('one', 1)
        console.wait_for_kernel('two', 1)
        for life in 2, 3:
            console.type('crash two')
            console.wait_for_kernel('two', life)
        console.wait_for_kernel('one', 1)
        console.type('rump usage two')
        console.wait(rb'jitter: at most \d+ us in \d+ ticks')
        end = console.type('exit', rb'tenants: done')
    finally:
        console.program.kill()
    for line in ('one: worked, 0 interruptions',
                 'two: worked, 2 interruptions'):
        if line not in end:
            raise Failure(f'"{line}" is missing')
    print('\ncheck: all as expected')


if __name__ == '__main__':
    try:
        main()
    except (Failure, OSError) as error:
        print('\ncheck: FAILED: %s' % error)
        sys.exit(1)
