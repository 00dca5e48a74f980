#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Servers of each byte order, word size and alignment for rump-remote:

    order.py RUMP-REMOTE

They say that they are kernels of such machines, and speak as those would.
Structures are made here by hand, where NetBSD's compilers put their fields.
"""

import concurrent.futures
import os
import socket
import struct
import subprocess
import sys
import tempfile

REQUEST, RESPONSE = 0, 1
HANDSHAKE, SYSCALL, COPYIN, COPYINSTR, COPYOUT, CARRYING = 0, 1, 2, 3, 4, 9
READ, OPEN, CLOSE, IOCTL, SYSCTL, GETVFSSTAT, STATVFS, GETDENTS, LSTAT = \
    3, 5, 6, 54, 202, 356, 357, 390, 441
ENOENT = 2
DIRECTORY, FILE = 0o40755, 0o100644

CONTENT = bytes(range(256)) * 300

# What they say, how words are packed, and the alignment of 64 bits.
MACHINES = {
    '/amd64': ('<Q', 8), '/i386': ('<I', 4), '/sparc64': ('>Q', 8),
    '/sparc': ('>I', 8), '/evbarm': ('<I', 8),
    # Names that nobody knows, or that stand for several machines.
    '+abi=8l8/evbarm': ('<Q', 8), '+abi=4b8+carries/mips': ('>I', 8),
    '+abi=4l4+other/x': ('<I', 4), '+abi=4b4/x': ('>I', 4),
    '+other+abi=8b8/riscv': ('>Q', 8)
}

STATUS = b"""\
-rw-r--r--   3   501   502 5000000000 2026-01-02 03:04 """
TIME = 1767323040
MOUNTS = b'/dev/a on / type ffs (read-only)\n/dev/b on /b type lfs\n'
INTERFACES = b"""\
vioif0: up broadcast mtu 1500
    inet 10.0.2.15/24
