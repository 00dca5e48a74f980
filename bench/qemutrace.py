# SPDX-License-Identifier: BSD-2-Clause

"""Counts executed instructions by the file that they come from.

QEMU prints a line for each instruction of a program.  The lines are counted
as they come and stored nowhere.  A program marks regions with bench_begin()
and bench_end(); where an instruction comes from says the linker's map.
"""

import bisect
import collections
import os
import re
import subprocess
import tempfile

# A translation block that holds one instruction is executed.  An instruction
# that reads a device is started twice, the second time marked by bit 15 of
# the block's flags (CF_LAST_IO): that is one instruction, not two.
EXECUTED = re.compile(
    rb'\[[0-9a-f]+/([0-9a-f]+)/[0-9a-f]+/[0-9a-f]{4}[0-7][0-9a-f]{3}\]')

# An interrupt came first, and the instruction is printed again later.
STOPPED = re.compile(rb'^Stopped execution.*\[([0-9a-f]+)\]', re.MULTILINE)

QEMU_OPTIONS = ('-singlestep', '-d', 'exec,nochain', '-D')

CHUNK = 1 << 22

# A section in a linker map; a long name stands in a line of its own.
SECTION = re.compile(
    r'^ (\.\S+)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$', re.MULTILINE)


class Map:
    """Where each instruction of a program comes from."""

    def __init__(self, path, origin):
        """Reads a linker map; `origin` makes a name of a file's path."""
        with open(path, encoding='utf-8', errors='replace') as file:
            text = file.read()
        text = text[text.index('Linker script and memory map'):]
        self.sections = sorted(
            (int(address, 16), int(size, 16), name, source, origin(source))
            for name, address, size, source in SECTION.findall(text)
            if int(size, 16) and int(address, 16)
            and not name.startswith('.debug'))
        self.starts = [section[0] for section in self.sections]

    def section(self, address):
        """Returns (address, size, name, file, origin), or None."""
        i = bisect.bisect_right(self.starts, address) - 1
        if i >= 0 and address < self.starts[i] + self.sections[i][1]:
            return self.sections[i]
        return None

    def origin(self, address):
        """Returns the origin of an instruction."""
        section = self.section(address)
        return section[4] if section else 'host'

    def function_at(self, address):
        """Returns the function of an instruction, or its file where the
        functions of a file share a section."""
        section = self.section(address)
        if not section:
            return '?'
        name, path = section[2:4]
        if path == 'linker stubs':
            return "the linker's veneers"
        for prefix in ('.text.unlikely.', '.text.'):
            if name.startswith(prefix):
                return name[len(prefix):]
        return os.path.basename(path)

    def address(self, function):
        """Returns the address of a function that has its own section."""
        for section in self.sections:
            if section[2] == '.text.' + function:
                return section[0]
        raise KeyError(function)


class Region:
    """The instructions between a bench_begin() and the next bench_end()."""

    def __init__(self):
        self.counts = collections.Counter()

    def by(self, key):
        """Returns {key(address): instructions}."""
        result = collections.Counter()
        for address, count in self.counts.items():
            result[key(address)] += count
        return result


class Counter:
    """Divides a trace into regions."""

    def __init__(self, begin, end):
        self.begin = begin
        self.end = end
        self.markers = [b'/%08x/' % begin, b'/%08x/' % end]
        self.regions = []
        self.current = None

    def feed(self, text):
        """Takes whole lines of a trace."""
        if any(marker in text for marker in self.markers):
            for line in text.splitlines():
                self.feed_line(line)
        elif self.current:
            self.count(text)

    def feed_line(self, line):
        """Takes one line of a trace."""
        match = EXECUTED.search(line)
        address = int(match.group(1), 16) if match else None
        if address == self.begin:
            self.current = Region()
        elif self.current and address == self.end:
            self.regions.append(self.current)
            self.current = None
        elif self.current:
            self.count(line)

    def count(self, text):
        """Counts lines without a marker."""
        counts = self.current.counts
        found = collections.Counter(EXECUTED.findall(text))
        for address, count in found.items():
            counts[int(address, 16)] += count
        for address in STOPPED.findall(text):
            counts[int(address, 16)] -= 1


class Run:
    """A program that runs under QEMU with a trace."""

    def __init__(self, command, begin, end):
        """`command` makes a command line of QEMU options."""
        self.counter = Counter(begin, end)
        self.console = tempfile.TemporaryFile()
        read, write = os.pipe()
        self.trace = os.fdopen(read, 'rb', buffering=0)
        self.qemu = subprocess.Popen(
            command(QEMU_OPTIONS + (f'/dev/fd/{write}',)),
            stdin=subprocess.DEVNULL, stdout=self.console,
            stderr=subprocess.STDOUT, pass_fds=[write])
        os.close(write)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self.qemu.wait()
        self.trace.close()
        self.console.close()

    def kill(self):
        """Ends the program early."""
        self.qemu.kill()

    def finish(self):
        """Returns the program's console and its regions."""
        rest = b''
        for chunk in iter(lambda: self.trace.read(CHUNK), b''):
            lines, newline, tail = chunk.rpartition(b'\n')
            if newline:
                self.counter.feed(rest + lines + newline)
                rest = tail
            else:
                rest += tail
        self.qemu.wait()
        self.console.seek(0)
        return (self.console.read().decode(errors='replace'),
                self.counter.regions)
