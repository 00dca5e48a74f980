#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause

"""Tests rump-server: rump-server.py RUMP-SERVER RUMP-REMOTE [INTEROP]

INTEROP is a client that uses NetBSD's library.
"""

import os
import pty
import select
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time

KEY = 'sixteen bytes and more\n'
TIMEOUT = 100

# Linked once.
COMPONENTS = 'vfs,fs_tmpfs'


def fail(why):
    """Ends the test."""
    sys.exit(f'check: not ok: {why}')


def run(*command, **options):
    """Its status, what it says and what it complains of."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=TIMEOUT, check=False, **options)
    return done.returncode, done.stdout, done.stderr


def succeeds(*command, **options):
    """What it says."""
    status, output, errors = run(*command, **options)
    if status != 0:
        fail(f'{command}: {status} {output} {errors}')
    return output


def fails(expected, *command):
    """It has to complain of that."""
    status, output, errors = run(*command)
    if status == 0 or expected not in output + errors:
        fail(f'{command}: {status} {output} {errors}')


def errors(server, folder):
    """What cannot be is told before anything is served."""
    url = f'unix://{folder}/none'
    fails('is not installed', server, '-l', 'no_such_component', url)
    fails('are linked', server, '-m', 'ffs', url)
    fails('no size', server, '-r', 'much', url)
    fails('cannot be read', server, '-d',
          f'key=/dev/x,hostpath={folder}/no', url)
    fails('hostpath=... is missing', server, '-d', 'key=/dev/x', url)
    fails('what is colour', server, '-d', 'key=/x,colour=red', url)
    fails('-k FILE is missing', server, '-u', 'admin', url)
    fails('No such file', server, '-k', f'{folder}/no', url)
    fails('No such file', server, '-l', COMPONENTS, f'unix://{folder}/no/x')
    fails('not supported', server, '-l', COMPONENTS, 'carrier://pigeon')
    if os.path.exists(f'{folder}/none'):
        fail('a socket is left')


def linked(folder):
    """The programs that are kept, and when each was made."""
    kept = f'{folder}/rtems-rump'
    return {name: os.stat(f'{kept}/{name}').st_mtime_ns
            for name in os.listdir(kept)}


def keeps(server, remote, folder):
    """What is linked is linked once, in whatever order it is named."""
    url = f'unix://{folder}/keeps'
    before = linked(folder)
    for components in COMPONENTS, 'rumpfs_tmpfs,vfs':
        succeeds(server, '-l', components, url)
        succeeds(remote, url, 'halt')
        if not before or linked(folder) != before:
            fail(f'{components} is linked anew')
    # Now the libraries are newer.
    for name in before:
        os.utime(f'{folder}/rtems-rump/{name}', (0, 0))
    succeeds(server, '-l', COMPONENTS, url)
    succeeds(remote, url, 'halt')
    if not any(linked(folder).values()):
        fail('an old program is served')


def progress(server, remote, folder):
    """A long copy tells a terminal how far it is, and nobody else."""
    url = f'unix://{folder}/progress'
    local = f'{folder}/long'
    with open(local, 'wb') as file:
        file.truncate(3 << 20)
    succeeds(server, '-l', COMPONENTS, url)
    succeeds(remote, url, 'mount', 'tmpfs', 'x', '/tmp')
    output = type_at((remote, url),
                     f'put {local} /tmp/long\nget /tmp/long {local}2\nexit\n'
                     .encode())
    if output.count(b'/tmp/long: 1024 KiB') != 2 \
            or output.count(b'/tmp/long: 3072 KiB') < 2:
        fail(f'no progress: {output}')
    if run(remote, url, 'get', '/tmp/long', f'{local}2') != (0, '', ''):
        fail('progress is told to no terminal')
    if os.path.getsize(f'{local}2') != 3 << 20:
        fail('a long copy is not whole')
    succeeds(remote, url, 'halt')


def drives(server, remote, folder):
    """A file that both sides see."""
    url = f'unix://{folder}/drive'
    disk = f'{folder}/disk'
    with open(disk, 'wb') as file:
        file.write(b'head' + b'x' * 1020 + b'y' * 1024)
    succeeds(server, '-l', COMPONENTS, '-r', '32m', '-c', '2', '-d',
             f'key=/disk,hostpath={disk},offset=1k,type=reg', url)
    if succeeds(remote, url, 'cat', '/disk') != 'y' * 1024:
        fail('the drive is another one')
    succeeds(remote, url, 'halt')


def free_place():
    """An address and a port of this machine where nobody listens."""
    with socket.create_server(('127.0.0.1', 0)) as free:
        return f'127.0.0.1:{free.getsockname()[1]}'


def encrypted(server, remote, folder):
    """Nobody gets in without the key, by which files go and come."""
    url = f'tls://{free_place()}'
    if 'without Mbed TLS' in run(remote, url)[2]:
        fails('without Mbed TLS', server, '-l', COMPONENTS, url)
        print('without Mbed TLS: nothing is encrypted')
        return
    fails('Invalid argument', server, '-l', COMPONENTS, url)
    key, other = f'{folder}/key', f'{folder}/other'
    for path, text in ((key, KEY), (other, 'not ' + KEY)):
        with open(path, 'w', encoding='ascii') as file:
            file.write(text)
    succeeds(server, '-l', COMPONENTS, '-k', key, '-u', 'admin',
             f'unix://{folder}/encrypted', url)
    fails('let this client in', remote, url, 'ls')
    fails('let this client in', remote, '-k', key, '-u', 'x', url, 'ls')
    fails('let this client in', remote, '-k', other, '-u', 'admin', url, 'ls')
    admin = (remote, '-k', key, '-u', 'admin', url)
    with open(f'{folder}/file', 'wb') as file:
        file.write(bytes(range(256)) * 2000)
    succeeds(*admin, 'put', f'{folder}/file', '/file')
    succeeds(*admin, 'get', '/file', f'{folder}/again')
    succeeds('cmp', f'{folder}/file', f'{folder}/again')
    succeeds(*admin, 'halt')


def access(server, remote, folder):
    """By TCP one is nobody without the key."""
    tcp = f'tcp://{free_place()}'
    key = f'{folder}/key'
    with open(key, 'w', encoding='ascii') as file:
        file.write(KEY)
    local = f'unix://{folder}/access'
    succeeds(server, '-l', COMPONENTS, '-k', key, '-u', 'admin',
             local, tcp)
    succeeds(remote, local, 'mkdir', '/local')
    fails('Permission denied', remote, tcp, 'mkdir', '/x')
    fails('let this client in', remote, '-k', key, '-u', 'x', tcp, 'ls')
    named = tcp.replace('127.0.0.1', 'localhost')
    succeeds(remote, '-k', key, '-u', 'admin', named, 'mkdir', '/x')
    fails('not known', remote, 'tcp://a..b:1', 'ls')
    fails('Address already in use', server, '-l', COMPONENTS, tcp)
    succeeds(remote, '-k', key, '-u', 'admin', tcp, 'halt')


def await_editing(fd):
    """Returns when the terminal leaves its line to the program, which libedit
    makes it do after the prompt."""
    for _ in range(100 * TIMEOUT):
        if not termios.tcgetattr(fd)[3] & termios.ICANON:
            return
        time.sleep(0.01)
    fail('the program does not edit lines')


def type_at(command, *lines):
    """
    What a program says at whose terminal lines are typed: one at each prompt,
    since only then the program and not the terminal edits them.
    """
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(command[0], command)
    output = b''
    typed = 0
    while select.select([fd], [], [], TIMEOUT)[0]:
        try:
            output += os.read(fd, 4096)
        except OSError:
            os.waitpid(pid, 0)
            return output
        if typed < len(lines) and output.count(b'rump> ') > typed:
            await_editing(fd)
            os.write(fd, lines[typed])
            typed += 1
    os.kill(pid, signal.SIGKILL)
    fail(f'the program does not end: {output}')


def people(server, remote, folder):
    """Completion and history, where rump-remote has libedit."""
    with open(remote, 'rb') as file:
        if b'libedit.so' not in file.read():
            print('without libedit: no completion')
            return
    url = f'unix://{folder}/people'
    succeeds(server, '-l', COMPONENTS, url)
    # The line before the last once more, with another end.
    output = type_at((remote, url), b'mkd\t/one\n', b'mkd\t/two\n',
                     b'rmd\t/tw\t\n',
                     b'\x1b[A\x1b[A\x7f\x7f\x7fthree\n', b'exit\n')
    names = succeeds(remote, url, 'ls').split()
    if 'one' not in names or 'two' in names or 'three' not in names:
        fail(f'{names} {output}')
    succeeds(remote, url, 'halt')


def foreground(server, remote, folder, interop):
    """With -s it is the process itself; NetBSD's library is a client."""
    path = f'{folder}/foreground'
    url = f'unix://{path}'
    with subprocess.Popen([server, '-s', '-l', 'rumpvfs', '-l', 'librumpfs_tmpfs',
                           url],
                          stdout=subprocess.PIPE) as serving:
        while not os.path.exists(path):
            if serving.poll() is not None:
                fail('the server has ended')
        if interop:
            output = succeeds(interop, env=dict(os.environ, RUMP_SERVER=url))
            print(output, end='')
        else:
            succeeds(remote, url, 'halt')
        output = serving.communicate(timeout=TIMEOUT)[0]
    if serving.returncode != 0 or b'unmounting done' not in output:
        fail(f'the server: {serving.returncode} {output}')


def main():
    server, remote, *interop = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        os.environ['XDG_CACHE_HOME'] = folder
        try:
            errors(server, folder)
            drives(server, remote, folder)
            keeps(server, remote, folder)
            progress(server, remote, folder)
            access(server, remote, folder)
            encrypted(server, remote, folder)
            people(server, remote, folder)
            foreground(server, remote, folder, *(interop or [None]))
        finally:
            # A server is left where something has failed.
            for name in ('drive', 'keeps', 'progress', 'access', 'encrypted',
                         'people', 'foreground'):
                if os.path.exists(f'{folder}/{name}'):
                    run(remote, f'unix://{folder}/{name}', 'halt')
    print('check: all as expected')


main()
