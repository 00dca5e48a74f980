# SPDX-License-Identifier: BSD-2-Clause

"""A network namespace of Linux for a test's own, with Ethernet interfaces of
kind TAP, and a bad wire between two of them."""

import fcntl
import multiprocessing
import os
import random
import select
import shutil
import socket
import struct
import subprocess
import sys

TUNSETIFF = 0x400454ca
IFF_TAP_NO_PI = 0x1002
ETH_P_ALL = 3
FRAME = 2048
INSIDE = 'RTEMS_RUMP_NAMESPACE'

# A frame that is late is sent after the next one, or after so many seconds.
LATE = 0.02


def skip(reason):
    """Ends the test."""
    print('skipped:', reason)
    sys.exit(0)


def command(*words, **options):
    """Runs a command, whose failure is that of the test."""
    return subprocess.run(
        words, check=True, text=True, stdout=subprocess.PIPE,
        **options).stdout


def works(*words):
    """Whether a command can be run here."""
    return subprocess.run(words, stderr=subprocess.DEVNULL).returncode == 0


def enter(*tools):
    """Goes on in a namespace, or skips the test for what is not here."""
    if os.environ.get(INSIDE):
        command('ip', 'link', 'set', 'lo', 'up')
        return
    for tool in ('unshare', 'ip') + tools:
        if not shutil.which(tool):
            skip('%s is not installed' % tool)
    if not os.access('/dev/net/tun', os.R_OK | os.W_OK):
        skip('/dev/net/tun is not here, or not for this user')
    for flags in '-Urn', '-n':
        if works('unshare', flags, 'true'):
            os.environ[INSIDE] = '1'
            os.execvp('unshare', ['unshare', flags, sys.executable] + sys.argv)
    skip('this user may not make a network namespace')


def add_tap(name, *addresses):
    """Adds an interface, without addresses of Linux's own choice."""
    command('ip', 'tuntap', 'add', 'dev', name, 'mode', 'tap')
    with open('/proc/sys/net/ipv6/conf/%s/addr_gen_mode' % name, 'w',
              encoding='ascii') as file:
        file.write('1')
    for address in addresses:
        words = ['ip', 'address', 'add', address, 'dev', name]
        command(*words + (['nodad'] if ':' in address else []))
    command('ip', 'link', 'set', name, 'up')


class Wire:
    """Carries frames between two interfaces, which have somebody else at
    their other ends: one program that has opened the first, and Linux on the
    second.  Of all frames it loses the part `loss`, and as many are late."""

    def __init__(self, program, linux, seed):
        self.random = random.Random(seed)
        self.loss = multiprocessing.Value('d', 0.0)
        self.tap = os.open('/dev/net/tun', os.O_RDWR)
        fcntl.ioctl(self.tap, TUNSETIFF,
                    struct.pack('16sH22x', linux.encode(), IFF_TAP_NO_PI))
        self.packets = socket.socket(
            socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.packets.bind((program, 0))
        self.process = multiprocessing.Process(target=self._run, daemon=True)
        self.process.start()

    def _disturb(self, frames, late):
        """Returns what to send now and what later."""
        now = []
        for frame in frames:
            chance = self.random.random() / max(self.loss.value, 1e-9)
            if 1 <= chance < 2 and late is None:
                late = frame
            elif chance >= 1:
                now.append(frame)
        if now and late:
            now.append(late)
            late = None
        return now, late

    def _run(self):
        late = {}
        ends = {
            self.tap: (lambda: os.read(self.tap, FRAME), self.packets.send),
            self.packets.fileno(): (
                lambda: self.packets.recv(FRAME),
                lambda frame: os.write(self.tap, frame))}
        while True:
            ready = select.select(ends, [], [], LATE)[0]
            for end, (receive, send) in ends.items():
                frames = [receive()] if end in ready else []
                now, late[end] = self._disturb(frames, late.get(end))
                if not ready and late[end]:
                    now, late[end] = [late[end]], None
                for frame in now:
                    send(frame)
