#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Runs the web server and fetches what it serves.

    check.py PROGRAM FOLDER

FOLDER is what the server's disk was made of.  The exit status is 0 if each of
its files comes as it is there, also while other clients are slow, and nothing
that is not there.
"""

import os
import socket
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'checks'))

import serving  # noqa: E402
import web  # noqa: E402

SLOW_CLIENTS = 5


def slow_clients(port):
    """Returns connections that have sent a part of their requests."""
    clients = []
    for _ in range(SLOW_CLIENTS):
        client = socket.create_connection(('127.0.0.1', port), web.TIMEOUT)
        client.sendall(b'GET /index.html HT')
        clients.append(client)
    return clients


def finish(clients):
    """All get their answers when they have sent the rest."""
    for client in clients:
        client.sendall(b'TP/1.0\r\n\r\n')
        with client:
            if not client.recv(12).startswith(b'HTTP/1.0 200'):
                raise serving.Failure('a slow client is not served')


def use(port, folder):
    """Fetches all while others are slow."""
    clients = slow_clients(port)
    web.check(port, folder)
    finish(clients)


serving.main(__file__, __doc__, 'http-server: ready', use, uses=1)
