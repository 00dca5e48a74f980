#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""A serial line between two sockets: serial.py NOISE SOCKET SOCKET COMMAND...

While the command runs, what comes at one socket goes out at the other, as on
a line between two serial ports that are plugged in or not.  Of so many bytes
one is changed, lost or added; 0: none.  The exit status is the command's.
"""

import os
import random
import socket
import subprocess
import sys
import threading


def disturb(data, noise, source):
    """What comes out of the line; noise comes alone, too."""
    if noise == 0:
        return data
    out = bytearray()
    for byte in data:
        what = source.randrange(3) if source.randrange(noise) == 0 else 3
        if what != 1:
            out.append(source.randrange(256) if what == 0 else byte)
        if what == 2:
            out.append(source.randrange(256))
    return bytes(out)


class Port:
    """One end: a socket where one program at a time is plugged in."""

    def __init__(self, path):
        if os.path.exists(path):
            os.unlink(path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.plugged = None

    def carry_to(self, other, noise):
        """What nobody receives is lost."""
        source = random.Random(1)
        while True:
            self.plugged = self.listener.accept()[0]
            try:
                while data := self.plugged.recv(4096):
                    if other.plugged is not None:
                        other.send(disturb(data, noise, source))
            except OSError:
                pass
            self.plugged.close()
            self.plugged = None

    def send(self, data):
        """The other program may be unplugged meanwhile."""
        try:
            self.plugged.sendall(data)
        except (OSError, AttributeError):
            pass


def main():
    noise = int(sys.argv[1])
    a, b = Port(sys.argv[2]), Port(sys.argv[3])
    for one, other in ((a, b), (b, a)):
        threading.Thread(target=one.carry_to, args=(other, noise),
                         daemon=True).start()
    sys.exit(subprocess.run(sys.argv[4:], check=False).returncode)


main()