"""


class Kernel:
    """The end of a connection at which such a kernel is."""

    def __init__(self, connection, layout):
        self.file = connection.makefile('rwb')
        (self.order, self.word), self.alignment = layout
        self.size = struct.calcsize(self.order + self.word)
        self.at = 0
        self.asked = 0

    def words(self, *values):
        """Words as they are in its memory."""
        return struct.pack(f'{self.order}{len(values)}{self.word}', *values)

    def receive(self):
        """The fields of a frame."""
        header = self.file.read(24)
        if len(header) < 24:
            return None
        size, *fields = struct.unpack(f'{self.order}QQHHI', header)
        return (*fields, self.file.read(size - 24))

    def send(self, number, kind, message, payload):
        """A frame."""
        self.file.write(struct.pack(
            f'{self.order}QQHHI', 24 + len(payload), number, kind, message, 0)
            + payload)
        self.file.flush()

    def copy_in(self, message, size, address):
        """Memory of the client."""
        self.asked += 1
        self.send(self.asked, REQUEST, message, self.words(size, address))
        number, kind, _, _, data = self.receive()
        assert (number, kind) == (self.asked, RESPONSE), (number, kind)
        return data

    def copy_out(self, data, address):
        """The same the other way."""
        self.asked += 1
        self.send(self.asked, REQUEST, COPYOUT,
                  self.words(len(data), address) + data)

    def pack(self, fields, *values):
        """Fields one after the other."""
        return struct.pack(self.order + fields, *values)

    def stat(self, mode):
        """A struct stat."""
        fill = b'' if self.alignment == 4 else bytes(4)
        times = b''.join(
            self.pack('q', TIME + 86400 * i) + self.words(5) + bytes(
                self.alignment - 4 if self.size == 4 else 0)
            for i in (-1, 0, 1, 2))
        return (self.pack('QI', 7, mode) + fill
                + self.pack('QIII', 8, 3, 501, 502) + fill
                + self.pack('Q', 9) + times
                + self.pack('qqi4I', 5000000000, 1, 2, 3, 4, 5, 6) + fill)

    def statvfs(self, flags, kind, there, device):
        """A struct statvfs."""
        text = self.words(flags, 512, 1024, 4096) + self.pack(
            '12Q2i', 1 << 33, 1 << 32, 1 << 31, *range(9), 1, 2)
        text += self.words(3, 255) + self.pack('5I', *range(5))
        text += struct.pack('32s1024s1024s', kind, there, device)
        return text + bytes(-len(text) % max(self.size, self.alignment))

    def dirent(self, name):
        """A struct dirent."""
        size = 13 + len(name) + 8 & ~7
        return struct.pack(f'{self.order}QHHB{size - 13}s', 1, size,
                           len(name), 8, name)

    def control(self, command, address):
        """What an ioctl() does about the one interface."""
        assert command >> 16 & 0x1fff == {
            0x26: 2 * self.size, 0x1b: 64}.get(command & 0xff, 144), command
        size = command >> 16 & 0x1fff
        request = self.copy_in(COPYIN, size, address)
        sockaddr = bytes((16, 2, 0, 0, 10, 0, 2, 15)).ljust(16, b'\0')
        mask = bytes((16, 2, 0, 0, 255, 255, 255, 0)).ljust(16, b'\0')
        if command & 0xff == 0x26:
            length, = struct.unpack_from(self.order + 'i', request)
            place, = struct.unpack_from(
                self.order + self.word, request, self.size)
            one = b'vioif0'.ljust(16, b'\0') + sockaddr.ljust(128, b'\0')
            assert length >= len(one)
            self.copy_out(one, place)
            request = self.pack('i', len(one)).ljust(self.size, b'\0') \
                + self.words(place)
        else:
            assert request[:16] == b'vioif0'.ljust(16, b'\0'), request
            request = request[:16] + {
                0x11: self.pack('h', 3), 0x7e: self.pack('i', 1500),
                0x1b: sockaddr + bytes(16) + mask
            }[command & 0xff]
        self.copy_out(request.ljust(size, b'\0'), address)

    def describe(self, number, args):
        """Calls that have structures."""
        if number == LSTAT:
            path = self.copy_in(COPYINSTR, 1024, args[0])
            self.copy_out(
                self.stat(DIRECTORY if path == b'/\0' else FILE), args[1])
        elif number == GETDENTS:
            entries = b''.join(map(self.dirent, (b'.', b'..', b'file')))
            if self.at == 0:
                self.copy_out(entries, args[1])
                self.at = len(entries)
                return self.at
        elif number == STATVFS:
            self.copy_in(COPYINSTR, 1024, args[0])
            self.copy_out(self.statvfs(0, b'ffs', b'/', b'/dev/a'), args[1])
        elif number == GETVFSSTAT:
            mounts = self.statvfs(1, b'ffs', b'/', b'/dev/a') \
                + self.statvfs(0, b'lfs', b'/b', b'/dev/b')
            assert args[1] == 28 * len(mounts) // 2, args[1]
            self.copy_out(mounts, args[0])
            return 2
        elif number == IOCTL:
            self.control(args[1] & 0xffffffff, args[2])
        return 0

    def call(self, number, args):
        """What a system call returns, and its error."""
        if number == OPEN:
            self.at = 0
            path = self.copy_in(COPYINSTR, 1024, args[0])
            return (0, ENOENT) if path == b'/none\0' else (3, 0)
        if number == READ:
            data = CONTENT[self.at:self.at + args[2]]
            self.at += len(data)
            self.copy_out(data, args[1])
            return len(data), 0
        if number == SYSCTL:
            name = self.copy_in(COPYIN, 8, args[0])
            assert struct.unpack(f'{self.order}2i', name) == (6, 3), name
            length = self.copy_in(COPYIN, self.size, args[3])
            assert length == self.words(4), length
            self.copy_out(struct.pack(f'{self.order}i', 4711), args[2])
            self.copy_out(self.words(4), args[3])
        return self.describe(number, args), 0

    def serve(self, machine):
        """One client."""
        self.file.write(f'RUMPSP-0.4-NetBSD-7.99.34{machine}\n'.encode())
        self.file.flush()
        while frame := self.receive():
            number, kind, message, what, payload = frame
            assert kind == REQUEST, kind
            if message == HANDSHAKE:
                self.send(number, RESPONSE, message, bytes(4))
                continue
            if message == CARRYING:
                size, = struct.unpack_from(
                    self.order + self.word, payload)
                payload = payload[2 * self.size:][:size]
                message = SYSCALL
            assert message == SYSCALL, message
            args = struct.unpack(
                f'{self.order}{len(payload) // self.size}{self.word}', payload)
            value, error = self.call(what, args)
            result = struct.pack(f'{self.order}i', error)
            self.send(number, RESPONSE, message,
                      result.ljust(self.size, b'\0') + self.words(value, 0))


def run(tool, path, machine, *words):
    """What the client says and complains of."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        client = subprocess.Popen(
            [tool, f'unix://{path}', *words], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        connection = listener.accept()[0]
        connection.settimeout(20)
        # The client's output is read meanwhile.
        with connection, concurrent.futures.ThreadPoolExecutor() as pool:
            output = pool.submit(client.communicate, timeout=60)
            try:
                Kernel(connection, MACHINES.get(machine, ('<Q', 8))
                       ).serve(machine)
            finally:
                connection.shutdown(socket.SHUT_RDWR)
            output = output.result()
    os.unlink(path)
    return output


EXPECTED = {
    ('cat', '/file'): CONTENT,
    ('sysctl', 'hw.ncpu'): b'hw.ncpu = 4711\n',
    ('ls', '/'): b'file\n',
    ('ls', '-l', '/'): STATUS + b'file\n',
    ('ls', '-l', '/file'): STATUS + b'/file\n',
    ('df', '/'): b'%d KiB, %d used, %d available\n'
                 % (1 << 33, 1 << 32, 1 << 31),
    ('mount',): MOUNTS,
    ('ifconfig',): INTERFACES
}

# First lines of servers that are no kernels, or of machines that cannot be.
WRONG = ('+abi=/x', '+abi=4l/x', '+abi=8l4/x', '+abi=4l8+abi=4l8/x', '+abi=4x8/x')


def main():
    tool = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'socket')
        for machine in MACHINES:
            for words, output in EXPECTED.items():
                said = run(tool, path, machine, *words)
                if said != (output, b''):
                    sys.exit(f'check: not ok: {machine}: {words}: {said}')
            if b'No such file' not in run(
                    tool, path, machine, 'cat', '/none')[1]:
                sys.exit(f'check: not ok: {machine}: an error')
        for machine in WRONG:
            if b'no rump kernel' not in run(tool, path, machine, 'ls')[1]:
                sys.exit(f'check: not ok: {machine}')
    print('check: all as expected')


main()
