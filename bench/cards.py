# SPDX-License-Identifier: BSD-2-Clause

"""Counts the instructions of TCP through network cards, by a plugin of QEMU:
plugin-processors.c.  Here is also the peer on the host.
"""

import functools
import os
import socket
import struct
import threading

import disk

# NetBSD's interface, and what QEMU calls its card.
CARDS = (('vioif', '-device virtio-net-pci,disable-modern=on'),
         ('wm', '-device e1000'))
GEM = (('gem', '-net nic'),)

DIRECTIONS = ('send', 'receive')

CHUNK = 1 << 16


def take(file, size):
    """Reads as many bytes as that."""
    while size > 0:
        size -= len(file.read(min(size, CHUNK)))


def serve(listener):
    """Takes and gives, as bench/cards.c asks for it."""
    connection, _ = listener.accept()
    with connection, connection.makefile('rb') as file:
        while True:
            request = file.read(8)
            if len(request) < 8:
                return
            taken, given = struct.unpack('<II', request)
            take(file, taken)
            connection.sendall(bytes(given))


def start_peer(path):
    """Serves QEMU on a socket of that name."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(1)
    threading.Thread(target=serve, args=[listener], daemon=True).start()


def options(cards, folder):
    """Returns QEMU's options for cards, each on a network of its own where
    the address that ends with 100 is the peer's."""
    result = []
    for i, (name, card) in enumerate(cards, 1):
        path = os.path.join(folder, name)
        start_peer(path)
        result.append(
            f'-chardev socket,path={path},id=peer{i} -netdev user,id=net{i},'
            f'net=10.0.{i}.0/24,guestfwd=tcp:10.0.{i}.100:7-chardev:peer{i}'
            f' {card},netdev=net{i}')
    return tuple(result)


def trace(*arguments):
    """As disk.trace(), with the cards of a PC."""
    return disk.trace(
        *arguments, devices=functools.partial(options, CARDS))


def trace_gem(*arguments):
    """The same with the Zynq's GEM."""
    return disk.trace(*arguments, devices=functools.partial(options, GEM))
