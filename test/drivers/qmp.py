# SPDX-License-Identifier: BSD-2-Clause

"""QEMU's monitor, on a socket that the command line names as

    -qmp unix:PATH,server=on,wait=off
"""

import json
import socket
import time


class Monitor:
    """Connects at the first command; QEMU has to be running then."""

    def __init__(self, path):
        self.path = path
        self.file = None
        self.events = []

    def _answer(self):
        while True:
            answer = json.loads(self.file.readline())
            if 'event' not in answer:
                return answer
            self.events.append(answer['event'])

    def _connect(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.path)
        self.file = connection.makefile('rw')
        self._answer()
        self.command('qmp_capabilities')

    def command(self, execute, **arguments):
        """Has QEMU do something."""
        if self.file is None:
            self._connect()
        json.dump({'execute': execute, 'arguments': arguments}, self.file)
        self.file.flush()
        answer = self._answer()
        if 'return' not in answer:
            raise OSError('%s: %s' % (execute, answer))

    def unplug(self, device):
        """Takes a device away; returns when it is gone."""
        self.events.clear()
        self.command('device_del', id=device)
        while 'DEVICE_DELETED' not in self.events:
            self.events.append(json.loads(self.file.readline()).get('event'))

    def link_breaks(self, name, seconds):
        """A network has no carrier for that long."""
        self.command('set_link', name=name, up=False)
        time.sleep(seconds)
        self.command('set_link', name=name, up=True)
