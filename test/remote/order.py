#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Servers of each byte order and word size for rump-remote:

    order.py RUMP-REMOTE

They say that they are kernels of such machines, and speak as those would.
"""

import concurrent.futures
import os
import socket
import struct
import subprocess
import sys
import tempfile

REQUEST, RESPONSE = 0, 1
HANDSHAKE, SYSCALL, COPYIN, COPYINSTR, COPYOUT = 0, 1, 2, 3, 4
READ, OPEN, CLOSE, SYSCTL = 3, 5, 6, 202
ENOENT = 2

CONTENT = bytes(range(256)) * 300
MACHINES = {'amd64': '<Q', 'i386': '<I', 'sparc64': '>Q', 'sparc': '>I'}


class Kernel:
    """The end of a connection at which such a kernel is."""

    def __init__(self, connection, layout):
        self.file = connection.makefile('rwb')
        self.order, self.word = layout
        self.size = struct.calcsize(layout)
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

    def call(self, number, args):
        """What a system call returns, and its error."""
        if number == OPEN:
            path = self.copy_in(COPYINSTR, 1024, args[0])
            return (3, 0) if path == b'/file\0' else (0, ENOENT)
        if number == READ:
            data = CONTENT[self.at:self.at + args[2]]
            self.at += len(data)
            self.copy_out(data, args[1])
            return len(data), 0
        if number == SYSCTL:
            name = self.copy_in(COPYIN, 8, args[0])
            assert struct.unpack(f'{self.order}2i', name) == (6, 3), name
            self.copy_out(struct.pack(f'{self.order}i', 4711), args[2])
        return 0, 0

    def serve(self, machine):
        """One client."""
        self.file.write(f'RUMPSP-0.4-NetBSD-7.99.34/{machine}\n'.encode())
        self.file.flush()
        while frame := self.receive():
            number, kind, message, what, payload = frame
            assert kind == REQUEST, kind
            if message == HANDSHAKE:
                self.send(number, RESPONSE, message, bytes(4))
                continue
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
                Kernel(connection, MACHINES[machine]).serve(machine)
            finally:
                connection.shutdown(socket.SHUT_RDWR)
            output = output.result()
    os.unlink(path)
    return output


def main():
    tool = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'socket')
        for machine in MACHINES:
            if run(tool, path, machine, 'cat', '/file') != (CONTENT, b''):
                sys.exit(f'check: not ok: {machine}: the content')
            if run(tool, path, machine, 'sysctl', 'hw.ncpu')[0] \
                    != b'hw.ncpu = 4711\n':
                sys.exit(f'check: not ok: {machine}: a setting')
            if b'No such file' not in run(
                    tool, path, machine, 'cat', '/none')[1]:
                sys.exit(f'check: not ok: {machine}: an error')
    print('check: all as expected')


main()
