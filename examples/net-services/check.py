#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Runs the server and types commands at RTEMS's shell, by telnet.

    check.py PROGRAM

The exit status is 0 if the shell answers, twice.
"""

import os
import socket
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'checks'))

import serving  # noqa: E402

TIMEOUT = 60


def expect(connection, words):
    """Reads until these words have come; returns all that has."""
    text = b''
    while words not in text:
        part = connection.recv(4096)
        if not part:
            raise OSError('the server has gone after %r' % text)
        text += part
    return text


def talk(port):
    """One session: a login is not asked for."""
    with socket.create_connection(('127.0.0.1', port), TIMEOUT) as connection:
        connection.settimeout(TIMEOUT)
        expect(connection, b' [/] # ')
        connection.sendall(b'ifconfig virt0\r\n')
        expect(connection, b'inet 10.0.2.15/24')
        connection.sendall(b'netstat\r\n')
        expect(connection, b'10.0.2.15:23 ')
        connection.sendall(b'exit\r\n')


def use(port):
    """Two sessions, one after the other."""
    talk(port)
    talk(port)


serving.main(__file__, __doc__, 'telnet-server: ready', use)
